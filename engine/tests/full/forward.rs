//! The forward pass, written out as it is defined: every head looks at every key. It is slow, and shares nothing with the engines.

use engine::interpreter::HeadKind;
use engine::interpreter::full::prompt::encoding;
use engine::interpreter::model::{Matrix, Transformer, argmax};

type Rows = Vec<Vec<(usize, f32)>>;

struct Head {
    kind: HeadKind,
    q: Rows,
    k: Rows,
    v: Rows,
    o: Rows,
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    total: Vec<f32>,
}

struct Layer {
    heads: Vec<Head>,
    gate: Rows,
    value: Rows,
    out: Rows,
}

/// A transformer with all it has seen.
pub struct Forward {
    model: Transformer,
    layers: Vec<Layer>,
    unembed: Rows,
    seen: usize,
}

fn rows(matrix: &Matrix) -> Rows {
    matrix.sparse_rows().collect()
}

fn apply(rows: &Rows, x: &[f32]) -> Vec<f32> {
    rows.iter().map(|row| row.iter().map(|(column, weight)| weight * x[*column]).sum()).collect()
}

impl Forward {
    pub fn new(model: Transformer) -> Self {
        let layers = model.blocks.iter().map(|block| Layer {
            heads: block
                .heads
                .iter()
                .map(|head| Head {
                    kind: head.kind,
                    q: rows(&head.wq),
                    k: rows(&head.wk),
                    v: rows(&head.wv),
                    o: rows(&head.wo),
                    keys: Vec::new(),
                    values: Vec::new(),
                    total: vec![0.0; head.wv.shape()[0]],
                })
                .collect(),
            gate: rows(&block.mlp.gate),
            value: rows(&block.mlp.value),
            out: rows(&block.mlp.out),
        });
        Self { layers: layers.collect(), unembed: rows(&model.unembed), model, seen: 0 }
    }

    /// Reads a token, and says the one that it thinks comes next, with the residual stream at the end.
    pub fn read(&mut self, token: u16) -> (u16, Vec<f32>) {
        let mut x = self.model.embed.row(token.into()).to_vec();
        for (dim, value) in encoding(self.seen) {
            x[dim] += value;
        }
        for layer in &mut self.layers {
            let before = x.clone();
            for head in &mut layer.heads {
                let z = head.attend(&before);
                for (out, weights) in x.iter_mut().zip(&head.o) {
                    *out += weights.iter().map(|(column, weight)| weight * z[*column]).sum::<f32>();
                }
            }
            let gates = apply(&layer.gate, &x);
            let values = apply(&layer.value, &x);
            let post: Vec<f32> =
                gates.iter().zip(values).map(|(gate, value)| gate.max(0.0) * value).collect();
            for (out, weights) in x.iter_mut().zip(&layer.out) {
                *out += weights.iter().map(|(column, weight)| weight * post[*column]).sum::<f32>();
            }
        }
        self.seen += 1;
        (argmax(&apply(&self.unembed, &x)), x)
    }
}

impl Head {
    fn attend(&mut self, x: &[f32]) -> Vec<f32> {
        let value = apply(&self.v, x);
        if self.kind == HeadKind::Sum {
            self.total.iter_mut().zip(value).for_each(|(total, value)| *total += value);
            return self.total.clone();
        }
        self.keys.push(apply(&self.k, x));
        self.values.push(value);
        let q = apply(&self.q, x);
        let mut best = (0, f32::NEG_INFINITY);
        for (index, key) in self.keys.iter().enumerate() {
            let score = q.iter().zip(key).map(|(q, k)| q * k).sum();
            if score >= best.1 {
                best = (index, score);
            }
        }
        self.values[best.0].clone()
    }
}
