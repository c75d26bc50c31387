//! Attention with grouped heads over a cache of keys and values.

use super::dot;
use super::elementwise::softmax;
use super::rows::Rows;
use crate::kernels::{AttentionShape, ComputeError, Reach};

/// Multiplications below which one thread is as fast as several.
#[cfg(feature = "threads")]
const WORTH_A_THREAD: usize = 1 << 19;

/// Keys and values of one layer, for each key/value head one stretch of memory.
#[derive(Clone, Debug)]
pub struct Cache {
    shape: AttentionShape,
    /// `[kv_heads][positions, head_dim]`
    keys: Vec<Vec<f32>>,
    /// `[kv_heads][positions, head_dim]`
    values: Vec<Vec<f32>>,
}

impl Cache {
    /// An empty cache.
    pub fn new(shape: AttentionShape) -> Self {
        let empty = vec![Vec::new(); shape.kv_heads];
        Self { shape, keys: empty.clone(), values: empty }
    }

    /// Positions it holds.
    pub fn positions(&self) -> usize {
        self.keys.first().map_or(0, |keys| keys.len() / self.shape.head_dim.max(1))
    }

    /// Forgets the positions from `keep` on.
    pub fn truncate(&mut self, keep: usize) {
        for stretch in self.keys.iter_mut().chain(&mut self.values) {
            stretch.truncate(keep * self.shape.head_dim);
        }
    }

    /// Adds positions. `k` and `v` are `[positions, kv_heads · head_dim]`.
    ///
    /// # Errors
    /// When memory runs out; the cache is then as it was before.
    pub fn append(&mut self, k: &Rows, v: &Rows) -> Result<(), ComputeError> {
        let more = k.positions() * self.shape.head_dim;
        for stretch in self.keys.iter_mut().chain(&mut self.values) {
            stretch.try_reserve(more).map_err(|_| ComputeError::NoRoom {
                device: "the CPU".to_owned(),
                what: "the keys and values of more positions".to_owned(),
                bytes: (more * size_of::<f32>()) as u64,
            })?;
        }
        for (caches, rows) in [(&mut self.keys, k), (&mut self.values, v)] {
            for position in 0..rows.positions() {
                let heads = rows.row(position).chunks_exact(self.shape.head_dim.max(1));
                for (cache, head) in caches.iter_mut().zip(heads) {
                    cache.extend_from_slice(head);
                }
            }
        }
        Ok(())
    }

    /// What queries attend to: `softmax(q · k / √head_dim) · v`, each over the positions in its reach. `pattern` receives the softmax, `[heads, queries, keys]`, 0 where a key is out of reach.
    pub fn attend(&self, q: &Rows, reach: Reach, mut pattern: Option<&mut Vec<f32>>) -> Rows {
        let AttentionShape { heads, kv_heads, head_dim } = self.shape;
        let (queries, keys) = (q.positions(), self.positions());
        let past = keys.saturating_sub(queries);
        let group = heads / kv_heads.max(1);
        if let Some(pattern) = &mut pattern {
            pattern.clear();
            pattern.resize(heads * queries * keys, 0.0);
        }
        let scale = 1.0 / (head_dim as f32).sqrt();
        let mut out = vec![0.0; queries * heads * head_dim];
        let width = head_dim.max(1);
        // One query of one head.
        let one = |scores: &mut Vec<f32>, at: usize, out: &mut [f32]| {
            let (query, head) = (at / heads.max(1), at % heads.max(1));
            let kv_head = head / group.max(1);
            let q = q.row(query).chunks_exact(width).nth(head);
            let (Some(q), Some(k), Some(v)) = (q, self.keys.get(kv_head), self.values.get(kv_head)) else {
                return;
            };
            scores.clear();
            let visible = match reach {
                Reach::Causal => past + query + 1,
                Reach::Across => keys,
            };
            let visible_keys = k.chunks_exact(width).take(visible);
            scores.extend(visible_keys.map(|k| scale * dot::activations(q, k)));
            softmax(scores);
            dot::weighted_sum(scores, v, out);
        };
        #[cfg(feature = "threads")]
        if pattern.is_none()
            && rayon::current_num_threads() > 1
            && queries * keys * heads * head_dim >= WORTH_A_THREAD
        {
            use rayon::prelude::*;
            let each = out.par_chunks_exact_mut(width).enumerate();
            each.for_each_init(Vec::new, |scores, (at, out)| one(scores, at, out));
            return Rows::new(out, heads * head_dim);
        }
        let mut scores = Vec::new();
        for (at, out) in out.chunks_exact_mut(width).enumerate() {
            one(&mut scores, at, out);
            if let Some(pattern) = &mut pattern {
                let (query, head) = (at / heads.max(1), at % heads.max(1));
                let start = (head * queries + query) * keys;
                if let Some(row) = pattern.get_mut(start..start + scores.len()) {
                    row.copy_from_slice(&scores);
                }
            }
        }
        Rows::new(out, heads * head_dim)
    }
}
