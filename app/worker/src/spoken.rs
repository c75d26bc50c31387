//! What the neurons gave in a run: each position is computed once more, which takes time; so a piece is what a moment allows.

use engine::interpreter::engine::{Engine, EngineError};
use engine::interpreter::sequence::Sequence;
use js_sys::Date;
use protocol::survey::Spoken;

/// Milliseconds of a piece: what else is asked hardly waits. An engine that first reads again what stands before the piece may take as
/// long for it as it took for that.
const PIECE: f64 = 40.0;

/// The next piece, from a position on, of a run of so many tokens that the engine has seen. The last token has no position.
///
/// # Errors
/// When the device fails.
pub async fn piece(
    engine: &mut impl Engine,
    sequence: &Sequence,
    tokens: usize,
    from: u64,
) -> Result<Spoken, EngineError> {
    let begin = Date::now();
    let of = sequence.len().min(engine.seen()).min(tokens.saturating_sub(1));
    let from = usize::try_from(from).unwrap_or(of);
    let mut spoken = Spoken { of: of as u64, ..Spoken::default() };
    let mut until = None;
    let mut next = from;
    if from < of {
        let take = |capture: &engine::xray::Capture| {
            let until = *until.get_or_insert_with(|| Date::now() + PIECE.max(Date::now() - begin));
            for (layer, values) in (0..).zip(&capture.layers) {
                spoken.add(layer, capture.position as u32, &values.post);
            }
            capture.position + 1 < of && Date::now() < until
        };
        next = engine.captures(sequence, from, take).await?;
    }
    spoken.next = (next < of).then_some(next as u64);
    Ok(spoken)
}
