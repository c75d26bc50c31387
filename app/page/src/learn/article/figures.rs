//! Which figure stands where.

use leptos::prelude::*;

use crate::learn::figures::carries::Carries;
use crate::learn::figures::host::Host;
use crate::learn::figures::keys::{Cell, Keys};
use crate::learn::figures::logits::Logits;
use crate::learn::figures::nano::{Nano, Part};
use crate::learn::figures::neurons::Neurons;
use crate::learn::figures::rule::Rule;
use crate::learn::figures::sum::Sum;

/// The figure of a section, by its place among those of the section.
pub fn figure(section: &str, place: usize) -> AnyView {
    match (section, place) {
        ("program", _) => {
            let parts = &[Part::Answer, Part::Text];
            view! { <Nano name="program" question="Calculate 17 times 23" parts/> }.into_any()
        }
        ("choice", 0) => view! { <Rule/> }.into_any(),
        ("choice", _) => {
            view! { <Nano name="choice" question="what is 12 * 11" parts=&[Part::Answer, Part::Scores]/> }
                .into_any()
        }
        ("lookup", _) => view! { <Cell/> }.into_any(),
        ("sum", _) => view! { <Sum/> }.into_any(),
        ("quadratic", 0) => view! { <Keys name="quadratic" at=(0, 12) pass=4 plane=true/> }.into_any(),
        ("quadratic", _) => view! { <Logits/> }.into_any(),
        ("gates", 0) => view! { <Neurons name="product" operation="i32.mul" numbers=(7, 6)/> }.into_any(),
        ("gates", _) => {
            view! { <Neurons name="gates" operation="i32.gt_s" numbers=(9, 4) closed=true/> }.into_any()
        }
        ("carries", 0) => {
            view! { <Neurons name="saturate" operation="i32.add" numbers=(250, 10) layer=5/> }.into_any()
        }
        ("carries", _) => view! { <Carries/> }.into_any(),
        ("taps", _) => {
            let parts = &[Part::Text, Part::Programs];
            view! { <Nano name="taps" question="Anna has 17 apples and gives away 5. How many are left?" parts/> }
                .into_any()
        }
        ("limits", _) => view! { <Host/> }.into_any(),
        _ => ().into_any(),
    }
}
