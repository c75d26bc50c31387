//! The whole model as a module that learns, and what it has to learn.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Mean negative log-probability of the text's tokens, in nats.
    pub text_loss: f32,
    /// The same for each tap's WAT tokens.
    pub tap_losses: Vec<f32>,
    /// Share of the text's tokens that were the likeliest.
    pub text_right: f32,
    /// The same for each tap.
    pub taps_right: Vec<f32>,
}

/// A loss to go down, and the figures it is made of, still on the device.
pub struct Loss {
    /// The text's loss plus the mean of the taps'.
    pub total: Tensor<1>,
    parts: Vec<Tensor<1>>,
    right: Vec<Tensor<1>>,
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
        let share = |right: Tensor<1, burn::tensor::Int>, of: usize| right.float() / of.max(1) as f32;
        let mut total = text.clone();
        let (mut parts, mut rights) = (vec![text], vec![share(right, batch.learned)]);
        if let Some(programs) = &batch.programs {
            let count = self.taps.taps.len().max(1) as f32;
            for (tap, stream) in self.taps.taps.iter().zip(streams.behind) {
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
                let (loss, right) = cross_entropy(self.taps.logits(rows), programs.targets.clone());
                total = total + loss.clone() / count;
                parts.push(loss);
                rights.push(share(right, programs.learned));
            }
        }
        Loss { total, parts, right: rights }
    }
}

impl Score {
    /// Whether all losses are numbers.
    pub fn is_finite(&self) -> bool {
        self.text_loss.is_finite() && self.tap_losses.iter().all(|loss| loss.is_finite())
    }
}

impl Loss {
    /// The figures, read from the device.
    pub fn score(self) -> Score {
        let read = |figures: Vec<Tensor<1>>| -> Vec<f32> {
            figures.into_iter().map(|figure| figure.into_scalar::<f32>()).collect()
        };
        let (mut losses, mut right) = (read(self.parts).into_iter(), read(self.right).into_iter());
        Score {
            text_loss: losses.next().unwrap_or(f32::NAN),
            tap_losses: losses.collect(),
            text_right: right.next().unwrap_or(0.0),
            taps_right: right.collect(),
        }
    }
}

fn flat(x: Tensor<3>) -> Tensor<2> {
    let [batch, positions, width] = x.dims();
    x.reshape([batch * positions, width])
}
