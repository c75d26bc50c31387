//! What weight compilers write with: heads and neurons as linear expressions over named dimensions.

use super::describe::{HeadCard, HeadKind, LayerCard, Part};
use super::model::{Block, Head, Matrix, Mlp};

/// A dimension of a residual stream.
pub trait Dimension: Copy {
    /// The one that is 1 everywhere: constants are weights on it.
    const ONE: Self;

    /// How many there are.
    fn width() -> usize;

    /// Its index in the residual stream.
    fn index(self) -> usize;

    /// Its name.
    fn name(self) -> String;
}

/// A linear expression over the residual stream: Σ weight · dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear<D>(Vec<(D, f32)>);

impl<D> Default for Linear<D> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A dimension with weight 1.
pub fn dim<D>(dim: D) -> Linear<D> {
    Linear(vec![(dim, 1.0)])
}

/// A constant: a weight on the dimension that is 1 everywhere.
pub fn constant<D: Dimension>(value: f32) -> Linear<D> {
    dim(D::ONE) * value
}

impl<D> std::ops::Add for Linear<D> {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl<D> std::ops::Sub for Linear<D> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + other * -1.0
    }
}

impl<D> std::ops::Mul<f32> for Linear<D> {
    type Output = Self;

    fn mul(mut self, factor: f32) -> Self {
        for (_, weight) in &mut self.0 {
            *weight *= factor;
        }
        self
    }
}

impl<D> std::iter::Sum for Linear<D> {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        Self(parts.flat_map(|part| part.0).collect())
    }
}

impl<D: Dimension> Linear<D> {
    fn write_row(&self, matrix: &mut Matrix, row: usize) {
        for (dim, weight) in &self.0 {
            matrix.add(row, dim.index(), *weight);
        }
    }
}

/// One head, before it is a matrix.
pub struct HeadSpec<D> {
    /// How it attends.
    pub kind: HeadKind,
    /// Its label.
    pub label: String,
    /// A sentence of what it does.
    pub about: String,
    /// The query, a component each.
    pub query: Vec<Linear<D>>,
    /// The key, a component each.
    pub key: Vec<Linear<D>>,
    /// The value, and the dimension that each of its components is written to.
    pub value: Vec<(Linear<D>, D)>,
}

/// One neuron, before it is rows of matrices.
struct Neuron<D> {
    gate: Linear<D>,
    value: Linear<D>,
    out: Vec<(D, f32)>,
    part: Part,
}

/// Collects a layer's heads and neurons.
pub struct LayerBuilder<D> {
    title: String,
    about: String,
    heads: Vec<HeadSpec<D>>,
    neurons: Vec<Neuron<D>>,
}

impl<D: Dimension> LayerBuilder<D> {
    /// A layer that does nothing yet.
    pub fn new(title: &str, about: &str) -> Self {
        Self { title: title.into(), about: about.into(), heads: Vec::new(), neurons: Vec::new() }
    }

    /// Adds a head.
    pub fn head(&mut self, spec: HeadSpec<D>) {
        self.heads.push(spec);
    }

    /// Adds a neuron: `target += weight · max(0, gate) · value`.
    pub fn neuron(&mut self, label: &str, about: &str, gate: Linear<D>, value: Linear<D>, out: (D, f32)) {
        self.neuron_to(label, about, gate, value, vec![out]);
    }

    /// Adds a neuron that writes to several dimensions.
    pub fn neuron_to(
        &mut self,
        label: &str,
        about: &str,
        gate: Linear<D>,
        value: Linear<D>,
        out: Vec<(D, f32)>,
    ) {
        let part = Part { label: label.into(), about: about.into() };
        self.neurons.push(Neuron { gate, value, out, part });
    }

    /// Adds the neurons of `target += Σ weight · max(0, x + shift) · value`, all with the same sentence.
    ///
    /// With integers, such sums make steps and tests of equality.
    pub fn ramps(
        &mut self,
        label: &str,
        about: &str,
        x: &Linear<D>,
        ramps: &[(f32, f32)],
        value: &Linear<D>,
        target: D,
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

    /// The finished layer. It has so many neurons, and its heads' queries and values so many components, or as many as were added if
    /// those are more.
    pub fn build(self, neurons: usize, d_head: usize) -> (Block, LayerCard) {
        let (width, count) = (D::width(), self.neurons.len().max(neurons));
        let mut mlp = Mlp {
            gate: Matrix::zeros(count, width),
            value: Matrix::zeros(count, width),
            out: Matrix::zeros(width, count),
        };
        let mut parts = vec![Part::default(); count];
        for (index, (neuron, part)) in self.neurons.into_iter().zip(&mut parts).enumerate() {
            neuron.gate.write_row(&mut mlp.gate, index);
            neuron.value.write_row(&mut mlp.value, index);
            neuron.out.iter().for_each(|(dim, weight)| mlp.out.add(dim.index(), index, *weight));
            *part = neuron.part;
        }
        let (heads, cards) = self.heads.into_iter().map(|spec| head(spec, d_head)).unzip();
        let card = LayerCard { title: self.title, about: self.about, heads: cards, neurons: parts };
        (Block { heads, mlp }, card)
    }
}

fn head<D: Dimension>(spec: HeadSpec<D>, d_head: usize) -> (Head, HeadCard) {
    let width = D::width();
    let (d_key, d_value) = (spec.query.len().max(d_head), spec.value.len().max(d_head));
    let mut head = Head {
        kind: spec.kind,
        wq: Matrix::zeros(d_key, width),
        wk: Matrix::zeros(d_key, width),
        wv: Matrix::zeros(d_value, width),
        wo: Matrix::zeros(width, d_value),
    };
    for (row, (query, key)) in spec.query.iter().zip(&spec.key).enumerate() {
        query.write_row(&mut head.wq, row);
        key.write_row(&mut head.wk, row);
    }
    for (component, (value, target)) in spec.value.iter().enumerate() {
        value.write_row(&mut head.wv, component);
        head.wo.add(target.index(), component, 1.0);
    }
    let mut values: Vec<String> = spec.value.iter().map(|(_, target)| target.name()).collect();
    values.resize(d_value, String::new());
    let part = Part { label: spec.label, about: spec.about };
    (head, HeadCard { part, kind: spec.kind, values })
}

/// Ramps, as (shift, weight): Σ weight · max(0, x + shift).
pub type Ramps = &'static [(f32, f32)];

/// Ramps whose sum is 1 where an integer is 0, and 0 elsewhere: (x+1)⁺ − 2x⁺ + (x−1)⁺.
pub const IS_ZERO: Ramps = &[(1.0, 1.0), (0.0, -2.0), (-1.0, 1.0)];
/// Ramps whose sum is 1 where an integer is above 0, and 0 elsewhere: x⁺ − (x−1)⁺.
pub const IS_POSITIVE: Ramps = &[(0.0, 1.0), (-1.0, -1.0)];
/// Ramps whose sum is 1 where an integer is 0 or above, and 0 elsewhere: (x+1)⁺ − x⁺.
pub const IS_NOT_NEGATIVE: Ramps = &[(1.0, 1.0), (0.0, -1.0)];
