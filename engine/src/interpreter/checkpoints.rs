//! States of something that goes on step by step, kept to go back to.

/// States that are kept at most.
const KEPT: usize = 32;
/// Bytes that they may take together.
const ROOM: usize = 128 << 20;

/// Some of the states that something has been in, at equal distances. Their number and their size have a limit, so the
/// distances grow with the way.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints<S> {
    step: usize,
    /// By place / step, from one step on.
    kept: Vec<S>,
    /// What the last one took: they grow with what a program has written.
    bytes: usize,
    /// They have become too large: no more are kept.
    is_closed: bool,
}

impl<S: Clone> Checkpoints<S> {
    /// None yet; at first so many steps apart, and multiples of them later.
    pub(super) const fn every(step: usize) -> Self {
        Self { step, kept: Vec::new(), bytes: 0, is_closed: false }
    }

    /// None are kept.
    pub(super) const fn none() -> Self {
        Self::every(usize::MAX)
    }

    /// A place is reached: keeps its state, if it is time to.
    pub(super) fn pass(&mut self, place: usize, state: &S, bytes: impl FnOnce(&S) -> usize) {
        if self.is_closed
            || place == 0
            || !place.is_multiple_of(self.step)
            || place / self.step <= self.kept.len()
        {
            return;
        }
        self.bytes = bytes(state);
        if self.bytes > ROOM / 2 {
            // From here on places are looked at again from the last state before.
            self.is_closed = true;
            return;
        }
        self.kept.push(state.clone());
        while self.kept.len() >= KEPT || (self.kept.len() > 1 && self.kept.len() * self.bytes > ROOM) {
            // Every other one goes: those at even numbers of steps stay.
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 0
            });
            self.step *= 2;
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.kept.len()
    }

    /// The last state at or before a place, and where it was; `None` for the start.
    pub(super) fn before(&self, place: usize) -> Option<(usize, &S)> {
        let number = (place / self.step).min(self.kept.len());
        let kept = self.kept.get(number.checked_sub(1)?)?;
        Some((number * self.step, kept))
    }

    /// The last state of which something is true that is true of all before it.
    pub(super) fn last(&self, is: impl Fn(&S) -> bool) -> Option<&S> {
        self.kept.get(self.kept.partition_point(is).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_STEP: usize = 8_192;

    #[test]
    fn states_are_found_by_place_and_thinned_out() {
        let mut checkpoints = Checkpoints::every(FIRST_STEP);
        for place in 0..FIRST_STEP * 100 {
            if place.is_multiple_of(FIRST_STEP) {
                checkpoints.pass(place, &place, |_| 8);
            }
        }
        assert!(checkpoints.kept.len() < KEPT);
        for steps in 0..120 {
            let place = steps * FIRST_STEP + 17;
            let (at, state) = checkpoints.before(place).unwrap_or((0, &0));
            assert_eq!(at, *state);
            assert!(at <= place && (place - at <= 4 * FIRST_STEP || steps >= 100), "{place} {at}");
            let last = checkpoints.last(|state| *state <= place).copied().unwrap_or(0);
            assert!(last >= at && last <= place, "{place} {last}");
        }
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let mut checkpoints = Checkpoints::every(1);
        checkpoints.pass(1, &1, |_| ROOM);
        checkpoints.pass(2, &2, |_| 1);
        assert_eq!(checkpoints.before(9), None);
        let mut checkpoints = Checkpoints::every(1);
        (1..40).for_each(|place| checkpoints.pass(place, &place, |_| ROOM / 4));
        assert!(checkpoints.kept.len() * (ROOM / 4) <= ROOM);
    }
}
