//! The model for other programs: its tensors as safetensors, and everything else that another
//! implementation needs to run it, as JSON.

use serde_json::{Value, json};

use super::compile::{BRANCH_TAKEN, HALT, PROGRAM_END, PROGRAM_START};
use super::isa::{FILE_BYTES, FILES, INSTRUCTION_BYTES, MAX_INSTRUCTIONS, MAX_ITERATIONS, MAX_STACK, Op};
use super::layout::Dim;
use crate::interpreter::HeadKind;
use crate::interpreter::model::{D_HEAD, Transformer};

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

/// Shape, meaning of every part, and the host's rules.
pub fn config(model: &Transformer) -> Value {
    let d_ffn = model.blocks.first().map_or(0, |block| block.mlp.gate.shape()[0]);
    json!({
        "model_type": "worldmodel-interpreter",
        "version": 1,
        "name": model.card.name,
        "d_model": model.d_model(),
        "d_head": D_HEAD,
        "d_ffn": d_ffn,
        "n_layers": model.blocks.len(),
        "n_heads": model.blocks.iter().map(|block| block.heads.len()).collect::<Vec<_>>(),
        "vocabulary": model.vocabulary(),
        "parameters": model.card.parameters,
        "tensors": model.card.tensors,
        "forward": forward(),
        "special_tokens": {
            "program_start": PROGRAM_START,
            "program_end": PROGRAM_END,
            "branch_taken": BRANCH_TAKEN,
            "halt": HALT,
        },
        "dims": model.card.dims,
        "layers": layers(model),
        "positional_encoding": positional_encoding(),
        "host": host(),
        "instruction_bytes": INSTRUCTION_BYTES,
        "operations": Op::ALL.map(|op| json!({
            "mnemonic": op.mnemonic(),
            "opcode": op as u8,
            "max_operand": op.operand().max(),
            "pops": op.pops(),
            "pushes": op.pushes(),
            "about": op.summary(),
        })),
        "limits": {
            "instructions": MAX_INSTRUCTIONS,
            "iterations": MAX_ITERATIONS,
            "stack": MAX_STACK,
            "files": FILES,
            "file_bytes": FILE_BYTES,
        },
    })
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

/// Which dimensions the host sets, and to what. All others are 0.
fn positional_encoding() -> Value {
    let (index, index_sq) = (Dim::Index.index(), Dim::IndexSq.index());
    let (opcode, operand) = (Dim::IsOpcode.index(), Dim::IsOperand.index());
    let (ip, previous) = (Dim::Ip.index(), Dim::PrevIp.index());
    json!({
        "dims": {
            "index": index,
            "index_sq": index_sq,
            "is_opcode": opcode,
            "is_operand": operand,
            "ip": ip,
            "prev_ip": previous,
            "cursor": (0..FILES).map(|file| Dim::Cursor(file).index()).collect::<Vec<_>>(),
        },
        "program_start": "index = -1, index_sq = 1, is_opcode = 1, is_operand = 1, ip = -1, prev_ip = -1",
        "program_byte": "index = number of its instruction, index_sq = index², is_opcode = 1 at the first of its five bytes, is_operand = 1 at the second, ip = -1, prev_ip = -1",
        "query": "the end token and every answer: ip = the instruction to execute here, prev_ip = the one whose answer the token is (-1 at the end token), cursor[file] = the file's cursor",
        "store_entry": "index = the byte's offset in the file, index_sq = index²",
    })
}

fn host() -> Value {
    json!([
        "The sequence is program_start, five bytes an instruction (opcode, little-endian operand), program_end, then one answer an executed instruction.",
        "The host keeps the instruction pointer: it starts at 0 and moves on by one after each answer.",
        "It skips loop and end_loop, which the model never executes, and remembers the loops it is in.",
        "br_if answers branch_taken or 0. On branch_taken the host goes back to the start of the operand-th enclosing loop; a loop's body runs 256 times at most.",
        "fd_open answers the file's number; the host sets its cursor to 0 and, the first time, puts 32 zero bytes into its store.",
        "fd_read answers the byte at the cursor; the host moves the cursor on.",
        "fd_write answers the byte; the host appends an entry (cursor, byte) to the file's store and moves the cursor on.",
        "fd_close answers the file's number. output answers the byte that is put out. halt answers halt, which ends the run.",
        "It stops a program that would read from an empty stack, an unset local, a closed file or behind a file's end, or that overfills the stack.",
    ])
}

#[cfg(test)]
mod tests {
    use super::super::compile::compile;
    use super::*;

    #[test]
    fn the_tensors_read_back_as_they_are() {
        let model = compile();
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

    #[test]
    fn the_config_names_every_dimension_head_and_neuron() {
        let config = config(&compile());
        assert_eq!(config["dims"].as_array().unwrap().len(), 100);
        let heads: Vec<usize> = config["layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| layer["heads"].as_array().unwrap().len())
            .collect();
        assert_eq!(heads, [13, 1, 0, 8, 2, 1, 1, 4]);
        assert_eq!(config["parameters"], 316_000);
    }
}
