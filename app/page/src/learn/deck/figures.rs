//! The figure of each slide.

use leptos::prelude::*;

use crate::learn::figures::host::Host;
use crate::learn::figures::keys::Keys;
use crate::learn::figures::logits::Logits;
use crate::learn::figures::neurons::Neurons;
use crate::learn::figures::stream::{self, Stream};
use crate::learn::figures::strip::{self, Strip};

/// The figure of a slide, from 0.
pub fn figure(slide: usize) -> AnyView {
    let neurons = |name, operation, numbers, layer, closed| {
        view! { <Neurons name operation numbers layer closed/> }.into_any()
    };
    match slide {
        0 => view! { <Strip name="program" of=strip::Of::Outputs/> }.into_any(),
        1 => view! { <Strip name="bytecode" of=strip::Of::Tokens/> }.into_any(),
        2 => view! { <Strip name="passes" of=strip::Of::Passes/> }.into_any(),
        3 => view! { <Stream name="stream" of=stream::Of::Dimensions/> }.into_any(),
        4 => view! { <Stream name="layers" of=stream::Of::Counts/> }.into_any(),
        5 => view! { <Keys name="opcode" at=(0, 1) pass=2/> }.into_any(),
        6 => view! { <Keys name="operand" at=(4, 0) pass=2/> }.into_any(),
        7 => neurons("neuron", "i32.mul", (7, 6), 4, false),
        8 => neurons("gates", "i32.add", (7, 6), 4, true),
        9 => neurons("floor", "i32.sub", (9, 4), 4, false),
        10 => neurons("ramps", "i32.gt_s", (9, 4), 4, false),
        11 => neurons("bits", "i32.and", (12, 10), 4, false),
        12 => neurons("saturate", "i32.add", (250, 10), 5, false),
        13 => view! { <Logits/> }.into_any(),
        14 => view! { <Host/> }.into_any(),
        _ => ().into_any(),
    }
}
