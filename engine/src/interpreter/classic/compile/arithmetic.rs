//! The FFN of layer 4: what an instruction answers, if the stack and the operand decide it.
//!
//! With a = `SECOND` and b = `TOP`. Every neuron is gated by its opcode, so exactly one operation speaks.

use super::super::layout::{BITS, Dim, Flag};
use super::builder::{
    IS_NOT_NEGATIVE, IS_POSITIVE, IS_ZERO, LayerBuilder, Linear, Ramps, constant, dim, only_if,
};
use super::embedding::{BRANCH_TAKEN, HALT};

fn op(flag: Flag) -> Linear {
    dim(Dim::Op(flag))
}

fn a() -> Linear {
    dim(Dim::Second)
}

fn b() -> Linear {
    dim(Dim::Top)
}

/// Adds all neurons of the layer.
pub fn neurons(layer: &mut LayerBuilder) {
    constants(layer);
    sums_and_products(layer);
    bitwise(layer);
    comparisons(layer);
    shown(layer);
    control(layer);
}

fn constants(layer: &mut LayerBuilder) {
    layer.neuron(
        "const: operand",
        "i32.const and fd_open answer the operand.",
        op(Flag::Const),
        dim(Dim::Operand),
        (Dim::Result, 1.0),
    );
}

fn sums_and_products(layer: &mut LayerBuilder) {
    layer.neuron(
        "add: a + b",
        "i32.add: the opcode is the gate, the sum the value; layer 5 cuts it to 255.",
        op(Flag::Add),
        a() + b(),
        (Dim::Unclamped, 1.0),
    );
    layer.neuron(
        "sub: a − b",
        "i32.sub: the ReLU of the gate keeps the difference from going below 0.",
        a() - b() + only_if(op(Flag::Sub)),
        constant(1.0),
        (Dim::Result, 1.0),
    );
    layer.neuron(
        "mul: a · b",
        "i32.mul: one operand is the gate, the other the value; layer 5 cuts the product to 255.",
        a() + only_if(op(Flag::Mul)),
        b(),
        (Dim::Unclamped, 1.0),
    );
}

fn bitwise(layer: &mut LayerBuilder) {
    layer.neuron(
        "or: a + b",
        "i32.or starts from a + b; the next eight neurons take away the bits counted twice.",
        op(Flag::Or),
        a() + b(),
        (Dim::Result, 1.0),
    );
    let operations: [(Flag, &str, f32, &str); 2] = [
        (Flag::And, "and", 1.0, "i32.and adds the bit where both operands have it."),
        (Flag::Or, "or", -1.0, "i32.or takes the bit away once where both operands have it."),
    ];
    for (flag, name, sign, about) in operations {
        for bit in 0..BITS {
            let weight = f32::from(1_u8 << bit);
            layer.neuron(
                &format!("{name}: bit {bit}"),
                about,
                // Both are 0 or 1, so this is above 0 only where both are 1.
                dim(Dim::TopBit(bit)) + op(flag) - constant(1.0),
                dim(Dim::SecondBit(bit)) * weight,
                (Dim::Result, sign),
            );
        }
    }
}

fn comparisons(layer: &mut LayerBuilder) {
    let one = constant(1.0);
    let tests: [(Flag, &str, Linear, Ramps); 7] = [
        (Flag::Eq, "i32.eq: [a − b = 0]", a() - b(), IS_ZERO),
        (Flag::Ne, "i32.ne, first half: [a − b > 0]", a() - b(), IS_POSITIVE),
        (Flag::Ne, "i32.ne, second half: [b − a > 0]", b() - a(), IS_POSITIVE),
        (Flag::LtS, "i32.lt_s: [b − a > 0]", b() - a(), IS_POSITIVE),
        (Flag::GtS, "i32.gt_s: [a − b > 0]", a() - b(), IS_POSITIVE),
        (Flag::LeS, "i32.le_s: [b − a ≥ 0]", b() - a(), IS_NOT_NEGATIVE),
        (Flag::GeS, "i32.ge_s: [a − b ≥ 0]", a() - b(), IS_NOT_NEGATIVE),
    ];
    for (flag, formula, difference, ramps) in tests {
        layer.ramps(
            flag.names().trim_start_matches("i32."),
            &format!("One ramp of {formula}, which is 1 or 0 for integers."),
            &(difference + only_if(op(flag))),
            ramps,
            &one,
            Dim::Result,
        );
    }
}

/// Instructions that answer the top of the stack.
fn shown(layer: &mut LayerBuilder) {
    let flags = [
        (Flag::LocalTee, "local.tee answers the top, which stays on the stack."),
        (Flag::LocalSet, "local.set answers the value it pops; layer 5 finds it at this position later."),
        (Flag::Store, "i32.store answers the value it pops; layer 6 finds it at this position later."),
        (Flag::FdWrite, "fd_write answers the byte it pops; the host puts it into the file."),
        (Flag::Output, "output and fd_close answer the value they pop."),
    ];
    for (flag, about) in flags {
        layer.neuron(&format!("{}: top", flag.names()), about, op(flag), b(), (Dim::Result, 1.0));
    }
}

fn control(layer: &mut LayerBuilder) {
    layer.ramps(
        "br_if",
        "One ramp of 258 · [b > 0]: token 258 is \"branch taken\".",
        &(b() + only_if(op(Flag::BrIf))),
        IS_POSITIVE,
        &constant(f32::from(BRANCH_TAKEN)),
        Dim::Result,
    );
    layer.neuron(
        "halt: 259",
        "halt answers token 259.",
        op(Flag::Halt),
        constant(f32::from(HALT)),
        (Dim::Result, 1.0),
    );
}
