//! Between the products of queries, keys and values and the attention: each head's norm, its rotation, and the place
//! of keys and values in the cache.

#![allow(clippy::collapsible_if, reason = "an `if` that decides what is compiled stands by itself")]
#![allow(
    clippy::indexing_slicing,
    reason = "device code: an index outside is caught there by the launch's own checks"
)]

use cubecl::prelude::*;

/// Threads of a cube: they share one head of one position.
pub const THREADS: usize = 64;

/// What a kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spec {
    /// Whether heads are normed.
    pub norm: bool,
    /// Whether they are turned.
    pub rotate: bool,
    /// Whether pairs are neighbours, or the same place in each half.
    pub neighbours: bool,
    /// Whether keys and values follow the queries and go to the cache; else there are only heads to be written back.
    pub append: bool,
}

/// Numbers that a kernel is told when it is started.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub struct Sizes {
    /// Heads that are written to the output.
    pub heads: u32,
    /// Key and value heads behind them.
    pub kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// First value, and values from row to row, of the source.
    pub offset: u32,
    /// See above.
    pub stride: u32,
    /// Place in the cache of the first position.
    pub first: u32,
    /// Positions that the cache has room for.
    pub capacity: u32,
    /// What is added to the mean square.
    pub epsilon: f32,
}

/// A cube for each head and position; keys' heads behind the queries', values' behind those.
///
/// `angles` is `[positions, head_dim / 2, 2]`: cosine and sine, the vectors' magnitude multiplied in. `cache` is
/// `[kv_heads, head_dim, capacity]` for the keys, then `[kv_heads, capacity, head_dim]` for the values: threads that
/// compute neighbouring scores read neighbouring keys, and threads that sum neighbouring dimensions neighbouring values.
#[cube(launch)]
pub fn turn(
    source: &[f32],
    q_gain: &[f32],
    k_gain: &[f32],
    angles: &[f32],
    out: &mut [f32],
    cache: &mut [f32],
    sizes: Sizes,
    #[comptime] spec: Spec,
) {
    let mut squares = Shared::<[f32]>::new_slice(THREADS);
    let (heads, kv_heads) = (sizes.heads as usize, sizes.kv_heads as usize);
    let (head_dim, capacity) = (sizes.head_dim as usize, sizes.capacity as usize);
    let head = CUBE_POS_X as usize;
    let position = CUBE_POS_Y as usize;
    let thread = UNIT_POS_X as usize;
    let start = sizes.offset as usize + position * sizes.stride as usize + head * head_dim;
    let is_value = head >= heads + kv_heads;
    let mut factor = f32::new(1.0);
    if comptime!(spec.norm) {
        let mut sum = f32::new(0.0);
        let mut at = thread;
        while at < head_dim {
            sum += source[start + at] * source[start + at];
            at += THREADS;
        }
        squares[thread] = sum;
        sync_cube();
        sum = f32::new(0.0);
        for other in 0..THREADS {
            sum += squares[other];
        }
        if !is_value {
            factor = f32::new(1.0) / (sum / f32::cast_from(sizes.head_dim) + sizes.epsilon).sqrt();
        }
    }
    let pairs = head_dim / 2;
    let mut pair = thread;
    while pair < head_dim.div_ceil(2) {
        let mut one = pair;
        let mut other = pair + pairs;
        if comptime!(spec.neighbours) {
            one = 2 * pair;
            other = 2 * pair + 1;
        }
        // An odd width leaves its last dimension without a partner.
        let has_partner = pair < pairs;
        if !has_partner {
            one = head_dim - 1;
            other = head_dim - 1;
        }
        let mut a = source[start + one] * factor;
        let mut b = source[start + other] * factor;
        if comptime!(spec.norm) {
            if head < heads {
                a *= q_gain[one];
                b *= q_gain[other];
            } else if !is_value {
                a *= k_gain[one];
                b *= k_gain[other];
            }
        }
        if comptime!(spec.rotate) {
            if !is_value && has_partner {
                let angle = (position * pairs + pair) * 2;
                let (cosine, sine) = (angles[angle], angles[angle + 1]);
                let turned = a * cosine - b * sine;
                b = b * cosine + a * sine;
                a = turned;
            }
        }
        if head < heads {
            let to = (position * heads + head) * head_dim;
            out[to + one] = a;
            out[to + other] = b;
        } else if comptime!(spec.append) {
            let place = sizes.first as usize + position;
            if is_value {
                let kv_head = head - heads - kv_heads;
                let to = (kv_heads + kv_head) * head_dim * capacity + place * head_dim;
                cache[to + one] = a;
                cache[to + other] = b;
            } else {
                let to = (head - heads) * head_dim * capacity + place;
                cache[to + one * capacity] = a;
                cache[to + other * capacity] = b;
            }
        }
        pair += THREADS;
    }
}

/// Moves a cache of `old` positions' room into one of `new`; a thread for each value of the old one.
#[cube(launch)]
pub fn grow(old: &[f32], new: &mut [f32], kv_heads: u32, head_dim: u32, from: u32, to: u32) {
    let (kv_heads, head_dim) = (kv_heads as usize, head_dim as usize);
    let (from, to) = (from as usize, to as usize);
    let half = kv_heads * head_dim * from;
    let at = ABSOLUTE_POS;
    if at < half {
        new[at / from * to + at % from] = old[at];
    } else if at < 2 * half {
        let value = at - half;
        let row = head_dim * from;
        new[kv_heads * head_dim * to + value / row * (head_dim * to) + value % row] = old[at];
    }
}
