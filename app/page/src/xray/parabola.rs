//! The quadratic keys as pictures. A hard-max head looks entry i up with the query (i, 1) among the keys
//! (2j, −j²): the score 2ij − j² = i² − (i − j)² is a parabola over j with its top at j = i.
//!
//! The full machine's keys have one component more, which is 0 where a key takes part. Those that look up several numbers at once lie
//! on no parabola; of these the scores are drawn by position.

use engine::interpreter::HeadKind;
use engine::xray::{AttentionDetail, KeyScore};
use protocol::Machine;

use super::chart::Chart;
use super::format::{count, number, pair};

/// A chart and the same in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its heading.
    pub title: String,
    /// The chart.
    pub chart: Chart,
    /// What it shows, for those who do not see it.
    pub text: String,
}

/// The number that a quadratic key stands for: j of (2j, −j²).
fn index(key: &KeyScore) -> f64 {
    part(&key.k, 0) / 2.0
}

/// A component of a vector.
fn part(vector: &[f32], component: usize) -> f64 {
    vector.get(component).copied().map_or(0.0, f64::from)
}

/// How far the key lies off the parabola (2j, −j²). The compiler switches keys off by pushing them far below.
fn offset(key: &KeyScore) -> f64 {
    part(&key.k, 1) + index(key) * index(key)
}

/// Keys that take part, and keys that do not.
type Split<'a> = (Vec<&'a KeyScore>, Vec<&'a KeyScore>);

/// Keys that take part, and keys that are switched off: in classic those off the parabola, in the full machine those with a last
/// component other than 0, where there are several.
pub fn split(detail: &AttentionDetail, machine: Machine) -> Split<'_> {
    detail.keys.iter().partition(|key| match machine {
        Machine::Classic => offset(key) == 0.0,
        Machine::Full => key.k.len() < 2 || key.k.last() == Some(&0.0),
    })
}

/// The pictures of one head at one position.
/// `result` is what the head returned, for a sum head.
pub fn pictures(
    detail: &AttentionDetail,
    kind: HeadKind,
    machine: Machine,
    result: f32,
    size: (u32, u32),
) -> Vec<Picture> {
    if detail.keys.is_empty() {
        return Vec::new();
    }
    if kind == HeadKind::Sum {
        return vec![running_sum(detail, result, size)];
    }
    let keys = split(detail, machine);
    let (on, _) = &keys;
    let is_parabola = match machine {
        Machine::Classic => true,
        Machine::Full => !on.is_empty() && on.iter().all(|key| key.k.len() == 3 && offset(key) == 0.0),
    };
    if is_parabola {
        vec![scores(detail, keys.clone(), size), plane(detail, keys, size)]
    } else {
        vec![by_position(detail, keys, size)]
    }
}

/// Scores by position, of keys of any size.
fn by_position(detail: &AttentionDetail, (on, off): Split<'_>, size: (u32, u32)) -> Picture {
    let shown = if on.is_empty() { off } else { on };
    let point = |key: &&KeyScore| (key.position as f64, f64::from(key.score));
    let winner = shown.iter().find(|key| detail.winner == Some(key.position));
    let best = winner.map(|key| format!("position {} wins with {}", key.position, number(key.score)));
    let text = format!(
        "Scores of {} against the query {}, by position. {}.",
        count(shown.len(), "key"),
        pair(&detail.q),
        best.clone().unwrap_or_else(|| "None wins".into()),
    );
    Picture {
        title: "Score of each key".into(),
        chart: Chart {
            size,
            x_title: "position".into(),
            y_title: "q · k".into(),
            points: shown.iter().map(point).collect(),
            winners: winner.map(point).into_iter().collect(),
            winner_text: best.unwrap_or_default(),
            ..Chart::default()
        },
        text,
    }
}

/// Scores over j, with the curve they lie on.
fn scores(detail: &AttentionDetail, (on, off): Split<'_>, size: (u32, u32)) -> Picture {
    // With every key switched off, show them all: the winner is one of them.
    let (shown, shift) = match off.first().copied() {
        Some(first) if on.is_empty() => (off, offset(first)),
        _ => (on, 0.0),
    };
    let points: Vec<(f64, f64)> = shown.iter().map(|key| (index(key), f64::from(key.score))).collect();
    let winner = shown.iter().find(|key| detail.winner == Some(key.position)).copied();
    let (q0, q1) = (part(&detail.q, 0), part(&detail.q, 1));
    let low = points.iter().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
    let room = ((high - low) * 0.05).max(0.5);
    let (low, high) = (low - room, high + room);
    let curve = (0..=120).map(|i| {
        let j = low + (high - low) * f64::from(i) / 120.0;
        (j, q0 * 2.0 * j + q1 * (shift - j * j))
    });
    let best = winner.map(|key| format!("j = {} wins with {}", number(index(key) as f32), number(key.score)));
    let text = format!(
        "Scores of {} against the query {}, a parabola over j. {}.",
        count(shown.len(), "key"),
        pair(&detail.q),
        best.clone().unwrap_or_else(|| "None wins".into()),
    );
    Picture {
        title: "Score of each key".into(),
        chart: Chart {
            size,
            x_title: "j, the number the key stands for".into(),
            y_title: "q · k".into(),
            curve: curve.collect(),
            points,
            winners: winner.map(|key| (index(key), f64::from(key.score))).into_iter().collect(),
            winner_text: best.unwrap_or_default(),
            ..Chart::default()
        },
        text,
    }
}

/// The keys in their plane, with the line of all keys that would score as the winner does. It touches the
/// parabola of the keys from above: nothing scores higher.
fn plane(detail: &AttentionDetail, (on, off): Split<'_>, size: (u32, u32)) -> Picture {
    let shown = if on.is_empty() { off } else { on };
    let points: Vec<(f64, f64)> = shown.iter().map(|key| (part(&key.k, 0), part(&key.k, 1))).collect();
    let winner = shown.iter().find(|key| detail.winner == Some(key.position)).copied();
    let (q0, q1) = (part(&detail.q, 0), part(&detail.q, 1));
    let low = points.iter().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
    // A step beyond the keys on both sides, to see the curve bend.
    let (low, high) = (low - 2.0, high + 2.0);
    let line = match winner {
        Some(key) if q1 != 0.0 => [low, high].map(|x| (x, (f64::from(key.score) - q0 * x) / q1)).to_vec(),
        _ => Vec::new(),
    };
    let shift = shown.first().map_or(0.0, |key| offset(key));
    let curve = (0..=60).map(|i| {
        let x = low + (high - low) * f64::from(i) / 60.0;
        (x, shift - x * x / 4.0)
    });
    let text = format!(
        "{} in the plane of their two components; the straight line holds every key that would score as the \
         winner does, {}, and no key lies above it.",
        count(shown.len(), "key"),
        winner.map_or_else(|| "none".into(), |key| pair(&key.k)),
    );
    Picture {
        title: "The keys (2j, −j²), and the line of the winning score".into(),
        chart: Chart {
            size,
            x_title: "first component, 2j".into(),
            y_title: "second, −j²".into(),
            curve: curve.collect(),
            line,
            points,
            winners: winner.map(|key| (part(&key.k, 0), part(&key.k, 1))).into_iter().collect(),
            winner_text: winner.map(|key| pair(&key.k)).unwrap_or_default(),
        },
        text,
    }
}

/// What a sum head adds up: each position's value, and the sum so far.
fn running_sum(detail: &AttentionDetail, result: f32, size: (u32, u32)) -> Picture {
    let values: f64 = detail.keys.iter().map(|key| part(&key.v, 0)).sum();
    // What the positions left out have added up to.
    let mut sum = if detail.omitted > 0 { f64::from(result) - values } else { 0.0 };
    let mut curve = Vec::with_capacity(detail.keys.len() * 2);
    for key in &detail.keys {
        let x = key.position as f64;
        curve.push((x, sum));
        sum += part(&key.v, 0);
        curve.push((x, sum));
    }
    let points = detail.keys.iter().map(|key| (key.position as f64, part(&key.v, 0))).collect();
    let last = curve.last().copied();
    let shown = number(sum as f32);
    Picture {
        title: "Values, and their sum so far".into(),
        text: format!(
            "The first value component of {}, and their running sum, which ends at {shown}.",
            count(detail.keys.len(), "position")
        ),
        chart: Chart {
            size,
            x_title: "position".into(),
            y_title: "value, sum".into(),
            curve,
            points,
            winners: last.into_iter().collect(),
            winner_text: format!("sum {shown}"),
            ..Chart::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(position: usize, j: f32, off: f32, q: [f32; 2]) -> KeyScore {
        let k = [2.0 * j, -j * j + off];
        let score = q[0] * k[0] + q[1] * k[1];
        KeyScore { position, token: 0, k: k.to_vec(), v: vec![1.0, 0.0], score }
    }

    fn detail() -> AttentionDetail {
        let q = [2.0, 1.0];
        let keys =
            vec![key(0, 0.0, 0.0, q), key(1, 1.0, -131_072.0, q), key(2, 2.0, 0.0, q), key(3, 3.0, 0.0, q)];
        AttentionDetail { position: 3, q: q.to_vec(), winner: Some(2), keys, ..AttentionDetail::default() }
    }

    #[test]
    fn keys_off_the_parabola_are_told_apart() {
        let detail = detail();
        let (on, off) = split(&detail, Machine::Classic);
        assert_eq!(on.iter().map(|key| key.position).collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(off.len(), 1);
    }

    #[test]
    fn the_winner_stands_at_the_top_of_the_curve() {
        let pictures = pictures(&detail(), HeadKind::HardMax, Machine::Classic, 0.0, (600, 300));
        assert_eq!(pictures[0].chart.winners, [(2.0, 4.0)]);
        let top = pictures[0].chart.curve.iter().map(|(_, y)| *y).fold(f64::MIN, f64::max);
        assert!(top <= 4.0 && top > 3.9, "{top}");
        assert!(pictures[0].text.contains("j = 2 wins with 4"), "{}", pictures[0].text);
        // The line of the winning score meets the winner.
        let line = &pictures[1].chart.line;
        let slope = (line[1].1 - line[0].1) / (line[1].0 - line[0].0);
        assert_eq!(line[0].1 + slope * (4.0 - line[0].0), -4.0);
    }

    #[test]
    fn with_every_key_switched_off_the_winner_is_still_drawn() {
        let mut detail = detail();
        detail.keys = vec![key(1, 1.0, -131_072.0, [2.0, 1.0])];
        detail.winner = Some(1);
        assert_eq!(
            pictures(&detail, HeadKind::HardMax, Machine::Classic, 0.0, (600, 300))[0].chart.winners.len(),
            1
        );
    }

    #[test]
    fn a_sum_ends_at_the_sum() {
        let picture = &pictures(&detail(), HeadKind::Sum, Machine::Classic, 4.0, (600, 300))[0];
        assert_eq!(picture.chart.winners, [(3.0, 4.0)]);
    }

    #[test]
    fn a_sum_over_part_of_the_positions_still_ends_at_the_result() {
        let detail = AttentionDetail { omitted: 10, ..detail() };
        assert_eq!(
            pictures(&detail, HeadKind::Sum, Machine::Classic, 7.0, (600, 300))[0].chart.winners,
            [(3.0, 7.0)]
        );
    }

    #[test]
    fn keys_of_the_full_machine_lie_on_a_parabola_or_stand_by_position() {
        let q = vec![2.0, 1.0, 67_108_864.0];
        let key = |position, k: [f32; 3]| {
            let score = q.iter().zip(&k).map(|(q, k)| q * k).sum();
            KeyScore { position, token: 0, k: k.to_vec(), v: vec![0.0], score }
        };
        let keys = vec![key(0, [0.0, 0.0, -1.0]), key(1, [4.0, -4.0, 0.0]), key(2, [2.0, -1.0, 0.0])];
        let detail = AttentionDetail { q: q.clone(), winner: Some(1), keys, ..AttentionDetail::default() };
        let drawn =
            |detail: &AttentionDetail| pictures(detail, HeadKind::HardMax, Machine::Full, 0.0, (600, 300));
        assert_eq!(drawn(&detail).len(), 2);
        assert_eq!(drawn(&detail)[0].chart.winners, [(2.0, 4.0)]);
        assert_eq!(split(&detail, Machine::Full).1.len(), 1);
        let keys = vec![key(0, [0.0, 0.0, -1.0]), key(1, [4.0, -4.5, 0.0])];
        let detail = AttentionDetail { keys, ..detail };
        assert_eq!(drawn(&detail).len(), 1);
        assert_eq!(drawn(&detail)[0].chart.winners, [(1.0, 3.5)]);
    }

    #[test]
    fn an_empty_store_has_no_picture() {
        let kind = HeadKind::Cross { store: 0 };
        assert!(pictures(&AttentionDetail::default(), kind, Machine::Classic, 0.0, (600, 300)).is_empty());
    }
}
