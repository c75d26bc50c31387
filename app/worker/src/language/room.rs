//! Memory that a model needs, and memory that is there.

use protocol::{AppError, Problem};

use super::error;

/// Bytes that a module of WebAssembly can address, less what the heap loses between its pieces.
const ADDRESSABLE: u64 = 15 << 28;
/// Bytes besides weights and caches: the tokenizer, the activations of a pass, the logits.
const BESIDES: u64 = 192 << 20;
/// From this much on, browsers no longer say how much memory a machine has.
const SAYS_NO_MORE: u64 = 8 << 30;

/// What a model needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Bytes of its weights.
    pub weights: u64,
    /// Bytes of the caches for one position.
    pub per_position: u64,
    /// Positions.
    pub context: u64,
}

impl Need {
    /// Bytes in all.
    pub fn bytes(self) -> u64 {
        self.weights.saturating_add(self.per_position.saturating_mul(self.context)).saturating_add(BESIDES)
    }

    /// Checks that a worker can have that much. `machine` is the machine's memory, where the browser says it.
    ///
    /// # Errors
    /// Says what is needed, what there is, and what would fit.
    pub fn check(self, machine: Option<u64>) -> Result<(), AppError> {
        // A tab that takes more than half of a small machine's memory is ended by the system, without a word.
        let of_machine = machine.filter(|bytes| *bytes < SAYS_NO_MORE).map(|bytes| bytes / 2);
        let there = of_machine.unwrap_or(ADDRESSABLE).min(ADDRESSABLE);
        if self.bytes() <= there {
            return Ok(());
        }
        let whose = match of_machine {
            Some(half) if half < ADDRESSABLE => "a page may take about half of this device's memory",
            _ => "a page in a browser can have about 4 GB",
        };
        let message = format!(
            "this model needs {} of memory: {} of weights and {} for {} positions; {whose}",
            gigabytes(self.bytes()),
            gigabytes(self.weights),
            gigabytes(self.per_position.saturating_mul(self.context)),
            self.context,
        );
        let left = there.saturating_sub(self.weights.saturating_add(BESIDES));
        let positions = left.checked_div(self.per_position).unwrap_or_default();
        let remedy = if positions >= 256 {
            format!("Load it with a context of {positions} positions at most.")
        } else {
            "Take a smaller quantization (Q4_0 has 4.5 bits a weight) or a smaller model; files with 16-bit \
             weights can be brought to 4 or 8 bits while they load."
                .to_owned()
        };
        Err(error::error(Problem::NoRoom, message, remedy))
    }
}

/// Bytes as a person reads them.
pub fn gigabytes(bytes: u64) -> String {
    match bytes {
        0..10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Qwen3-0.6B in 8 bits.
    const SMALL: Need = Need { weights: 640 << 20, per_position: 229_376, context: 4096 };

    #[test]
    fn a_small_model_fits_a_large_machine_and_no_small_one() {
        assert_eq!(SMALL.check(None), Ok(()));
        assert_eq!(SMALL.check(Some(8 << 30)), Ok(()));
        let refused = SMALL.check(Some(2 << 30)).unwrap_err();
        assert_eq!(refused.problem, Problem::NoRoom);
        assert!(refused.message.contains("half of this device's memory"), "{}", refused.message);
        assert!(refused.remedy.contains("a context of 877 positions"), "{}", refused.remedy);
    }

    #[test]
    fn weights_beyond_the_address_space_are_refused_with_advice() {
        let large = Need { weights: 8 << 30, ..SMALL };
        let refused = large.check(Some(8 << 30)).unwrap_err();
        assert!(refused.message.starts_with("this model needs 9.73 GB"), "{}", refused.message);
        assert!(refused.remedy.contains("smaller quantization"), "{}", refused.remedy);
        assert!(Need { weights: u64::MAX, ..SMALL }.check(None).is_err());
    }

    #[test]
    fn bytes_are_written_as_people_do() {
        assert_eq!(gigabytes(98_362_432), "98 MB");
        assert_eq!(gigabytes(1_234_567_890), "1.23 GB");
        assert_eq!(gigabytes(11_422_654), "11 MB");
    }
}
