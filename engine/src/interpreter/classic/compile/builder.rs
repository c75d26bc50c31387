//! Keys, queries and gates over the classic model's dimensions.

use super::super::layout::{D_MODEL, Dim};
use super::FAR;
use crate::interpreter::builder;
pub use crate::interpreter::builder::{IS_NOT_NEGATIVE, IS_POSITIVE, IS_ZERO, Ramps, constant, dim};

/// A linear expression over the residual stream.
pub type Linear = builder::Linear<Dim>;
/// One head, before it is a matrix.
pub type HeadSpec = builder::HeadSpec<Dim>;
/// Collects a layer's heads and neurons.
pub type LayerBuilder = builder::LayerBuilder<Dim>;

impl builder::Dimension for Dim {
    const ONE: Self = Self::One;

    fn width() -> usize {
        D_MODEL
    }

    fn index(self) -> usize {
        self.index()
    }

    fn name(self) -> String {
        self.name()
    }
}

/// 0 where `flag` is 1, far below 0 where it is 0: added to a gate or a key, it lets it through only there.
pub fn only_if(flag: Linear) -> Linear {
    (flag - constant(1.0)) * FAR
}

/// The key `(2j, −j²)` of an entry numbered j, given j and j².
pub fn quadratic_key(index: Dim, square: Dim) -> Vec<Linear> {
    vec![dim(index) * 2.0, dim(square) * -1.0]
}

/// The query `(i, 1)`, which scores highest at the key of j = i: 2ij − j² = i² − (i − j)².
pub fn quadratic_query(index: Linear) -> Vec<Linear> {
    vec![index, constant(1.0)]
}

/// A quadratic key that is out of the running, by `penalty`, unless `flag` is 1.
pub fn guarded_key(index: Dim, square: Dim, flag: Linear, penalty: f32) -> Vec<Linear> {
    vec![dim(index) * 2.0, dim(square) * -1.0 + (flag - constant(1.0)) * penalty]
}
