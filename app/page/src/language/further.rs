//! What else of a text's inside is looked at, as a word of a share link: the head, the dimension, the token that is followed, and the parts
//! of the panel that are open.
//!
//! `h3 d12 f42 olens-map`: what is not looked at is left out. How the followed token is written, the model says: of a link nobody knows
//! whether that is true.

use leptos::prelude::*;

use super::inside::Inside;

/// Names of open parts that are read.
const MOST: usize = 16;
/// Bytes of such a name.
const LONGEST: usize = 32;

/// What a link says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Further {
    /// The head in detail.
    pub head: Option<usize>,
    /// The dimension whose writers are told.
    pub dim: Option<usize>,
    /// The parts of the panel that are open, by name.
    pub opened: Vec<String>,
    /// The token that is followed through the layers.
    pub followed: Option<u32>,
}

impl Further {
    /// As a link's text; empty where there is nothing to say.
    pub fn write(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.head.map(|head| format!("h{head}")));
        words.extend(self.dim.map(|dim| format!("d{dim}")));
        words.extend(self.followed.map(|token| format!("f{token}")));
        words.extend(self.opened.iter().map(|name| format!("o{name}")));
        words.join(" ")
    }

    /// Reads what [`Self::write`] wrote. Words that it does not know are left out, so that links of later versions still open.
    pub fn read(text: &str) -> Self {
        let mut further = Self::default();
        for word in text.split(' ') {
            let Some((letter, value)) = word.split_at_checked(1) else { continue };
            match letter {
                "h" => further.head = value.parse().ok(),
                "d" => further.dim = value.parse().ok(),
                "f" => further.followed = value.parse().ok(),
                "o" if further.opened.len() < MOST && value.len() <= LONGEST => {
                    further.opened.push(value.to_owned())
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
            followed: inside.followed.with_untracked(|followed| followed.as_ref().map(|(token, _)| *token)),
        }
    }

    /// Looks at it.
    pub fn show(self, inside: Inside) {
        inside.head.set(self.head);
        inside.dim.set(self.dim);
        inside.opened.set(self.opened);
        inside.followed.set(self.followed.map(|token| (token, String::new())));
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
            followed: Some(42),
        };
        assert_eq!(all.write(), "h3 d120 f42 olens-map opeaks");
        assert_eq!(Further::read(&all.write()), all);
        for further in [Further::default(), Further { dim: Some(0), ..Further::default() }] {
            assert_eq!(Further::read(&further.write()), further);
        }
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        assert_eq!(
            Further::read("hx z9  é d7 fq o"),
            Further { dim: Some(7), opened: vec![String::new()], ..Further::default() }
        );
        let many = "opart ".repeat(100);
        assert_eq!(Further::read(&many).opened.len(), MOST);
        assert_eq!(Further::read(&format!("o{}", "x".repeat(99))).opened, Vec::<String>::new());
    }
}
