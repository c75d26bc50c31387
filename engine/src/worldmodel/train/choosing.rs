//! Learning to choose: from candidates that were run, and whether each was right.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Tensor, TensorData, activation};

use super::trainer::processor;
use crate::worldmodel::selection::{Readout, Selection, Terms, Weights};

/// Passes over all candidates.
const PASSES: usize = 400;
const RATE: f64 = 0.05;
/// Keeps weights small where few candidates are wrong.
const DECAY: f32 = 0.02;

/// A candidate of a question that has an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Its tap.
    pub tap: usize,
    /// What was known of it; [`Terms::state`] is not read.
    pub terms: Terms,
    /// What its tap held, as wide as the tap.
    pub state: Vec<f32>,
    /// Whether its answer was right.
    pub right: bool,
}

/// Learns to choose among the candidates of so many taps. Without candidates of both kinds there is nothing to learn from, and
/// the rule stays untrained.
pub fn learn(tried: &[Tried], taps: usize) -> Selection {
    let both = |tried: &mut dyn Iterator<Item = &Tried>| {
        let (mut some, mut other) = (false, false);
        tried.for_each(|tried| if tried.right { some = true } else { other = true });
        some && other
    };
    let mut selection = Selection::untrained(taps);
    if !both(&mut tried.iter()) {
        return selection;
    }
    // What the states say is learned on one half and weighed on the other: among few wrong candidates a reading of a
    // hundred numbers finds a difference that is none.
    let (first, second): (Vec<&Tried>, Vec<&Tried>) = halves(tried, taps);
    for (tap, readout) in selection.readouts.iter_mut().enumerate() {
        let of_tap: Vec<&Tried> = first.iter().copied().filter(|tried| tried.tap == tap).collect();
        if both(&mut of_tap.iter().copied()) {
            let rows = of_tap.iter().map(|tried| tried.state.clone()).collect();
            let (weights, bias) = logistic(rows, of_tap.iter().map(|tried| tried.right).collect());
            *readout = Readout { weights, bias };
        }
    }
    let row = |tried: &Tried| {
        let state = selection.readouts.get(tried.tap).map_or(0.0, |readout| readout.read(&tried.state));
        let terms = Terms { state, ..tried.terms };
        let taps = (0..taps).map(|tap| if tap == tried.tap { 1.0 } else { 0.0 });
        terms.values().into_iter().chain(taps).collect::<Vec<f32>>()
    };
    if !both(&mut second.iter().copied()) {
        return selection;
    }
    let right = second.iter().map(|tried| tried.right).collect();
    let (weights, _) = logistic(second.into_iter().map(row).collect(), right);
    let (terms, of_taps) = weights.split_at(Terms::NAMES.len().min(weights.len()));
    if let Ok(terms) = <[f32; 5]>::try_from(terms) {
        selection.weights = Weights { terms, taps: of_taps.to_vec() };
    }
    selection
}

/// Every other question's candidates; those of one question come one after the other.
fn halves(tried: &[Tried], taps: usize) -> (Vec<&Tried>, Vec<&Tried>) {
    let even = |at: &usize| (at / taps.max(1)).is_multiple_of(2);
    let half = |wanted: bool| {
        let places = (0..tried.len()).filter(|at| even(at) == wanted);
        places.filter_map(|at| tried.get(at)).collect()
    };
    (half(true), half(false))
}

/// Logistic regression: weights and bias under which the rows' log-odds fit best.
fn logistic(rows: Vec<Vec<f32>>, right: Vec<bool>) -> (Vec<f32>, f32) {
    let (count, width) = (rows.len(), rows.first().map_or(0, Vec::len));
    let device = processor();
    device.seed(0);
    let x = Tensor::<2>::from_data(TensorData::new(rows.concat(), [count, width]), &device);
    let signs: Vec<f32> = right.iter().map(|&right| if right { 1.0 } else { -1.0 }).collect();
    let signs = Tensor::<2>::from_data(TensorData::new(signs, [count, 1]), &device);
    let mut line: Linear = LinearConfig::new(width, 1).init(&device);
    let mut optimizer: ModuleOptimizer = AdamWConfig::new().with_weight_decay(DECAY).build().into();
    for pass in 0..PASSES {
        let margins = line.forward(x.clone()) * signs.clone();
        let loss = activation::log_sigmoid(margins).mean().neg();
        let gradients = GradientsParams::from_grads(loss.backward(), &line);
        let rate = RATE * (1.0 - pass as f64 / PASSES as f64);
        line = optimizer.step(rate, line, gradients);
    }
    let line = line.no_grad();
    let weights = line.weight.val().into_data().try_to_vec::<f32>().unwrap_or_default();
    let bias = line.bias.and_then(|bias| bias.val().into_data().try_to_vec::<f32>().ok());
    (weights, bias.and_then(|bias| bias.first().copied()).unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::worldmodel::selection::chosen;

    /// Candidates whose state tells whether they are right, and whose tap's certainty does not.
    fn candidates() -> Vec<Tried> {
        let mut rng = fastrand::Rng::with_seed(4);
        (0..300)
            .map(|at| {
                let right = rng.bool();
                let hint = if right { 1.0 } else { -1.0 } + rng.f32() * 0.4;
                let terms = Terms { probability: -rng.f32(), ran: 1.0, ..Terms::default() };
                Tried { tap: at % 2, terms, state: vec![rng.f32(), hint, 0.5], right }
            })
            .collect()
    }

    #[test]
    fn what_tells_the_right_ones_gets_the_weight() {
        let tried = candidates();
        let selection = learn(&tried, 2);
        let total = |tried: &Tried| {
            let state = selection.readouts[tried.tap].read(&tried.state);
            selection.weights.score(tried.tap, &Terms { state, ..tried.terms }).total
        };
        let totals: Vec<f32> = tried.iter().map(total).collect();
        let best = chosen(&totals).unwrap();
        assert!(tried[best].right);
        let mean = |right: bool| {
            let of: Vec<f32> = tried
                .iter()
                .zip(&totals)
                .filter(|(tried, _)| tried.right == right)
                .map(|(_, total)| *total)
                .collect();
            of.iter().sum::<f32>() / of.len() as f32
        };
        assert!(mean(true) > mean(false) + 2.0, "{} {}", mean(true), mean(false));
    }

    #[test]
    fn of_nothing_wrong_nothing_is_learned() {
        let mut tried = candidates();
        tried.iter_mut().for_each(|tried| tried.right = true);
        assert_eq!(learn(&tried, 2), Selection::untrained(2));
        assert_eq!(learn(&[], 3), Selection::untrained(3));
    }
}
