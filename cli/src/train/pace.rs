//! When to save.

use std::time::Duration;

/// Nothing is saved more often than this.
const SHORTEST: Duration = Duration::from_secs(20);
/// Nothing stays unsaved longer than this.
const LONGEST: Duration = Duration::from_secs(600);
/// Saving may cost this share of the time.
const SHARE: f64 = 0.01;

/// When to save: often at first, when a run is most likely to be stopped and set right; then less and less; and never so
/// often that saving costs more than a hundredth of the time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    wait: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { wait: SHORTEST }
    }
}

impl Pace {
    /// Whether a run that has gone on for this long since it was last saved is to be saved.
    pub fn is_due(&self, unsaved: Duration) -> bool {
        unsaved >= self.wait
    }

    /// A save took this long.
    pub fn saved(&mut self, took: Duration) {
        let longer = self.wait.mul_f64(1.5);
        let affordable = took.div_f64(SHARE);
        self.wait = longer.max(affordable).clamp(SHORTEST, LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saves_become_rarer_up_to_a_limit() {
        let mut pace = Pace::default();
        assert!(pace.is_due(SHORTEST));
        for _ in 0..3 {
            pace.saved(Duration::from_millis(10));
        }
        assert!(!pace.is_due(Duration::from_secs(60)));
        for _ in 0..20 {
            pace.saved(Duration::from_millis(10));
        }
        assert!(pace.is_due(LONGEST));
    }

    #[test]
    fn a_slow_disk_is_spared() {
        let mut pace = Pace::default();
        pace.saved(Duration::from_secs(2));
        assert!(!pace.is_due(Duration::from_secs(199)));
        assert!(pace.is_due(Duration::from_secs(200)));
    }
}
