//! What a training run is told, and what it is told again when it resumes.

use serde::{Deserialize, Serialize};

use crate::qwen::Config;
use crate::worldmodel::taps::TapConfig;

/// The shape of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The text stream.
    pub decoder: Config,
    /// The WASM streams.
    pub taps: TapConfig,
}

/// How the learning rate goes: up over `warm_up` steps, level, then down to 0 over the last `cool_down`
/// (warmup–stable–decay; Hu et al., 2024). The level part may be any length: a run that is resumed needs no plan.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The level rate.
    pub level: f64,
    /// Steps on the way up.
    pub warm_up: u64,
    /// Steps on the way down.
    pub cool_down: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Self { level: 2e-3, warm_up: 100, cool_down: 1000 }
    }
}

impl Rate {
    /// The rate at a step of so many.
    pub fn at(&self, step: u64, steps: u64) -> f64 {
        let up = (step + 1) as f64 / self.warm_up.max(1) as f64;
        let down = steps.saturating_sub(step) as f64 / self.cool_down.max(1) as f64;
        self.level * up.min(down).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_goes_up_stays_and_goes_down() {
        let rate = Rate { warm_up: 10, cool_down: 20, level: 1.0 };
        assert_eq!(rate.at(0, 100), 0.1);
        assert_eq!(rate.at(9, 100), 1.0);
        assert_eq!(rate.at(50, 100), 1.0);
        assert_eq!(rate.at(90, 100), 0.5);
        assert_eq!(rate.at(100, 100), 0.0);
    }
}
