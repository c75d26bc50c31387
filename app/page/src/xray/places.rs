//! What stands at positions of the run, as the worker tells it.

use engine::interpreter::ModelCard;
use protocol::{AppError, Inside, Machine, Place, Request, Response};

use super::format;
use crate::client::unexpected;
use crate::session::{Session, Tape};

/// Asks what stands at positions.
pub async fn ask(session: Session, tape: Tape, positions: Vec<u32>) -> Result<Vec<Place>, AppError> {
    let request = Request::Inside { machine: tape.machine, of: Inside::Places { positions } };
    match session.client.request(request).await? {
        Response::Places(places) => Ok(places),
        _ => Err(unexpected()),
    }
}

/// What stands at a position, if that was asked for.
pub fn find(places: &[Place], position: usize) -> Option<&Place> {
    places.iter().find(|place| place.position as usize == position)
}

/// A token in words: classic's are numbers, the full machine's have a word each.
pub fn name(machine: Machine, card: &ModelCard, place: &Place) -> String {
    match machine {
        Machine::Classic => format::token(card, place.token),
        Machine::Full => place.word.clone(),
    }
}
