//! Finds the best key of a hard-max head without looking at all of them.
//!
//! Keys have the form `(2j, −j² − p)` with a penalty p ≥ 0 that takes only a few values (0, or
//! the compiler's `FAR` or `ASIDE` for keys that are out of the running). For the query `(i, 1)` such a
//! key scores i² − (i − j)² − p, so among the keys of one penalty the nearest j wins.

use std::collections::BTreeMap;

use super::Pair;

/// Penalties kept apart; a key beyond that many is scanned for.
const MAX_LEVELS: usize = 4;

/// The keys of one head.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyIndex {
    levels: Vec<Level>,
    /// Positions whose key does not have the form.
    irregular: Vec<usize>,
    count: usize,
    /// Keys compared with a query so far.
    compared: u64,
}

/// The keys of one penalty: j to the latest position that has it.
#[derive(Clone, Debug)]
struct Level {
    penalty: i64,
    latest: BTreeMap<i64, usize>,
    /// The j asked for last, and its position: traces ask for the same few again and again.
    recent: Option<(i64, usize)>,
}

impl KeyIndex {
    /// Adds the key of a position, which must be the next one.
    pub(super) fn insert(&mut self, k: Pair, position: usize) {
        self.count = self.count.max(position + 1);
        let Some((j, penalty)) = regular(k) else {
            self.irregular.push(position);
            return;
        };
        if let Some(level) = self.levels.iter_mut().find(|level| level.penalty == penalty) {
            if let Some((recent, latest)) = &mut level.recent
                && *recent == j
            {
                *latest = position;
                return;
            }
            if let Some((recent, latest)) = level.recent.replace((j, position)) {
                level.latest.insert(recent, latest);
            }
        } else if self.levels.len() < MAX_LEVELS {
            let level = Level { penalty, latest: BTreeMap::new(), recent: Some((j, position)) };
            self.levels.push(level);
            self.levels.sort_by_key(|level| level.penalty);
        } else {
            self.irregular.push(position);
        }
    }

    /// The position with the highest score, the latest of equals, and that score.
    pub(super) fn best(&mut self, q: Pair, keys: &[Pair]) -> Option<(usize, f32)> {
        let [i, one] = q;
        let mut best: Option<(usize, f32)> = None;
        let compared = &mut self.compared;
        let mut offer = |position: usize| {
            *compared += 1;
            let Some(k) = keys.get(position) else { return };
            let score = super::scan::score(&q, k);
            if best.is_none_or(|(other, highest)| (score, position) > (highest, other)) {
                best = Some((position, score));
            }
        };
        if one != 1.0 || i.fract() != 0.0 {
            (0..self.count).for_each(offer);
            return best;
        }
        let i = i as i64;
        self.irregular.iter().copied().for_each(&mut offer);
        for level in &self.levels {
            level.nearest(i, &mut offer);
        }
        best
    }

    /// Keys compared with a query so far.
    pub(super) const fn compared(&self) -> u64 {
        self.compared
    }
}

impl Level {
    /// Offers the nearest keys on both sides of i.
    fn nearest(&self, i: i64, offer: &mut impl FnMut(usize)) {
        if let Some((j, position)) = self.recent {
            offer(position);
            if j == i {
                return;
            }
        }
        // A key that `recent` has overtaken scores the same as it and stands earlier: it cannot win.
        if let Some((_, position)) = self.latest.range(..=i).next_back() {
            offer(*position);
        }
        if let Some((_, position)) = self.latest.range(i..).next() {
            offer(*position);
        }
    }
}

/// j and p of a key `(2j, −j² − p)`; `None` for any other key.
fn regular(k: Pair) -> Option<(i64, i64)> {
    let [first, second] = k;
    let exact = first.fract() == 0.0 && second.fract() == 0.0;
    if !exact || first.abs() > 16_384.0 || second.abs() > 1e9 {
        return None;
    }
    let first = first as i64;
    if first % 2 != 0 {
        return None;
    }
    let j = first / 2;
    let penalty = -(second as i64) - j * j;
    (penalty >= 0).then_some((j, penalty))
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;

    #[test]
    fn the_index_finds_what_a_scan_finds() {
        let mut state = 1_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        for _ in 0..200 {
            let mut index = KeyIndex::default();
            let mut keys = Vec::new();
            for position in 0..60 {
                let j = random(20) as f32 - 2.0;
                let penalty = if random(3) == 0 { 131_072.0 } else { 0.0 };
                let odd = if random(20) == 0 { 0.5 } else { 0.0 };
                keys.push([2.0 * j + odd, -j * j - penalty]);
                index.insert(keys[position], position);
                for i in -4..24 {
                    let q = [i as f32, 1.0];
                    assert_eq!(index.best(q, &keys), scan::best(q, &keys), "{q:?} {keys:?}");
                }
                assert_eq!(index.best([0.0, 0.0], &keys), scan::best([0.0, 0.0], &keys));
            }
        }
    }
}
