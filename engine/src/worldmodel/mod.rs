//! WorldModel: a language model that writes programs at three of its layers, has one of them run and reads the result.
//!
//! `docs/worldmodel.md` tells the whole. Data flows down this list:
//!
//! - [`numbers`]: the operands of a question;
//! - [`expression`]: plans, the language the model thinks in;
//! - [`program`]: WAT tokens, the module they make, and its run;
//! - [`answer`]: what comes of it, or why nothing does;
//! - [`reply`]: which parts of a reply repeat it;
//! - [`original`]: how the published system chose among its programs;
//! - [`published`]: its answer to 12 × 11, computed again;
//! - [`data`]: questions with their plans, for training and for tests;
//! - `measure`: how often a model is right on them, and what it must reach.

#[cfg(feature = "worldmodel")]
pub mod adapter;
pub mod answer;
#[cfg(feature = "worldmodel")]
pub mod ask;
#[cfg(feature = "worldmodel")]
pub mod chat;
pub mod data;
pub mod expression;
#[cfg(feature = "worldmodel")]
pub mod measure;
#[cfg(feature = "worldmodel")]
pub mod nano;
pub mod numbers;
pub mod original;
pub mod program;
pub mod published;
pub mod reply;
#[cfg(feature = "worldmodel")]
pub mod selection;
#[cfg(feature = "worldmodel")]
pub mod taps;
#[cfg(feature = "train")]
pub mod train;
#[cfg(feature = "worldmodel")]
pub mod transcript;
