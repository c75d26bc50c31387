//! What the page asks of a language model with taps (a WorldModel), and what it hears: a question, the text as it is
//! written, the programs, how one was chosen, and the answer.

use serde::{Deserialize, Serialize};

use crate::language::Intervention;

/// What makes a loaded model a WorldModel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// The layers behind which programs are written.
    pub layers: Vec<usize>,
    /// Layers of a tap, and heads of each.
    pub tap_heads: (usize, usize),
    /// For each tap the gates of its layers, as trained: the share of the text that passes.
    pub gates: Vec<Vec<f32>>,
    /// Parameters of the taps.
    pub parameters: u64,
    /// How it was trained, as facts in order: name and value.
    pub training: Vec<(String, String)>,
}

/// What a score is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// For each of [`TERMS`].
    pub terms: [f32; 5],
    /// For each tap.
    pub taps: Vec<f32>,
}

impl Weights {
    /// The score of a tap's candidate: each term times its weight, and what the tap counts.
    pub fn score(&self, tap: usize, terms: &[f32; 5]) -> f32 {
        let products = self.terms.iter().zip(terms).map(|(weight, term)| weight * term);
        products.sum::<f32>() + self.taps.get(tap).copied().unwrap_or(0.0)
    }

    /// The candidate with the highest score; of equals the later tap's.
    pub fn choose(&self, terms: &[[f32; 5]]) -> Option<usize> {
        let score = |tap: usize| terms.get(tap).map_or(f32::NEG_INFINITY, |terms| self.score(tap, terms));
        (0..terms.len()).max_by(|&a, &b| score(a).total_cmp(&score(b)))
    }
}

/// The terms of a score: name, and what it is.
pub const TERMS: [(&str, &str); 5] = [
    ("probability", "logarithm of the probability that the tap gave its whole program"),
    ("weakest token", "logarithm of the probability of its least probable token"),
    ("agreement", "share of the other candidates that came to the same answer"),
    ("ran", "1 if it ran to an answer, or there was nothing to run; else 0"),
    ("state", "what the tap's own state says of it, in log-odds"),
];

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its text.
    pub text: String,
    /// Whether the model answers by itself, without programs.
    pub alone: bool,
    /// By which rule a program is chosen.
    pub choice: Choice,
    /// What each term counts, where somebody has changed it.
    pub weights: Option<Weights>,
    /// What programs may ask of the host.
    pub granted: Vec<Granted>,
    /// What is replaced in the model while it answers. Means are those of the text as it is answered with nothing replaced.
    pub interventions: Vec<Intervention>,
}

/// By which rule a program is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// The trained one.
    #[default]
    Trained,
    /// The published system's.
    Original,
    /// None: the tap of this index, from 0.
    Tap(usize),
}

/// A function of the host that programs may call, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Its name.
    pub name: String,
    /// What it says.
    pub says: Says,
}

/// What the host says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Says {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

/// Where a token of the text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The question.
    Question,
    /// The model wrote it.
    Model,
    /// It was put in, from a program's run.
    Computed,
}

/// What happens while a question is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Asking {
    /// A token of the text.
    Token(String, Origin),
    /// A tap, by its index, wrote a token of its program; a model without taps wrote one in one of its attempts.
    Wat(usize, String),
    /// All programs were run, and one was chosen.
    Chosen(Option<usize>),
}

/// A question with everything that followed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// What was found in it: what a plan calls it, and what it is.
    pub operands: Vec<(String, String)>,
    /// The whole text.
    pub tokens: Vec<(String, Origin)>,
    /// The plan, as the model wrote it; empty where it wrote none.
    pub plan: String,
    /// Who wrote the programs.
    pub way: Way,
    /// The programs, one a tap or attempt; empty where the model saw nothing to compute.
    pub candidates: Vec<Candidate>,
    /// What each term of a score counts, as trained; for a model without taps as given.
    pub weights: Weights,
    /// Which of them was chosen.
    pub chosen: Option<usize>,
    /// Which of them the published rule chooses.
    pub by_original: Option<usize>,
    /// What was put into the text.
    pub result: Option<Result<String, String>>,
    /// The answer in parts, each with whether it repeats the result.
    pub reply: Vec<(String, bool)>,
    /// Whether the answer came to its end; else it was cut off.
    pub ended: bool,
    /// Whether nothing was computed, and the reply came to its end, says something, and no number that the question does not have: what is
    /// wanted where there is nothing to compute.
    pub declines: bool,
    /// Seconds it took.
    pub seconds: f64,
}

/// Who wrote the programs, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// Taps, behind a plan of the text stream that they were trained with.
    #[default]
    Planned,
    /// Taps, from the question, on a model that is as it was.
    Frozen,
    /// The model itself, told to, as text: each attempt is a candidate.
    Prompted,
}

/// A program that a tap wrote, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The layer it was written behind; of an attempt the last.
    pub layer: usize,
    /// Its tokens, the end among them if it came.
    pub tokens: Vec<WatToken>,
    /// The program with the question's numbers.
    pub wat: String,
    /// The same as it was run: with arithmetic that traps where a number does not fit.
    pub wat_as_run: String,
    /// What the published rule takes it for: "multiply".
    pub operation: String,
    /// What it came to, or why it came to nothing.
    pub result: Result<String, String>,
    /// Fuel used.
    pub fuel: u64,
    /// The functions of the host that it called, and how often.
    pub calls: Vec<(String, u64)>,
    /// What is known of it, in the order of [`TERMS`].
    pub terms: [f32; 5],
    /// What the published rule says of it.
    pub original: Judged,
}

/// A token of a program, as its tap wrote it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WatToken {
    /// Its text.
    pub text: String,
    /// The likeliest tokens and their probabilities; the first is the one written.
    pub likeliest: Vec<(String, f32)>,
    /// For each head of each of the tap's layers, all of the first layer first: how much of its attention went to each
    /// position of the text.
    pub heads: Vec<Vec<f32>>,
}

impl WatToken {
    /// The attention of one head, or of all of them together.
    pub fn attention(&self, head: Option<usize>) -> Vec<f32> {
        if let Some(head) = head {
            return self.heads.get(head).cloned().unwrap_or_default();
        }
        let mut sum = vec![0.0; self.heads.first().map_or(0, Vec::len)];
        for head in &self.heads {
            sum.iter_mut().zip(head).for_each(|(sum, weight)| *sum += weight);
        }
        let count = self.heads.len().max(1) as f32;
        sum.iter_mut().for_each(|weight| *weight /= count);
        sum
    }
}

/// What the published rule says of a program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Before anything is run: layer, keyword, export, numbers.
    pub before: [f64; 4],
    /// Their sum; −1 for an empty program.
    pub before_total: f64,
    /// Whether the rule has it run.
    pub runs: bool,
    /// After it was run: keyword, layer, reasonable; `None` for one that was skipped or failed.
    pub after: Option<[f64; 3]>,
}

/// The published system's answer to 12 × 11, computed again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// The question.
    pub question: String,
    /// Its programs; of a candidate's fields those that it had.
    pub candidates: Vec<Candidate>,
    /// Which its rule chose.
    pub chosen: Option<usize>,
}

/// A program, run by the full interpreter transformer: in 32 bits, where the sandbox had 64.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnFull {
    /// The program in 32 bits; empty if there is none.
    pub wat: String,
    /// What it came to, or why it came to nothing.
    pub result: Result<String, String>,
    /// Instructions of the machine.
    pub instructions: u64,
    /// Tokens of the prompt: the program.
    pub prompt_tokens: usize,
    /// Tokens that the transformer wrote, one after the other.
    pub tokens: usize,
    /// Seconds it took.
    pub seconds: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_weight_changes_the_choice() {
        let terms = [[-0.1, -0.1, 0.5, 1.0, 0.0], [-0.5, -0.2, 0.5, 1.0, 0.0], [-0.01, -0.01, 0.0, 1.0, 0.0]];
        let mut weights = Weights { terms: [0.25, 0.25, 2.0, 4.0, 0.0], taps: vec![0.0; 3] };
        assert_eq!(weights.choose(&terms), Some(0));
        weights.terms[2] = 0.0;
        assert_eq!(weights.choose(&terms), Some(2));
        weights.taps = vec![0.0, 3.0, 0.0];
        assert_eq!(weights.choose(&terms), Some(1));
        assert_eq!(weights.choose(&[]), None);
    }

    #[test]
    fn heads_together_are_their_mean() {
        let token = WatToken { heads: vec![vec![1.0, 0.0], vec![0.5, 0.5]], ..WatToken::default() };
        assert_eq!(token.attention(None), [0.75, 0.25]);
        assert_eq!(token.attention(Some(1)), [0.5, 0.5]);
        assert!(token.attention(Some(9)).is_empty());
    }
}
