//! What a share link carries for the X-ray besides position, layer and selected number: `head=3&show=all`.
//! Words it does not know are skipped, so that links of later versions still open.

use std::fmt;

/// Which dimensions of the residual stream are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// Those the current layer changes.
    #[default]
    Changed,
    /// Those that are not 0 before, between or after.
    Nonzero,
    /// All.
    All,
}

impl Filter {
    /// All filters, with the least first.
    pub const ALL: [Self; 3] = [Self::Changed, Self::Nonzero, Self::All];

    /// Its name, on the page and in links.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Nonzero => "nonzero",
            Self::All => "all",
        }
    }
}

/// What is open in the current layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// The head whose keys are shown.
    pub head: Option<usize>,
    /// The neuron whose weights are shown.
    pub neuron: Option<usize>,
    /// Which dimensions are listed.
    pub filter: Filter,
}

impl Extra {
    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Self {
        let mut extra = Self::default();
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "head" => extra.head = value.parse().ok(),
                "neuron" => extra.neuron = value.parse().ok(),
                "show" => {
                    let filter = Filter::ALL.into_iter().find(|filter| filter.name() == value);
                    extra.filter = filter.unwrap_or_default();
                }
                _ => {}
            }
        }
        extra
    }
}

impl fmt::Display for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        words.extend(self.head.map(|head| format!("head={head}")));
        words.extend(self.neuron.map(|neuron| format!("neuron={neuron}")));
        if self.filter != Filter::default() {
            words.push(format!("show={}", self.filter.name()));
        }
        f.write_str(&words.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let extras = [
            Extra::default(),
            Extra { head: Some(3), neuron: None, filter: Filter::All },
            Extra { head: None, neuron: Some(99), filter: Filter::Nonzero },
        ];
        for extra in extras {
            assert_eq!(Extra::parse(&extra.to_string()), extra);
        }
    }

    #[test]
    fn unknown_words_are_skipped() {
        let extra = Extra::parse("lens=2&head=x&neuron=4&show=some");
        assert_eq!(extra, Extra { head: None, neuron: Some(4), filter: Filter::Changed });
    }
}
