//! How good a model is: what counts as right, how often it was, and what it must reach.
//!
//! - [`mod@judge`]: one answered question;
//! - [`says`]: whether a reply has the right answer, for those that compute nothing;
//! - [`tally`]: many questions, counted;
//! - [`published`]: the questions that the published project shows;
//! - [`bars`]: what the bundled model must reach.
//!
//! A program's answer is right if it was *run* and came to what the question's own program came to ([`Answer::same`]: decimals may
//! differ by the rounding of nine digits). Nothing is right because it looks right.
//!
//! [`Answer::same`]: super::answer::Answer::same

pub mod bars;
pub mod judge;
pub mod published;
pub mod says;
pub mod tally;

pub use judge::{Judged, judge, judge_reply};
pub use tally::Tally;
