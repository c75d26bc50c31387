//! Layer 5: the answer of all instructions but sums and products, whose columns are still to be carried.

use super::super::isa::Op;
use super::super::layout::Dim;
use super::super::token::Token;
use super::super::trap::Trap;
use super::{Layer, Linear, find, is, phase, phases, token};
use crate::interpreter::builder::{constant, dim};

/// What is added to a byte's token if an instruction ends with it.
const ENDS: f32 = 256.0;

pub fn layer() -> Layer {
    let mut layer = Layer::new(
        "The answer",
        "Heads read bits, signs, memory and the table. Each instruction's neurons say the token that comes next; of sums and products, the \
         layers behind do.",
    );
    find::heads(&mut layer);
    let mut says = Says { layer: &mut layer };
    values(&mut says);
    bits(&mut says);
    comparisons(&mut says);
    memory(&mut says);
    division(&mut says);
    transfers(&mut says);
    ends(&mut says);
    carry(&mut layer);
    layer
}

/// Adds neurons that say the next token.
struct Says<'a> {
    layer: &'a mut Layer,
}

impl Says<'_> {
    fn say(&mut self, label: impl Into<String>, gate: Linear, value: Linear) {
        let about = "The next token, or part of its number.";
        self.layer.neuron(&label.into(), about, gate, value, (Dim::Answer, 1.0));
    }

    fn token(&mut self, label: impl Into<String>, gate: Linear, said: Token) {
        self.say(label, gate, constant(token(said)));
    }
}

/// 1 if an instruction begins.
fn first(op: Op) -> Linear {
    is(op) + phase(0) - constant(1.0)
}

/// 1 if all of some flags are 1.
pub fn all<const N: usize>(flags: [Linear; N]) -> Linear {
    flags.into_iter().sum::<Linear>() - constant(N as f32 - 1.0)
}

fn values(says: &mut Says<'_>) {
    let one = || constant(1.0);
    says.say("four bytes: the last", all([dim(Dim::Four), phase(3)]), constant(ENDS));
    says.say("copy", dim(Dim::Copy), dim(Dim::ANow));
    says.say(Op::Const.mnemonic(), is(Op::Const), dim(Dim::ImmNow));
    says.say("select: first", is(Op::Select) - dim(Dim::ZeroC), dim(Dim::ANow));
    says.say("select: second", all([is(Op::Select), dim(Dim::ZeroC)]), dim(Dim::BNow));
    says.say(Op::Eqz.mnemonic(), first(Op::Eqz), dim(Dim::ZeroA));
    for (op, count) in [(Op::Clz, Dim::ALeading), (Op::Ctz, Dim::ATrailing), (Op::Popcnt, Dim::AOnes)] {
        says.say(op.mnemonic(), first(op), dim(count));
    }
    for (op, width) in [(Op::Extend8, 1), (Op::Extend16, 2)] {
        let within = phases(width);
        says.say(op.mnemonic(), all([is(op), within.clone()]), dim(Dim::ANow));
        let sign = dim(Dim::SignByte(width - 1)) * 255.0;
        says.say(format!("{}: sign", op.mnemonic()), is(op) + phases(4) - one() - within, sign);
    }
    says.say(Op::Quotient.mnemonic(), is(Op::Quotient), dim(Dim::OldDigit));
    says.say(Op::Grown.mnemonic(), is(Op::Grown) - dim(Dim::MinusB), dim(Dim::ANow));
}

fn bits(says: &mut Says<'_>) {
    let source = |index| dim(Dim::Source(index));
    says.say("or: both", is(Op::Or), source(0) + source(1));
    says.say("xor: both", is(Op::Xor), source(0) + source(1));
    for bit in 0..8 {
        let weight = f32::from(1_u8 << bit);
        let both = |op| is(op) + dim(Dim::X(bit)) + dim(Dim::Y(bit)) - constant(2.0);
        for (op, times) in [(Op::And, 1.0), (Op::Or, -1.0), (Op::Xor, -2.0)] {
            says.say(format!("{}: bit {bit}", op.mnemonic()), both(op), constant(times * weight));
        }
    }
    for by in 0..8_usize {
        let amount = (0..3).map(|bit| {
            let own = dim(Dim::Amount(bit));
            if by >> bit & 1 == 1 { own } else { constant(1.0) - own }
        });
        let amount: Linear = amount.sum::<Linear>() - constant(3.0);
        let power = |exponent: usize| f32::from(1_u8 << exponent);
        // To the right, the lower bits of the next higher byte come in above; to the left, the upper ones of the next lower, below.
        let right = (by..8).map(|bit| dim(Dim::X(bit)) * power(bit - by));
        let right = right.chain((0..by).map(|bit| dim(Dim::Y(bit)) * power(8 - by + bit)));
        says.say(format!("right by {by}"), dim(Dim::Right) + amount.clone(), right.sum());
        let left = (0..8 - by).map(|bit| dim(Dim::X(bit)) * power(bit + by));
        let left = left.chain((8 - by..8).map(|bit| dim(Dim::Y(bit)) * power(bit + by - 8)));
        says.say(format!("left by {by}"), dim(Dim::Left) + amount, left.sum());
    }
}

fn comparisons(says: &mut Says<'_>) {
    let one = || constant(1.0);
    let not_less = || dim(Dim::NotBelow(0));
    let not_greater = || dim(Dim::NotBelow(1));
    let answers = [
        (Op::Eq, not_less() + not_greater() - one()),
        (Op::Ne, one() * 2.0 - not_less() - not_greater()),
        (Op::LtS, one() - not_less()),
        (Op::LtU, one() - not_less()),
        (Op::GtS, one() - not_greater()),
        (Op::GtU, one() - not_greater()),
        (Op::LeS, not_greater()),
        (Op::LeU, not_greater()),
        (Op::GeS, not_less()),
        (Op::GeU, not_less()),
    ];
    for (op, value) in answers {
        says.say(op.mnemonic(), first(op), value);
    }
}

fn memory(says: &mut Says<'_>) {
    let within = || dim(Dim::NotBelow(0));
    let accesses =
        [("load", Dim::Load, Dim::Found), ("store", Dim::Store, Dim::BNow), ("data", Dim::Data, Dim::ImmNow)];
    for (name, kind, byte) in accesses {
        says.say(format!("{name}: first byte"), all([dim(kind), phase(0), within()]), dim(byte));
    }
    let behind = |op: Op, from: usize, to: usize| is(op) + (from..to).map(phase).sum() - constant(1.0);
    for (op, width, byte) in [
        (Op::Load, 4, Dim::Found),
        (Op::Load16S, 2, Dim::Found),
        (Op::Load16U, 2, Dim::Found),
        (Op::Store, 4, Dim::BNow),
        (Op::Store16, 2, Dim::BNow),
        (Op::Data, 4, Dim::ImmNow),
    ] {
        says.say(format!("{}: the other bytes", op.mnemonic()), behind(op, 1, width), dim(byte));
    }
    for (op, width) in [(Op::Load8S, 1), (Op::Load16S, 2)] {
        let sign = dim(Dim::SignResult(width - 1)) * 255.0;
        says.say(format!("{}: sign", op.mnemonic()), behind(op, width, 4), sign);
    }
    says.say("i32.store16: the last", all([is(Op::Store16), phase(1)]), constant(ENDS));
    says.say("i32.store8: the last", all([is(Op::Store8), phase(0), within()]), constant(ENDS));
    let beyond = all([dim(Dim::Memory), phase(0)]) - within();
    says.token("memory: out of bounds", beyond, Token::Trap(Trap::MemoryOutOfBounds));
}

fn division(says: &mut Says<'_>) {
    let check = || first(Op::DivCheck);
    let instead = |trap| constant(token(Token::Trap(trap)) - token(Token::Step));
    says.token("div_check", check(), Token::Step);
    says.say("div_check: by zero", all([check(), dim(Dim::ZeroB)]), instead(Trap::DivisionByZero));
    let overflow = all([check(), dim(Dim::Imm(0)), dim(Dim::MinimumA), dim(Dim::MinusB)]);
    says.say("div_check: overflow", overflow, instead(Trap::Overflow));
    let digit = dim(Dim::Guess) + dim(Dim::NotBelow(0)) + dim(Dim::NotBelow(1));
    says.say("div_digit", first(Op::DivDigit), digit + constant(ENDS - 1.0));
}

fn transfers(says: &mut Says<'_>) {
    let one = || constant(1.0);
    let zero = || dim(Dim::ZeroA);
    let imm = |index| dim(Dim::Imm(index));
    says.token("jump", first(Op::Jump), Token::Jump);
    for (op, jumps) in [(Op::JumpIf, one() - zero()), (Op::JumpUnless, zero())] {
        says.token(format!("{}: taken", op.mnemonic()), all([first(op), jumps.clone()]), Token::Jump);
        says.token(format!("{}: not taken", op.mnemonic()), first(op) - jumps, Token::Step);
    }
    let deep = || dim(Dim::Deep);
    says.token("call", first(Op::Call) - deep(), Token::Call);
    says.token("call: too deep", all([first(Op::Call), deep()]), Token::Trap(Trap::StackExhausted));
    says.say("leads to: offset", all([dim(Dim::Direct), phase(1)]), imm(0));
    says.say("leads to: page", all([dim(Dim::Direct), phase(2)]), imm(1) + constant(ENDS));

    says.token("jump_table", first(Op::JumpTable), Token::Jump);
    let within = || dim(Dim::NotBelow(0));
    for count in 1..3 {
        let here = || all([is(Op::JumpTable), phase(count)]);
        let ending = if count == 2 { ENDS } else { 0.0 };
        says.say(format!("jump_table: base, byte {count}"), here(), imm(count - 1) + constant(ending));
        let index = dim(Dim::A(count - 1));
        says.say(format!("jump_table: entry, byte {count}"), all([here(), within()]), index);
        says.say(format!("jump_table: last entry, byte {count}"), here() - within(), imm(count + 1));
    }

    says.token("call_indirect", indirect(), Token::Call);
    let instead = |trap| constant(token(Token::Trap(trap)) - token(Token::Call));
    says.say("call_indirect: beyond the table", indirect() - within(), instead(Trap::TableOutOfBounds));
    let types = |index| dim(Dim::EntryType(index));
    // Both bytes are 255: a neuron may have several such, and of this gate there is one.
    let none = types(0) + types(1) - constant(509.0);
    let about = "Whether the table's entry names no function.";
    says.layer.neuron("table: no function", about, none.clone(), one(), (Dim::NoEntry, 1.0));
    let empty = indirect() + (none - one()) + within() - one();
    says.say("call_indirect: no function", empty, instead(Trap::NoFunction));
    says.say("call_indirect: offset", all([is(Op::CallIndirect), phase(1)]), dim(Dim::A(0)));
    let page = imm(2) + dim(Dim::A(1)) + constant(ENDS);
    says.say("call_indirect: page", all([is(Op::CallIndirect), phase(2)]), page);
    for index in 0..2 {
        for sign in [1.0, -1.0] {
            let difference = (types(index) - imm(index)) * sign;
            let label = format!("table: type byte {index}, {}", if sign > 0.0 { "more" } else { "less" });
            let about = "How far the entry's type is from the wanted one.";
            says.layer.neuron(&label, about, difference, one(), (Dim::TypeDiffers, 1.0));
        }
    }

    says.token("return", first(Op::Return), Token::Return);
    says.say("return: offset", all([is(Op::Return), phase(1)]), dim(Dim::BackOffset));
    says.say("return: page", all([is(Op::Return), phase(2)]), dim(Dim::BackPage) + constant(ENDS));
}

/// 1 if a call through the table begins.
pub fn indirect() -> Linear {
    first(Op::CallIndirect)
}

fn ends(says: &mut Says<'_>) {
    for op in [Op::Step, Op::Init] {
        says.token(op.mnemonic(), first(op), Token::Step);
    }
    says.token("halt", first(Op::Halt), Token::Halt);
    says.token("unreachable", first(Op::Unreachable), Token::Trap(Trap::Unreachable));
}

/// What column 0 carries; and where memory has no room to grow, the pages become −1.
fn carry(layer: &mut Layer) {
    layer.neuron(
        "carry into column 1",
        "What is carried: the column less the byte written, over 256.",
        dim(Dim::Sums),
        (dim(Dim::Column(0)) - dim(Dim::Result(0))) * (1.0 / 256.0),
        (Dim::CarryColumn(0), 1.0),
    );
    layer.neuron_to(
        "memory.grow: no room",
        "Makes −1 of the pages.",
        is(Op::MemoryGrow) - dim(Dim::NotBelow(0)),
        dim(Dim::Pages) + constant(1.0),
        vec![(Dim::Column(0), -1.0), (Dim::CarryColumn(0), -1.0 / 256.0)],
    );
}
