//! The Qwen3 decoder, and the Llama-style one it contains.
//!
//! ```text
//! x = embed(tokens)
//! for each layer:
//!     x += W_o · attention(rotate(norm(W_q · norm(x))), rotate(norm(W_k · norm(x))), W_v · norm(x))
//!     x += W_down · (silu(W_gate · norm(x)) · (W_up · norm(x)))
//! logits = W_out · norm(x)
//! ```
//!
//! Llama lacks the inner norms of queries and keys (Qwen3 technical report, 2025); all else is the same, so one
//! [`Decoder`] serves both.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the shape, read from GGUF metadata or `config.json`; what is not supported is refused by name |
//! | [`rope`] | the angles of the rotary embedding and its stretched variants |
//! | [`model`] | the weights by the names that files give them |
//! | [`decoder`] | the forward pass, with [`hooks`] for those who look or meddle |
//! | [`interventions`] | heads, neurons and dimensions whose results are replaced |
//! | [`vocabulary`] | the tokenizer that belongs to the weights |
//! | [`sampling`] | from logits to the next token |
//! | [`random`] | models of random weights, to be measured |
//! | [`generate`] | token after token: streaming, stop sequences, cancel |

pub mod config;
pub mod decoder;
pub mod generate;
pub mod hooks;
pub mod interventions;
pub mod model;
pub mod random;
pub mod rope;
pub mod sampling;
pub mod vocabulary;

pub use config::{Architecture, Config, ConfigError};
pub use decoder::{Decoder, DecoderError};
pub use model::{LoadError, LoadOptions, Loader, Model};
