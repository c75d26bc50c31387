//! The smallest change of one weight that chooses another program.

use protocol::asking::Weights;

/// A change of one weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flip {
    /// Which weight.
    pub of: Weight,
    /// What it was.
    pub from: f32,
    /// What it must be.
    pub to: f32,
    /// The candidate that is chosen then.
    pub tap: usize,
}

/// One of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Of a term, by its place.
    Term(usize),
    /// What a tap's candidate has for its tap.
    Tap(usize),
}

/// Weights are moved by so many parts of 1, and at least one beyond a tie.
const STEPS: f32 = 1000.0;

impl Weight {
    fn value(self, weights: &Weights) -> Option<f32> {
        match self {
            Self::Term(term) => weights.terms.get(term).copied(),
            Self::Tap(tap) => weights.taps.get(tap).copied(),
        }
    }

    /// The weights with this one changed.
    pub fn set(self, weights: &Weights, to: f32) -> Weights {
        let mut weights = weights.clone();
        let place = match self {
            Self::Term(term) => weights.terms.get_mut(term),
            Self::Tap(tap) => weights.taps.get_mut(tap),
        };
        if let Some(place) = place {
            *place = to;
        }
        weights
    }

    /// What a candidate's score multiplies it with.
    fn factor(self, tap: usize, terms: &[f32; 5]) -> f32 {
        match self {
            Self::Term(term) => terms.get(term).copied().unwrap_or(0.0),
            Self::Tap(of) => f32::from(u8::from(of == tap)),
        }
    }
}

/// The smallest change, if one weight alone can do it. Scores are sums of weights times terms, so the change that brings two candidates
/// level is their distance divided by the difference of what they multiply the weight with.
pub fn smallest(weights: &Weights, terms: &[[f32; 5]]) -> Option<Flip> {
    let chosen = weights.choose(terms)?;
    let of_chosen = terms.get(chosen)?;
    let all = (0..of_chosen.len()).map(Weight::Term).chain((0..weights.taps.len()).map(Weight::Tap));
    let flips = all.flat_map(|of| terms.iter().enumerate().map(move |(tap, one)| (of, tap, one)));
    let flips = flips.filter_map(|(of, tap, one)| {
        let distance = weights.score(chosen, of_chosen) - weights.score(tap, one);
        let slope = of.factor(tap, one) - of.factor(chosen, of_chosen);
        if tap == chosen || slope == 0.0 {
            return None;
        }
        let from = of.value(weights)?;
        let change = distance / slope;
        // To thousandths, away from where it was: what is written is what decides.
        let to = from + change + change.signum() / STEPS;
        let thousandths = to * STEPS;
        let to = if change > 0.0 { thousandths.ceil() } else { thousandths.floor() } / STEPS;
        let wins = of.set(weights, to).choose(terms)?;
        (to.is_finite() && wins != chosen).then_some(Flip { of, from, to, tap: wins })
    });
    flips.min_by(|a, b| (a.to - a.from).abs().total_cmp(&(b.to - b.from).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_change_is_found_and_does_it() {
        let terms = [[-0.1, -0.1, 0.5, 1.0, 0.0], [-0.5, -0.2, 0.5, 1.0, 0.0], [-0.01, -0.01, 0.0, 1.0, 0.0]];
        let weights = Weights { terms: [0.25, 0.25, 2.0, 4.0, 0.0], taps: vec![0.0; 3] };
        assert_eq!(weights.choose(&terms), Some(0));
        let flip = smallest(&weights, &terms).unwrap();
        // The second differs by 0.125 only, which its tap's weight makes good.
        assert_eq!((flip.of, flip.tap), (Weight::Tap(0), 1));
        assert!((flip.to + 0.126).abs() < 1e-4, "{flip:?}");
        assert_eq!(flip.of.set(&weights, flip.to).choose(&terms), Some(1));
    }

    #[test]
    fn programs_of_which_one_is_alone_cannot_be_flipped() {
        let weights = Weights { terms: [1.0; 5], taps: vec![0.0] };
        assert_eq!(smallest(&weights, &[[0.0; 5]]), None);
        assert_eq!(smallest(&weights, &[]), None);
    }
}
