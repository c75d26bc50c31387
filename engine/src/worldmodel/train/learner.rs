//! The whole model as a module that learns, and what it has to learn.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::batch::{Batch, Programs};
use super::decoder::Decoder;
use super::ops::cross_entropy;
use super::settings::Shape;
use super::taps::{Tap, Taps};
use crate::worldmodel::taps::TapConfig;

/// Text stream and taps.
#[derive(Module, Debug)]
pub struct Learner {
    /// The text stream.
    pub decoder: Decoder,
    /// The WASM streams.
    pub taps: Taps,
}

/// How well a batch was predicted, each token from those before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Mean negative log-probability of the text's tokens, in nats; `None` where the text stream does not learn.
    pub text_loss: Option<f32>,
    /// The same for each tap's WAT tokens, if it had any to predict.
    pub tap_losses: Vec<Option<f32>>,
    /// Share of the text's tokens that were the likeliest.
    pub text_right: Option<f32>,
    /// The same for each tap.
    pub taps_right: Vec<Option<f32>>,
}

/// A loss to go down, and the figures it is made of, still on the device.
pub struct Loss {
    /// The text's loss, if it learns, plus the mean of the taps'.
    pub total: Tensor<1>,
    text: Option<Part>,
    taps: Vec<Option<Part>>,
}

/// One stream's loss, and the share of its tokens that were the likeliest.
struct Part {
    loss: Tensor<1>,
    right: Tensor<1>,
}

impl Learner {
    /// New weights.
    pub fn new(shape: &Shape, device: &Device) -> Self {
        Self {
            decoder: Decoder::new(&shape.decoder, device),
            taps: Taps::new(&shape.taps, shape.decoder.hidden, device),
        }
    }

    /// Reads a batch. Text and programs are learned together: what the taps need, the text stream learns to hold.
    pub fn loss(&self, shape: &Shape, batch: &Batch) -> Loss {
        let streams = self.decoder.forward(&shape.decoder, batch.tokens.clone(), &shape.taps.behind);
        let rows = flat(streams.last).select(0, batch.places.clone());
        let (text, right) = cross_entropy(self.decoder.logits(rows), batch.targets.clone());
        let text = Part::new((text, right), batch.learned);
        let taps = self.taps.taps.iter().zip(streams.behind).zip(&batch.programs);
        let taps = taps.map(|((tap, stream), programs)| {
            let programs = programs.as_ref()?;
            let samples = programs.samples(&stream.device());
            let memory = stream.select(0, samples).narrow(1, 0, programs.positions);
            Some(Part::of_programs(&self.taps, &shape.taps, tap, programs, memory))
        });
        let taps: Vec<Option<Part>> = taps.collect();
        Loss { total: total(text.loss.clone(), &taps), text: Some(text), taps }
    }
}

/// A loss plus the mean of the taps', where one that has nothing to predict counts 0.
fn total(text: Tensor<1>, taps: &[Option<Part>]) -> Tensor<1> {
    let count = taps.len().max(1) as f32;
    taps.iter().flatten().fold(text, |total, part| total + part.loss.clone() / count)
}

impl Part {
    fn new((loss, right): (Tensor<1>, Tensor<1, Int>), of: usize) -> Self {
        Self { loss, right: right.float() / of.max(1) as f32 }
    }

    /// How well a tap predicts programs from the text stream, `[programs, positions, hidden]`.
    fn of_programs(
        taps: &Taps,
        config: &TapConfig,
        tap: &Tap,
        programs: &Programs,
        memory: Tensor<3>,
    ) -> Self {
        let Programs { inputs, operands, unseen, places, targets, learned, .. } = programs;
        let rows = taps.forward(config, tap, inputs.clone(), memory, operands.clone(), unseen.clone());
        let rows = flat(rows).select(0, places.clone());
        Self::new(cross_entropy(taps.logits(rows), targets.clone()), *learned)
    }
}

impl Taps {
    /// Reads programs beside text streams that are what they are: for each tap, `[programs, positions, hidden]`.
    pub fn loss(
        &self,
        config: &TapConfig,
        programs: &[Option<Programs>],
        memories: Vec<Option<Tensor<3>>>,
        device: &Device,
    ) -> Loss {
        let taps = self.taps.iter().zip(programs).zip(memories).map(|((tap, programs), memory)| {
            Some(Part::of_programs(self, config, tap, programs.as_ref()?, memory?))
        });
        let taps: Vec<Option<Part>> = taps.collect();
        Loss { total: total(Tensor::zeros([1], device), &taps), text: None, taps }
    }
}

impl Score {
    /// All losses: the text's, if it learns, and each tap's.
    pub fn losses(&self) -> impl Iterator<Item = Option<f32>> {
        self.text_loss.map(Some).into_iter().chain(self.tap_losses.iter().copied())
    }

    /// All shares of tokens that were the likeliest, in the same order.
    pub fn right(&self) -> impl Iterator<Item = Option<f32>> {
        self.text_right.map(Some).into_iter().chain(self.taps_right.iter().copied())
    }

    /// Whether all losses are numbers.
    pub fn is_finite(&self) -> bool {
        self.losses().flatten().all(f32::is_finite)
    }

    /// The mean of some, each as heavy as the others; a tap's of those that say something of it.
    pub fn mean(scores: &[Self]) -> Self {
        let mean = |values: &mut dyn Iterator<Item = f32>| {
            let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
            (count > 0).then(|| sum / count as f32)
        };
        let taps = scores.iter().map(|score| score.tap_losses.len()).max().unwrap_or(0);
        let each = |of: fn(&Self) -> &Vec<Option<f32>>| -> Vec<Option<f32>> {
            (0..taps)
                .map(|tap| mean(&mut scores.iter().filter_map(|score| of(score).get(tap).copied().flatten())))
                .collect()
        };
        let text = |of: fn(&Self) -> Option<f32>| mean(&mut scores.iter().filter_map(of));
        Self {
            text_loss: text(|score| score.text_loss),
            tap_losses: each(|score| &score.tap_losses),
            text_right: text(|score| score.text_right),
            taps_right: each(|score| &score.taps_right),
        }
    }
}

impl Loss {
    /// The figures, read from the device.
    pub fn score(self) -> Score {
        let read = |part: Part| (part.loss.into_scalar::<f32>(), part.right.into_scalar::<f32>());
        let (text_loss, text_right) = self.text.map(read).unzip();
        let (tap_losses, taps_right) = self
            .taps
            .into_iter()
            .map(|tap| tap.map(read))
            .map(|tap| (tap.map(|t| t.0), tap.map(|t| t.1)))
            .unzip();
        Score { text_loss, tap_losses, text_right, taps_right }
    }
}

fn flat(x: Tensor<3>) -> Tensor<2> {
    let [batch, positions, width] = x.dims();
    x.reshape([batch * positions, width])
}
