//! `x · weightᵀ`, with what surrounds it in the same dispatch.
//!
//! A thread multiplies one row of weights with one or several positions; its neighbours have the neighbouring rows, and
//! [`super::layout`] has put their words side by side. For a single position, where there are few rows for a device's
//! many threads, eight threads may share a row. That is meant for graphics devices; a software adapter, for which a
//! barrier is dear, is slower with it. [`super::Gpu::tune`] tries. What may come along:
//!
//! - up to three matrices (queries, keys and values) that read the same input, their outputs side by side;
//! - before it, the root mean square norm: the gain is multiplied in on the way, and the division by the norm, which
//!   is one number a position, comes last;
//! - after it, the sum with the residual stream, or `silu(first) · second` for gate and up.

#![allow(
    clippy::if_same_then_else,
    reason = "one is decided when the kernel is compiled, the other when it runs"
)]
#![allow(
    clippy::indexing_slicing,
    reason = "device code: an index outside is caught there by the launch's own checks"
)]

use cubecl::prelude::*;

use super::decode::{Scales, has_offset, octet_of, scales_of};
use crate::weights::Encoding;

/// Rows that neighbouring threads compute.
pub const LANES: usize = 32;
/// Threads that may share a row, for a single position.
pub const SPLITS: usize = 8;
/// Positions that a thread computes at once, where there are several.
pub const TILE: usize = 4;
/// Rows that it computes at once then: what is read of the input serves all of them.
pub const ROWS: usize = 4;

/// What becomes of the products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// They are stored.
    Store,
    /// They are added to other rows, and the sum is stored.
    Add,
    /// `silu(first) · second` is stored.
    Gate,
}

/// What a kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spec {
    /// The matrices.
    pub encodings: [Option<Encoding>; 3],
    /// Positions a thread.
    pub tile: usize,
    /// Rows a thread.
    pub rows: usize,
    /// Threads a row.
    pub splits: usize,
    /// Whether the input is normed first; for single positions only.
    pub norm: bool,
    /// What becomes of the products.
    pub ending: Ending,
    /// Whether rows are no whole groups: then each index is checked.
    pub ragged: bool,
    /// Values of the input that are read at once.
    pub vector: usize,
}

/// Numbers that a kernel is told when it is started.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub struct Sizes {
    /// Positions there are.
    pub positions: u32,
    /// Numbers in a row of weights.
    pub columns: u32,
    /// First value, and values from row to row, of the input.
    pub x_offset: u32,
    /// See above.
    pub x_stride: u32,
    /// The same of the rows that are added.
    pub residual_offset: u32,
    /// See above.
    pub residual_stride: u32,
    /// The same of the output.
    pub out_offset: u32,
    /// See above.
    pub out_stride: u32,
    /// Rows of the first matrix.
    pub first_rows: u32,
    /// Rows of the second.
    pub second_rows: u32,
    /// Rows of the third.
    pub third_rows: u32,
    /// What is added to the mean square.
    pub epsilon: f32,
}

/// One thread for `rows` rows, [`LANES`] apart, and `tile` positions, or a share of that; a cube for [`LANES`] · `rows` rows.
#[cube(launch)]
pub fn linear<N: Size>(
    first: &[u32],
    second: &[u32],
    third: &[u32],
    x: &[Vector<f32, N>],
    gain: &[Vector<f32, N>],
    residual: &[f32],
    out: &mut [f32],
    sizes: Sizes,
    #[comptime] spec: Spec,
) {
    let mut sums = Array::<f32>::new(comptime!(spec.rows * spec.tile));
    let mut ups = Array::<f32>::new(comptime!(spec.rows * spec.tile));
    let mut squares = Array::<f32>::new(1usize);
    let lane = UNIT_POS_X as usize;
    let height = comptime!(LANES * spec.rows);
    let mut block = CUBE_POS_X as usize;
    let mut rows = sizes.first_rows as usize;
    let mut before = 0usize;
    match comptime!(spec.ending) {
        Ending::Gate => {
            let row = block * height + lane;
            products::<N>(first, x, gain, row, rows, &sizes, &mut sums, &mut squares, 0usize, spec);
            products::<N>(second, x, gain, row, rows, &sizes, &mut ups, &mut squares, 1usize, spec);
        }
        _ => {
            let first_blocks = rows.div_ceil(height);
            if comptime!(spec.encodings[1].is_none()) {
                let row = block * height + lane;
                products::<N>(first, x, gain, row, rows, &sizes, &mut sums, &mut squares, 0usize, spec);
            } else if block < first_blocks {
                let row = block * height + lane;
                products::<N>(first, x, gain, row, rows, &sizes, &mut sums, &mut squares, 0usize, spec);
            } else {
                block -= first_blocks;
                before = rows;
                rows = sizes.second_rows as usize;
                let second_blocks = rows.div_ceil(height);
                if block < second_blocks {
                    let row = block * height + lane;
                    products::<N>(second, x, gain, row, rows, &sizes, &mut sums, &mut squares, 1usize, spec);
                } else {
                    block -= second_blocks;
                    before += rows;
                    rows = sizes.third_rows as usize;
                    if comptime!(spec.encodings[2].is_some()) {
                        let row = block * height + lane;
                        products::<N>(
                            third,
                            x,
                            gain,
                            row,
                            rows,
                            &sizes,
                            &mut sums,
                            &mut squares,
                            2usize,
                            spec,
                        );
                    }
                }
            }
        }
    }
    if comptime!(spec.splits > 1) {
        // For one position and one row a thread.
        let kinds = comptime!(1 + usize::from(matches!(spec.ending, Ending::Gate)) + usize::from(spec.norm));
        let mut parts = Shared::<[f32]>::new_slice(comptime!(kinds * spec.splits * LANES));
        let own = UNIT_POS_Y as usize * LANES + lane;
        let stretch = comptime!(spec.splits * LANES);
        parts[own] = sums[0];
        if comptime!(matches!(spec.ending, Ending::Gate)) {
            parts[stretch + own] = ups[0];
        }
        if comptime!(spec.norm) {
            parts[(kinds - 1) * stretch + own] = squares[0];
        }
        sync_cube();
        if UNIT_POS_Y == 0 {
            #[unroll]
            for split in 1..spec.splits {
                let other = split * LANES + lane;
                sums[0] += parts[other];
                if comptime!(matches!(spec.ending, Ending::Gate)) {
                    ups[0] += parts[stretch + other];
                }
                if comptime!(spec.norm) {
                    squares[0] += parts[(kinds - 1) * stretch + other];
                }
            }
        }
    }
    if UNIT_POS_Y == 0 {
        let mut factor = f32::new(1.0);
        if comptime!(spec.norm) {
            // The gate's two matrices have each summed the squares.
            let times = comptime!(if matches!(spec.ending, Ending::Gate) { 2.0f32 } else { 1.0f32 });
            let mean = squares[0] / (f32::cast_from(sizes.columns) * f32::new(times));
            factor = f32::new(1.0) / (mean + sizes.epsilon).sqrt();
        }
        #[unroll]
        for at in 0..comptime!(spec.rows * spec.tile) {
            let row = block * height + lane + comptime!(at / spec.tile * LANES);
            let position = CUBE_POS_Y as usize * spec.tile + comptime!(at % spec.tile);
            if row < rows && position < sizes.positions as usize {
                let column = before + row;
                let mut value = sums[at] * factor;
                if comptime!(matches!(spec.ending, Ending::Gate)) {
                    value = value / (f32::new(1.0) + (-value).exp()) * (ups[at] * factor);
                }
                if comptime!(matches!(spec.ending, Ending::Add)) {
                    value += residual
                        [sizes.residual_offset as usize + position * sizes.residual_stride as usize + column];
                }
                out[sizes.out_offset as usize + position * sizes.out_stride as usize + column] = value;
            }
        }
    }
}

/// Adds the products of some rows of weights with some positions to `sums`, `[rows, tile]`; this thread's share of them.
///
/// A row behind the last is the last once more, and not stored: all threads must reach the barrier.
#[cube]
fn products<N: Size>(
    words: &[u32],
    x: &[Vector<f32, N>],
    gain: &[Vector<f32, N>],
    row: usize,
    rows: usize,
    sizes: &Sizes,
    sums: &mut Array<f32>,
    squares: &mut Array<f32>,
    #[comptime] matrix: usize,
    #[comptime] spec: Spec,
) {
    let encoding = comptime!(spec.encodings[matrix].unwrap_or(Encoding::F32));
    // Vectors of eight weights.
    let eight = comptime!(8 / spec.vector);
    let columns = sizes.columns as usize;
    let groups = columns.div_ceil(32);
    let last = sizes.positions as usize - 1;
    let mut at_row = Array::<usize>::new(spec.rows);
    #[unroll]
    for number in 0..spec.rows {
        let wanted = row + comptime!(number * LANES);
        at_row[number] = select(wanted < rows, wanted, rows - 1);
    }
    let mut starts = Array::<usize>::new(spec.tile);
    #[unroll]
    for at in 0..spec.tile {
        let position = CUBE_POS_Y as usize * spec.tile + at;
        let position = select(position < last, position, last);
        starts[at] = (sizes.x_offset as usize + position * sizes.x_stride as usize) / spec.vector;
    }
    let mut weights = Array::<Vector<f32, N>>::new(comptime!(spec.rows * eight));
    let mut scales = Array::<Scales>::new(spec.rows);
    let mut halves = Array::<f32>::new(comptime!(2 * spec.rows * spec.tile));
    let mut wholes = Array::<f32>::new(spec.tile);
    let mut group = UNIT_POS_Y as usize;
    while group < groups {
        #[unroll]
        for number in 0..spec.rows {
            scales[number] = scales_of(words, group, at_row[number], rows, groups, encoding);
        }
        #[unroll]
        for at in 0..spec.tile {
            wholes[at] = f32::new(0.0);
        }
        #[unroll]
        for octet in 0..4usize {
            #[unroll]
            for number in 0..spec.rows {
                let to = comptime!(number * eight);
                octet_of::<N>(
                    words,
                    group,
                    at_row[number],
                    rows,
                    &mut weights,
                    to,
                    octet,
                    encoding,
                    spec.vector,
                );
            }
            #[unroll]
            for at in 0..spec.tile {
                #[unroll]
                for vector in 0..eight {
                    let place = group * comptime!(4 * eight) + comptime!(octet * eight + vector);
                    let mut values = Vector::<f32, N>::new(0.0f32);
                    if comptime!(spec.ragged) {
                        // One value a vector here, and the last group is not whole.
                        if place < columns {
                            values = x[starts[at] + place];
                        }
                    } else {
                        values = x[starts[at] + place];
                    }
                    if comptime!(spec.norm) {
                        squares[0] += values.dot(values);
                        if comptime!(spec.ragged) {
                            if place < columns {
                                values *= gain[place];
                            }
                        } else {
                            values *= gain[place];
                        }
                    }
                    if comptime!(has_offset(encoding)) {
                        wholes[at] += values.dot(Vector::<f32, N>::new(1.0f32));
                    }
                    #[unroll]
                    for number in 0..spec.rows {
                        let half = comptime!(2 * (number * spec.tile + at) + octet / 2);
                        let product = weights[comptime!(number * eight + vector)].dot(values);
                        if comptime!(octet % 2 == 0 && vector == 0) {
                            halves[half] = product;
                        } else {
                            halves[half] += product;
                        }
                    }
                }
            }
        }
        // Each half of a group may have its own scale, and the offset belongs to all of it.
        #[unroll]
        for at in 0..spec.tile {
            #[unroll]
            for number in 0..spec.rows {
                let sum = comptime!(number * spec.tile + at);
                let mut parts = Scales::new(0.0f32);
                parts.insert(0usize, halves[comptime!(2 * sum)]);
                parts.insert(1usize, halves[comptime!(2 * sum + 1)]);
                if comptime!(has_offset(encoding)) {
                    parts.insert(2usize, wholes[at]);
                }
                sums[sum] += parts.dot(scales[number]);
            }
        }
        group += spec.splits;
    }
}
