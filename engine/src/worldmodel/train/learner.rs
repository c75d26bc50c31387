//! The whole model as a module that learns, and what it has to learn.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::batch::Batch;
use super::decoder::Decoder;
use super::ops::cross_entropy;
use super::settings::Shape;
use super::taps::Taps;

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
    /// Mean negative log-probability of the text's tokens, in nats.
    pub text_loss: f32,
    /// The same for each tap's WAT tokens, if it had any to predict.
    pub tap_losses: Vec<Option<f32>>,
    /// Share of the text's tokens that were the likeliest.
    pub text_right: f32,
    /// The same for each tap.
    pub taps_right: Vec<Option<f32>>,
}

/// A loss to go down, and the figures it is made of, still on the device.
pub struct Loss {
    /// The text's loss plus the mean of the taps'.
    pub total: Tensor<1>,
    text: Part,
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
        let part = |(loss, right): (Tensor<1>, Tensor<1, Int>), of: usize| Part {
            loss,
            right: right.float() / of.max(1) as f32,
        };
        let text = part((text, right), batch.learned);
        let mut total = text.loss.clone();
        let count = self.taps.taps.len().max(1) as f32;
        let mut taps = Vec::new();
        for ((tap, stream), programs) in self.taps.taps.iter().zip(streams.behind).zip(&batch.programs) {
            taps.push(programs.as_ref().map(|programs| {
                let memory = stream.select(0, programs.samples.clone()).narrow(1, 0, programs.positions);
                let rows = self.taps.forward(
                    &shape.taps,
                    tap,
                    programs.inputs.clone(),
                    memory,
                    programs.operands.clone(),
                    programs.unseen.clone(),
                );
                let rows = flat(rows).select(0, programs.places.clone());
                part(cross_entropy(self.taps.logits(rows), programs.targets.clone()), programs.learned)
            }));
        }
        for part in taps.iter().flatten() {
            total = total + part.loss.clone() / count;
        }
        Loss { total, text, taps }
    }
}

impl Score {
    /// Whether all losses are numbers.
    pub fn is_finite(&self) -> bool {
        self.text_loss.is_finite() && self.tap_losses.iter().flatten().all(|loss| loss.is_finite())
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
        let text = |of: fn(&Self) -> f32| mean(&mut scores.iter().map(of)).unwrap_or(f32::NAN);
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
        let (text_loss, text_right) = read(self.text);
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
