//! Where a number of a language model comes from: any number of a run, with its formula and its operands, back to the
//! embeddings of the tokens.
//!
//! [`Run::record`] computes a text once and keeps the residual stream in front of the layers. [`Run::explain`] opens one
//! number: it computes the number's layer again from there, keeps what passes for a while, and recomputes the number from its
//! operands and the rows of the weights, in 64 bits and with none of the device's kernels. Where a device rounds activations
//! before it multiplies ([`crate::kernels::Inputs`]), the recomputation rounds them as well, and the rule says so.
//!
//! | module | what |
//! |---|---|
//! | `run` | what is kept of a run, and what is computed again when somebody looks |
//! | `opening` | one number: which rule it follows |
//! | `stream`, `attention` | the rules, outside and inside of attention |
//! | `attribution` | a logit, by what wrote it into the stream |
//! | `survey` | all heads' patterns and the logit lens of a whole text, at a glance |
//! | `words` | what a number is, in words |
//! | `bounds` | which numbers a run has, and any of them |

mod attention;
mod attribution;
mod bounds;
mod opening;
mod run;
mod stream;
mod survey;
#[cfg(test)]
mod tests;
mod words;

pub use bounds::{KINDS, any};
pub use run::{Run, RunError};
