//! Interventions: parts of a decoder whose result is replaced while it computes.
//!
//! What is replaced by zero is *ablated*; by its mean over some text, *mean-ablated* (Wang et al., 2022, "Interpretability
//! in the Wild", §2.1); any other value is set. Everything behind it in the pass computes with what stands there instead.

use std::ops::Range;

use super::hooks::{Hook, Hooks};
use crate::kernels::{Compute, Replacement};

/// A part of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// An attention head: its `head_dim` values of [`Hook::Z`].
    Head(usize),
    /// A neuron: its one value of [`Hook::Post`].
    Neuron(usize),
    /// A dimension of the residual stream behind the layer: its one value of [`Hook::ResidPost`].
    Dimension(usize),
}

impl Part {
    /// Where its result passes.
    pub const fn hook(self) -> Hook {
        match self {
            Self::Head(_) => Hook::Z,
            Self::Neuron(_) => Hook::Post,
            Self::Dimension(_) => Hook::ResidPost,
        }
    }

    /// Its columns there, of a model whose heads are so wide.
    pub const fn columns(self, head_dim: usize) -> Range<usize> {
        match self {
            Self::Head(head) => head * head_dim..(head + 1) * head_dim,
            Self::Neuron(at) | Self::Dimension(at) => at..at + 1,
        }
    }
}

/// One part, and what stands in for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervention {
    /// The layer.
    pub layer: usize,
    /// The part of it.
    pub part: Part,
    /// The only position at which it is replaced; `None` for all.
    pub position: Option<usize>,
    /// What stands there: a value for each of [`Part::columns`].
    pub with: Replacement,
}

/// Several, as hooks of a pass. Later ones win over earlier ones of the same part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interventions {
    /// They.
    pub list: Vec<Intervention>,
    /// Width of a head of the model.
    pub head_dim: usize,
    /// The position of the pass's first row.
    first: usize,
}

impl Interventions {
    /// These, for a model whose heads are so wide.
    pub const fn new(list: Vec<Intervention>, head_dim: usize) -> Self {
        Self { list, head_dim, first: 0 }
    }

    /// What stands in for a part at a position; `None` where the model's own result does.
    pub fn on(&self, layer: usize, part: Part, position: usize) -> Option<&Replacement> {
        let is_meant = |one: &&Intervention| {
            (one.layer, one.part) == (layer, part) && one.position.is_none_or(|at| at == position)
        };
        self.list.iter().rev().find(is_meant).map(|one| &one.with)
    }
}

impl<C: Compute> Hooks<C> for Interventions {
    fn begin(&mut self, first: usize) {
        self.first = first;
    }

    fn at(&mut self, compute: &mut C, layer: usize, hook: Hook, rows: &mut C::Rows) {
        let here = self.list.iter().filter(|one| one.layer == layer && one.part.hook() == hook);
        for Intervention { part, position, with, .. } in here {
            let which = match position.map(|position| position.checked_sub(self.first)) {
                None => 0..usize::MAX,
                Some(Some(row)) => row..row.saturating_add(1),
                // It was in an earlier pass.
                Some(None) => continue,
            };
            compute.replace(rows, which, part.columns(self.head_dim), with);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cpu::Cpu;

    /// What stands in three rows of four columns after a pass that begins at position 5.
    fn after(part: Part, position: Option<usize>, with: Replacement) -> Vec<f32> {
        let mut cpu = Cpu;
        let mut rows = cpu.rows(vec![1.0; 12], 4);
        let mut hooks = Interventions::new(vec![Intervention { layer: 1, part, position, with }], 2);
        Hooks::<Cpu>::begin(&mut hooks, 5);
        hooks.at(&mut cpu, 0, part.hook(), &mut rows);
        assert_eq!(rows.values(), [1.0; 12], "another layer");
        hooks.at(&mut cpu, 1, part.hook(), &mut rows);
        rows.values().to_vec()
    }

    #[test]
    fn a_head_is_as_many_columns_as_it_is_wide() {
        let zeroed = after(Part::Head(1), None, Replacement::Zero);
        assert_eq!(zeroed, [1.0, 1.0, 0.0, 0.0].repeat(3));
    }

    #[test]
    fn one_position_is_one_row_of_its_pass() {
        let set = || Replacement::Values(vec![7.0]);
        let (plain, changed) = ([1.0; 4], [1.0, 1.0, 7.0, 1.0]);
        assert_eq!(after(Part::Dimension(2), Some(6), set()), [plain, changed, plain].concat());
        for elsewhere in [0, 4, 8] {
            assert_eq!(after(Part::Neuron(2), Some(elsewhere), set()), [1.0; 12]);
        }
    }
}
