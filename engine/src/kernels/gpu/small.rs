//! The small operations: rows of the embedding, norms and sums by themselves, the largest logits.

#![allow(
    clippy::indexing_slicing,
    reason = "device code: an index outside is caught there by the launch's own checks"
)]

use cubecl::prelude::*;

use super::decode::{has_offset, octet_of, scales_of};
use crate::weights::Encoding;

/// Threads of a cube.
pub const THREADS: usize = 64;
/// Values of a row in which a cube of [`top`] looks for the largest.
pub const STRETCH: usize = 2048;

/// The table's rows for tokens that lie in this piece of it, `first` to `first + rows`; a thread for each group of each
/// token.
#[cube(launch)]
pub fn embed(
    words: &[u32],
    tokens: &[u32],
    out: &mut [f32],
    first: u32,
    rows: u32,
    columns: u32,
    #[comptime] encoding: Encoding,
) {
    let token = tokens[CUBE_POS_Y as usize];
    let group = CUBE_POS_X as usize * THREADS + UNIT_POS_X as usize;
    let columns = columns as usize;
    let groups = columns.div_ceil(32);
    if token >= first && token - first < rows && group < groups {
        let mut weights = Array::<Vector<f32, Const<1>>>::new(8usize);
        let (row, rows) = ((token - first) as usize, rows as usize);
        let scales = scales_of(words, group, row, rows, groups, encoding);
        #[unroll]
        for octet in 0..4usize {
            octet_of::<Const<1>>(words, group, row, rows, &mut weights, 0usize, octet, encoding, 1usize);
            #[unroll]
            for at in 0..8usize {
                let column = group * 32 + comptime!(8 * octet + at);
                if column < columns {
                    let mut weight = weights[at].extract(0usize) * scales.extract(comptime!(octet / 2));
                    if comptime!(has_offset(encoding)) {
                        weight += scales.extract(2usize);
                    }
                    out[CUBE_POS_Y as usize * columns + column] = weight;
                }
            }
        }
    }
}

/// Root mean square norm of rows, times a gain; a cube for each row.
#[cube(launch)]
pub fn norm(x: &[f32], gain: &[f32], out: &mut [f32], width: u32, offset: u32, stride: u32, epsilon: f32) {
    let mut shared = Shared::<[f32]>::new_slice(THREADS);
    let row = CUBE_POS_X as usize;
    let thread = UNIT_POS_X as usize;
    let start = offset as usize + row * stride as usize;
    let mut sum = f32::new(0.0);
    let mut at = thread;
    while at < width as usize {
        sum += x[start + at] * x[start + at];
        at += THREADS;
    }
    shared[thread] = sum;
    sync_cube();
    sum = f32::new(0.0);
    for other in 0..THREADS {
        sum += shared[other];
    }
    let factor = f32::new(1.0) / (sum / f32::cast_from(width) + epsilon).sqrt();
    at = thread;
    while at < width as usize {
        out[row * width as usize + at] = x[start + at] * factor * gain[at];
        at += THREADS;
    }
}

/// What becomes of two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pairing {
    /// `x + y`
    Add,
    /// `silu(x) · y`
    Gate,
    /// `x`, and `y` is not read: rows that lie apart are brought together.
    Copy,
}

/// Rows from two others, value by value; a thread for each.
#[cube(launch)]
pub fn combine(
    x: &[f32],
    y: &[f32],
    out: &mut [f32],
    count: u32,
    width: u32,
    x_offset: u32,
    x_stride: u32,
    y_offset: u32,
    y_stride: u32,
    out_offset: u32,
    out_stride: u32,
    #[comptime] pairing: Pairing,
) {
    let at = ABSOLUTE_POS;
    if at < count as usize {
        let (row, column) = (at / width as usize, at % width as usize);
        let mut value = x[x_offset as usize + row * x_stride as usize + column];
        if comptime!(pairing == Pairing::Add) {
            value += y[y_offset as usize + row * y_stride as usize + column];
        } else if comptime!(pairing == Pairing::Gate) {
            let other = y[y_offset as usize + row * y_stride as usize + column];
            value = value / (f32::new(1.0) + (-value).exp()) * other;
        }
        out[out_offset as usize + row * out_stride as usize + column] = value;
    }
}

/// Rows with other values in some columns of those from `top` to before `bottom`; a thread for each value.
#[cube(launch)]
pub fn replace(
    x: &[f32],
    values: &[f32],
    out: &mut [f32],
    count: u32,
    width: u32,
    offset: u32,
    stride: u32,
    top: u32,
    bottom: u32,
    first: u32,
    columns: u32,
) {
    let at = ABSOLUTE_POS;
    if at < count as usize {
        let (row, column) = (at / width as usize, at % width as usize);
        let mut value = x[offset as usize + row * stride as usize + column];
        let is_meant = row >= top as usize && row < bottom as usize;
        if is_meant && column >= first as usize && column < (first + columns) as usize {
            value = values[column - first as usize];
        }
        out[at] = value;
    }
}

/// Rows times a number; a thread for each value.
#[cube(launch)]
pub fn scale(x: &[f32], factor: &[f32], out: &mut [f32], count: u32, width: u32, offset: u32, stride: u32) {
    let at = ABSOLUTE_POS;
    if at < count as usize {
        let (row, column) = (at / width as usize, at % width as usize);
        out[at] = x[offset as usize + row * stride as usize + column] * factor[0];
    }
}

/// The `count` largest values of each stretch of each row, and what the softmax needs: a cube for each stretch and row.
///
/// `out` is `[rows, stretches, 2 · count + 2]`: columns and values, the largest first, then the largest value and the sum of
/// `exp(value − largest)`. A place for which there is no value has −3e38. Columns are written as floats, which hold them
/// exactly up to 2²⁴; as bits they would be subnormal, which devices may flush.
#[cube(launch)]
pub fn top(x: &[f32], out: &mut [f32], width: u32, offset: u32, stride: u32, stretches: u32, count: u32) {
    let mut best = Shared::<[f32]>::new_slice(THREADS);
    let mut places = Shared::<[u32]>::new_slice(THREADS);
    let row = CUBE_POS_Y as usize;
    let thread = UNIT_POS_X as usize;
    let start = offset as usize + row * stride as usize;
    let first = CUBE_POS_X as usize * STRETCH;
    let mut end = first + STRETCH;
    if end > width as usize {
        end = width as usize;
    }
    let to = (row * stretches as usize + CUBE_POS_X as usize) * (2 * count as usize + 2);
    let mut ceiling = f32::new(3.4e38);
    let mut behind = 0u32;
    let mut largest = f32::new(-3.0e38);
    for round in 0..count as usize {
        // The largest that comes after the one of the round before: smaller, or as large and further on.
        let mut value = f32::new(-3.0e38);
        let mut place = 0xffff_ffffu32;
        let mut at = first + thread;
        while at < end {
            let candidate = x[start + at];
            let column = at as u32;
            let is_left = candidate < ceiling || (candidate == ceiling && column > behind);
            if is_left && candidate > value {
                value = candidate;
                place = column;
            }
            at += THREADS;
        }
        best[thread] = value;
        places[thread] = place;
        sync_cube();
        for other in 0..THREADS {
            let candidate = best[other];
            let column = places[other];
            if candidate > value || (candidate == value && column < place) {
                value = candidate;
                place = column;
            }
        }
        if round == 0 {
            largest = value;
        }
        if thread == 0 {
            out[to + 2 * round] = f32::cast_from(place);
            out[to + 2 * round + 1] = value;
        }
        ceiling = value;
        behind = place;
        sync_cube();
    }
    let mut sum = f32::new(0.0);
    let mut at = first + thread;
    while at < end {
        sum += (x[start + at] - largest).exp();
        at += THREADS;
    }
    best[thread] = sum;
    sync_cube();
    if thread == 0 {
        sum = f32::new(0.0);
        for other in 0..THREADS {
            sum += best[other];
        }
        out[to + 2 * count as usize] = largest;
        out[to + 2 * count as usize + 1] = sum;
    }
}
