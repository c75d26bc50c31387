//! What the neurons gave in a run: each position is computed once more, which takes time; so a piece is what a moment allows.

use engine::interpreter::engine::{Engine, EngineError};
use engine::interpreter::sequence::Sequence;
use js_sys::Date;
use protocol::survey::Spoken;

/// Milliseconds of a piece: what else is asked waits no longer.
const PIECE: f64 = 40.0;

/// The next piece, from a position on. The engine has seen the run.
///
/// # Errors
/// When the device fails.
pub async fn piece(engine: &mut impl Engine, sequence: &Sequence, from: u64) -> Result<Spoken, EngineError> {
    let until = Date::now() + PIECE;
    let last = sequence.len().min(engine.seen());
    let mut spoken = Spoken::default();
    let mut position = usize::try_from(from).unwrap_or(last);
    while position < last {
        let capture = engine.capture(sequence, position).await?;
        for (layer, values) in (0..).zip(&capture.layers) {
            spoken.add(layer, position as u32, &values.post);
        }
        position += 1;
        if Date::now() > until {
            break;
        }
    }
    spoken.next = (position < last).then_some(position as u64);
    Ok(spoken)
}
