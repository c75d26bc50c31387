//! WorldModel: a language model that writes programs at three of its layers, has one of them run and reads the result.
//!
//! `docs/worldmodel.md` tells the whole. Data flows down this list:
//!
//! - [`numbers`]: the operands of a question;
//! - [`expression`]: plans, the language the model thinks in;
//! - [`program`]: WAT tokens, the module they make, and its run;
//! - [`answer`]: what comes of it, or why nothing does;
//! - `data`: questions with their plans, for training and for tests.

pub mod answer;
pub mod expression;
pub mod numbers;
pub mod program;
