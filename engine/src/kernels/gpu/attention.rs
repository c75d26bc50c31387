//! Attention with grouped heads: scores, softmax and weighted sum in one dispatch.

#![allow(
    clippy::indexing_slicing,
    reason = "device code: an index outside is caught there by the launch's own checks"
)]

use cubecl::prelude::*;

/// Threads of a cube, and keys it looks at together.
pub const THREADS: usize = 64;

/// Numbers that a kernel is told when it is started.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub struct Sizes {
    /// Query heads.
    pub heads: u32,
    /// Key and value heads.
    pub kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Positions that the first query attends to.
    pub first: u32,
    /// How many more each query attends to than the one before: 1, or 0 where all attend to all.
    pub step: u32,
    /// Positions in the cache.
    pub all: u32,
    /// Positions that the cache has room for.
    pub capacity: u32,
    /// What scores are multiplied with.
    pub scale: f32,
}

/// `softmax(q · k · scale) · v` over the positions in each query's reach; a cube for each head and query.
///
/// The softmax goes along with the keys, 64 at a time (Milakov & Gimelshein, 2018): the largest score so far, the sum
/// beside it, and both are corrected when a larger one comes. `q` and `out` are `[queries, heads, head_dim]`.
#[cube(launch)]
pub fn attend(q: &[f32], cache: &[f32], out: &mut [f32], sizes: Sizes, #[comptime] dims: usize) {
    let mut query = Shared::<[f32]>::new_slice(comptime!(dims * THREADS));
    let mut weights = Shared::<[f32]>::new_slice(THREADS);
    let (heads, head_dim) = (sizes.heads as usize, sizes.head_dim as usize);
    let capacity = sizes.capacity as usize;
    let head = CUBE_POS_X as usize;
    let at = CUBE_POS_Y as usize;
    let thread = UNIT_POS_X as usize;
    let kv_head = head / (heads / sizes.kv_heads as usize);
    let visible = sizes.first as usize + at * sizes.step as usize;
    let keys = kv_head * head_dim * capacity;
    let values = (sizes.kv_heads as usize + kv_head) * head_dim * capacity;
    let own = (at * heads + head) * head_dim;
    #[unroll]
    for part in 0..dims {
        let dim = part * THREADS + thread;
        if dim < head_dim {
            query[dim] = q[own + dim] * sizes.scale;
        }
    }
    sync_cube();
    let mut sums = Array::<f32>::new(dims);
    let mut largest = f32::new(-3.0e38);
    let mut total = f32::new(0.0);
    let mut block = 0usize;
    while block < visible {
        let key = block + thread;
        let mut score = f32::new(-3.0e38);
        if key < visible {
            score = f32::new(0.0);
            for dim in 0..head_dim {
                score += query[dim] * cache[keys + dim * capacity + key];
            }
        }
        weights[thread] = score;
        sync_cube();
        let before = largest;
        for other in 0..THREADS {
            largest = max(largest, weights[other]);
        }
        let mut weight = f32::new(0.0);
        if key < visible {
            weight = (score - largest).exp();
        }
        sync_cube();
        weights[thread] = weight;
        sync_cube();
        let correction = (before - largest).exp();
        total *= correction;
        for other in 0..THREADS {
            total += weights[other];
        }
        let mut here = visible - block;
        if here > THREADS {
            here = THREADS.runtime();
        }
        #[unroll]
        for part in 0..dims {
            let dim = part * THREADS + thread;
            if dim < head_dim {
                let mut sum = sums[part] * correction;
                for other in 0..here {
                    sum += weights[other] * cache[values + (block + other) * head_dim + dim];
                }
                sums[part] = sum;
            }
        }
        sync_cube();
        block += THREADS;
    }
    #[unroll]
    for part in 0..dims {
        let dim = part * THREADS + thread;
        if dim < head_dim {
            out[own + dim] = sums[part] / total;
        }
    }
}

/// The softmax itself, `[heads, queries, keys]`, 0 out of its reach; a cube for each head and query.
#[cube(launch)]
pub fn pattern(q: &[f32], cache: &[f32], out: &mut [f32], queries: u32, sizes: Sizes) {
    let mut shared = Shared::<[f32]>::new_slice(THREADS);
    let (heads, head_dim) = (sizes.heads as usize, sizes.head_dim as usize);
    let capacity = sizes.capacity as usize;
    let head = CUBE_POS_X as usize;
    let at = CUBE_POS_Y as usize;
    let thread = UNIT_POS_X as usize;
    let visible = sizes.first as usize + at * sizes.step as usize;
    let all = sizes.all as usize;
    let keys = head / (heads / sizes.kv_heads as usize) * head_dim * capacity;
    let own = (at * heads + head) * head_dim;
    let row = (head * queries as usize + at) * all;
    let mut largest = f32::new(-3.0e38);
    let mut key = thread;
    while key < visible {
        let mut score = f32::new(0.0);
        for dim in 0..head_dim {
            score += q[own + dim] * sizes.scale * cache[keys + dim * capacity + key];
        }
        out[row + key] = score;
        largest = max(largest, score);
        key += THREADS;
    }
    shared[thread] = largest;
    sync_cube();
    for other in 0..THREADS {
        largest = max(largest, shared[other]);
    }
    sync_cube();
    let mut total = f32::new(0.0);
    key = thread;
    while key < visible {
        let weight = (out[row + key] - largest).exp();
        out[row + key] = weight;
        total += weight;
        key += THREADS;
    }
    shared[thread] = total;
    sync_cube();
    total = f32::new(0.0);
    for other in 0..THREADS {
        total += shared[other];
    }
    key = thread;
    while key < all {
        if key < visible {
            out[row + key] /= total;
        } else {
            out[row + key] = f32::new(0.0);
        }
        key += THREADS;
    }
}
