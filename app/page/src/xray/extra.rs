//! What a share link carries for the X-ray besides position, layer and selected number: `head=3&show=all&off=h3.2z n5.100m@12`.
//! Words it does not know are skipped, so that links of later versions still open.

use std::fmt;

use protocol::language::Intervention;

use crate::language::interventions;

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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra {
    /// The head whose keys are shown.
    pub head: Option<usize>,
    /// The neuron whose weights are shown.
    pub neuron: Option<usize>,
    /// Which dimensions are listed.
    pub filter: Filter,
    /// What is replaced.
    pub off: Vec<Intervention>,
}

impl Extra {
    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Self {
        let mut extra = Self::default();
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "head" => extra.head = value.parse().ok(),
                "neuron" => extra.neuron = value.parse().ok(),
                "off" => extra.off = interventions::read(value),
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
        if !self.off.is_empty() {
            words.push(format!("off={}", interventions::write(&self.off)));
        }
        f.write_str(&words.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::language::{Part, Replacement};

    #[test]
    fn what_is_written_reads_back() {
        let extras = [
            Extra::default(),
            Extra { head: Some(3), filter: Filter::All, ..Extra::default() },
            Extra { neuron: Some(99), filter: Filter::Nonzero, ..Extra::default() },
            Extra {
                off: vec![
                    Intervention { layer: 3, part: Part::Head(2), with: Replacement::Zero, position: None },
                    Intervention {
                        layer: 5,
                        part: Part::Dimension(7),
                        with: Replacement::Mean,
                        position: Some(12),
                    },
                ],
                ..Extra::default()
            },
        ];
        for extra in extras {
            assert_eq!(Extra::parse(&extra.to_string()), extra);
        }
    }

    #[test]
    fn unknown_words_are_skipped() {
        let extra = Extra::parse("lens=2&head=x&neuron=4&show=some");
        assert_eq!(extra, Extra { neuron: Some(4), ..Extra::default() });
    }
}
