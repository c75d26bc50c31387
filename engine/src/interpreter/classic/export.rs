//! What another implementation needs to run the model besides its tensors, as JSON.

use serde_json::{Value, json};

use super::compile::{BRANCH_TAKEN, D_FFN, D_HEAD, HALT, PROGRAM_END, PROGRAM_START};
use super::isa::{FILE_BYTES, FILES, INSTRUCTION_BYTES, MAX_INSTRUCTIONS, MAX_ITERATIONS, MAX_STACK, Op};
use super::layout::Dim;
use crate::interpreter::export;
use crate::interpreter::model::Transformer;

/// Shape, meaning of every part, and the host's rules.
pub fn config(model: &Transformer) -> Value {
    let mut config = export::config(model);
    let own = [
        ("d_head", json!(D_HEAD)),
        ("d_ffn", json!(D_FFN)),
        (
            "special_tokens",
            json!({
                "program_start": PROGRAM_START,
                "program_end": PROGRAM_END,
                "branch_taken": BRANCH_TAKEN,
                "halt": HALT,
            }),
        ),
        ("positional_encoding", positional_encoding()),
        ("host", host()),
        ("instruction_bytes", json!(INSTRUCTION_BYTES)),
        (
            "operations",
            json!(Op::ALL.map(|op| json!({
                "mnemonic": op.mnemonic(),
                "opcode": op as u8,
                "max_operand": op.operand().max(),
                "pops": op.pops(),
                "pushes": op.pushes(),
                "about": op.summary(),
            }))),
        ),
        (
            "limits",
            json!({
                "instructions": MAX_INSTRUCTIONS,
                "iterations": MAX_ITERATIONS,
                "stack": MAX_STACK,
                "files": FILES,
                "file_bytes": FILE_BYTES,
            }),
        ),
    ];
    config.extend(own.map(|(name, value)| (name.to_owned(), value)));
    config.into()
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
