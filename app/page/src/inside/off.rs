//! What is replaced, how more is, and answering again with it.

use leptos::{html, prelude::*};
use protocol::language::{Intervention, Part, Replacement};

use crate::language::interventions::{in_words, of_text, part_name};
use crate::language::{Language, use_language};
use crate::live::{Listed, live};

/// The layers behind which a model's taps sit.
pub fn taps(language: Language) -> Vec<usize> {
    language.source.loaded.with_untracked(|loaded| {
        let world = loaded.as_ref().and_then(|loaded| loaded.world.as_ref());
        world.map(|world| world.layers.clone()).unwrap_or_default()
    })
}

/// The parts replaced, and what to do with them.
#[component]
pub fn Off(
    /// Whether it is a chat's next answer; else a question's.
    of_chat: bool,
) -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let parts = move || {
        let off = of_text(inside.off.get(), of_chat);
        if off.is_empty() {
            let text = "Nothing is replaced. Mark a head or a neuron as off, or name a part below, and let the model answer once more.";
            return view! { <li class="nothing">{text}</li> }.into_any();
        }
        let taps = taps(language);
        let parts = off.into_iter().map(|one| {
            let Intervention { layer, part, .. } = one;
            let name = part_name(layer, part, &taps);
            let shown = if one.with == Replacement::Zero && one.position.is_none() { name } else { in_words(&one, &taps) };
            let label = format!("{shown}: leave it as it is again");
            view! {
                <li>
                    <button class="off-part" data-testid="off-part" aria-label=label on:click=move |_| inside.toggle(layer, part)>
                        {shown}" ×"
                    </button>
                </li>
            }
        });
        parts.listed()
    };
    let nothing_off = Memo::new(move |_| of_text(inside.off.get(), of_chat).is_empty());
    let answered = Memo::new(move |_| match of_chat {
        true => language.talk.turns.with(|turns| turns.len() > 1),
        false => language.asking.asked.with(Option::is_some) && inside.has_question(),
    });
    let is_writing = move || if of_chat { language.talk.is_writing() } else { language.asking.is_busy() };
    let cannot = move || nothing_off.get() || !answered.get() || is_writing() || !language.source.is_ready();
    let again = move |_| if of_chat { language.compare() } else { language.ask_changed() };
    let mean = match of_chat {
        true => "Put the mean over the chat so far in their place, instead of zero",
        false => "Put the mean over the text as it stands in their place, instead of zero",
    };
    view! {
        <section class="inside-part" aria-labelledby="off-title" data-testid="off">
            <h3 id="off-title">"Replaced"</h3>
            <ul class="off-list">{live(parts)}</ul>
            <label class="option check">
                <input
                    type="checkbox"
                    data-testid="off-mean"
                    prop:checked=move || inside.mean.get()
                    on:change=move |event| inside.set_mean(event_target_checked(&event))
                />
                <span>{mean}</span>
            </label>
            <Another of_chat/>
            <p class="card-actions">
                <button class="button primary" data-testid="compare" disabled=cannot on:click=again>
                    "Answer again with these replaced"
                </button>
                <button
                    class="button"
                    data-testid="all-on"
                    disabled=move || nothing_off.get()
                    on:click=move |_| inside.off.set(Vec::new())
                >
                    "Switch all on"
                </button>
            </p>
        </section>
    }
}

/// Names any part of the model, with what takes its place.
#[component]
fn Another(of_chat: bool) -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let kind = RwSignal::new("neuron".to_owned());
    let here = RwSignal::new(false);
    let (number, value) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let complaint = RwSignal::new(None);
    let has_taps = Memo::new(move |_| {
        !of_chat
            && language.source.loaded.with(|loaded| loaded.as_ref().is_some_and(|one| one.world.is_some()))
    });
    let is_gate = Memo::new(move |_| kind.with(|kind| kind == "gate"));
    let replace = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = |field: NodeRef<html::Input>| {
            field.get_untracked().map(|input| input.value().trim().to_owned()).unwrap_or_default()
        };
        let wanted = language.wanted_part(&kind.get_untracked(), &typed(number));
        let with = inside.with_typed(&typed(value), untrack(|| is_gate.get()));
        match wanted.and_then(|(layer, part)| Ok((layer, part, with?))) {
            Ok((layer, part, with)) => {
                let is_local = here.get_untracked() && !untrack(|| is_gate.get());
                let position = is_local.then(|| inside.at.get_untracked());
                inside.replace(Intervention { layer, part, with, position });
                complaint.set(None);
            }
            Err(text) => complaint.set(Some(text)),
        }
    };
    let kinds = move || {
        let mut kinds =
            vec![("neuron", "neuron"), ("head", "head"), ("dimension", "dimension of the stream")];
        if has_taps.get() {
            kinds.push(("gate", "gate of a tap"));
        }
        let shown =
            |(value, text): (&'static str, &'static str)| view! { <option value=value>{text}</option> };
        kinds.into_iter().map(shown).listed()
    };
    let layer = move || {
        if is_gate.get() {
            "layer.gate, as in 3.0".to_owned()
        } else {
            format!("number, in layer {}", inside.layer.get())
        }
    };
    view! {
        <form class="another-part" on:submit=replace aria-label="Replace another part">
            <label>
                <span>"Another part"</span>
                <select class="field" data-testid="part-kind" on:change=move |event| kind.set(event_target_value(&event))>{live(kinds)}</select>
            </label>
            <label>
                <span>{live(layer)}</span>
                <input class="field" inputmode="decimal" required=true data-testid="part-number" node_ref=number/>
            </label>
            <label>
                <span>"value; empty for the above"</span>
                <input class="field" inputmode="decimal" data-testid="part-value" node_ref=value/>
            </label>
            <label class="option check">
                <input
                    type="checkbox"
                    data-testid="part-here"
                    disabled=move || is_gate.get()
                    prop:checked=move || here.get() && !is_gate.get()
                    on:change=move |event| here.set(event_target_checked(&event))
                />
                <span>{move || format!("only at token {}", inside.at.get())}</span>
            </label>
            <button class="button" type="submit" data-testid="part-add">"Replace it"</button>
            {live(move || complaint.get().map(|text: String| view! { <p class="problem-text" role="alert" data-testid="part-problem">{text}</p> }))}
        </form>
    }
}

impl Language {
    /// The part that somebody names by its kind and number; of the layer looked at, but for a gate, which is named by both.
    fn wanted_part(self, kind: &str, number: &str) -> Result<(usize, Part), String> {
        let layer = self.inside.layer.get_untracked();
        let taps = taps(self);
        let sizes = self.source.loaded.with_untracked(|loaded| {
            loaded.as_ref().map(|loaded| {
                let deep = loaded.world.as_ref().map_or(0, |world| world.tap_heads.0);
                (loaded.card.heads, loaded.card.neurons, loaded.card.width, deep)
            })
        });
        let Some((heads, neurons, width, deep)) = sizes else { return Err("No model is loaded.".to_owned()) };
        if kind == "gate" {
            let named = number.split_once('.').and_then(|(behind, of)| {
                let tap = taps.iter().position(|layer| behind.parse() == Ok(*layer))?;
                Some((tap, of.parse::<usize>().ok().filter(|of| *of < deep)?))
            });
            let all: Vec<String> = taps.iter().map(ToString::to_string).collect();
            let help = format!(
                "Gates are named by layer ({}) and number (0 to {}), as in 3.0.",
                all.join(", "),
                deep.saturating_sub(1)
            );
            return named.map(|(tap, of)| (tap, Part::Gate(of))).ok_or(help);
        }
        let (part, count): (fn(usize) -> Part, usize) = match kind {
            "head" => (Part::Head, heads),
            "dimension" => (Part::Dimension, width),
            _ => (Part::Neuron, neurons),
        };
        let number = number.parse::<usize>().ok().filter(|number| *number < count);
        number
            .map(|number| (layer, part(number)))
            .ok_or_else(|| format!("Numbers of that kind go from 0 to {}.", count.saturating_sub(1)))
    }
}
