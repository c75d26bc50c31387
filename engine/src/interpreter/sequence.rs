//! What a transformer reads: tokens, each with the positional encoding that the host gives it, and the
//! external key/value stores of its cross-attention heads.

use super::describe::HeadKind;
use super::model::{Matrix, Transformer};

/// Number of external stores: one for each file.
pub const STORES: usize = 4;

/// One position of the sequence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Position {
    /// The token.
    pub token: u16,
    /// The positional encoding, as (dimension, value); dimensions not named are 0.
    pub encoding: Vec<(usize, f32)>,
    /// How many entries of each store this position can see.
    pub visible: [usize; STORES],
}

/// One entry of an external store: a token with its own encoding, which enters the cross-attention heads
/// as if it were a position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The token.
    pub token: u16,
    /// Its encoding, as (dimension, value).
    pub encoding: Vec<(usize, f32)>,
}

/// A sequence with its stores. Both only ever grow, so a sequence and a position in it determine every
/// number the model computes there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sequence {
    /// The positions.
    pub positions: Vec<Position>,
    /// The stores.
    pub stores: [Vec<Entry>; STORES],
}

impl Sequence {
    /// A position with all that the stores hold now in its sight.
    pub fn push(&mut self, token: u16, encoding: Vec<(usize, f32)>) {
        let mut visible = [0; STORES];
        for (count, store) in visible.iter_mut().zip(&self.stores) {
            *count = store.len();
        }
        self.positions.push(Position { token, encoding, visible });
    }

    /// Adds an entry to a store; positions pushed from now on see it.
    pub fn push_entry(&mut self, store: usize, entry: Entry) {
        if let Some(store) = self.stores.get_mut(store) {
            store.push(entry);
        }
    }
}

impl Sequence {
    /// How many keys a head can choose between at a position.
    pub fn visible_keys(&self, kind: HeadKind, position: usize) -> usize {
        match kind {
            HeadKind::Cross { store } => {
                let visible = self.positions.get(position).map(|input| input.visible);
                visible.and_then(|visible| visible.get(store).copied()).unwrap_or(0)
            }
            HeadKind::HardMax | HeadKind::Sum => position + 1,
        }
    }

    /// The token that a key belongs to.
    pub fn key_token(&self, kind: HeadKind, key: usize) -> u16 {
        let token = match kind {
            HeadKind::Cross { store } => {
                self.stores.get(store).and_then(|store| store.get(key)).map(|entry| entry.token)
            }
            HeadKind::HardMax | HeadKind::Sum => self.positions.get(key).map(|input| input.token),
        };
        token.unwrap_or_default()
    }
}

/// An encoding as a vector, `[d_model]`.
pub fn dense_encoding(encoding: &[(usize, f32)], d_model: usize) -> Vec<f32> {
    let mut dense = vec![0.0; d_model];
    for (dim, value) in encoding {
        if let Some(cell) = dense.get_mut(*dim) {
            *cell += value;
        }
    }
    dense
}

/// What enters the first layer: the token's embedding plus the encoding, `[d_model]`.
pub fn residual(embed: &Matrix, token: u16, encoding: &[(usize, f32)]) -> Vec<f32> {
    let mut residual = embed.row(usize::from(token)).to_vec();
    for (dim, value) in encoding {
        if let Some(cell) = residual.get_mut(*dim) {
            *cell += value;
        }
    }
    residual
}

/// The same for an entry of a store.
pub fn entry_residual(model: &Transformer, entry: &Entry) -> Vec<f32> {
    residual(&model.embed, entry.token, &entry.encoding)
}
