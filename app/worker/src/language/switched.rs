//! What is replaced while a model computes, and what stands in for it.

use std::collections::BTreeMap;

use engine::kernels::{Compute, Replacement as Values};
use engine::qwen::decoder::Logits;
use engine::qwen::hooks::{Hook, Recorder};
use engine::qwen::interventions::{self, Interventions};
use engine::worldmodel::taps::Gate;
use protocol::language::{Intervention, LanguageProgress, Part, Replacement};
use protocol::{AppError, Problem};

use super::errand::Errand;
use super::error;
use super::session::{Pace, Session};

/// Parts that are replaced, ready for a pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Switched {
    wanted: Vec<Intervention>,
    /// The text over which the means were taken; empty where no mean is wanted.
    over: Vec<u32>,
    /// What stands in for each part of the text stream.
    pub hooks: Interventions,
    /// The taps' gates.
    pub gates: Vec<Gate>,
}

impl Switched {
    /// Whether this is what is asked for on that text. A mean that was taken over the beginning of a chat stays while
    /// the chat grows: else every turn would compute everything before it again.
    pub fn serves(&self, wanted: &[Intervention], text: &[u32]) -> bool {
        self.wanted == wanted && text.starts_with(&self.over)
    }

    /// What is replaced, where what stands in for each part is known.
    pub const fn known(wanted: Vec<Intervention>, hooks: Interventions, gates: Vec<Gate>) -> Self {
        Self { wanted, over: Vec::new(), hooks, gates }
    }

    /// Finds what stands in for each part, with a pass over the text where a mean is wanted; `None` when somebody
    /// stopped it. The caches hold nothing of use afterwards.
    ///
    /// # Errors
    /// When a part does not exist, the context is full or the device fails.
    pub async fn find<C: Compute>(
        session: &mut Session<C>,
        wanted: &[Intervention],
        text: &[u32],
        errand: &Errand<'_>,
    ) -> Result<Option<Self>, AppError> {
        check(wanted, &sizes(session))?;
        let head_dim = session.model.config.head_dim;
        let parts = wanted.iter().filter_map(|one| Some((one, in_stream(one.part)?)));
        let mut points: Vec<(usize, Hook)> = parts
            .clone()
            .filter(|(one, _)| one.with == Replacement::Mean)
            .map(|(one, part)| (one.layer, part.hook()))
            .collect();
        points.sort_unstable();
        points.dedup();
        let over = if points.is_empty() { Vec::new() } else { text.to_vec() };
        if !points.is_empty() && over.is_empty() {
            let message = "a mean is over a text, and there is none yet";
            return Err(error::error(
                Problem::BadRequest,
                message,
                "Set the parts to zero, or let the model answer first.",
            ));
        }
        let means = means(session, &points, &over, errand).await;
        // What the caches hold of the pass for the means was computed with nothing replaced.
        session.forget(0);
        let Some(means) = means? else { return Ok(None) };
        let list = parts.map(|(&Intervention { layer, with, position, .. }, part)| {
            let columns = part.columns(head_dim);
            let mean = || means.get(&(layer, part.hook()))?.get(columns.clone()).map(<[f32]>::to_vec);
            let with = match with {
                Replacement::Zero => Values::Zero,
                Replacement::Value(value) => Values::Values(vec![value; columns.len()]),
                Replacement::Mean => mean().map_or(Values::Zero, Values::Values),
            };
            interventions::Intervention { layer, part, position, with }
        });
        let hooks = Interventions::new(list.collect(), head_dim);
        let gates = wanted.iter().filter_map(|one| match (one.part, one.with) {
            (Part::Gate(layer), Replacement::Value(to)) => Some(Gate { tap: one.layer, layer, to }),
            (Part::Gate(layer), _) => Some(Gate { tap: one.layer, layer, to: 0.0 }),
            _ => None,
        });
        Ok(Some(Self { wanted: wanted.to_vec(), over, hooks, gates: gates.collect() }))
    }
}

/// The same part as the engine names it; `None` for a gate, which is none of the text stream's.
const fn in_stream(part: Part) -> Option<interventions::Part> {
    match part {
        Part::Head(head) => Some(interventions::Part::Head(head)),
        Part::Neuron(neuron) => Some(interventions::Part::Neuron(neuron)),
        Part::Dimension(dimension) => Some(interventions::Part::Dimension(dimension)),
        Part::Gate(_) => None,
    }
}

/// How much there is of each kind of part.
#[derive(Clone, Copy)]
struct Sizes {
    layers: usize,
    heads: usize,
    neurons: usize,
    dimensions: usize,
    /// Positions.
    context: usize,
    /// Taps, and layers of each.
    taps: (usize, usize),
}

fn sizes<C: Compute>(session: &Session<C>) -> Sizes {
    let config = &session.model.config;
    Sizes {
        layers: config.layers,
        heads: config.heads,
        neurons: config.ffn,
        dimensions: config.hidden,
        context: session.context(),
        taps: session.adapted.as_ref().map_or((0, 0), |adapted| adapted.shape()),
    }
}

fn check(wanted: &[Intervention], sizes: &Sizes) -> Result<(), AppError> {
    let exists = |one: &&Intervention| match one.part {
        Part::Head(head) => one.layer < sizes.layers && head < sizes.heads,
        Part::Neuron(neuron) => one.layer < sizes.layers && neuron < sizes.neurons,
        Part::Dimension(dimension) => one.layer < sizes.layers && dimension < sizes.dimensions,
        Part::Gate(layer) => one.layer < sizes.taps.0 && layer < sizes.taps.1,
    };
    if let Some(Intervention { layer, part, .. }) = wanted.iter().find(|one| !exists(one)) {
        let part = match part {
            Part::Head(head) => format!("head {head} of layer {layer}"),
            Part::Neuron(neuron) => format!("neuron {neuron} of layer {layer}"),
            Part::Dimension(dimension) => format!("dimension {dimension} behind layer {layer}"),
            Part::Gate(of) => format!("the gate of layer {of} of tap {layer}"),
        };
        let Sizes { layers, heads, neurons, dimensions, taps: (taps, deep), .. } = sizes;
        let message = format!(
            "{part} is to be replaced; the model has {layers} layers of {heads} heads and {neurons} neurons, a stream of \
             {dimensions} dimensions, and {taps} taps of {deep} layers, all counted from 0"
        );
        return Err(error::error(Problem::BadRequest, message, "Choose a part that the model has."));
    }
    let beyond = wanted.iter().filter_map(|one| one.position).find(|position| *position >= sizes.context);
    if let Some(position) = beyond {
        let message =
            format!("a part is to be replaced at token {position}; the context ends at {}", sizes.context);
        return Err(error::error(Problem::BadRequest, message, "Choose a token of the text."));
    }
    let is_finite = |one: &Intervention| !matches!(one.with, Replacement::Value(value) if !value.is_finite());
    if !wanted.iter().all(is_finite) {
        let message = "a part is to be set to what is no number";
        return Err(error::error(Problem::BadRequest, message, "Choose a number."));
    }
    if wanted.iter().any(|one| matches!(one.part, Part::Gate(_)) && one.with == Replacement::Mean) {
        let message = "a gate has no mean: it is the same at every token";
        return Err(error::error(Problem::BadRequest, message, "Set it to zero or to a number."));
    }
    Ok(())
}

/// The mean of each point's columns over a text, with nothing replaced; `None` when somebody stopped it.
async fn means<C: Compute>(
    session: &mut Session<C>,
    points: &[(usize, Hook)],
    text: &[u32],
    errand: &Errand<'_>,
) -> Result<Option<BTreeMap<(usize, Hook), Vec<f32>>>, AppError> {
    let mut sums: BTreeMap<(usize, Hook), Vec<f64>> = BTreeMap::new();
    session.forget(0);
    let mut pace = Pace::new();
    while let Some(piece) = text.get(session.seen()..).filter(|piece| !piece.is_empty()) {
        let piece = piece.get(..pace.piece.min(piece.len())).unwrap_or(piece);
        let mut recorder = Recorder::<C>::new(points.iter().copied(), []);
        let begin = errand.scope.seconds();
        session.forward(piece, Logits::None, &mut recorder)?;
        for (at, rows) in &recorder.rows {
            let values =
                session.decoder.compute().read(rows).await.map_err(|failure| error::compute(&failure))?;
            let width = values.len() / piece.len().max(1);
            let sum = sums.entry(*at).or_insert_with(|| vec![0.0; width]);
            for row in values.chunks_exact(width.max(1)) {
                for (sum, value) in sum.iter_mut().zip(row) {
                    *sum += f64::from(*value);
                }
            }
        }
        pace.took(errand.scope.seconds() - begin);
        errand.tell_now_and_then(LanguageProgress::Reading { tokens: session.seen(), of: text.len() });
        if errand.is_to_stop().await {
            return Ok(None);
        }
    }
    let count = text.len().max(1) as f64;
    let mean = |sums: Vec<f64>| sums.into_iter().map(|sum| (sum / count) as f32).collect();
    Ok(Some(sums.into_iter().map(|(at, sums)| (at, mean(sums))).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { layers: 2, heads: 3, neurons: 8, dimensions: 6, context: 64, taps: (3, 2) };

    fn with(part: Part, with: Replacement) -> Intervention {
        Intervention { layer: 1, part, with, position: None }
    }

    #[test]
    fn a_mean_stays_while_its_text_grows() {
        let head = |how| with(Part::Head(2), how);
        let mean =
            Switched { wanted: vec![head(Replacement::Mean)], over: vec![1, 2, 3], ..Switched::default() };
        assert!(mean.serves(&[head(Replacement::Mean)], &[1, 2, 3]));
        assert!(mean.serves(&[head(Replacement::Mean)], &[1, 2, 3, 4]));
        assert!(!mean.serves(&[head(Replacement::Mean)], &[1, 2]));
        assert!(!mean.serves(&[head(Replacement::Mean)], &[1, 2, 4, 4]));
        assert!(!mean.serves(&[head(Replacement::Zero)], &[1, 2, 3]));
        assert!(!mean.serves(&[], &[1, 2, 3]));
        let zero = Switched { wanted: vec![head(Replacement::Zero)], ..Switched::default() };
        assert!(zero.serves(&[head(Replacement::Zero)], &[7]));
        assert!(Switched::default().serves(&[], &[]));
    }

    #[test]
    fn parts_that_are_not_there_are_refused_by_name() {
        let said = |one| check(&[one], &SIZES).err().map(|error| error.message).unwrap_or_default();
        for part in [Part::Head(2), Part::Neuron(7), Part::Dimension(5), Part::Gate(1)] {
            assert_eq!(check(&[with(part, Replacement::Value(0.5))], &SIZES), Ok(()));
        }
        assert!(said(with(Part::Head(3), Replacement::Zero)).starts_with("head 3 of layer 1"));
        assert!(said(with(Part::Dimension(6), Replacement::Zero)).starts_with("dimension 6 behind layer 1"));
        let far = Intervention { position: Some(64), ..with(Part::Head(0), Replacement::Zero) };
        assert!(said(far).contains("at token 64; the context ends at 64"));
        assert!(said(with(Part::Gate(2), Replacement::Zero)).starts_with("the gate of layer 2 of tap 1"));
        assert!(said(with(Part::Gate(0), Replacement::Mean)).contains("no mean"));
        assert!(said(with(Part::Neuron(0), Replacement::Value(f32::NAN))).contains("no number"));
    }
}
