//! `x · weightᵀ`, with what surrounds it in the same dispatch.
//!
//! A thread multiplies one row of weights with one or several positions; its neighbours have the neighbouring rows, and
//! [`super::layout`] has put their words side by side. For a single position, where there are few rows for a device's
//! many threads, eight threads share a row. What may come along:
//!
//! - up to three matrices (queries, keys and values) that read the same input, their outputs side by side;
//! - before it, the root mean square norm: the gain is multiplied in on the way, and the division by the norm, which
//!   is one number a position, comes last;
//! - after it, the sum with the residual stream, or `silu(first) · second` for gate and up.

#![allow(
    clippy::indexing_slicing,
    reason = "device code: an index outside is caught there by the launch's own checks"
)]

use cubecl::prelude::*;

use super::decode::decode;
use crate::weights::Encoding;

/// Rows that neighbouring threads compute.
pub const LANES: usize = 32;
/// Threads that share a row, for a single position.
pub const SPLITS: usize = 8;
/// Positions that a thread computes at once, where there are several.
pub const TILE: usize = 8;

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

/// One thread for [`LANES`] rows × `splits`; a cube for as many rows and `tile` positions.
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
    let mut sums = Array::<f32>::new(spec.tile);
    let mut ups = Array::<f32>::new(spec.tile);
    let mut squares = Array::<f32>::new(1usize);
    let lane = UNIT_POS_X as usize;
    let mut block = CUBE_POS_X as usize;
    let mut row = block * LANES + lane;
    let mut rows = sizes.first_rows as usize;
    let mut column = row;
    match comptime!(spec.ending) {
        Ending::Gate => {
            let at = clamp_row(row, rows);
            products::<N>(first, x, gain, at, rows, &sizes, &mut sums, &mut squares, 0usize, spec);
            products::<N>(second, x, gain, at, rows, &sizes, &mut ups, &mut squares, 1usize, spec);
        }
        _ => {
            let first_blocks = rows.div_ceil(LANES);
            if comptime!(spec.encodings[1].is_none()) {
                let at = clamp_row(row, rows);
                products::<N>(first, x, gain, at, rows, &sizes, &mut sums, &mut squares, 0usize, spec);
            } else if block < first_blocks {
                let at = clamp_row(row, rows);
                products::<N>(first, x, gain, at, rows, &sizes, &mut sums, &mut squares, 0usize, spec);
            } else {
                block -= first_blocks;
                row = block * LANES + lane;
                let before = rows;
                rows = sizes.second_rows as usize;
                let second_blocks = rows.div_ceil(LANES);
                if block < second_blocks {
                    column = before + row;
                    let at = clamp_row(row, rows);
                    products::<N>(second, x, gain, at, rows, &sizes, &mut sums, &mut squares, 1usize, spec);
                } else {
                    block -= second_blocks;
                    row = block * LANES + lane;
                    column = before + rows + row;
                    rows = sizes.third_rows as usize;
                    if comptime!(spec.encodings[2].is_some()) {
                        let at = clamp_row(row, rows);
                        products::<N>(
                            third,
                            x,
                            gain,
                            at,
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
    if UNIT_POS_Y == 0 && row < rows {
        let mut factor = f32::new(1.0);
        if comptime!(spec.norm) {
            // The gate's two matrices have each summed the squares.
            let times = comptime!(if matches!(spec.ending, Ending::Gate) { 2.0f32 } else { 1.0f32 });
            let mean = squares[0] / (f32::cast_from(sizes.columns) * f32::new(times));
            factor = f32::new(1.0) / (mean + sizes.epsilon).sqrt();
        }
        #[unroll]
        for at in 0..spec.tile {
            let position = CUBE_POS_Y as usize * spec.tile + at;
            if position < sizes.positions as usize {
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

/// A thread behind the last row computes the last row again, and does not store it: all must reach the barrier.
#[cube]
fn clamp_row(row: usize, rows: usize) -> usize {
    select(row < rows, row, rows - 1)
}

/// Adds the products of one row of weights with `tile` positions to `sums`, this thread's share of them.
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
    let vectors = comptime!(32 / spec.vector);
    let columns = sizes.columns as usize;
    let groups = columns.div_ceil(32);
    let last = sizes.positions as usize - 1;
    let mut weights = Array::<f32>::new(32usize);
    let mut group = UNIT_POS_Y as usize;
    while group < groups {
        decode(words, group, row, rows, groups, &mut weights, encoding);
        #[unroll]
        for at in 0..spec.tile {
            let position = CUBE_POS_Y as usize * spec.tile + at;
            let position = select(position < last, position, last);
            let start = sizes.x_offset as usize + position * sizes.x_stride as usize + group * 32;
            let mut sum = f32::new(0.0);
            #[unroll]
            for vector in 0..vectors {
                if comptime!(spec.ragged) {
                    // One value a vector here.
                    if group * 32 + vector < columns {
                        let mut value = x[start + vector];
                        if comptime!(spec.norm) {
                            squares[0] += value.extract(0usize) * value.extract(0usize);
                            value *= gain[group * 32 + vector];
                        }
                        sum += weights[vector] * value.extract(0usize);
                    }
                } else {
                    let mut values = x[start / spec.vector + vector];
                    if comptime!(spec.norm) {
                        #[unroll]
                        for lane in 0..spec.vector {
                            squares[0] += values.extract(lane) * values.extract(lane);
                        }
                        values *= gain[group * vectors + vector];
                    }
                    #[unroll]
                    for lane in 0..spec.vector {
                        sum += weights[vector * spec.vector + lane] * values.extract(lane);
                    }
                }
            }
            sums[at] += sum;
        }
        group += spec.splits;
    }
}
