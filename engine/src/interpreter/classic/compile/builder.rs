//! Writes heads and neurons as linear expressions over named dimensions.

use super::super::layout::{D_MODEL, Dim};
use super::{D_FFN, FAR};
use crate::interpreter::describe::{HeadCard, HeadKind, LayerCard, Part};
use crate::interpreter::model::{Block, D_HEAD, Head, Matrix, Mlp};

/// A linear expression over the residual stream: Σ weight · dimension.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear(Vec<(Dim, f32)>);

/// A dimension with weight 1.
pub fn dim(dim: Dim) -> Linear {
    Linear(vec![(dim, 1.0)])
}

/// A constant: a weight on `ONE`.
pub fn constant(value: f32) -> Linear {
    dim(Dim::One) * value
}

/// 0 where `flag` is 1, far below 0 where it is 0: added to a gate or a key, it lets it through only there.
pub fn only_if(flag: Linear) -> Linear {
    (flag - constant(1.0)) * FAR
}

impl std::ops::Add for Linear {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl std::ops::Sub for Linear {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + other * -1.0
    }
}

impl std::ops::Mul<f32> for Linear {
    type Output = Self;

    fn mul(mut self, factor: f32) -> Self {
        for (_, weight) in &mut self.0 {
            *weight *= factor;
        }
        self
    }
}

impl Linear {
    fn write_row(&self, matrix: &mut Matrix, row: usize) {
        for (dim, weight) in &self.0 {
            matrix.add(row, dim.index(), *weight);
        }
    }
}

/// One head, before it is a matrix.
pub struct HeadSpec {
    /// How it attends.
    pub kind: HeadKind,
    /// Its label.
    pub label: String,
    /// A sentence of what it does.
    pub about: String,
    /// The query.
    pub query: [Linear; D_HEAD],
    /// The key.
    pub key: [Linear; D_HEAD],
    /// The value, and the dimension that each of its components is written to.
    pub value: Vec<(Linear, Dim)>,
}

/// The key `(2j, −j²)` of an entry numbered j, given j and j².
pub fn quadratic_key(index: Dim, square: Dim) -> [Linear; D_HEAD] {
    [dim(index) * 2.0, dim(square) * -1.0]
}

/// The query `(i, 1)`, which scores highest at the key of j = i: 2ij − j² = i² − (i − j)².
pub fn quadratic_query(index: Linear) -> [Linear; D_HEAD] {
    [index, constant(1.0)]
}

/// A quadratic key that is out of the running, by `penalty`, unless `flag` is 1.
pub fn guarded_key(index: Dim, square: Dim, flag: Linear, penalty: f32) -> [Linear; D_HEAD] {
    let [first, second] = quadratic_key(index, square);
    [first, second + (flag - constant(1.0)) * penalty]
}

/// Collects a layer's heads and neurons.
pub struct LayerBuilder {
    card: LayerCard,
    block: Block,
    used: usize,
}

impl LayerBuilder {
    /// A layer that does nothing yet.
    pub fn new(title: &str, about: &str) -> Self {
        Self {
            card: LayerCard {
                title: title.into(),
                about: about.into(),
                heads: Vec::new(),
                neurons: vec![Part::default(); D_FFN],
            },
            block: Block {
                heads: Vec::new(),
                mlp: Mlp {
                    gate: Matrix::zeros(D_FFN, D_MODEL),
                    value: Matrix::zeros(D_FFN, D_MODEL),
                    out: Matrix::zeros(D_MODEL, D_FFN),
                },
            },
            used: 0,
        }
    }

    /// Adds a head.
    pub fn head(&mut self, spec: HeadSpec) {
        let mut head = Head {
            kind: spec.kind,
            wq: Matrix::zeros(D_HEAD, D_MODEL),
            wk: Matrix::zeros(D_HEAD, D_MODEL),
            wv: Matrix::zeros(D_HEAD, D_MODEL),
            wo: Matrix::zeros(D_MODEL, D_HEAD),
        };
        for (row, (query, key)) in spec.query.iter().zip(&spec.key).enumerate() {
            query.write_row(&mut head.wq, row);
            key.write_row(&mut head.wk, row);
        }
        let mut values = [String::new(), String::new()];
        for (component, ((value, target), name)) in spec.value.iter().zip(&mut values).enumerate() {
            value.write_row(&mut head.wv, component);
            head.wo.add(target.index(), component, 1.0);
            *name = target.name();
        }
        self.block.heads.push(head);
        self.card.heads.push(HeadCard {
            part: Part { label: spec.label, about: spec.about },
            kind: spec.kind,
            values,
        });
    }

    /// Adds a neuron: `target += weight · max(0, gate) · value`.
    pub fn neuron(&mut self, label: &str, about: &str, gate: Linear, value: Linear, out: (Dim, f32)) {
        let neuron = self.used;
        self.used += 1;
        gate.write_row(&mut self.block.mlp.gate, neuron);
        value.write_row(&mut self.block.mlp.value, neuron);
        self.block.mlp.out.add(out.0.index(), neuron, out.1);
        if let Some(part) = self.card.neurons.get_mut(neuron) {
            *part = Part { label: label.into(), about: about.into() };
        }
    }

    /// Adds the neurons of `target += Σ weight · max(0, x + shift) · value`, all with the same sentence.
    ///
    /// With integers, such sums make steps and tests of equality.
    pub fn ramps(
        &mut self,
        label: &str,
        about: &str,
        x: &Linear,
        ramps: &[(f32, f32)],
        value: &Linear,
        target: Dim,
    ) {
        for (shift, weight) in ramps {
            let ramp = match *shift {
                0.0 => String::new(),
                shift => format!(" {shift:+}"),
            };
            let label = format!("{label}: {weight:+} ramp{ramp}");
            self.neuron(&label, about, x.clone() + constant(*shift), value.clone(), (target, *weight));
        }
    }

    /// The finished layer.
    pub fn build(self) -> (Block, LayerCard) {
        (self.block, self.card)
    }
}

/// Ramps, as (shift, weight): Σ weight · max(0, x + shift).
pub type Ramps = &'static [(f32, f32)];

/// Ramps whose sum is 1 where an integer is 0, and 0 elsewhere: (x+1)⁺ − 2x⁺ + (x−1)⁺.
pub const IS_ZERO: Ramps = &[(1.0, 1.0), (0.0, -2.0), (-1.0, 1.0)];
/// Ramps whose sum is 1 where an integer is above 0, and 0 elsewhere: x⁺ − (x−1)⁺.
pub const IS_POSITIVE: Ramps = &[(0.0, 1.0), (-1.0, -1.0)];
/// Ramps whose sum is 1 where an integer is 0 or above, and 0 elsewhere: (x+1)⁺ − x⁺.
pub const IS_NOT_NEGATIVE: Ramps = &[(1.0, 1.0), (0.0, -1.0)];
