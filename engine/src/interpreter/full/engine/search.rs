//! How a head finds its key without looking at all of them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::rows::{COMPONENTS, Row, Stream, Vector, apply, dot, product};
use crate::interpreter::builder::Dimension;
use crate::interpreter::describe::HeadKind;
use crate::interpreter::full::layout::Dim;
use crate::interpreter::full::prompt::DIGIT;
use crate::interpreter::model::Head;

/// Digits of a key at most.
const DIGITS: usize = 4;
/// How far back heads look that find positions: a quotient's first digit stands 22 tokens before its last byte.
const NEAR: usize = 32;
/// Weights of queries from here on put keys out of the running.
const FAR: f32 = 1e7;
/// The winner where there is none.
const NOBODY: u32 = u32::MAX;

/// What a head finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// The value.
    pub(super) value: Vector,
    /// Whose.
    winner: u32,
}

/// Nothing.
const NOTHING: Found = Found { value: [0.0; COMPONENTS], winner: NOBODY };

impl Found {
    /// So many components of the value, to put something else there.
    pub(super) fn components(&mut self, count: usize) -> &mut [f32] {
        let count = count.min(COMPONENTS);
        self.value.get_mut(..count).unwrap_or_default()
    }

    /// The position of the winning key.
    pub(super) fn winner(&self) -> Option<usize> {
        (self.winner != NOBODY).then_some(self.winner as usize)
    }
}

/// The latest value of each key. States that were kept share it until something is written.
type Values = FxHashMap<[i32; DIGITS], Found>;

/// How a head finds its key.
#[derive(Clone, Debug)]
pub(super) enum Search {
    /// It adds up all values.
    Sum(Vector),
    /// The query is always the same: the best score so far, and its value.
    Constant { query: Vector, best: f32, found: Found },
    /// By digits. What has no key is the start token's, if its query asks for that.
    Digits { count: usize, values: Arc<Values>, has_default: bool },
    /// By position, and never far back: the values of the latest positions, each at its position modulo [`NEAR`].
    Near(Box<[Found; NEAR]>),
    /// All keys that are in the running: they are few.
    Few(Vec<(Vector, Found)>),
    /// All keys.
    All(Vec<(Vector, Found)>),
}

impl Search {
    /// What the query and keys of a head say of how it can be computed.
    pub(super) fn of(head: &Head, q: &[Row], k: &[Row]) -> Self {
        let one = |row: &Row| match row.as_slice() {
            [(column, weight)] if usize::from(*column) == Dim::One.index() => Some(*weight),
            _ => None,
        };
        if head.kind == HeadKind::Sum {
            return Self::Sum([0.0; COMPONENTS]);
        }
        if let Some(query) = q.iter().map(one).collect::<Option<Vec<f32>>>() {
            let mut components = [0.0; COMPONENTS];
            components.iter_mut().zip(query).for_each(|(component, weight)| *component = weight);
            return Self::Constant { query: components, best: f32::NEG_INFINITY, found: NOTHING };
        }
        let is_guard = |row: &Row| one(row).is_some_and(|weight| weight > FAR);
        let form = match q {
            [digits @ .., square, guard] if one(square) == Some(1.0) && is_guard(guard) => {
                Some((digits.len(), false))
            }
            // With a component for what was never written.
            [digits @ .., square, _, guard] if one(square) == Some(1.0) && is_guard(guard) => {
                Some((digits.len(), true))
            }
            _ => None,
        };
        let of = |row: &Row, dim: Dim| matches!(row.as_slice(), [(column, _)] if usize::from(*column) == dim.index());
        if let [low, high, ..] = k
            && of(low, Dim::PosLow)
            && of(high, Dim::PosHigh)
        {
            return Self::Near(Box::new([NOTHING; NEAR]));
        }
        match form.filter(|(count, _)| *count <= DIGITS && k.len() == q.len()) {
            Some((count, has_default)) => Self::Digits { count, values: Arc::default(), has_default },
            None => Self::Few(Vec::new()),
        }
    }

    /// Looking at every key.
    pub(super) fn plain(head: &Head) -> Self {
        if head.kind == HeadKind::Sum { Self::Sum([0.0; COMPONENTS]) } else { Self::All(Vec::new()) }
    }

    /// About how many bytes a copy of it takes: what nothing was written to since the last copy, that one has already.
    pub(super) fn bytes(&self) -> usize {
        let entry = size_of::<([i32; DIGITS], Found)>();
        match self {
            Self::Digits { values, .. } if Arc::strong_count(values) > 1 => 0,
            // A table has room for up to twice its entries, and a byte beside each.
            Self::Digits { values, .. } => values.capacity() * (entry + 1),
            Self::Few(keys) | Self::All(keys) => keys.len() * size_of::<(Vector, Found)>(),
            _ => size_of::<[Found; NEAR]>(),
        }
    }

    /// Forgets all keys.
    pub(super) fn reset(&mut self) {
        match self {
            Self::Sum(total) => *total = [0.0; COMPONENTS],
            Self::Constant { best, found, .. } => (*best, *found) = (f32::NEG_INFINITY, NOTHING),
            // With its room: what a long run needed must not count as the next one's.
            Self::Digits { values, .. } => *values = Arc::default(),
            Self::Near(values) => **values = [NOTHING; NEAR],
            Self::Few(keys) | Self::All(keys) => keys.clear(),
        }
    }

    /// Takes a position's key and value in, and finds the value for its query.
    pub(super) fn find(&mut self, q: &[Row], k: &[Row], v: &[Row], x: &Stream, position: usize) -> Found {
        let own = || Found { value: apply(v, x), winner: position as u32 };
        match self {
            Self::Sum(total) => {
                total.iter_mut().zip(apply(v, x)).for_each(|(total, value)| *total += value);
                Found { value: *total, winner: NOBODY }
            }
            Self::Constant { query, best, found } => {
                let score = product(query, &apply(k, x));
                if score >= *best {
                    *best = score;
                    *found = own();
                }
                *found
            }
            Self::Digits { count, values, has_default } => {
                // The guard is 0 where there is a key.
                if k.last().is_some_and(|guard| dot(guard, x) == 0.0) {
                    Arc::make_mut(values).insert(digits(k, *count, 0.5, x), own());
                }
                let otherwise = if *has_default { Found { winner: 0, ..NOTHING } } else { NOTHING };
                values.get(&digits(q, *count, 1.0, x)).copied().unwrap_or(otherwise)
            }
            Self::Near(values) => {
                let at = |rows, scale| {
                    let [low, high, ..] = digits(rows, 2, scale, x).map(i64::from);
                    high * DIGIT as i64 + low
                };
                let (here, wanted) = (at(k, 0.5), at(q, 1.0));
                if let Some(cell) = values.get_mut(here.rem_euclid(NEAR as i64) as usize) {
                    *cell = own();
                }
                // Before the start there is nothing, and nobody asks.
                let is_near = (0..NEAR as i64).contains(&(here - wanted)) && wanted >= 0;
                let found = values.get(wanted.rem_euclid(NEAR as i64) as usize).filter(|_| is_near);
                found.copied().unwrap_or(NOTHING)
            }
            Self::Few(keys) => {
                let key = apply(k, x);
                let guard = k.len().checked_sub(1).and_then(|last| key.get(last)).copied();
                if guard.is_some_and(|guard| guard >= 0.0) {
                    keys.push((key, own()));
                }
                best(keys, &apply(q, x))
            }
            Self::All(keys) => {
                keys.push((apply(k, x), own()));
                best(keys, &apply(q, x))
            }
        }
    }

    /// The score of what [`find`](Self::find) has found last, whose query this is: of an exact match that is Σq² over the digits.
    pub(super) fn score(&self, q: &Vector, found: &Found) -> f32 {
        let squares = |count: usize| q.iter().take(count).map(|digit| digit * digit).sum();
        match self {
            _ if found.winner().is_none() => 0.0,
            Self::Sum(_) => 0.0,
            Self::Constant { best, .. } => *best,
            // The start token's key is 1 in the component behind the square, and 0 elsewhere.
            Self::Digits { count, has_default: true, .. } if found.winner == 0 => {
                q.get(count + 1).copied().unwrap_or_default()
            }
            Self::Digits { count, .. } => squares(*count),
            Self::Near(_) => squares(2),
            Self::Few(keys) | Self::All(keys) => {
                let own = keys.iter().rev().find(|(_, other)| other.winner == found.winner);
                own.map_or(0.0, |(key, _)| product(q, key))
            }
        }
    }
}

/// What the best key has, of equals the latest.
fn best(keys: &[(Vector, Found)], query: &Vector) -> Found {
    let mut best = (f32::NEG_INFINITY, NOTHING);
    for (key, found) in keys {
        let score = product(query, key);
        if score >= best.0 {
            best = (score, *found);
        }
    }
    best.1
}

/// The digits of a query or, halved, of a key.
fn digits(rows: &[Row], count: usize, scale: f32, x: &Stream) -> [i32; DIGITS] {
    let mut digits = [0; DIGITS];
    for (digit, row) in digits.iter_mut().zip(rows).take(count) {
        *digit = (dot(row, x) * scale) as i32;
    }
    digits
}
