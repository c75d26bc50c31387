//! The shape of the taps, as an adapter's `config.json` has it.

use serde::{Deserialize, Serialize};

use super::model::TapError;
use crate::kernels::{AttentionShape, Rotation};
use crate::qwen::rope;

/// The shape of all taps of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TapConfig {
    /// Behind which blocks of the decoder they sit: 3 is behind the third.
    pub behind: Vec<usize>,
    /// Width of the WASM stream.
    pub width: usize,
    /// Attention heads, in itself and across.
    pub heads: usize,
    /// Layers of each tap.
    pub layers: usize,
    /// Neurons of a layer.
    pub ffn: usize,
    /// WAT tokens.
    pub vocabulary: usize,
    /// Operands that can be told apart in the text: letters, list and texts.
    pub operands: usize,
    /// Base of the rotary embedding of the program's positions.
    pub rope_base: f32,
}

impl TapConfig {
    /// Width of a head.
    pub const fn head_dim(&self) -> usize {
        match self.heads {
            0 => 0,
            heads => self.width / heads,
        }
    }

    /// Each tap's attention.
    pub const fn attention(&self) -> AttentionShape {
        AttentionShape { heads: self.heads, kv_heads: self.heads, head_dim: self.head_dim() }
    }

    /// How the positions of a program turn queries and keys.
    pub fn rotation(&self) -> Rotation {
        let (frequencies, magnitude) =
            rope::frequencies(self.rope_base, self.head_dim(), &rope::Scaling::None);
        Rotation { head_dim: self.head_dim(), frequencies, magnitude, neighbours: false }
    }

    /// Whether such taps can be.
    ///
    /// # Errors
    /// [`TapError::Config`], with the key.
    pub fn check(&self) -> Result<(), TapError> {
        let wrong = |key, value: String, must| Err(TapError::Config { key, value, must });
        if self.behind.is_empty()
            || !self.behind.is_sorted_by(|a, b| a < b)
            || self.behind.first() == Some(&0)
        {
            return wrong(
                "behind",
                format!("{:?}", self.behind),
                "layers from 1 on, each later than the one before",
            );
        }
        let sizes = [
            ("width", self.width),
            ("heads", self.heads),
            ("layers", self.layers),
            ("ffn", self.ffn),
            ("vocabulary", self.vocabulary),
            ("operands", self.operands),
        ];
        if let Some((key, value)) = sizes.into_iter().find(|(_, size)| !(1..=MAX_SIZE).contains(size)) {
            return wrong(key, value.to_string(), "from 1 to 65,536");
        }
        if !self.width.is_multiple_of(2 * self.heads) {
            return wrong("heads", self.heads.to_string(), "such that each has an even width");
        }
        if !(self.rope_base.is_finite() && self.rope_base > 1.0) {
            return wrong("rope_base", self.rope_base.to_string(), "more than 1");
        }
        Ok(())
    }
}

/// Larger sizes than anybody's.
const MAX_SIZE: usize = 65_536;
