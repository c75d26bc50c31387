//! One number with its formula and operands, and whether it is what they come to.

use serde::{Deserialize, Serialize};

use super::Site;

/// How far a recomputed number may be from the one the run used.
pub const TOLERANCE: f32 = 1e-3;
/// The same as a share of large numbers: `f32` holds seven digits.
const SHARE: f32 = 1e-6;

/// One number, recomputed from its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Which number.
    pub site: Site,
    /// What it means, in the compiler's words ("DEPTH after layer 1", "neuron `add: a + b`").
    pub label: String,
    /// How it is computed, as a formula in words ("Σ weight · input", "max(0, gate) · value").
    pub rule: String,
    /// The number the run used.
    pub value: f32,
    /// The same number, computed again from `inputs`.
    pub recomputed: f32,
    /// The numbers it is made of; those with weight 0 are left out.
    pub inputs: Vec<Input>,
}

/// One input of an explained number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Which number.
    pub site: Site,
    /// What it means.
    pub label: String,
    /// Its value.
    pub value: f32,
    /// What it is multiplied with.
    pub weight: f32,
}

impl Explanation {
    /// Whether both numbers are the same, as far as `f32` goes: to [`TOLERANCE`], or, of numbers above 1000, to a
    /// millionth of them. Whole numbers get no such share: hand-compiled models compute with nothing else, and exactly.
    pub fn agrees(&self) -> bool {
        let Self { value, recomputed, .. } = self;
        let whole = value.fract() == 0.0 && recomputed.fract() == 0.0;
        let share = if whole { 0.0 } else { value.abs() * SHARE };
        let difference = (value - recomputed).abs();
        // What is infinite, or no number, agrees with nothing.
        difference.is_finite() && difference <= TOLERANCE.max(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_to_a_thousandth_and_large_ones_to_a_millionth() {
        let agree = |value: f32, recomputed: f32| {
            let site = Site::Logit { position: 0, token: 0 };
            let (label, rule) = (String::new(), String::new());
            Explanation { site, label, rule, value, recomputed, inputs: Vec::new() }.agrees()
        };
        assert!(agree(0.0, 0.0009) && agree(-3.5, -3.5009) && !agree(1.0, 1.0011) && !agree(900.5, 900.502));
        assert!(agree(20_000.25, 20_000.262) && !agree(20_000.25, 20_000.28));
        assert!(!agree(2_000_000.0, 2_000_001.0), "whole numbers are exact");
        for broken in [f32::NAN, f32::INFINITY] {
            assert!(!agree(broken, 1.0) && !agree(1.0, broken) && !agree(broken, broken));
        }
    }
}
