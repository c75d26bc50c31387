//! Interventions: parts of a compiled transformer whose result is replaced while it computes.
//!
//! What is replaced by zero is *ablated*, by its mean over a run *mean-ablated* (Wang et al., 2022, "Interpretability in the Wild",
//! §2.1); any other value is set. Everything behind it in the pass computes with what stands there instead.

use super::engine::{Engine, EngineError, Want};
use super::model::Transformer;
use super::sequence::Sequence;

/// A part of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A head: all components of its result z.
    Head(usize),
    /// A neuron: its product, max(0, gate) · value.
    Neuron(usize),
    /// A dimension of the residual stream behind the layer.
    Dimension(usize),
}

/// What stands in for a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Replacement {
    /// Nothing: 0.
    Zero,
    /// This value; of a head, in each component.
    Value(f32),
    /// What the part has in the mean over the positions of a run, the prompt's among them.
    Mean,
}

/// One part, and what stands in for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intervention {
    /// The layer.
    pub layer: usize,
    /// The part of it.
    pub part: Part,
    /// The only position at which it is replaced; `None` for all.
    pub position: Option<usize>,
    /// What stands there.
    pub with: Replacement,
}

impl Intervention {
    /// Whether a model has that part.
    ///
    /// # Errors
    /// [`EngineError::NoSuchPart`].
    pub fn check(&self, model: &Transformer) -> Result<(), EngineError> {
        let layer = self.layer;
        let block = model.blocks.get(layer);
        let (name, number, count) = match self.part {
            Part::Head(head) => ("head", head, block.map_or(0, |block| block.heads.len())),
            Part::Neuron(neuron) => ("neuron", neuron, block.map_or(0, |block| block.mlp.gate.shape()[0])),
            Part::Dimension(dim) => ("dimension", dim, if block.is_some() { model.d_model() } else { 0 }),
        };
        if number < count {
            return Ok(());
        }
        Err(EngineError::NoSuchPart { what: format!("layer {layer}, {name} {number}") })
    }
}

/// One of them, with its values.
#[derive(Clone, Debug)]
struct Set {
    layer: usize,
    part: Part,
    position: Option<usize>,
    /// One for each component; where there is only one, it is for all.
    values: Vec<f32>,
}

/// What is done to a forward pass on its way.
#[derive(Clone, Debug, Default)]
pub struct Alteration {
    sets: Vec<Set>,
    sums: Vec<Sum>,
}

/// A part that is added up and not replaced.
#[derive(Clone, Debug)]
struct Sum {
    layer: usize,
    part: Part,
    /// By component, in double precision: a run may have millions of positions.
    sums: Vec<f64>,
    count: u32,
}

impl Alteration {
    /// Whether nothing is done.
    pub fn is_none(&self) -> bool {
        self.sets.is_empty() && self.sums.is_empty()
    }

    /// What a head has found at a position.
    pub(super) fn head(&mut self, layer: usize, head: usize, position: usize, z: &mut [f32]) {
        self.pass(layer, Part::Head(head), position, z);
    }

    /// What a neuron gives at a position, be its gate open or not.
    pub(super) fn neuron(&mut self, layer: usize, neuron: usize, position: usize, post: f32) -> f32 {
        let mut value = [post];
        self.pass(layer, Part::Neuron(neuron), position, &mut value);
        let [value] = value;
        value
    }

    /// The residual stream behind a layer.
    pub(super) fn stream(&mut self, layer: usize, position: usize, x: &mut [f32]) {
        for Sum { layer: of, part, sums, count } in &mut self.sums {
            if let Part::Dimension(dim) = *part
                && *of == layer
            {
                sums.iter_mut().zip(x.get(dim)).for_each(|(sum, value)| *sum += f64::from(*value));
                *count += 1;
            }
        }
        for set in self.sets.iter().filter(|set| set.is_at(layer, position)) {
            if let Part::Dimension(dim) = set.part {
                x.get_mut(dim).into_iter().zip(&set.values).for_each(|(cell, value)| *cell = *value);
            }
        }
    }

    fn pass(&mut self, layer: usize, part: Part, position: usize, values: &mut [f32]) {
        for sum in self.sums.iter_mut().filter(|sum| (sum.layer, sum.part) == (layer, part)) {
            sum.sums.resize(values.len(), 0.0);
            sum.sums.iter_mut().zip(&*values).for_each(|(sum, value)| *sum += f64::from(*value));
            sum.count += 1;
        }
        for set in self.sets.iter().filter(|set| set.part == part && set.is_at(layer, position)) {
            let all = set.values.iter().chain(set.values.last().into_iter().cycle());
            values.iter_mut().zip(all).for_each(|(cell, value)| *cell = *value);
        }
    }
}

impl Set {
    fn is_at(&self, layer: usize, position: usize) -> bool {
        self.layer == layer && self.position.is_none_or(|at| at == position)
    }
}

/// An engine whose forward pass can be altered.
pub trait Alter: Engine {
    /// From now on, this is done to every pass. What it has read it forgets.
    fn alter(&mut self, alteration: Alteration);

    /// What is done.
    fn alteration(&self) -> &Alteration;
}

/// Has an engine replace parts from now on. Means are those of the run that the sequence holds, which it reads for that.
///
/// `go_on` is asked whenever the engine has computed some positions; on `false` it stops, and nothing is replaced.
///
/// # Errors
/// When the engine fails.
pub async fn replace<E: Alter>(
    engine: &mut E,
    list: &[Intervention],
    sequence: &Sequence,
    mut go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<bool, EngineError> {
    let means = list.iter().filter(|one| one.with == Replacement::Mean);
    let sums: Vec<Sum> = means
        .map(|&Intervention { layer, part, .. }| Sum { layer, part, sums: vec![0.0], count: 0 })
        .collect();
    let mut measured = Alteration::default();
    if !sums.is_empty() {
        engine.alter(Alteration { sets: Vec::new(), sums });
        while engine.seen() < sequence.len() {
            engine.advance(sequence, Want::Tokens).await?;
            if !go_on(engine.seen()).await {
                engine.alter(Alteration::default());
                return Ok(false);
            }
        }
        measured = engine.alteration().clone();
    }
    let set = |&Intervention { layer, part, position, with }: &Intervention| {
        let values = match with {
            Replacement::Zero => vec![0.0],
            Replacement::Value(value) => vec![value],
            Replacement::Mean => measured.mean(layer, part),
        };
        Set { layer, part, position, values }
    };
    engine.alter(Alteration { sets: list.iter().map(set).collect(), sums: Vec::new() });
    Ok(true)
}

impl Alteration {
    /// What was added up of a part, divided by how often it was.
    fn mean(&self, layer: usize, part: Part) -> Vec<f32> {
        let found = self.sums.iter().find(|sum| (sum.layer, sum.part) == (layer, part));
        let mean =
            |sum: &Sum| sum.sums.iter().map(|each| (each / f64::from(sum.count.max(1))) as f32).collect();
        found.map_or_else(|| vec![0.0], mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_where_it_is_said_and_nowhere_else() {
        let set = |part, position, values: &[f32]| Set { layer: 1, part, position, values: values.to_vec() };
        let mut alteration = Alteration {
            sets: vec![
                set(Part::Head(2), None, &[7.0]),
                set(Part::Head(3), None, &[1.0, 2.0]),
                set(Part::Neuron(4), Some(9), &[0.5]),
                set(Part::Dimension(0), None, &[-3.0]),
            ],
            sums: Vec::new(),
        };
        let mut z = [1.0; 3];
        alteration.head(0, 2, 0, &mut z);
        assert_eq!(z, [1.0; 3], "another layer");
        alteration.head(1, 2, 0, &mut z);
        assert_eq!(z, [7.0; 3]);
        alteration.head(1, 3, 0, &mut z);
        assert_eq!(z, [1.0, 2.0, 2.0]);
        assert_eq!((alteration.neuron(1, 4, 8, 6.0), alteration.neuron(1, 4, 9, 6.0)), (6.0, 0.5));
        let mut x = [1.0, 1.0];
        alteration.stream(1, 5, &mut x);
        assert_eq!(x, [-3.0, 1.0]);
    }

    #[test]
    fn a_mean_is_over_all_positions() {
        let sum = |part| Sum { layer: 0, part, sums: vec![0.0], count: 0 };
        let parts = [Part::Head(0), Part::Neuron(1), Part::Dimension(1)];
        let mut alteration = Alteration { sets: Vec::new(), sums: parts.map(sum).to_vec() };
        for (position, value) in [1.0, 2.0, 6.0].into_iter().enumerate() {
            alteration.head(0, 0, position, &mut [value, -value]);
            alteration.neuron(0, 1, position, value * 2.0);
            alteration.stream(0, position, &mut [0.0, value]);
        }
        assert_eq!(alteration.mean(0, Part::Head(0)), [3.0, -3.0]);
        assert_eq!(alteration.mean(0, Part::Neuron(1)), [6.0]);
        assert_eq!(alteration.mean(0, Part::Dimension(1)), [3.0]);
    }
}
