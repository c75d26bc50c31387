//! Looking into a forward pass, and meddling with it.
//!
//! The decoder calls its [`Hooks`] at each named point. `()` does nothing there, and the compiler removes the calls:
//! what nobody looks at costs nothing.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::kernels::Compute;

/// A point of a layer, named as TransformerLens names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// `hook_resid_pre`: the residual stream before the layer, `[positions, hidden]`.
    ResidPre,
    /// `ln1.hook_normalized`: the stream as attention reads it, normed and times the gain, `[positions, hidden]`.
    AttnNormed,
    /// `attn.hook_q`: queries as they are projected, `[positions, heads · head_dim]`.
    ProjectedQ,
    /// `attn.hook_k`: keys as they are projected, `[positions, kv_heads · head_dim]`.
    ProjectedK,
    /// `attn.q_norm.hook_normalized`: queries behind their heads' norm, `[positions, heads · head_dim]`; Llama has none.
    NormedQ,
    /// `attn.k_norm.hook_normalized`: keys behind their heads' norm, `[positions, kv_heads · head_dim]`; Llama has none.
    NormedK,
    /// `attn.hook_rot_q`: queries after norm and rotation, `[positions, heads · head_dim]`.
    Q,
    /// `attn.hook_rot_k`: keys after norm and rotation, `[positions, kv_heads · head_dim]`.
    K,
    /// `attn.hook_v`, `[positions, kv_heads · head_dim]`.
    V,
    /// `attn.hook_z`: what each head attended to, `[positions, heads · head_dim]`.
    Z,
    /// `hook_attn_out`: what attention adds to the stream, `[positions, hidden]`.
    AttnOut,
    /// `hook_resid_mid`: between attention and FFN, `[positions, hidden]`.
    ResidMid,
    /// `ln2.hook_normalized`: the stream as the FFN reads it, normed and times the gain, `[positions, hidden]`.
    MlpNormed,
    /// `mlp.hook_pre`: the gate before silu, `[positions, ffn]`.
    Pre,
    /// `mlp.hook_pre_linear`: what the gate multiplies, `[positions, ffn]`.
    PreLinear,
    /// `mlp.hook_post`: the neurons, `[positions, ffn]`.
    Post,
    /// `hook_mlp_out`: what the FFN adds to the stream, `[positions, hidden]`.
    MlpOut,
    /// `hook_resid_post`: the residual stream behind the layer, `[positions, hidden]`.
    ResidPost,
}

impl Hook {
    /// All of them, in the order of the pass.
    pub const ALL: [Self; 18] = [
        Self::ResidPre,
        Self::AttnNormed,
        Self::ProjectedQ,
        Self::ProjectedK,
        Self::NormedQ,
        Self::NormedK,
        Self::Q,
        Self::K,
        Self::V,
        Self::Z,
        Self::AttnOut,
        Self::ResidMid,
        Self::MlpNormed,
        Self::Pre,
        Self::PreLinear,
        Self::Post,
        Self::MlpOut,
        Self::ResidPost,
    ];

    /// The name behind `blocks.N.`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResidPre => "hook_resid_pre",
            Self::AttnNormed => "ln1.hook_normalized",
            Self::ProjectedQ => "attn.hook_q",
            Self::ProjectedK => "attn.hook_k",
            Self::NormedQ => "attn.q_norm.hook_normalized",
            Self::NormedK => "attn.k_norm.hook_normalized",
            Self::Q => "attn.hook_rot_q",
            Self::K => "attn.hook_rot_k",
            Self::V => "attn.hook_v",
            Self::Z => "attn.hook_z",
            Self::AttnOut => "hook_attn_out",
            Self::ResidMid => "hook_resid_mid",
            Self::MlpNormed => "ln2.hook_normalized",
            Self::Pre => "mlp.hook_pre",
            Self::PreLinear => "mlp.hook_pre_linear",
            Self::Post => "mlp.hook_post",
            Self::MlpOut => "hook_mlp_out",
            Self::ResidPost => "hook_resid_post",
        }
    }
}

/// What happens at the named points of a pass.
pub trait Hooks<C: Compute> {
    /// A pass begins, whose first row is this position.
    fn begin(&mut self, first: usize) {
        let _ = first;
    }

    /// Sees, and may change, the rows of one point.
    fn at(&mut self, compute: &mut C, layer: usize, hook: Hook, rows: &mut C::Rows);

    /// Whether the attention pattern of a layer is wanted.
    fn wants_pattern(&self, layer: usize) -> bool {
        let _ = layer;
        false
    }

    /// Sees a pattern that was wanted, `[heads · queries, keys]`.
    fn pattern(&mut self, layer: usize, pattern: C::Rows) {
        let _ = (layer, pattern);
    }
}

/// Nobody looks.
impl<C: Compute> Hooks<C> for () {
    #[inline(always)]
    fn at(&mut self, _: &mut C, _: usize, _: Hook, _: &mut C::Rows) {}
}

/// One after the other.
impl<C: Compute, A: Hooks<C>, B: Hooks<C>> Hooks<C> for (A, B) {
    fn begin(&mut self, first: usize) {
        self.0.begin(first);
        self.1.begin(first);
    }

    fn at(&mut self, compute: &mut C, layer: usize, hook: Hook, rows: &mut C::Rows) {
        self.0.at(compute, layer, hook, rows);
        self.1.at(compute, layer, hook, rows);
    }

    fn wants_pattern(&self, layer: usize) -> bool {
        self.0.wants_pattern(layer) || self.1.wants_pattern(layer)
    }

    fn pattern(&mut self, layer: usize, pattern: C::Rows) {
        if self.1.wants_pattern(layer) {
            self.1.pattern(layer, pattern.clone());
        }
        if self.0.wants_pattern(layer) {
            self.0.pattern(layer, pattern);
        }
    }
}

impl<C: Compute, H: Hooks<C>> Hooks<C> for &mut H {
    fn begin(&mut self, first: usize) {
        (**self).begin(first);
    }

    fn at(&mut self, compute: &mut C, layer: usize, hook: Hook, rows: &mut C::Rows) {
        (**self).at(compute, layer, hook, rows);
    }

    fn wants_pattern(&self, layer: usize) -> bool {
        (**self).wants_pattern(layer)
    }

    fn pattern(&mut self, layer: usize, pattern: C::Rows) {
        (**self).pattern(layer, pattern);
    }
}

/// Keeps what passes the points asked for.
pub struct Recorder<C: Compute> {
    wanted: Vec<(usize, Hook)>,
    wanted_patterns: Vec<usize>,
    /// The rows of each point, as they were after everybody else had meddled.
    pub rows: BTreeMap<(usize, Hook), C::Rows>,
    /// The patterns by layer, `[heads · queries, keys]`.
    pub patterns: BTreeMap<usize, C::Rows>,
}

impl<C: Compute> Recorder<C> {
    /// Keeps these points, and the patterns of these layers.
    pub fn new(
        points: impl IntoIterator<Item = (usize, Hook)>,
        patterns: impl IntoIterator<Item = usize>,
    ) -> Self {
        Self {
            wanted: points.into_iter().collect(),
            wanted_patterns: patterns.into_iter().collect(),
            rows: BTreeMap::new(),
            patterns: BTreeMap::new(),
        }
    }

    /// Keeps everything of these layers.
    pub fn whole(layers: Range<usize>) -> Self {
        let points = layers.clone().flat_map(|layer| Hook::ALL.map(|hook| (layer, hook)));
        Self::new(points.collect::<Vec<_>>(), layers)
    }
}

impl<C: Compute> Hooks<C> for Recorder<C> {
    fn at(&mut self, _: &mut C, layer: usize, hook: Hook, rows: &mut C::Rows) {
        if self.wanted.contains(&(layer, hook)) {
            self.rows.insert((layer, hook), rows.clone());
        }
    }

    fn wants_pattern(&self, layer: usize) -> bool {
        self.wanted_patterns.contains(&layer)
    }

    fn pattern(&mut self, layer: usize, pattern: C::Rows) {
        self.patterns.insert(layer, pattern);
    }
}
