//! What is switched off, answering again with it, and the two answers side by side.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::language::{Ablation, Part};

use super::messages::outcome_in_words;
use crate::language::talk::Turn;
use crate::language::use_language;
use crate::live::{Listed, live};

/// A part's name.
pub fn part_name(layer: usize, part: Part) -> String {
    match part {
        Part::Head(head) => format!("layer {layer}, head {head}"),
        Part::Neuron(neuron) => format!("layer {layer}, neuron {neuron}"),
    }
}

/// What is off, in words.
fn off_in_words(off: &[Ablation]) -> String {
    let Some(first) = off.first() else { return "everything on".to_owned() };
    let mut names: Vec<String> = off.iter().take(3).map(|one| part_name(one.layer, one.part)).collect();
    if off.len() > names.len() {
        names.push(format!("{} more", off.len() - names.len()));
    }
    format!("{} {}", names.join("; "), if first.mean { "at their mean" } else { "at zero" })
}

/// The parts switched off, and what to do with them.
#[component]
pub fn Off() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let parts = move || {
        let off = inside.off.get();
        if off.is_empty() {
            let text = "Nothing is switched off. Mark a head or a neuron as off, and let the model answer once more.";
            return view! { <li class="nothing">{text}</li> }.into_any();
        }
        let parts = off.into_iter().map(|Ablation { layer, part, .. }| {
            let name = part_name(layer, part);
            let label = format!("Switch {name} on again");
            view! {
                <li>
                    <button class="off-part" data-testid="off-part" aria-label=label on:click=move |_| inside.toggle(layer, part)>
                        {name}" ×"
                    </button>
                </li>
            }
        });
        parts.listed()
    };
    let nothing_off = Memo::new(move |_| inside.off.with(Vec::is_empty));
    let answered = Memo::new(move |_| language.talk.turns.with(|turns| turns.len() > 1));
    let cannot = move || {
        nothing_off.get() || !answered.get() || language.talk.is_writing() || !language.source.is_ready()
    };
    view! {
        <section class="inside-part" aria-labelledby="off-title" data-testid="off">
            <h3 id="off-title">"Switched off"</h3>
            <ul class="off-list">{live(parts)}</ul>
            <label class="option check">
                <input
                    type="checkbox"
                    data-testid="off-mean"
                    prop:checked=move || inside.mean.get()
                    on:change=move |event| inside.set_mean(event_target_checked(&event))
                />
                <span>"Put the mean over the chat so far in their place, instead of zero"</span>
            </label>
            <p class="card-actions">
                <button class="button primary" data-testid="compare" disabled=cannot on:click=move |_| language.compare()>
                    "Answer again without them"
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

/// How many characters two texts have in common at their beginning, in bytes.
fn common(first: &str, second: &str) -> usize {
    first.chars().zip(second.chars()).take_while(|(a, b)| a == b).map(|(letter, _)| letter.len_utf8()).sum()
}

fn side(title: &'static str, testid: &'static str, turn: &Turn, same: usize) -> AnyView {
    let (common, own) = turn.text.split_at_checked(same).unwrap_or((&turn.text, ""));
    let (common, own) = (common.to_owned(), own.to_owned());
    let words = turn.outcome.map(|outcome| outcome_in_words(&outcome, false));
    view! {
        <section class="compared" data-testid=testid aria-label=title>
            <h3>{title}</h3>
            <p class="models-note">{off_in_words(&turn.off)}</p>
            <p class="said">{common}<mark>{own}</mark></p>
            <p class="stats">{words}</p>
        </section>
    }
    .into_any()
}

/// The answer before and after something was switched off.
#[component]
pub fn Comparison(before: Arc<Turn>, after: Arc<Turn>) -> impl IntoView {
    let language = use_language();
    let same = common(&before.text, &after.text);
    let verdict = if before.text == after.text {
        "Both answers are the same, to the last character."
    } else {
        "Where they part, the rest is marked."
    };
    let writing = move || language.talk.is_writing();
    view! {
        <article class="message" data-role="assistant" data-testid="comparison" aria-label="Two answers side by side">
            <h2 class="message-who">"Model, twice"</h2>
            <p class="models-note">{verdict}</p>
            <div class="comparison">
                {side("Before", "compared-before", &before, same)}
                {side("Now", "compared-after", &after, same)}
            </div>
            <p class="message-actions">
                <button class="quiet" data-testid="go-back" disabled=writing on:click=move |_| language.end_comparison(true)>
                    "Undo: back to the first"
                </button>
                <button class="quiet" data-testid="keep-new" disabled=writing on:click=move |_| language.end_comparison(false)>
                    "Keep the second"
                </button>
            </p>
        </article>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_answers_share_ends_between_letters() {
        assert_eq!(common("Größe 1", "Größe 2"), "Größe ".len());
        assert_eq!(common("é", "è"), 0);
        assert_eq!(common("", "a"), 0);
    }
}
