//! The forward pass.

use std::sync::Arc;

use super::hooks::{Hook, Hooks};
use super::model::{Layer, Model};
use crate::kernels::{Compute, ComputeError, Rotation};

/// A model with the keys and values of one text.
pub struct Decoder<C: Compute> {
    compute: C,
    model: Arc<Model<C>>,
    rotation: Rotation,
    caches: Vec<C::Cache>,
    context: usize,
}

/// Which positions' logits are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logits {
    /// Of none: the text is only taken in.
    None,
    /// Of the last position.
    Last,
    /// Of all positions of the pass.
    All,
}

/// Why a pass cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecoderError {
    /// The text is longer than the context.
    #[error("the text has {asked} tokens; the context ends at {context}")]
    ContextFull {
        /// Tokens there would be.
        asked: usize,
        /// Tokens there may be.
        context: usize,
    },
    /// The device failed.
    #[error(transparent)]
    Compute(#[from] ComputeError),
}

impl<C: Compute> Decoder<C> {
    /// A decoder at the start of a text.
    ///
    /// `context` is the number of positions it takes at most; the model's own limit holds besides.
    pub fn new(mut compute: C, model: Arc<Model<C>>, context: usize) -> Self {
        let config = &model.config;
        let caches = (0..config.layers).map(|_| compute.cache(config.attention())).collect();
        let (rotation, context) = (config.rotation(), context.min(config.context));
        Self { compute, model, rotation, caches, context }
    }

    /// The same with only its first layers, for whoever wants but what stands behind one of them: the others cost
    /// neither time nor memory. Logits are then those of a model that ends there.
    #[must_use]
    pub fn first_layers(mut self, layers: usize) -> Self {
        self.caches.truncate(layers.max(1));
        self
    }

    /// The model.
    pub fn model(&self) -> &Model<C> {
        &self.model
    }

    /// The device.
    pub fn compute(&mut self) -> &mut C {
        &mut self.compute
    }

    /// Both at once, to compute with the model's weights.
    pub fn parts(&mut self) -> (&mut C, &Model<C>) {
        (&mut self.compute, &self.model)
    }

    /// Positions it takes at most.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Positions it has taken in.
    pub fn seen(&self) -> usize {
        self.caches.first().map_or(0, |cache| self.compute.cached(cache))
    }

    /// Forgets the positions from `keep` on.
    pub fn truncate(&mut self, keep: usize) {
        for cache in &mut self.caches {
            self.compute.truncate(cache, keep);
        }
    }

    /// Takes in more tokens, all in one pass, and gives the logits asked for: `[1 or tokens, vocabulary]`.
    ///
    /// # Errors
    /// When the context is full, a token is not in the vocabulary, or the device fails; what was seen before stays.
    pub fn forward(
        &mut self,
        tokens: &[u32],
        logits: Logits,
        hooks: &mut impl Hooks<C>,
    ) -> Result<Option<C::Rows>, DecoderError> {
        let first = self.seen();
        let asked = first + tokens.len();
        if asked > self.context {
            return Err(DecoderError::ContextFull { asked, context: self.context });
        }
        let result = self.layers(tokens, first, hooks);
        if result.is_err() {
            self.truncate(first);
        }
        let x = result?;
        Ok(match logits {
            Logits::None => None,
            Logits::Last => {
                let last = self.compute.last(&x);
                Some(self.unembed(&last))
            }
            Logits::All => Some(self.unembed(&x)),
        })
    }

    /// What the model would say if the residual stream were read here: the final norm and the output matrix applied
    /// to any rows of the stream (the logit lens; nostalgebraist, 2020), `[positions, vocabulary]`.
    pub fn unembed(&mut self, stream: &C::Rows) -> C::Rows {
        let model = &self.model;
        let normed = self.compute.norm(stream, &model.norm, model.config.epsilon);
        let [logits] = self.compute.linear(&normed, [model.output.as_ref().unwrap_or(&model.embedding)]);
        logits
    }

    /// The stream that a text begins with: its tokens' embeddings, `[tokens, hidden]`.
    ///
    /// # Errors
    /// When the text is longer than the context, or a token is not in the vocabulary.
    pub fn embed(&mut self, tokens: &[u32]) -> Result<C::Rows, DecoderError> {
        if tokens.len() > self.context {
            return Err(DecoderError::ContextFull { asked: tokens.len(), context: self.context });
        }
        Ok(self.compute.embed(&self.model.embedding, tokens)?)
    }

    /// Takes the stream of a whole text, `[tokens, hidden]`, through one of the layers. What the decoder has taken in
    /// so far stays as it is; without such a layer so does the stream.
    ///
    /// # Errors
    /// When the device fails.
    pub fn through(
        &mut self,
        layer: usize,
        x: &mut C::Rows,
        hooks: &mut impl Hooks<C>,
    ) -> Result<(), DecoderError> {
        let Self { compute, model, rotation, .. } = self;
        hooks.begin(0);
        if let Some(weights) = model.layers.get(layer) {
            let mut cache = compute.cache(model.config.attention());
            let epsilon = model.config.epsilon;
            through(compute, weights, &mut cache, rotation, epsilon, x, (layer, 0), hooks)?;
        }
        Ok(())
    }

    /// The residual stream behind the last layer, `[tokens, hidden]`.
    fn layers(
        &mut self,
        tokens: &[u32],
        first: usize,
        hooks: &mut impl Hooks<C>,
    ) -> Result<C::Rows, DecoderError> {
        let Self { compute, model, rotation, caches, .. } = self;
        hooks.begin(first);
        let mut x = compute.embed(&model.embedding, tokens)?;
        for (at, (layer, cache)) in model.layers.iter().zip(caches).enumerate() {
            let epsilon = model.config.epsilon;
            through(compute, layer, cache, rotation, epsilon, &mut x, (at, first), hooks)?;
        }
        Ok(x)
    }
}

/// One layer, on the positions from `first` on.
#[expect(clippy::too_many_arguments, reason = "the parts of one layer; a struct for them would be used once")]
fn through<C: Compute>(
    compute: &mut C,
    layer: &Layer<C>,
    cache: &mut C::Cache,
    rotation: &Rotation,
    epsilon: f32,
    x: &mut C::Rows,
    (at, first): (usize, usize),
    hooks: &mut impl Hooks<C>,
) -> Result<(), ComputeError> {
    hooks.at(compute, at, Hook::ResidPre, x);
    attention(compute, layer, cache, rotation, epsilon, x, (at, first), hooks)?;
    hooks.at(compute, at, Hook::ResidMid, x);
    feed_forward(compute, layer, epsilon, x, at, hooks);
    hooks.at(compute, at, Hook::ResidPost, x);
    Ok(())
}

/// `x += W_o · attention(rotate(norm(W_q · norm(x))), rotate(norm(W_k · norm(x))), W_v · norm(x))`
#[expect(clippy::too_many_arguments, reason = "the parts of one layer; a struct for them would be used once")]
fn attention<C: Compute>(
    compute: &mut C,
    layer: &Layer<C>,
    cache: &mut C::Cache,
    rotation: &Rotation,
    epsilon: f32,
    x: &mut C::Rows,
    (at, first): (usize, usize),
    hooks: &mut impl Hooks<C>,
) -> Result<(), ComputeError> {
    let mut normed = compute.norm(x, &layer.attention_norm, epsilon);
    hooks.at(compute, at, Hook::AttnNormed, &mut normed);
    let [mut q, mut k, mut v] = compute.linear(&normed, [&layer.q, &layer.k, &layer.v]);
    hooks.at(compute, at, Hook::ProjectedQ, &mut q);
    hooks.at(compute, at, Hook::ProjectedK, &mut k);
    if let Some((q_norm, k_norm)) = &layer.head_norms {
        compute.head_norm(&mut q, q_norm, epsilon);
        compute.head_norm(&mut k, k_norm, epsilon);
        hooks.at(compute, at, Hook::NormedQ, &mut q);
        hooks.at(compute, at, Hook::NormedK, &mut k);
    }
    compute.rotate(&mut q, rotation, first);
    compute.rotate(&mut k, rotation, first);
    hooks.at(compute, at, Hook::Q, &mut q);
    hooks.at(compute, at, Hook::K, &mut k);
    hooks.at(compute, at, Hook::V, &mut v);
    let (mut z, pattern) = compute.attend(cache, &q, &k, &v, hooks.wants_pattern(at))?;
    if let Some(pattern) = pattern {
        hooks.pattern(at, pattern);
    }
    hooks.at(compute, at, Hook::Z, &mut z);
    let [mut out] = compute.linear(&z, [&layer.o]);
    hooks.at(compute, at, Hook::AttnOut, &mut out);
    compute.add(x, &out);
    Ok(())
}

/// `x += W_down · (silu(W_gate · norm(x)) · (W_up · norm(x)))`
fn feed_forward<C: Compute>(
    compute: &mut C,
    layer: &Layer<C>,
    epsilon: f32,
    x: &mut C::Rows,
    at: usize,
    hooks: &mut impl Hooks<C>,
) {
    let mut normed = compute.norm(x, &layer.ffn_norm, epsilon);
    hooks.at(compute, at, Hook::MlpNormed, &mut normed);
    let [mut gate, mut up] = compute.linear(&normed, [&layer.gate, &layer.up]);
    hooks.at(compute, at, Hook::Pre, &mut gate);
    hooks.at(compute, at, Hook::PreLinear, &mut up);
    let mut neurons = compute.gate(&gate, &up);
    hooks.at(compute, at, Hook::Post, &mut neurons);
    let [mut out] = compute.linear(&neurons, [&layer.down]);
    hooks.at(compute, at, Hook::MlpOut, &mut out);
    compute.add(x, &out);
}
