//! Everything that was measured of a WorldModel: what `bench --json` prints, and a model card is made from.

use engine::worldmodel::adapter::AdapterConfig;
use engine::worldmodel::data::Families;
use engine::worldmodel::measure::Tally;
use engine::worldmodel::measure::bars::Bar;
use engine::worldmodel::measure::published::Row;
use engine::worldmodel::selection::Weights;
use serde::{Deserialize, Serialize};

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The decoder's fingerprint, as its adapter has it: other weights have other figures.
    pub fingerprint: String,
    /// By which weights candidates were chosen.
    pub weights: Weights,
    /// Behind which layers the taps are.
    pub behind: Vec<usize>,
    /// The hash of the questions.
    pub questions: String,
    /// By which the questions were drawn.
    pub seed: u64,
    /// What computed.
    pub device: String,
    /// The published questions, and those that nothing may be forced on.
    pub published: Vec<Row>,
    /// Each set in each split.
    pub sets: Vec<Tally>,
    /// The same questions, answered in other ways.
    pub compared: Vec<Compared>,
    /// The language model beside it, if there was one.
    pub beside: Option<Other>,
    /// What must be reached, and what was.
    pub bars: Vec<Bar>,
    /// Seconds that everything took.
    pub seconds: f64,
}

/// A language model that is asked the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Other {
    /// Its name.
    pub name: String,
    /// Tokens that its answers had at most.
    pub tokens: usize,
}

/// How many questions of a set were answered rightly, in each of several ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The set's name.
    pub set: String,
    /// Questions, of both held-out splits.
    pub questions: usize,
    /// By the trained selection.
    pub trained: usize,
    /// By each tap's own program.
    pub taps: Vec<usize>,
    /// By the original rule's choice.
    pub original: usize,
    /// By the same text model without tools: its reply has the answer.
    pub alone: usize,
    /// By the language model beside it: its reply has the answer.
    pub beside: Option<usize>,
}

impl Figures {
    /// Of nothing yet.
    pub fn of(adapter: &AdapterConfig, families: &Families, seed: u64) -> Self {
        Self {
            fingerprint: adapter.fingerprint.clone(),
            weights: adapter.selection.weights.clone(),
            behind: adapter.taps.behind.clone(),
            questions: families.hash(),
            seed,
            device: String::new(),
            published: Vec::new(),
            sets: Vec::new(),
            compared: Vec::new(),
            beside: None,
            bars: Vec::new(),
            seconds: 0.0,
        }
    }

    /// Whether they were measured on this model.
    pub fn are_of(&self, adapter: &AdapterConfig) -> bool {
        (&self.fingerprint, &self.weights) == (&adapter.fingerprint, &adapter.selection.weights)
    }
}

/// A share in percent, for a table: `-` of nothing.
pub fn percent(right: usize, of: usize) -> String {
    match of {
        0 => "-".to_owned(),
        of => format!("{:.1}", 100.0 * right as f64 / of as f64),
    }
}
