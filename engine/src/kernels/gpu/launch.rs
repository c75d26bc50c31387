//! From what is to be computed to the kernels that do it.

use std::ops::Range;

use cubecl::prelude::{CubeCount, CubeDim};

use super::device::Buffer;
use super::linear::{Ending, LANES, ROWS, Spec, TILE};
use super::rows::{Heads, Normed, Product, Rows, State, View};
use super::small::Pairing;
use super::weight::Weight;
use super::{Cache, Gpu, attention, heads, linear, small};
use crate::kernels::{AttentionShape, Reach};

/// Threads of a cube where each thread has a value of its own.
const ALONE: u32 = 256;

/// A number as kernels take it. Buffers are bound, and so much smaller than 2³² values.
fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Cubes of [`ALONE`] threads for so many values; one direction has 65,535 at most.
fn alone(values: usize) -> (CubeCount, CubeDim) {
    let cubes = word(values).div_ceil(ALONE);
    let across = cubes.clamp(1, 1 << 15);
    (CubeCount::Static(across, cubes.div_ceil(across).max(1), 1), CubeDim::new_1d(ALONE))
}

impl Gpu {
    /// Rows in memory, computed now if they were only noted.
    pub(super) fn view(&mut self, rows: &Rows) -> View {
        let view = match rows.state() {
            State::There(view) => return view,
            State::Normed(normed) => self.norm_alone(rows, &normed),
            State::Product(Product { input, weight }) => {
                self.products(&input, &[&weight], Ending::Store, None)
            }
            State::Heads(heads) => self.heads_alone(rows, &heads),
        };
        rows.arrived(view.clone());
        view
    }

    fn norm_alone(&mut self, rows: &Rows, normed: &Normed) -> View {
        let out = self.device.empty(rows.count());
        let (x, gain, to) = (normed.of.buffer.arg(), normed.gain.arg(), out.arg());
        small::norm::launch(
            self.device.launch(),
            CubeCount::Static(word(rows.positions()), 1, 1),
            CubeDim::new_1d(word(small::THREADS)),
            x,
            gain,
            to,
            word(rows.width()),
            word(normed.of.offset),
            word(normed.of.stride),
            normed.epsilon,
        );
        View { buffer: out, offset: 0, stride: rows.width() }
    }

    fn heads_alone(&mut self, rows: &Rows, heads: &Heads) -> View {
        let out = self.device.empty(rows.count());
        let [.., cache] = self.device.nothing().clone();
        let shape = AttentionShape {
            heads: rows.width() / heads.head_dim.max(1),
            kv_heads: 0,
            head_dim: heads.head_dim,
        };
        self.turn(heads, heads, shape, rows.positions(), &out, &cache, None);
        View { buffer: out, offset: 0, stride: rows.width() }
    }

    /// Norms and turns the heads of queries, of keys too where there is a cache, `place` with its first free
    /// position and its capacity.
    #[expect(clippy::too_many_arguments, reason = "what one kernel takes")]
    fn turn(
        &mut self,
        queries: &Heads,
        keys: &Heads,
        shape: AttentionShape,
        positions: usize,
        out: &Buffer,
        cache: &Buffer,
        place: Option<(usize, usize)>,
    ) {
        let AttentionShape { heads, kv_heads, head_dim } = shape;
        let [q_gain, k_gain, angles, ..] = self.device.nothing().clone();
        let spec = heads::Spec {
            norm: queries.norm.is_some(),
            rotate: queries.turn.is_some(),
            neighbours: queries.turn.as_ref().is_some_and(|turn| turn.neighbours),
            append: place.is_some(),
        };
        let gain = |of: &Heads, nothing: Buffer| of.norm.as_ref().map_or(nothing, |(gain, _)| gain.clone());
        let (q_gain, k_gain) = (gain(queries, q_gain), gain(keys, k_gain));
        let k_gain = if place.is_some() { k_gain } else { self.device.nothing()[1].clone() };
        let angles = queries.turn.as_ref().map_or(angles, |turn| turn.angles.clone());
        let (first, capacity) = place.unwrap_or((0, 1));
        let sizes = heads::SizesLaunch::new(
            word(heads),
            word(kv_heads),
            word(head_dim),
            word(queries.of.offset),
            word(queries.of.stride),
            word(first),
            word(capacity),
            queries.norm.as_ref().map_or(0.0, |(_, epsilon)| *epsilon),
        );
        heads::turn::launch(
            self.device.launch(),
            CubeCount::Static(word(heads + 2 * kv_heads), word(positions), 1),
            CubeDim::new_1d(word(heads::THREADS)),
            queries.of.buffer.arg(),
            q_gain.arg(),
            k_gain.arg(),
            angles.arg(),
            out.arg(),
            cache.arg(),
            sizes,
            spec,
        );
    }

    /// Products of an input with matrices, side by side in one buffer, with what comes before and after them.
    pub(super) fn products(
        &mut self,
        input: &Rows,
        weights: &[&Weight],
        ending: Ending,
        residual: Option<&View>,
    ) -> View {
        let positions = input.positions();
        let normed = match input.state() {
            State::Normed(normed) if positions == 1 => Some(normed),
            _ => None,
        };
        let x = match &normed {
            Some(normed) => normed.of.clone(),
            None => self.view(input),
        };
        let norm = normed.as_ref().map(|normed| (&normed.gain, normed.epsilon));
        let outputs: usize = weights.iter().map(|weight| weight.rows()).sum();
        let width = if ending == Ending::Gate { outputs / 2 } else { outputs };
        let out = self.device.empty(positions * width);
        let whole: Option<Vec<_>> = weights.iter().map(|weight| weight.whole()).collect();
        if let Some(pieces) = whole
            && pieces.len() <= 3
        {
            let matrices: Vec<_> =
                weights.iter().zip(pieces).map(|(weight, piece)| (*weight, piece)).collect();
            self.product(&x, positions, norm, &matrices, ending, residual, (&out, 0, width));
        } else {
            let mut column = 0;
            for weight in weights {
                for piece in weight.pieces() {
                    let shifted = residual.map(|view| View { offset: view.offset + column, ..view.clone() });
                    let to = (&out, column, width);
                    self.product(&x, positions, norm, &[(weight, piece)], ending, shifted.as_ref(), to);
                    column += piece.rows;
                }
            }
        }
        View { buffer: out, offset: 0, stride: width }
    }

    /// One dispatch of products. `out` is the buffer, its first value and the values from row to row.
    #[expect(clippy::too_many_arguments, reason = "what one kernel takes")]
    fn product(
        &mut self,
        x: &View,
        positions: usize,
        norm: Option<(&Buffer, f32)>,
        matrices: &[(&Weight, &super::weight::Piece)],
        ending: Ending,
        residual: Option<&View>,
        (out, out_offset, out_stride): (&Buffer, usize, usize),
    ) {
        let [first, second, third, no_gain, no_residual, _] = self.device.nothing().clone();
        let matrix = |at: usize| matrices.get(at).copied();
        let words = |at: usize, nothing: Buffer| matrix(at).map_or(nothing, |(_, piece)| piece.words.clone());
        let rows = |at: usize| matrix(at).map_or(0, |(_, piece)| piece.rows);
        let columns = matrix(0).map_or(0, |(weight, _)| weight.columns());
        let ragged = !columns.is_multiple_of(super::layout::GROUP);
        let is_single = positions == 1;
        let fits = !ragged && x.offset.is_multiple_of(4) && x.stride.is_multiple_of(4);
        let spec = Spec {
            encodings: std::array::from_fn(|at| matrix(at).map(|(weight, _)| weight.encoding())),
            tile: if is_single { 1 } else { TILE },
            rows: if is_single { 1 } else { ROWS },
            splits: if is_single { self.splits } else { 1 },
            norm: norm.is_some(),
            ending,
            ragged,
            vector: if fits { 4 } else { 1 },
        };
        let added = residual.map_or((0, 0), |view| (view.offset, view.stride));
        let sizes = linear::SizesLaunch::new(
            word(positions),
            word(columns),
            word(x.offset),
            word(x.stride),
            word(added.0),
            word(added.1),
            word(out_offset),
            word(out_stride),
            word(rows(0)),
            word(rows(1)),
            word(rows(2)),
            norm.map_or(0.0, |(_, epsilon)| epsilon),
        );
        let blocks_of = |at: usize| rows(at).div_ceil(LANES * spec.rows);
        let blocks = if ending == Ending::Gate { blocks_of(0) } else { (0..3).map(blocks_of).sum() };
        linear::linear::launch(
            self.device.launch(),
            CubeCount::Static(word(blocks), word(positions.div_ceil(spec.tile)), 1),
            CubeDim::new_2d(word(LANES), word(spec.splits)),
            spec.vector,
            words(0, first).arg(),
            words(1, second).arg(),
            words(2, third).arg(),
            x.buffer.arg(),
            norm.map_or(no_gain, |(gain, _)| gain.clone()).arg(),
            residual.map_or(no_residual, |view| view.buffer.clone()).arg(),
            out.arg(),
            sizes,
            spec,
        );
    }

    /// Rows from two others, value by value, to a place in a buffer: its first value and the values from row to row.
    pub(super) fn combine(
        &mut self,
        x: &Rows,
        y: Option<&Rows>,
        pairing: Pairing,
        (out, out_offset, out_stride): (&Buffer, usize, usize),
    ) {
        let first = self.view(x);
        let [.., nothing] = self.device.nothing().clone();
        let second = match y {
            Some(y) => self.view(y),
            None => View { buffer: nothing, offset: 0, stride: 0 },
        };
        let (cubes, threads) = alone(x.count());
        small::combine::launch(
            self.device.launch(),
            cubes,
            threads,
            first.buffer.arg(),
            second.buffer.arg(),
            out.arg(),
            word(x.count()),
            word(x.width()),
            word(first.offset),
            word(first.stride),
            word(second.offset),
            word(second.stride),
            word(out_offset),
            word(out_stride),
            pairing,
        );
    }

    /// Rows in which `values` stand from column `first` on.
    pub(super) fn replaced(&mut self, x: &Rows, rows: &Range<usize>, first: usize, values: &[f32]) -> Rows {
        let view = self.view(x);
        let (given, out) = (self.device.floats(values), self.device.empty(x.count()));
        let (cubes, threads) = alone(x.count());
        small::replace::launch(
            self.device.launch(),
            cubes,
            threads,
            view.buffer.arg(),
            given.arg(),
            out.arg(),
            word(x.count()),
            word(x.width()),
            word(view.offset),
            word(view.stride),
            word(rows.start),
            word(rows.end),
            word(first),
            word(values.len()),
        );
        Rows::there(out, x.positions(), x.width())
    }

    /// Rows times a number.
    pub(super) fn scaled(&mut self, x: &Rows, by: f32) -> Rows {
        let view = self.view(x);
        let (factor, out) = (self.device.floats(&[by]), self.device.empty(x.count()));
        let (cubes, threads) = alone(x.count());
        small::scale::launch(
            self.device.launch(),
            cubes,
            threads,
            view.buffer.arg(),
            factor.arg(),
            out.arg(),
            word(x.count()),
            word(x.width()),
            word(view.offset),
            word(view.stride),
        );
        Rows::there(out, x.positions(), x.width())
    }

    /// The rows of a table for tokens, from each of its pieces that has some of them.
    pub(super) fn embedded(&mut self, table: &Weight, tokens: &[u32]) -> Rows {
        let columns = table.columns();
        let out = self.device.empty(tokens.len() * columns);
        let asked = self.device.words(tokens);
        for piece in table.pieces() {
            let here = piece.first..piece.first + piece.rows;
            if !tokens.iter().any(|token| here.contains(&(*token as usize))) {
                continue;
            }
            let groups = super::layout::groups(columns);
            small::embed::launch(
                self.device.launch(),
                CubeCount::Static(word(groups.div_ceil(small::THREADS)), word(tokens.len()), 1),
                CubeDim::new_1d(word(small::THREADS)),
                piece.words.arg(),
                asked.arg(),
                out.arg(),
                word(piece.first),
                word(piece.rows),
                word(columns),
                table.encoding(),
            );
        }
        Rows::there(out, tokens.len(), columns)
    }

    /// Appends keys and values to the cache, and gives the queries as they attend, `[positions, heads · head_dim]`.
    pub(super) fn append(&mut self, cache: &mut Cache, q: &Rows, k: &Rows, v: &Rows) -> Buffer {
        let out = self.device.empty(q.count());
        let (queries, keys) = match side_by_side(q, k, v) {
            Some(found) => found,
            None => self.brought_together(cache.shape, q, k, v),
        };
        let place = Some((cache.positions, cache.capacity));
        self.turn(&queries, &keys, cache.shape, q.positions(), &out, &cache.buffer, place);
        cache.positions += q.positions();
        out
    }

    /// Queries, keys and values copied into one buffer; norm and rotation are done.
    fn brought_together(&mut self, shape: AttentionShape, q: &Rows, k: &Rows, v: &Rows) -> (Heads, Heads) {
        let stride = q.width() + k.width() + v.width();
        let buffer = self.device.empty(q.positions() * stride);
        for (rows, column) in [(q, 0), (k, q.width()), (v, q.width() + k.width())] {
            self.combine(rows, None, Pairing::Copy, (&buffer, column, stride));
        }
        let of = View { buffer, offset: 0, stride };
        let heads = Heads { of, norm: None, turn: None, head_dim: shape.head_dim };
        (heads.clone(), heads)
    }

    /// What queries attend to, and the pattern where it is wanted.
    pub(super) fn attended(
        &mut self,
        cache: &Cache,
        q: &Buffer,
        queries: usize,
        reach: Reach,
        wants_pattern: bool,
    ) -> (Rows, Option<Rows>) {
        let AttentionShape { heads, kv_heads, head_dim } = cache.shape;
        let (first, step) = match reach {
            Reach::Causal => (cache.positions + 1 - queries, 1),
            Reach::Across => (cache.positions, 0),
        };
        let sizes = || {
            attention::SizesLaunch::new(
                word(heads),
                word(kv_heads),
                word(head_dim),
                word(first),
                word(step),
                word(cache.positions),
                word(cache.capacity),
                1.0 / (head_dim as f32).sqrt(),
            )
        };
        let (cubes, threads) =
            (CubeCount::Static(word(heads), word(queries), 1), CubeDim::new_1d(word(attention::THREADS)));
        let z = self.device.empty(queries * heads * head_dim);
        attention::attend::launch(
            self.device.launch(),
            cubes.clone(),
            threads,
            q.arg(),
            cache.buffer.arg(),
            z.arg(),
            sizes(),
            head_dim.div_ceil(attention::THREADS),
        );
        let pattern = wants_pattern.then(|| {
            let out = self.device.empty(heads * queries * cache.positions);
            attention::pattern::launch(
                self.device.launch(),
                cubes,
                threads,
                q.arg(),
                cache.buffer.arg(),
                out.arg(),
                word(queries),
                sizes(),
            );
            Rows::there(out, heads * queries, cache.positions)
        });
        (Rows::there(z, queries, heads * head_dim), pattern)
    }

    /// A cache with more room and the same contents.
    pub(super) fn grown(&mut self, cache: &Cache, capacity: usize) -> Buffer {
        let AttentionShape { kv_heads, head_dim, .. } = cache.shape;
        let buffer = self.device.empty(2 * kv_heads * head_dim * capacity);
        if cache.positions > 0 {
            let (cubes, threads) = alone(2 * kv_heads * head_dim * cache.capacity);
            heads::grow::launch(
                self.device.launch(),
                cubes,
                threads,
                cache.buffer.arg(),
                buffer.arg(),
                word(kv_heads),
                word(head_dim),
                word(cache.capacity),
                word(capacity),
            );
        }
        buffer
    }

    /// The largest values of each stretch of each row, as [`small::top`] writes them.
    pub(super) fn largest(&mut self, x: &Rows, count: usize) -> (Buffer, usize) {
        let view = self.view(x);
        let stretches = x.width().div_ceil(small::STRETCH);
        let out = self.device.empty(x.positions() * stretches * (2 * count + 2));
        small::top::launch(
            self.device.launch(),
            CubeCount::Static(word(stretches), word(x.positions()), 1),
            CubeDim::new_1d(word(small::THREADS)),
            view.buffer.arg(),
            out.arg(),
            word(x.width()),
            word(view.offset),
            word(view.stride),
            word(stretches),
            word(count),
        );
        (out, stretches)
    }
}

/// Queries, keys and values that lie side by side in one buffer, with the same norm and rotation noted for queries and
/// keys: what one kernel can take.
fn side_by_side(q: &Rows, k: &Rows, v: &Rows) -> Option<(Heads, Heads)> {
    let (queries, keys, values) = match (q.state(), k.state(), v.state()) {
        (State::Heads(queries), State::Heads(keys), State::There(values)) => (queries, keys, values),
        _ => return None,
    };
    let same_steps = queries.norm.is_some() == keys.norm.is_some()
        && queries.turn.is_some() == keys.turn.is_some()
        && queries.of.stride == keys.of.stride
        && queries.of.stride == values.stride;
    let follows =
        keys.of.offset == queries.of.offset + q.width() && values.offset == keys.of.offset + k.width();
    let one_buffer = queries.of.buffer.is(&keys.of.buffer) && queries.of.buffer.is(&values.buffer);
    (same_steps && follows && one_buffer).then_some((queries, keys))
}
