//! What is kept of a run, and what is computed again when somebody looks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::bounds;
use super::opening::Opening;
use crate::kernels::{Compute, ComputeError};
use crate::qwen::hooks::Recorder;
use crate::qwen::interventions::Interventions;
use crate::qwen::{Config, Decoder, DecoderError};
use crate::weights::MatrixError;
use crate::xray::{Explanation, Site};

pub(super) use crate::qwen::hooks::Hook;

/// Bytes of residual streams that are kept at most: of long texts not those in front of every layer.
const STREAM_BYTES: usize = 64 << 20;
/// Bytes of layers' numbers that are kept; the last one that was opened is, however large.
const LAYER_BYTES: usize = 128 << 20;

/// Why a number cannot be opened.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// It is outside of the model, or of the text.
    #[error("there is no {site} in this run: {reason}")]
    NoSuchNumber {
        /// Its name.
        site: Site,
        /// What there is.
        reason: String,
    },
    /// The text is longer than the context, or has a token that the model does not know.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
    /// The device.
    #[error(transparent)]
    Compute(#[from] ComputeError),
    /// There is no memory to score keys.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// A text whose patterns would take too much memory at once.
    #[error("the text has {positions} tokens; all patterns fit up to {most}")]
    TooLong {
        /// Its tokens.
        positions: usize,
        /// Tokens at most.
        most: usize,
    },
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
}

/// A text that a decoder has computed, with what was replaced, and whose numbers can be opened.
///
/// It keeps the residual stream in front of every layer (of long texts, of every few), and all numbers of the layers that were
/// opened last. The decoder's own caches are neither read nor changed.
pub struct Run {
    pub(super) config: Config,
    pub(super) tokens: Vec<u32>,
    pub(super) interventions: Interventions,
    /// The stream in front of the layers 0, `stride`, 2 · `stride` …, `[positions, hidden]` each.
    streams: Vec<Vec<f32>>,
    stride: usize,
    /// The stream behind the last layer, `[positions, hidden]`.
    last: Vec<f32>,
    /// The layers opened last, the latest behind.
    kept: VecDeque<(usize, Arc<Recorded>)>,
    /// The last position whose logits were asked for, and they.
    logits: Option<(usize, Arc<Vec<f32>>)>,
}

/// All numbers of one layer but the patterns, which come from them.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    /// What passed each point, `[positions, width]`.
    pub rows: BTreeMap<Hook, Vec<f32>>,
    positions: usize,
}

impl Recorded {
    /// What passed a point at one position; empty where there is no such point or position.
    pub fn row(&self, hook: Hook, position: usize) -> &[f32] {
        let rows = self.rows.get(&hook).map(Vec::as_slice).unwrap_or_default();
        let width = rows.len() / self.positions.max(1);
        rows.get(position * width..(position + 1) * width).unwrap_or_default()
    }

    /// One number; 0 where there is none.
    pub fn number(&self, hook: Hook, position: usize, column: usize) -> f32 {
        self.row(hook, position).get(column).copied().unwrap_or_default()
    }

    fn bytes(&self) -> usize {
        self.rows.values().map(|rows| rows.len() * size_of::<f32>()).sum()
    }
}

impl Run {
    /// Computes a text, all positions together and layer after layer. `each` is told how many layers are done and how many
    /// there are, may rest, and says whether to go on. `interventions` says what is replaced; its default, nothing.
    ///
    /// # Errors
    /// When the text is longer than the context, a token is unknown, the device fails, or `each` says so.
    pub async fn record<C: Compute>(
        decoder: &mut Decoder<C>,
        tokens: Vec<u32>,
        interventions: Interventions,
        each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<Self, RunError> {
        Self::within(STREAM_BYTES, decoder, tokens, interventions, each).await
    }

    /// The same, keeping no more of the streams than that.
    pub(super) async fn within<C: Compute>(
        stream_bytes: usize,
        decoder: &mut Decoder<C>,
        tokens: Vec<u32>,
        mut interventions: Interventions,
        mut each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<Self, RunError> {
        let config = decoder.model().config.clone();
        let all = config.layers * config.hidden * tokens.len() * size_of::<f32>();
        let stride = all.div_ceil(stream_bytes.max(1)).max(1);
        let mut streams = Vec::new();
        let mut x = decoder.embed(&tokens)?;
        for layer in 0..config.layers {
            if layer % stride == 0 {
                streams.push(decoder.compute().read(&x).await?);
            }
            decoder.through(layer, &mut x, &mut interventions)?;
            // A graphics device is only given its work: else all of it would be, and nothing could stop it.
            decoder.compute().settle().await?;
            if !each(layer + 1, config.layers).await {
                return Err(RunError::Stopped);
            }
        }
        let last = decoder.compute().read(&x).await?;
        Ok(Self { config, tokens, interventions, streams, stride, last, kept: VecDeque::new(), logits: None })
    }

    /// The text.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// What was replaced.
    pub fn interventions(&self) -> &Interventions {
        &self.interventions
    }

    /// Opens a number: what it is, the rule and the operands that it comes from, and what these come to. The decoder is
    /// that of the recording; `name` says how a token is written.
    ///
    /// # Errors
    /// When there is no such number in this run, or the device fails.
    pub async fn explain<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        name: &impl Fn(u32) -> String,
        site: Site,
    ) -> Result<Explanation, RunError> {
        if let Some(reason) = bounds::outside(site, &self.config, self.tokens.len()) {
            return Err(RunError::NoSuchNumber { site, reason });
        }
        Opening { run: self, decoder, name }.explain(site).await
    }

    /// All numbers of a layer, computed from the last stream in front of it that was kept.
    pub(super) async fn layer<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        layer: usize,
    ) -> Result<Arc<Recorded>, RunError> {
        if let Some(at) = self.kept.iter().position(|(kept, _)| *kept == layer)
            && let Some((layer, recorded)) = self.kept.remove(at)
        {
            self.kept.push_back((layer, Arc::clone(&recorded)));
            return Ok(recorded);
        }
        let before = self.before(decoder, layer).await?;
        let mut x = decoder.compute().rows(before, self.config.hidden);
        let mut recorder = Recorder::<C>::new(Hook::ALL.map(|hook| (layer, hook)), []);
        // The recorder comes second: it sees what was put in place of something.
        decoder.through(layer, &mut x, &mut (&mut self.interventions, &mut recorder))?;
        let mut recorded = Recorded { rows: BTreeMap::new(), positions: self.tokens.len() };
        for ((_, hook), rows) in recorder.rows {
            recorded.rows.insert(hook, decoder.compute().read(&rows).await?);
        }
        let recorded = Arc::new(recorded);
        self.keep(layer, Arc::clone(&recorded));
        Ok(recorded)
    }

    /// The stream in front of a layer, `[positions, hidden]`, from the last one that was kept.
    pub(super) async fn before<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        layer: usize,
    ) -> Result<Vec<f32>, RunError> {
        let stream = layer / self.stride;
        let values = self.streams.get(stream).cloned().unwrap_or_default();
        if stream * self.stride == layer {
            return Ok(values);
        }
        let mut x = decoder.compute().rows(values, self.config.hidden);
        for before in stream * self.stride..layer {
            decoder.through(before, &mut x, &mut self.interventions)?;
        }
        Ok(decoder.compute().read(&x).await?)
    }

    /// The stream behind the last layer, `[positions, hidden]`.
    pub(super) fn behind_all(&self) -> &[f32] {
        &self.last
    }

    /// Keeps a layer's numbers, and drops those that nobody has asked for the longest.
    pub(super) fn keep(&mut self, layer: usize, recorded: Arc<Recorded>) {
        self.kept.retain(|(kept, _)| *kept != layer);
        self.kept.push_back((layer, recorded));
        while self.kept.len() > 1
            && self.kept.iter().map(|(_, kept)| kept.bytes()).sum::<usize>() > LAYER_BYTES
        {
            self.kept.pop_front();
        }
    }

    /// The stream behind the last layer at one position, `[hidden]`.
    pub(super) fn last(&self, position: usize) -> &[f32] {
        let width = self.config.hidden;
        self.last.get(position * width..(position + 1) * width).unwrap_or_default()
    }

    /// The logits of one position, `[vocabulary]`.
    pub(super) async fn logits<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        position: usize,
    ) -> Result<Arc<Vec<f32>>, RunError> {
        if let Some((at, logits)) = &self.logits
            && *at == position
        {
            return Ok(Arc::clone(logits));
        }
        let last = self.last(position).to_vec();
        let x = decoder.compute().rows(last, self.config.hidden);
        let logits = decoder.unembed(&x);
        let logits = Arc::new(decoder.compute().read(&logits).await?);
        self.logits = Some((position, Arc::clone(&logits)));
        Ok(logits)
    }
}
