//! What every compiled model has in common when it is exported: its tensors as safetensors, and what they mean as JSON.

use serde_json::{Map, Value, json};

use super::HeadKind;
use super::model::Transformer;

/// All tensors in the safetensors format, f32, under the names of [`Transformer::tensors`].
///
/// # Errors
/// When a tensor cannot be written, which no model of ours brings about.
pub fn safetensors(model: &Transformer) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = model
        .tensors()
        .into_iter()
        .map(|(name, matrix)| {
            let bytes = matrix.data().iter().flat_map(|value| value.to_le_bytes()).collect();
            (name, matrix.shape().to_vec(), bytes)
        })
        .collect();
    let mut views = Vec::new();
    for (name, shape, bytes) in &tensors {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes)?;
        views.push((name.as_str(), view));
    }
    safetensors::serialize(views, None)
}

/// Shape and meaning of every part, as JSON that a machine adds its own rules to.
pub fn config(model: &Transformer) -> Map<String, Value> {
    let d_ffn = model.blocks.iter().map(|block| block.mlp.gate.shape()[0]);
    let config = json!({
        "model_type": "worldmodel-interpreter",
        "version": 1,
        "name": model.card.name,
        "d_model": model.d_model(),
        "n_layers": model.blocks.len(),
        "n_heads": model.blocks.iter().map(|block| block.heads.len()).collect::<Vec<_>>(),
        "n_neurons": d_ffn.collect::<Vec<_>>(),
        "vocabulary": model.vocabulary(),
        "parameters": model.card.parameters,
        "tensors": model.card.tensors,
        "forward": forward(),
        "dims": model.card.dims,
        "layers": layers(model),
    });
    match config {
        Value::Object(config) => config,
        _ => Map::new(),
    }
}

fn forward() -> Value {
    json!({
        "input": "x = embed[token] + positional encoding",
        "layer": "x += sum over heads of wo · z; then x += out · (max(0, gate · x) * (value · x)); no norm, no bias",
        "head": "q = wq · x, k = wk · x, v = wv · x, all before the layer; causal, the position itself included",
        "hard_max": "z = v of the key with the greatest q · k; of equals the latest",
        "sum": "z = sum of v over all positions so far",
        "cross": "like hard_max, over the entries of an external store: k and v from embed[byte] + the entry's encoding; 0 if it is empty",
        "output": "logits = unembed · x; the answer is the token of the greatest",
    })
}

fn layers(model: &Transformer) -> Vec<Value> {
    let layers = model.card.layers.iter().zip(&model.blocks);
    layers
        .map(|(card, block)| {
            let heads = card.heads.iter().zip(&block.heads).map(|(card, head)| {
                let (kind, store) = match head.kind {
                    HeadKind::HardMax => ("hard_max", None),
                    HeadKind::Sum => ("sum", None),
                    HeadKind::Cross { store } => ("cross", Some(store)),
                };
                json!({
                    "kind": kind,
                    "store": store,
                    "label": card.part.label,
                    "about": card.part.about,
                    "values": card.values,
                })
            });
            json!({
                "title": card.title,
                "about": card.about,
                "heads": heads.collect::<Vec<_>>(),
                "neurons": card.neurons,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tensors_read_back_as_they_are() {
        let model = crate::interpreter::classic::compile::compile();
        let bytes = safetensors(&model).unwrap();
        let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(read.len(), 146);
        for (name, matrix) in model.tensors() {
            let tensor = read.tensor(&name).unwrap();
            assert_eq!(tensor.shape(), matrix.shape());
            let data: Vec<f32> =
                tensor.data().chunks(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect();
            assert_eq!(data, matrix.data());
        }
    }
}
