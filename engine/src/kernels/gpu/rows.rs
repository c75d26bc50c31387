//! Activations on the device, some of them not computed yet.
//!
//! The decoder says one thing after the other: norm, product, sum. A dispatch costs more than many of these, so some are
//! only *noted*: a norm waits for the product that reads it, a product for the sum or the gate that follows, a head's
//! norm and rotation for the attention. What follows takes them into its own kernel. Where something else wants to see
//! them (a hook, a test), they are computed by themselves, and once. So nobody has to say beforehand what will be looked
//! at, and what is not costs nothing.

use std::cell::RefCell;
use std::rc::Rc;

use super::device::Buffer;
use super::weight::Weight;

/// `[positions, width]` on the device; a copy is the same rows.
#[derive(Clone)]
pub struct Rows {
    positions: usize,
    width: usize,
    state: Rc<RefCell<State>>,
}

/// What there is of rows.
#[derive(Clone)]
pub enum State {
    /// They are in memory.
    There(View),
    /// A norm that was noted.
    Normed(Normed),
    /// Products that were noted.
    Product(Product),
    /// Heads to be normed and turned.
    Heads(Heads),
}

/// Rows in memory.
#[derive(Clone)]
pub struct View {
    /// Where.
    pub buffer: Buffer,
    /// The first value.
    pub offset: usize,
    /// Values from row to row.
    pub stride: usize,
}

/// A root mean square norm, times a gain.
#[derive(Clone)]
pub struct Normed {
    /// Of what.
    pub of: View,
    /// The gain.
    pub gain: Buffer,
    /// What is added to the mean square.
    pub epsilon: f32,
}

/// One of the products of an input with matrices.
#[derive(Clone)]
pub struct Product {
    /// The input; the same for the products that were noted together.
    pub input: Rows,
    /// The matrix.
    pub weight: Weight,
}

/// Heads whose norm and rotation were noted.
#[derive(Clone)]
pub struct Heads {
    /// Of what.
    pub of: View,
    /// The norm's gain and what is added to its mean square.
    pub norm: Option<(Buffer, f32)>,
    /// The rotation.
    pub turn: Option<Turn>,
    /// Width of a head.
    pub head_dim: usize,
}

/// A rotation, as the device takes it.
#[derive(Clone)]
pub struct Turn {
    /// `[positions, head_dim / 2, 2]`: cosine and sine.
    pub angles: Buffer,
    /// Whether a pair is two neighbours.
    pub neighbours: bool,
}

impl Rows {
    /// Rows in this state.
    pub fn new(positions: usize, width: usize, state: State) -> Self {
        Self { positions, width, state: Rc::new(RefCell::new(state)) }
    }

    /// Rows that fill a buffer, or its beginning.
    pub fn there(buffer: Buffer, positions: usize, width: usize) -> Self {
        Self::new(positions, width, State::There(View { buffer, offset: 0, stride: width }))
    }

    /// Rows there are.
    pub const fn positions(&self) -> usize {
        self.positions
    }

    /// Values in a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// All values.
    pub const fn count(&self) -> usize {
        self.positions * self.width
    }

    /// What there is of them.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// They are in memory now, for every copy.
    pub fn arrived(&self, view: View) {
        self.state.replace(State::There(view));
    }

    /// Whether these are the same rows, not rows of the same values.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.state, &other.state)
    }
}
