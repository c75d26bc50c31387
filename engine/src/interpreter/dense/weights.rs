//! The model's tensors on the device, the heads of a layer side by side.

use burn::tensor::{Device, Tensor, TensorData};

use super::Kind;
use super::attention::Shape;
use crate::interpreter::describe::HeadKind;
use crate::interpreter::engine::EngineError;
use crate::interpreter::model::{Block, Head, Matrix, Transformer};

/// One of a head's matrices.
type Part = fn(&Head) -> &Matrix;

/// All tensors.
pub(super) struct DenseModel {
    pub(super) blocks: Vec<DenseBlock>,
    unembed: Tensor<3>,
}

/// The tensors of one layer. Products are kept as `[1, out, in]`, ready to be multiplied and summed.
pub(super) struct DenseBlock {
    /// How its heads attend; `None` without heads.
    pub(super) kind: Option<Kind>,
    /// How many heads there are, and how large they are.
    pub(super) shape: Shape,
    /// Rows: component 0 of all heads, then component 1, and so on.
    wq: Option<Tensor<3>>,
    /// Rows: the components of keys, then those of values, of all heads each.
    wkv: Option<Tensor<3>>,
    /// Columns in the order of `wq`'s rows.
    wo: Option<Tensor<3>>,
    gate: Tensor<3>,
    value: Tensor<3>,
    out: Tensor<3>,
}

impl DenseModel {
    pub(super) fn new(model: &Transformer, device: &Device) -> Result<Self, EngineError> {
        let blocks = model
            .blocks
            .iter()
            .map(|block| DenseBlock::new(block, device))
            .collect::<Result<Vec<_>, EngineError>>()?;
        Ok(Self { blocks, unembed: upload(&model.unembed, device) })
    }

    /// `[positions, d_model]` to `[positions, vocabulary]`.
    pub(super) fn logits(&self, x: &Tensor<2>) -> Tensor<2> {
        linear(x, &self.unembed)
    }
}

impl DenseBlock {
    fn new(block: &Block, device: &Device) -> Result<Self, EngineError> {
        let kinds: Vec<HeadKind> = block.heads.iter().map(|head| head.kind).collect();
        let kind = Kind::of(&kinds, device)?;
        let most =
            |matrix: fn(&Head) -> &Matrix| block.heads.iter().map(|head| matrix(head).shape()[0]).max();
        let shape = Shape {
            heads: block.heads.len(),
            d_key: most(|head| &head.wq).unwrap_or(0),
            d_value: most(|head| &head.wv).unwrap_or(0),
        };
        let zeros = vec![0.0; block.mlp.gate.shape()[1]];
        let stack = |matrices: &[(Part, usize)]| {
            let rows: Vec<&[f32]> = matrices
                .iter()
                .flat_map(|(matrix, count)| (0..*count).map(move |row| (matrix, row)))
                .flat_map(|(matrix, row)| block.heads.iter().map(move |head| matrix(head).row(row)))
                .map(|row| if row.is_empty() { zeros.as_slice() } else { row })
                .collect();
            kind.as_ref().map(|_| upload_rows(&rows, device))
        };
        Ok(Self {
            shape,
            wq: stack(&[(|head| &head.wq, shape.d_key)]),
            wkv: stack(&[(|head| &head.wk, shape.d_key), (|head| &head.wv, shape.d_value)]),
            wo: kind.as_ref().map(|_| upload(&side_by_side(&block.heads, shape), device)),
            kind,
            gate: upload(&block.mlp.gate, device),
            value: upload(&block.mlp.value, device),
            out: upload(&block.mlp.out, device),
        })
    }

    /// `[positions, d_key · heads]`
    pub(super) fn queries(&self, x: &Tensor<2>) -> Tensor<2> {
        self.wq.as_ref().map_or_else(|| x.clone(), |wq| linear(x, wq))
    }

    /// `[positions, (d_key + d_value) · heads]`
    pub(super) fn keys_and_values(&self, x: &Tensor<2>) -> Tensor<2> {
        self.wkv.as_ref().map_or_else(|| x.clone(), |wkv| linear(x, wkv))
    }

    /// What the heads write: `[positions, d_value · heads]` to `[positions, d_model]`.
    pub(super) fn write_heads(&self, z: &Tensor<2>) -> Tensor<2> {
        self.wo.as_ref().map_or_else(|| z.clone(), |wo| linear(z, wo))
    }

    /// Gate and value of each neuron, `[positions, d_ffn]` each.
    pub(super) fn gates_and_values(&self, x: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        (linear(x, &self.gate), linear(x, &self.value))
    }

    /// What the neurons write: `[positions, d_ffn]` to `[positions, d_model]`.
    pub(super) fn write_neurons(&self, post: &Tensor<2>) -> Tensor<2> {
        linear(post, &self.out)
    }
}

/// `[n, in]` times the transpose of `[1, out, in]`: `[n, out]`.
fn linear(x: &Tensor<2>, weight: &Tensor<3>) -> Tensor<2> {
    let x: Tensor<3> = x.clone().unsqueeze_dim(1);
    (x * weight.clone()).sum_dim(2).squeeze_dim(2)
}

fn upload(matrix: &Matrix, device: &Device) -> Tensor<3> {
    let [rows, cols] = matrix.shape();
    Tensor::from_data(TensorData::new(matrix.data().to_vec(), [1, rows, cols]), device)
}

fn upload_rows(rows: &[&[f32]], device: &Device) -> Tensor<3> {
    let cols = rows.first().map_or(0, |row| row.len());
    Tensor::from_data(TensorData::new(rows.concat(), [1, rows.len(), cols]), device)
}

/// The output matrices of all heads as one, `[d_model, d_value · heads]`: component 0 of all heads, then 1, and so on.
fn side_by_side(heads: &[Head], shape: Shape) -> Matrix {
    let rows = heads.first().map_or(0, |head| head.wo.shape()[0]);
    let mut joined = Matrix::zeros(rows, shape.d_value * heads.len());
    for (index, head) in heads.iter().enumerate() {
        for row in 0..rows {
            for component in 0..head.wo.shape()[1] {
                joined.add(row, component * heads.len() + index, head.wo.get(row, component));
            }
        }
    }
    joined
}
