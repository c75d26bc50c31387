//! Layer 0: what was written last.
//!
//! A position sees the three bytes before it, finds where the latest instruction ended, and so knows how many tokens of the current
//! one stand there: its phase. Two sums count ends and open calls.

use super::super::layout::Dim;
use super::super::program::MAX_FRAMES;
use super::{HeadSpec, Layer, Linear, Lookup, bytes};
use crate::interpreter::builder::{IS_NOT_NEGATIVE, constant, dim};
use crate::interpreter::describe::HeadKind;

pub fn layer() -> Layer {
    let mut layer = Layer::new(
        "What was written last",
        "Three heads fetch the tokens before this one, one the latest end of an instruction; one counts ends and open calls. The \
         neurons tell the phase, and put together the value that ends here.",
    );
    let byte = |back: usize| {
        vec![
            (dim(Dim::Value), Dim::Byte(back)),
            (dim(Dim::Ones), Dim::Ones),
            (dim(Dim::Leading(0)), Dim::Leading(back + 1)),
            (dim(Dim::Trailing(0)), Dim::Trailing(back + 1)),
        ]
    };
    let besides = [
        vec![(dim(Dim::Call), Dim::CallBefore), (dim(Dim::Return), Dim::ReturnBefore)],
        vec![
            (dim(Dim::Transfer), Dim::TransferBefore),
            (dim(Dim::Bit(4)), Dim::BitNext),
            (dim(Dim::Bit(5)), Dim::BitGlobal),
        ],
        vec![],
    ];
    for (back, besides) in besides.into_iter().enumerate() {
        let lookup = Lookup {
            query: vec![dim(Dim::BackLow(back)), dim(Dim::BackHigh(back))],
            key: vec![dim(Dim::PosLow), dim(Dim::PosHigh)],
            square: dim(Dim::PosSq),
            guard: constant(1.0),
        };
        let (label, about) = (
            format!("{} before", back + 1),
            format!("Copies the byte {} before this one, with the counts of its bits.", back + 1),
        );
        let mut values = byte(back);
        values.extend(besides);
        layer.head(lookup.head(&label, &about, values));
    }
    layer.head(HeadSpec {
        kind: HeadKind::HardMax,
        label: "latest end".into(),
        about: "Finds the latest token with which an instruction ended, this one included.".into(),
        query: vec![constant(1.0)],
        key: vec![dim(Dim::End)],
        value: vec![(dim(Dim::PosLow), Dim::EndLow), (dim(Dim::PosHigh), Dim::EndHigh)],
    });
    layer.head(HeadSpec {
        kind: HeadKind::Sum,
        label: "ends and calls".into(),
        about: "Counts the ends so far, and the calls less the returns.".into(),
        query: vec![],
        key: vec![],
        value: vec![(dim(Dim::End), Dim::Ends), (dim(Dim::Call) - dim(Dim::Return), Dim::Depth)],
    });
    phases(&mut layer);
    for (index, byte) in [Dim::Byte(2), Dim::Byte(1), Dim::Byte(0), Dim::Value].into_iter().enumerate() {
        layer.neuron(
            &format!("written byte {index}"),
            "A byte of the value that ends here.",
            dim(Dim::Last),
            dim(byte),
            (Dim::Written(index), 1.0),
        );
    }
    let depth = dim(Dim::Depth);
    layer.neuron("depth²", "The square of the depth.", depth.clone(), depth.clone(), (Dim::DepthSq, 1.0));
    layer.ramps(
        "too deep",
        "Whether there is no room for a further frame.",
        &(depth - constant((MAX_FRAMES - 1) as f32)),
        IS_NOT_NEGATIVE,
        &constant(1.0),
        Dim::Deep,
    );
    layer
}

/// How far the latest end is away, as a flag for each of 1 to 4: (p − j + 1)⁺ − 2(p − j)⁺ + (p − j − 1)⁺.
fn phases(layer: &mut Layer) {
    let distance: Linear = (dim(Dim::PosHigh) - dim(Dim::EndHigh)) * super::super::prompt::DIGIT as f32
        + dim(Dim::PosLow)
        - dim(Dim::EndLow);
    for ramp in 0..6_usize {
        let weights = [(ramp, 1.0), (ramp.wrapping_sub(1), -2.0), (ramp.wrapping_sub(2), 1.0)];
        let out = weights.into_iter().filter(|(phase, _)| *phase < 4);
        layer.neuron_to(
            &format!("phase: ramp −{ramp}"),
            "How many tokens of the instruction stand there.",
            distance.clone() - constant(ramp as f32),
            constant(1.0),
            out.map(|(phase, weight)| (Dim::Phase(phase), weight)).collect(),
        );
    }
}

/// The three lower bytes of the value that ends here, as one number.
pub fn written_low() -> Linear {
    bytes(Dim::Written, 0..3)
}
