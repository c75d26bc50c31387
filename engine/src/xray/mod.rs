//! The X-ray: how any number inside a model is named ([`Site`]), fetched ([`Capture`]) and explained
//! ([`Explanation`]).
//!
//! Names are TransformerLens's: `blocks.3.attn.hook_q[position, head, component]`,
//! `blocks.4.mlp.hook_post[position, neuron]`. A capture is everything one position computed; an
//! explanation is one number, recomputed from its inputs. [`explain()`] does it for hand-compiled transformers;
//! `language`, for trained decoders, which have more kinds of numbers.

mod capture;
mod explain;
mod explanation;
#[cfg(feature = "language")]
pub mod language;
mod overview;
mod parts;
mod site;

pub use capture::{AttentionDetail, Capture, HeadCapture, KeyScore, LayerCapture};
pub use explain::{explain, explain_captured};
pub use explanation::{Explanation, Input, TOLERANCE};
pub use overview::{Attribution, LensMap, NEURONS_NAMED, Peak, SIDE, Source, Survey, Written};
pub use parts::{Adder, HeadNorm, HeadPart, NeuronPart, Norm, Stage};
pub use site::{Site, SiteError};
