//! Layer 0: fetches the instruction from the program.
//!
//! The host says which instruction is executed (`IP`); the heads look its bytes up. An opcode byte is found
//! by the quadratic key of its instruction's number. Positions that execute nothing ask for instruction −1,
//! which is the start token, and so get zeros everywhere.

use super::super::layout::{Dim, Flag};
use super::ASIDE;
use super::builder::{HeadSpec, LayerBuilder, dim, guarded_key, quadratic_query};
use crate::interpreter::describe::HeadKind;

/// 13 heads: 11 fetch two opcode flags each, one asks whether the instruction before pushed its answer, one
/// fetches the operand.
pub fn layer() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Instruction fetch",
        "Finds the opcode and the operand of the instruction that the host points at, and whether the \
         instruction before it pushed this position's token.",
    );
    let opcode_key = || guarded_key(Dim::Index, Dim::IndexSq, dim(Dim::IsOpcode), ASIDE);
    for pair in Flag::ALL.chunks(2) {
        let names: Vec<String> = pair.iter().map(|flag| flag.names()).collect();
        layer.head(HeadSpec {
            kind: HeadKind::HardMax,
            label: format!("fetch {}", names.join(" | ")),
            about: format!(
                "Looks at the opcode of instruction IP and copies whether it is {}.",
                names.join(" or ")
            ),
            query: quadratic_query(dim(Dim::Ip)),
            key: opcode_key(),
            value: pair.iter().map(|flag| (dim(Dim::ByteIs(*flag)), Dim::Op(*flag))).collect(),
        });
    }
    layer.head(HeadSpec {
        kind: HeadKind::HardMax,
        label: "fetch: did the previous instruction push".into(),
        about: "Looks at the opcode of instruction PREV_IP and copies whether its answer, this position's \
                token, belongs on the stack."
            .into(),
        query: quadratic_query(dim(Dim::PrevIp)),
        key: opcode_key(),
        value: vec![(dim(Dim::BytePushes), Dim::PrevPushes)],
    });
    layer.head(HeadSpec {
        kind: HeadKind::HardMax,
        label: "fetch operand".into(),
        about: "Looks at the operand of instruction IP and copies its low byte and that byte's square."
            .into(),
        query: quadratic_query(dim(Dim::Ip)),
        key: guarded_key(Dim::Index, Dim::IndexSq, dim(Dim::IsOperand), ASIDE),
        value: vec![(dim(Dim::Value), Dim::Operand), (dim(Dim::ValueSq), Dim::OperandSq)],
    });
    layer
}
