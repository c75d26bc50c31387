//! The scores of the tokens: the same parabola at the other end of the model.

use leptos::prelude::*;

use super::controls::NumberField;
use super::neurons::{OPERATION, program};
use super::{Frame, looking, number};
use crate::learn::lab::{At, Program, Seen, Want};
use crate::learn::spot::Spot;
use crate::xray::extra::Extra;
use crate::xray::figure::Figure;
use crate::xray::logits::chart;

/// The logits where two numbers are added.
#[component]
pub fn Logits() -> impl IntoView {
    let (a, b) = (RwSignal::new(60), RwSignal::new(40));
    let looking = looking(move || Want {
        program: Program::Classic(program("i32.add", (a.get(), b.get()))),
        at: At::Pass(OPERATION),
        heads: Vec::new(),
    });
    let controls =
        view! { <NumberField name="a" value=a/><NumberField name="b" value=b/><p class="lesson-note">"i32.add"</p> }
            .into_any();
    let spot = |seen: &Seen| {
        let capture = seen.capture()?;
        let layer = capture.layers.len().saturating_sub(1);
        Some(Spot {
            program: seen.want.program.clone(),
            position: capture.position,
            layer,
            extra: Extra::default(),
        })
    };
    view! { <Frame looking name="logits" controls content spot/> }
}

fn content(seen: &Seen) -> AnyView {
    let Some(capture) = seen.capture() else { return ().into_any() };
    let (logits, argmax) = (capture.logits.clone(), usize::from(capture.argmax));
    let last = capture.layers.len().saturating_sub(1);
    let result = seen.behind(capture, last, "RESULT").unwrap_or_default();
    let at = |token: usize| logits.get(token).copied().map(number).unwrap_or_default();
    let says = format!(
        "RESULT is {}. Token {argmax} scores {}, the most; the next one scores {}.",
        number(result),
        at(argmax),
        at(argmax + 1)
    );
    let text = format!("The logits of {} tokens, a parabola with its top at token {argmax}.", logits.len());
    let draw = move |size| chart(&logits, argmax, size);
    view! {
        <Figure title="Logit of each token: 2tR − t²" text testid="lesson-logits" draw/>
        <p class="lesson-says" data-testid="logits-says">{says}</p>
    }
    .into_any()
}
