//! What another implementation needs to run the model besides its tensors, as JSON.

use serde_json::{Value, json};

use super::isa::Op;
use super::layout::Dim;
use super::program::{MAX_CODE, MAX_FRAMES, MAX_LOCALS, MAX_OPERANDS, PAGE};
use super::prompt::{DIGIT, MAX_POSITIONS, RECORD, RECORDS};
use super::token::{Token, VOCABULARY};
use crate::interpreter::builder::Dimension;
use crate::interpreter::export;
use crate::interpreter::model::Transformer;

/// Shape, meaning of every part, and the few rules.
pub fn config(model: &Transformer) -> Value {
    let mut config = export::config(model);
    let own = [
        ("tokens", tokens()),
        ("positional_encoding", positional_encoding()),
        ("host", host()),
        ("operations", operations()),
        (
            "limits",
            json!({
                "instructions": MAX_CODE,
                "frames": MAX_FRAMES,
                "operands": MAX_OPERANDS,
                "locals": MAX_LOCALS,
                "positions": MAX_POSITIONS,
            }),
        ),
    ];
    config.extend(own.map(|(name, value)| (name.to_owned(), value)));
    config.into()
}

fn operations() -> Value {
    let operation = |op: Op| json!({ "mnemonic": op.mnemonic(), "about": op.about(), "point": op.point() });
    Op::ALL.into_iter().map(operation).collect::<Vec<_>>().into()
}

/// What each token is called, by its number; and those that end a run.
fn tokens() -> Value {
    let all = || (0..VOCABULARY).filter_map(Token::of);
    let ends = |token: &Token| matches!(token, Token::Halt | Token::Trap(_));
    json!({
        "names": all().map(|token| token.to_string()).collect::<Vec<_>>(),
        "end_of_run": all().filter(ends).map(Token::id).collect::<Vec<_>>(),
    })
}

/// Which dimensions depend on the position, and how. All others are 0.
fn positional_encoding() -> Value {
    let dims = [
        ("pos_low", Dim::PosLow),
        ("pos_high", Dim::PosHigh),
        ("pos_sq", Dim::PosSq),
        ("record_page", Dim::RecordPage),
        ("record_offset", Dim::RecordOffset),
        ("record_sq", Dim::RecordSq),
        ("is_op", Dim::IsOp),
        ("is_imm", Dim::IsImm),
        ("is_slots", Dim::IsSlots),
        ("alphabet", Dim::Alphabet),
        ("sign", Dim::Sign),
        ("sign_sq", Dim::SignSq),
    ];
    let dims: serde_json::Map<String, Value> =
        dims.into_iter().map(|(name, dim)| (name.to_owned(), json!(dim.index()))).collect();
    json!({
        "dims": dims,
        "back_low": (0..3).map(|back| Dim::BackLow(back).index()).collect::<Vec<_>>(),
        "back_high": (0..3).map(|back| Dim::BackHigh(back).index()).collect::<Vec<_>>(),
        "digit": DIGIT,
        "records": RECORDS,
        "record": RECORD,
        "page": PAGE,
        "every_position": "pos_low = p mod digit, pos_high = p / digit, pos_sq = pos_low² + pos_high²; back_low[i], back_high[i]: the digits of max(0, p − i − 1)",
        "before_records": "0 < p < records: alphabet = 1; p = 1: sign = −1, sign_sq = 1; p = 2: sign = 1, sign_sq = 1",
        "max_records": MAX_CODE,
        "from_records_on": "for max_records · record positions, b = p − records, n = b / record: record_page = n / page, record_offset = n mod page, record_sq = record_page² + record_offset²; b mod record = 0: is_op = 1, 4: is_imm = 1, 8: is_slots = 1",
    })
}

fn host() -> Value {
    json!([
        "The sequence is the prompt and then the trace: each token is the one of the highest logit behind those before it.",
        "The run ends with the token halt or with a trap's. Nothing else is done for the model.",
    ])
}

#[cfg(test)]
mod tests {
    use super::super::compile::compile;
    use super::*;

    #[test]
    fn the_config_names_every_dimension_head_neuron_and_token() {
        let model = compile();
        let config = config(&model);
        assert_eq!(config["dims"].as_array().unwrap().len(), model.d_model());
        assert_eq!(config["tokens"]["names"].as_array().unwrap().len(), model.vocabulary());
        assert_eq!(config["tokens"]["end_of_run"].as_array().unwrap().len(), 9);
        assert_eq!(config["n_heads"], json!([5, 1, 5, 5, 2, 6, 0, 0, 0, 0]));
        let kinds = config["layers"][0]["heads"].as_array().unwrap().iter().map(|head| head["kind"].clone());
        assert!(kinds.into_iter().any(|kind| kind == "sum"));
    }
}
