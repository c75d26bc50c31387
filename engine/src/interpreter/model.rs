//! A compiled transformer: its tensors, by block and head.

use super::describe::{HeadKind, ModelCard};

/// A dense matrix, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f32>,
}

impl Matrix {
    /// All zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Number of rows and of columns.
    pub const fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// All entries, row by row.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// A row; empty where there is none.
    pub fn row(&self, row: usize) -> &[f32] {
        self.data.get(row * self.cols..(row + 1) * self.cols).unwrap_or(&[])
    }

    /// An entry; 0 where there is none.
    pub fn get(&self, row: usize, col: usize) -> f32 {
        self.row(row).get(col).copied().unwrap_or(0.0)
    }

    /// Adds to an entry. Outside the matrix there is nothing to add to.
    pub fn add(&mut self, row: usize, col: usize, value: f32) {
        if col < self.cols
            && let Some(entry) = self.data.get_mut(row * self.cols + col)
        {
            *entry += value;
        }
    }

    /// The entries that are not zero, as (column, value), row by row.
    pub fn sparse_rows(&self) -> impl Iterator<Item = Vec<(usize, f32)>> + '_ {
        self.data
            .chunks(self.cols.max(1))
            .map(|row| row.iter().copied().enumerate().filter(|(_, value)| *value != 0.0).collect())
    }
}

/// A transformer whose tensors were written by a compiler.
#[derive(Clone, Debug, PartialEq)]
pub struct Transformer {
    /// `[vocabulary, d_model]`
    pub embed: Matrix,
    /// The layers, front to back.
    pub blocks: Vec<Block>,
    /// `[vocabulary, d_model]`
    pub unembed: Matrix,
    /// What the parts mean.
    pub card: ModelCard,
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its heads.
    pub heads: Vec<Head>,
    /// Its feed-forward network.
    pub mlp: Mlp,
}

/// One attention head.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// How it attends.
    pub kind: HeadKind,
    /// `[d_key, d_model]`
    pub wq: Matrix,
    /// `[d_key, d_model]`
    pub wk: Matrix,
    /// `[d_value, d_model]`
    pub wv: Matrix,
    /// `[d_model, d_value]`
    pub wo: Matrix,
}

/// A ReLU-gated feed-forward network: `out · (max(0, gate · x) ⊙ (value · x))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    /// `[d_ffn, d_model]`
    pub gate: Matrix,
    /// `[d_ffn, d_model]`
    pub value: Matrix,
    /// `[d_model, d_ffn]`
    pub out: Matrix,
}

impl Transformer {
    /// Width of the residual stream.
    pub const fn d_model(&self) -> usize {
        self.embed.shape()[1]
    }

    /// Number of tokens.
    pub const fn vocabulary(&self) -> usize {
        self.embed.shape()[0]
    }

    /// Every tensor with its name, in a fixed order: `embed`, `blocks.L.attn.H.wq|wk|wv|wo`,
    /// `blocks.L.mlp.gate|value|out`, `unembed`.
    pub fn tensors(&self) -> Vec<(String, &Matrix)> {
        let mut tensors = vec![("embed".to_owned(), &self.embed)];
        for (layer, block) in self.blocks.iter().enumerate() {
            for (index, head) in block.heads.iter().enumerate() {
                let parts = [("wq", &head.wq), ("wk", &head.wk), ("wv", &head.wv), ("wo", &head.wo)];
                tensors.extend(
                    parts.map(|(part, matrix)| (format!("blocks.{layer}.attn.{index}.{part}"), matrix)),
                );
            }
            let mlp = &block.mlp;
            let parts = [("gate", &mlp.gate), ("value", &mlp.value), ("out", &mlp.out)];
            tensors.extend(parts.map(|(part, matrix)| (format!("blocks.{layer}.mlp.{part}"), matrix)));
        }
        tensors.push(("unembed".to_owned(), &self.unembed));
        tensors
    }

    /// With the tensors and parameters counted on its card.
    pub fn counted(mut self) -> Self {
        self.card.parameters = self.parameters();
        self.card.tensors = self.tensors().len();
        self
    }

    /// Number of parameters, counted from the tensors.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|(_, matrix)| matrix.data().len()).sum()
    }
}

/// The token of the highest logit; the lower token of equals.
pub fn argmax(logits: &[f32]) -> u16 {
    let mut best = (0_u16, f32::NEG_INFINITY);
    for (token, logit) in (0_u16..).zip(logits) {
        if *logit > best.1 {
            best = (token, *logit);
        }
    }
    best.0
}
