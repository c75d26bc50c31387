//! What a transformer reads: tokens, each with its positional encoding, from the host or by a rule; and the external key/value stores of its cross-attention heads.

use std::borrow::Cow;

use super::describe::HeadKind;
use super::model::{Matrix, Transformer};

/// Number of external stores: one for each file.
pub const STORES: usize = 4;

/// What the host tells a position besides its token.
#[derive(Clone, Debug, Default, PartialEq)]
struct Given {
    /// The positional encoding, as (dimension, value); dimensions not named are 0.
    encoding: Vec<(usize, f32)>,
    /// How many entries of each store this position can see.
    visible: [usize; STORES],
}

/// A positional encoding that depends on nothing but the position: (dimension, value) of what is not 0.
#[derive(Clone, Copy, Debug)]
pub struct Rule(pub fn(usize) -> Vec<(usize, f32)>);

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

/// Where positional encodings come from.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    /// From the host, for each position.
    ByHost(Vec<Given>),
    /// From the position alone.
    ByRule(Rule),
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
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    tokens: Vec<u16>,
    told: Told,
    /// The stores.
    pub stores: [Vec<Entry>; STORES],
}

impl Default for Sequence {
    fn default() -> Self {
        Self { tokens: Vec::new(), told: Told::ByHost(Vec::new()), stores: Default::default() }
    }
}

impl Sequence {
    /// An empty sequence whose positions are told what a rule says. It takes two bytes a position.
    pub fn ruled(rule: Rule) -> Self {
        Self { told: Told::ByRule(rule), ..Self::default() }
    }

    /// Number of positions.
    pub const fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is no position.
    pub const fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// All tokens.
    pub fn tokens(&self) -> &[u16] {
        &self.tokens
    }

    /// The token at a position.
    pub fn token(&self, position: usize) -> Option<u16> {
        self.tokens.get(position).copied()
    }

    /// Whether positions are told about themselves by a rule, and not by the host.
    pub const fn is_ruled(&self) -> bool {
        matches!(self.told, Told::ByRule(_))
    }

    /// The positional encoding of a position, as (dimension, value); dimensions not named are 0.
    pub fn encoding(&self, position: usize) -> Cow<'_, [(usize, f32)]> {
        match &self.told {
            Told::ByHost(given) => {
                given.get(position).map(|given| given.encoding.as_slice()).unwrap_or_default().into()
            }
            Told::ByRule(Rule(encoding)) => encoding(position).into(),
        }
    }

    /// How many entries of each store a position can see.
    pub fn visible(&self, position: usize) -> [usize; STORES] {
        match &self.told {
            Told::ByHost(given) => given.get(position).map(|given| given.visible).unwrap_or_default(),
            Told::ByRule(_) => [0; STORES],
        }
    }

    /// A position with all that the stores hold now in its sight. A rule's positions need no encoding: it is ignored.
    pub fn push(&mut self, token: u16, encoding: Vec<(usize, f32)>) {
        self.tokens.push(token);
        if let Told::ByHost(given) = &mut self.told {
            let mut visible = [0; STORES];
            for (count, store) in visible.iter_mut().zip(&self.stores) {
                *count = store.len();
            }
            given.push(Given { encoding, visible });
        }
    }

    /// Adds an entry to a store; positions pushed from now on see it.
    pub fn push_entry(&mut self, store: usize, entry: Entry) {
        if let Some(store) = self.stores.get_mut(store) {
            store.push(entry);
        }
    }

    /// Forgets the positions from one on.
    pub fn truncate(&mut self, len: usize) {
        self.tokens.truncate(len);
        if let Told::ByHost(given) = &mut self.told {
            given.truncate(len);
        }
    }

    /// What enters the first layer at a position: its token's embedding plus its encoding, `[d_model]`.
    pub fn residual(&self, embed: &Matrix, position: usize) -> Vec<f32> {
        residual(embed, self.token(position).unwrap_or_default(), &self.encoding(position))
    }

    /// How many keys a head can choose between at a position.
    pub fn visible_keys(&self, kind: HeadKind, position: usize) -> usize {
        match kind {
            HeadKind::Cross { store } => self.visible(position).get(store).copied().unwrap_or(0),
            HeadKind::HardMax | HeadKind::Sum => position + 1,
        }
    }

    /// The token that a key belongs to.
    pub fn key_token(&self, kind: HeadKind, key: usize) -> u16 {
        let token = match kind {
            HeadKind::Cross { store } => {
                self.stores.get(store).and_then(|store| store.get(key)).map(|entry| entry.token)
            }
            HeadKind::HardMax | HeadKind::Sum => self.token(key),
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

fn residual(embed: &Matrix, token: u16, encoding: &[(usize, f32)]) -> Vec<f32> {
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
