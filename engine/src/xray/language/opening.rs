//! One number: which rule it follows.

use std::sync::Arc;

use super::run::{Recorded, Run, RunError};
use super::words::{self, Name};
use crate::kernels::{Compute, Inputs};
use crate::qwen::hooks::Hook;
use crate::qwen::interventions::Part;
use crate::qwen::{Decoder, Model};
use crate::xray::{Adder, Explanation, HeadPart, Input, NeuronPart, Norm, Site, Stage};

/// A number that is being opened.
pub(super) struct Opening<'a, C: Compute> {
    pub run: &'a mut Run,
    pub decoder: &'a mut Decoder<C>,
    pub name: Name<'a>,
}

/// What a number comes from.
pub(super) struct Explained {
    pub rule: String,
    /// What the run has.
    pub value: f32,
    /// What the inputs come to.
    pub recomputed: f64,
    pub inputs: Vec<Input>,
}

/// A matrix of the model.
#[derive(Clone, Copy)]
pub(super) enum Weights {
    Q(usize),
    K(usize),
    V(usize),
    Gate(usize),
    Up(usize),
    Down(usize),
    Output,
}

impl Weights {
    pub fn of<C: Compute>(self, model: &Model<C>) -> Option<&C::Weight> {
        let layer = |at: usize| model.layers.get(at);
        match self {
            Self::Q(at) => layer(at).map(|layer| &layer.q),
            Self::K(at) => layer(at).map(|layer| &layer.k),
            Self::V(at) => layer(at).map(|layer| &layer.v),
            Self::Gate(at) => layer(at).map(|layer| &layer.gate),
            Self::Up(at) => layer(at).map(|layer| &layer.up),
            Self::Down(at) => layer(at).map(|layer| &layer.down),
            Self::Output => Some(model.output.as_ref().unwrap_or(&model.embedding)),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Q(_) => "W_Q",
            Self::K(_) => "W_K",
            Self::V(_) => "W_V",
            Self::Gate(_) => "W_gate",
            Self::Up(_) => "W_in",
            Self::Down(_) => "W_out",
            Self::Output => "W_U",
        }
    }
}

/// What a device does to the inputs of a product, as a part of its rule.
pub(super) const fn rounding(inputs: Inputs) -> &'static str {
    match inputs {
        Inputs::Floats => "",
        Inputs::Integers => "; the device rounds inputs to 16-bit integers first, with a scale for each 32",
    }
}

impl<C: Compute> Opening<'_, C> {
    /// Opens a number that the run has.
    pub async fn explain(mut self, site: Site) -> Result<Explanation, RunError> {
        let explained = match site {
            Site::Embed { position, dim } => self.embed(position, dim).await?,
            Site::Resid { layer, stage, position, dim } => self.resid(layer, stage, position, dim).await?,
            Site::Scale { norm, position } => self.scale(norm, position).await?,
            Site::Normalized { norm, position, dim } => self.normalized(norm, position, dim).await?,
            Site::HeadScale { layer, norm, position, head } => {
                self.head_scale(layer, norm, position, head).await?
            }
            Site::Head { layer, part, position, head, component } => {
                self.head(layer, part, position, head, component).await?
            }
            Site::Score { layer, head, query, key } => self.score(layer, head, query, key).await?,
            Site::Pattern { layer, head, query, key } => self.pattern(layer, head, query, key).await?,
            Site::Added { layer, by: Adder::Attention, position, dim } => {
                self.all_heads(layer, position, dim).await?
            }
            Site::Added { layer, by: Adder::Mlp, position, dim } => {
                self.all_neurons(layer, position, dim).await?
            }
            Site::Neuron { layer, part, position, neuron } => {
                self.neuron(layer, part, position, neuron).await?
            }
            Site::Logit { position, token } => self.logit(position, token).await?,
            Site::PosEmbed { .. } => {
                let reason = "positions turn queries and keys, and add nothing".to_owned();
                return Err(RunError::NoSuchNumber { site, reason });
            }
        };
        let Explained { rule, value, recomputed, mut inputs } = explained;
        inputs.retain(|input| input.weight != 0.0);
        let label = words::label(self.run, self.name, site);
        Ok(Explanation { site, label, rule, value, recomputed: recomputed as f32, inputs })
    }

    /// All numbers of a layer.
    pub async fn layer(&mut self, layer: usize) -> Result<Arc<Recorded>, RunError> {
        self.run.layer(self.decoder, layer).await
    }

    /// An input with its label.
    pub fn input(&self, site: Site, value: f32, weight: f32) -> Input {
        Input { site, label: words::label(self.run, self.name, site), value, weight }
    }

    /// A number that is the sum of others.
    pub fn sum(&self, rule: &str, value: f32, of: impl IntoIterator<Item = (Site, f32)>) -> Explained {
        let inputs: Vec<Input> = of.into_iter().map(|(site, value)| self.input(site, value, 1.0)).collect();
        let recomputed = inputs.iter().map(|input| f64::from(input.value)).sum();
        Explained { rule: rule.to_owned(), value, recomputed, inputs }
    }

    /// A number that is one output of a matrix. `from` says what the inputs are, and names each.
    pub async fn product(
        &mut self,
        value: f32,
        (weights, output): (Weights, usize),
        x: &[f32],
        from: (&str, impl Fn(usize) -> Site),
    ) -> Result<Explained, RunError> {
        let (compute, model) = self.decoder.parts();
        let Some(matrix) = weights.of(model) else { return Ok(Explained::nothing(value)) };
        let terms = compute.terms(x, matrix, output).await?;
        let (inputs, site) = from;
        let rule = format!("Σ {}[{output}] · {inputs}{}", weights.name(), rounding(terms.inputs));
        let recomputed = terms.sum();
        let operands = terms.weights.iter().zip(x).enumerate();
        let inputs = operands.map(|(at, (weight, x))| self.input(site(at), *x, *weight)).collect();
        Ok(Explained { rule, value, recomputed, inputs })
    }

    async fn embed(&mut self, position: usize, dim: usize) -> Result<Explained, RunError> {
        let value = self.layer(0).await?.number(Hook::ResidPre, position, dim);
        let token = self.run.tokens.get(position).copied().unwrap_or_default();
        let (compute, model) = self.decoder.parts();
        let row = compute.read_row(&model.embedding, token as usize).await?;
        let recomputed = row.get(dim).copied().map_or(f64::NAN, f64::from);
        Ok(Explained { rule: format!("W_E[{token}, {dim}]"), value, recomputed, inputs: Vec::new() })
    }

    async fn resid(
        &mut self,
        layer: usize,
        stage: Stage,
        position: usize,
        dim: usize,
    ) -> Result<Explained, RunError> {
        let here = self.layer(layer).await?;
        let of = |stage| Site::Resid { layer, stage, position, dim };
        let number = |hook| here.number(hook, position, dim);
        Ok(match stage {
            Stage::Pre => match layer.checked_sub(1) {
                None => {
                    let value = number(Hook::ResidPre);
                    self.sum("the token's embedding", value, [(Site::Embed { position, dim }, value)])
                }
                Some(before) => {
                    let behind = self.layer(before).await?.number(Hook::ResidPost, position, dim);
                    let site = Site::Resid { layer: before, stage: Stage::Post, position, dim };
                    self.sum("what the layer before left", number(Hook::ResidPre), [(site, behind)])
                }
            },
            Stage::Mid => {
                let added = Site::Added { layer, by: Adder::Attention, position, dim };
                let terms = [(of(Stage::Pre), number(Hook::ResidPre)), (added, number(Hook::AttnOut))];
                self.sum("residual stream + all heads", number(Hook::ResidMid), terms)
            }
            Stage::Post => {
                if let Some(with) = self.run.interventions.on(layer, Part::Dimension(dim), position) {
                    return Ok(Explained::replaced(number(Hook::ResidPost), with, 0));
                }
                let added = Site::Added { layer, by: Adder::Mlp, position, dim };
                let terms = [(of(Stage::Mid), number(Hook::ResidMid)), (added, number(Hook::MlpOut))];
                self.sum("residual stream + all neurons", number(Hook::ResidPost), terms)
            }
        })
    }

    async fn neuron(
        &mut self,
        layer: usize,
        part: NeuronPart,
        position: usize,
        neuron: usize,
    ) -> Result<Explained, RunError> {
        let here = self.layer(layer).await?;
        let (hook, weights) = match part {
            NeuronPart::Pre => (Hook::Pre, Weights::Gate(layer)),
            NeuronPart::PreLinear => (Hook::PreLinear, Weights::Up(layer)),
            NeuronPart::Post => return Ok(self.gated(&here, layer, position, neuron)),
        };
        let normed = |dim| Site::Normalized { norm: Norm::Mlp { layer }, position, dim };
        let x = here.row(Hook::MlpNormed, position);
        self.product(here.number(hook, position, neuron), (weights, neuron), x, ("normed stream", normed))
            .await
    }

    /// `silu(gate) · value`
    fn gated(&self, here: &Recorded, layer: usize, position: usize, neuron: usize) -> Explained {
        let value = here.number(Hook::Post, position, neuron);
        if let Some(with) = self.run.interventions.on(layer, Part::Neuron(neuron), position) {
            return Explained::replaced(value, with, 0);
        }
        let (gate, up) =
            (here.number(Hook::Pre, position, neuron), here.number(Hook::PreLinear, position, neuron));
        // silu(x) = x · sigmoid(x)
        let open = 1.0 / (1.0 + (-f64::from(gate)).exp());
        let site = |part| Site::Neuron { layer, part, position, neuron };
        let inputs = vec![
            self.input(site(NeuronPart::Pre), gate, (open * f64::from(up)) as f32),
            self.input(site(NeuronPart::PreLinear), up, (open * f64::from(gate)) as f32),
        ];
        let rule = "silu(gate) · value, with silu(x) = x / (1 + e⁻ˣ); the weight beside each is the rest of the product";
        Explained { rule: rule.to_owned(), value, recomputed: f64::from(gate) * open * f64::from(up), inputs }
    }

    async fn all_neurons(
        &mut self,
        layer: usize,
        position: usize,
        dim: usize,
    ) -> Result<Explained, RunError> {
        let here = self.layer(layer).await?;
        let neuron = |neuron| Site::Neuron { layer, part: NeuronPart::Post, position, neuron };
        let value = here.number(Hook::MlpOut, position, dim);
        let x = here.row(Hook::Post, position);
        self.product(value, (Weights::Down(layer), dim), x, ("neurons", neuron)).await
    }

    async fn head(
        &mut self,
        layer: usize,
        part: HeadPart,
        position: usize,
        head: usize,
        component: usize,
    ) -> Result<Explained, RunError> {
        let here = self.layer(layer).await?;
        let width = self.run.config.head_dim;
        let (hook, weights) = match part {
            HeadPart::Q => (Hook::ProjectedQ, Weights::Q(layer)),
            HeadPart::K => (Hook::ProjectedK, Weights::K(layer)),
            HeadPart::V => (Hook::V, Weights::V(layer)),
            HeadPart::NormedQ | HeadPart::NormedK => {
                return self.normed_head(layer, part, position, head, component).await;
            }
            HeadPart::RotQ | HeadPart::RotK => {
                return Ok(self.turned(&here, (layer, part), position, head, component));
            }
            HeadPart::Z => return self.attended(&here, layer, position, head, component).await,
            HeadPart::Result => return self.result(&here, layer, position, head, component).await,
        };
        let output = head * width + component;
        let normed = |dim| Site::Normalized { norm: Norm::Attention { layer }, position, dim };
        let x = here.row(Hook::AttnNormed, position);
        self.product(here.number(hook, position, output), (weights, output), x, ("normed stream", normed))
            .await
    }
}
