//! What a site's name is made of: where in a layer, and which of a head's or a neuron's numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where in a layer the residual stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Before the layer.
    Pre,
    /// Between attention and FFN.
    Mid,
    /// After the layer.
    Post,
}

/// One of a head's vectors. Keys and values are those of a key/value head, which several query heads may share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeadPart {
    /// `hook_q`: the query, as it is projected.
    Q,
    /// `hook_k`: the key, as it is projected.
    K,
    /// `hook_v`: the value.
    V,
    /// `hook_z`: the value attended to, the head's result before its output matrix.
    Z,
    /// `q_norm.hook_normalized`: the query behind its norm.
    NormedQ,
    /// `k_norm.hook_normalized`: the key behind its norm.
    NormedK,
    /// `hook_rot_q`: the query, turned by its position.
    RotQ,
    /// `hook_rot_k`: the key, turned by its position.
    RotK,
    /// `hook_result`: what the head adds to the stream; its component is a dimension of that.
    Result,
}

/// A norm of the residual stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Norm {
    /// `blocks.L.ln1`: before attention.
    Attention {
        /// Layer.
        layer: usize,
    },
    /// `blocks.L.ln2`: before the FFN.
    Mlp {
        /// Layer.
        layer: usize,
    },
    /// `ln_final`: before the output matrix.
    Final,
}

/// A norm of each head's vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeadNorm {
    /// `q_norm`: of the query.
    Q,
    /// `k_norm`: of the key.
    K,
}

/// What adds to the residual stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Adder {
    /// `hook_attn_out`: all heads of a layer.
    Attention,
    /// `hook_mlp_out`: all neurons of a layer.
    Mlp,
}

/// One of a neuron's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NeuronPart {
    /// The gate before the ReLU, or the silu.
    Pre,
    /// The value that the gate multiplies.
    PreLinear,
    /// What comes of both: max(0, gate) · value in hand-compiled models, silu(gate) · value in language models.
    Post,
}

impl Stage {
    pub(super) const ALL: [Self; 3] = [Self::Pre, Self::Mid, Self::Post];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pre => "hook_resid_pre",
            Self::Mid => "hook_resid_mid",
            Self::Post => "hook_resid_post",
        }
    }
}

impl HeadPart {
    pub(super) const ALL: [Self; 9] = [
        Self::Q,
        Self::K,
        Self::V,
        Self::Z,
        Self::NormedQ,
        Self::NormedK,
        Self::RotQ,
        Self::RotK,
        Self::Result,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Q => "attn.hook_q",
            Self::K => "attn.hook_k",
            Self::V => "attn.hook_v",
            Self::Z => "attn.hook_z",
            Self::NormedQ => "attn.q_norm.hook_normalized",
            Self::NormedK => "attn.k_norm.hook_normalized",
            Self::RotQ => "attn.hook_rot_q",
            Self::RotK => "attn.hook_rot_k",
            Self::Result => "attn.hook_result",
        }
    }
}

impl HeadNorm {
    pub(super) const ALL: [Self; 2] = [Self::Q, Self::K];

    pub(super) const fn scale_name(self) -> &'static str {
        match self {
            Self::Q => "attn.q_norm.hook_scale",
            Self::K => "attn.k_norm.hook_scale",
        }
    }
}

impl Adder {
    pub(super) const ALL: [Self; 2] = [Self::Attention, Self::Mlp];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Attention => "hook_attn_out",
            Self::Mlp => "hook_mlp_out",
        }
    }
}

impl NeuronPart {
    pub(super) const ALL: [Self; 3] = [Self::Pre, Self::PreLinear, Self::Post];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pre => "mlp.hook_pre",
            Self::PreLinear => "mlp.hook_pre_linear",
            Self::Post => "mlp.hook_post",
        }
    }
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attention { layer } => write!(f, "blocks.{layer}.ln1"),
            Self::Mlp { layer } => write!(f, "blocks.{layer}.ln2"),
            Self::Final => f.write_str("ln_final"),
        }
    }
}

impl Norm {
    /// The layer it belongs to; the last norm belongs to none.
    pub const fn layer(self) -> Option<usize> {
        match self {
            Self::Attention { layer } | Self::Mlp { layer } => Some(layer),
            Self::Final => None,
        }
    }
}
