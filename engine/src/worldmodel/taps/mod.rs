//! The WASM streams: at three layers of a decoder, a small decoder that writes a program.
//!
//! In the manner of Flamingo (Alayrac et al., 2022) each layer of a tap lets the program so far attend to itself and then,
//! through a tanh gate that started training at 0, to the text stream of the layer it sits behind:
//!
//! ```text
//! memory = norm(text stream + mark of the operand that stands there)
//! for each layer:
//!     x += W_o · attend(turn(W_q · norm(x)), turn(W_k · norm(x)), W_v · norm(x))        causal, over the program
//!     x += tanh(gate) · W_o' · attend(W_q' · norm(x), W_k' · memory, W_v' · memory)     over the whole text
//!     x += W_down · (silu(W_gate · norm(x)) ⊙ (W_up · norm(x)))
//! logits = E · norm(x)
//! ```

mod config;
mod model;
mod streams;
mod write;

pub use config::TapConfig;
pub use model::{Tap, TapError, TapLayer, Taps, trained_gate};
pub use streams::{Streams, streams};
pub use write::{Gate, Memory, Written};
