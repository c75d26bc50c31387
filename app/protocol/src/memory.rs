//! How much memory a language model takes: said on the page before it is loaded, and checked by the engine.

use crate::language::LanguageCard;

/// What a worker can have: what 32-bit addresses reach, less what the heap loses between its pieces.
pub const REACH: u64 = 15 << 28;
/// Bytes besides weights and caches: the tokenizer, the activations of a pass, the logits.
pub const BESIDES: u64 = 192 << 20;

impl LanguageCard {
    /// Bytes of the weights, with those stored as floats brought to so many bits (4 or 8), or left.
    pub const fn weights(&self, quantize: Option<u8>) -> u64 {
        let [in_4, in_8] = self.quantized_bytes;
        match quantize {
            None => self.weight_bytes,
            Some(4) => in_4,
            Some(_) => in_8,
        }
    }

    /// Bytes of the keys and values of so many positions.
    pub const fn caches(&self, context: usize) -> u64 {
        self.bytes_per_position.saturating_mul(context as u64)
    }

    /// Bytes in all.
    pub const fn needed(&self, quantize: Option<u8>, context: usize) -> u64 {
        self.weights(quantize).saturating_add(self.caches(context)).saturating_add(BESIDES)
    }
}
