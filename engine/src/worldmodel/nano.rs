//! Nano, the model that comes with the page: its shape.

use super::program::vocabulary;
use super::taps::TapConfig;
use super::transcript::OPERANDS;
use crate::qwen::rope::Scaling;
use crate::qwen::{Architecture, Config};

/// Its name.
pub const NAME: &str = "nano";
/// Its licence, by its SPDX expression: that of the sources it was trained from.
pub const LICENCE: &str = "MIT OR Apache-2.0";
/// Tokens of its vocabulary at most.
pub const VOCABULARY: usize = 2048;

/// Its text stream, for a vocabulary of so many tokens: twelve layers, so that the published taps exist.
pub fn decoder(vocabulary: usize) -> Config {
    Config {
        architecture: Architecture::Qwen3,
        layers: 12,
        hidden: 128,
        heads: 4,
        kv_heads: 2,
        head_dim: 32,
        ffn: 256,
        vocabulary,
        context: 1024,
        epsilon: 1e-6,
        rope_base: 10_000.0,
        scaling: Scaling::None,
        tied: Some(true),
        neighbours: false,
    }
}

/// Its taps, at the published places.
pub fn taps() -> TapConfig {
    TapConfig {
        behind: vec![3, 7, 11],
        width: 128,
        heads: 4,
        layers: 2,
        ffn: 256,
        vocabulary: vocabulary::size(),
        operands: OPERANDS,
        rope_base: 10_000.0,
    }
}

/// The same kind of model, small enough to be trained in a test.
pub fn tiny_decoder(vocabulary: usize) -> Config {
    Config { layers: 4, hidden: 64, heads: 2, kv_heads: 1, ffn: 128, ..decoder(vocabulary) }
}

/// Its taps.
pub fn tiny_taps() -> TapConfig {
    TapConfig { behind: vec![2, 3, 4], width: 64, heads: 2, layers: 1, ffn: 128, ..taps() }
}
