//! What else of a text's inside is looked at, as a word of a share link: the head, the dimension, the token that is followed, and the parts
//! of the panel that are open.
//!
//! `h3 d12 olens-map f42 word`: what is not looked at is left out. The followed token's spelling is the rest of the text.

use leptos::prelude::*;

use super::inside::Inside;

/// Names of open parts, and their letters, that are read.
const MOST: usize = 16;

/// What a link says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Further {
    /// The head in detail.
    pub head: Option<usize>,
    /// The dimension whose writers are told.
    pub dim: Option<usize>,
    /// The parts of the panel that are open, by name.
    pub opened: Vec<String>,
    /// The token that is followed through the layers, and how it is written.
    pub followed: Option<(u32, String)>,
}

impl Further {
    /// As a link's text; empty where there is nothing to say.
    pub fn write(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.head.map(|head| format!("h{head}")));
        words.extend(self.dim.map(|dim| format!("d{dim}")));
        words.extend(self.opened.iter().map(|name| format!("o{name}")));
        words.extend(self.followed.as_ref().map(|(token, word)| format!("f{token} {word}")));
        words.join(" ")
    }

    /// Reads what [`Self::write`] wrote. Words that it does not know are left out, so that links of later versions still open.
    pub fn read(text: &str) -> Self {
        let mut further = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            rest = behind;
            let Some((letter, value)) = word.split_at_checked(1) else { continue };
            match letter {
                "h" => further.head = value.parse().ok(),
                "d" => further.dim = value.parse().ok(),
                "o" if further.opened.len() < MOST && value.len() <= 2 * MOST => {
                    further.opened.push(value.to_owned())
                }
                "f" => {
                    further.followed = value.parse().ok().map(|token| (token, behind.to_owned()));
                    rest = "";
                }
                _ => {}
            }
        }
        further
    }

    /// What is looked at now.
    pub fn of(inside: Inside) -> Self {
        Self {
            head: inside.head.get_untracked(),
            dim: inside.dim.get_untracked(),
            opened: inside.opened.get_untracked(),
            followed: inside.followed.get_untracked(),
        }
    }

    /// Looks at it.
    pub fn show(self, inside: Inside) {
        inside.head.set(self.head);
        inside.dim.set(self.dim);
        inside.opened.set(self.opened);
        inside.followed.set(self.followed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let all = Further {
            head: Some(3),
            dim: Some(120),
            opened: vec!["lens-map".to_owned(), "peaks".to_owned()],
            followed: Some((42, " two words".to_owned())),
        };
        assert_eq!(all.write(), "h3 d120 olens-map opeaks f42  two words");
        assert_eq!(Further::read(&all.write()), all);
        for further in [Further::default(), Further { dim: Some(0), ..Further::default() }] {
            assert_eq!(Further::read(&further.write()), further);
        }
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        assert_eq!(Further::read("hx z9  é d7 fq word"), Further { dim: Some(7), ..Further::default() });
        let many = "opart ".repeat(100);
        assert_eq!(Further::read(&many).opened.len(), MOST);
        assert_eq!(Further::read(&format!("o{}", "x".repeat(99))).opened, Vec::<String>::new());
    }
}
