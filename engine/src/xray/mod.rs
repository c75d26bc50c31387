//! The X-ray: how any number inside a model is named ([`Site`]), fetched ([`Capture`]) and explained
//! ([`Explanation`]).
//!
//! Names are TransformerLens's: `blocks.3.attn.hook_q[position, head, component]`,
//! `blocks.4.mlp.hook_post[position, neuron]`. A capture is everything one position computed; an
//! explanation is one number, recomputed from its inputs.

mod capture;
mod explain;
mod site;

pub use capture::{AttentionDetail, Capture, HeadCapture, KeyScore, LayerCapture};
pub use explain::{explain, explain_captured};
pub use site::{Explanation, HeadPart, Input, NeuronPart, Site, SiteError, Stage};
