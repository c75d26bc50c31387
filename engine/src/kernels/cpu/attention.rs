//! Causal attention with grouped heads over a cache of keys and values.

use super::dot;
use super::elementwise::softmax;
use super::rows::Rows;
use crate::kernels::{AttentionShape, ComputeError};

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

    /// What the last `q.positions()` positions attend to: `softmax(q · k / √head_dim) · v`, each over the positions up
    /// to its own. `pattern` receives the softmax, `[heads, queries, keys]`, 0 where a key lies behind the query.
    pub fn attend(&self, q: &Rows, mut pattern: Option<&mut Vec<f32>>) -> Rows {
        let AttentionShape { heads, kv_heads, head_dim } = self.shape;
        let (queries, keys) = (q.positions(), self.positions());
        let past = keys.saturating_sub(queries);
        let group = heads / kv_heads.max(1);
        if let Some(pattern) = &mut pattern {
            pattern.clear();
            pattern.resize(heads * queries * keys, 0.0);
        }
        let mut out = vec![0.0; queries * heads * head_dim];
        let mut scores = Vec::new();
        let scale = 1.0 / (head_dim as f32).sqrt();
        for (query, out) in out.chunks_exact_mut((heads * head_dim).max(1)).enumerate() {
            let each_head =
                q.row(query).chunks_exact(head_dim.max(1)).zip(out.chunks_exact_mut(head_dim.max(1)));
            for (head, (q, out)) in each_head.enumerate() {
                let kv_head = head / group.max(1);
                let (Some(k), Some(v)) = (self.keys.get(kv_head), self.values.get(kv_head)) else { continue };
                let visible = past + query + 1;
                scores.clear();
                let visible_keys = k.chunks_exact(head_dim.max(1)).take(visible);
                scores.extend(visible_keys.map(|k| scale * dot::activations(q, k)));
                softmax(&mut scores);
                for (weight, v) in scores.iter().zip(v.chunks_exact(head_dim.max(1))) {
                    for (out, v) in out.iter_mut().zip(v) {
                        *out += weight * v;
                    }
                }
                if let Some(pattern) = &mut pattern {
                    let start = (head * queries + query) * keys;
                    if let Some(row) = pattern.get_mut(start..start + visible) {
                        row.copy_from_slice(&scores);
                    }
                }
            }
        }
        Rows::new(out, heads * head_dim)
    }
}
