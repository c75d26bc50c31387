//! The published rule on the published programs for 12 × 11, with what each of its terms counts to change.

use leptos::prelude::*;
use protocol::asking::Story;

use super::nano::{Here, use_nano};
use crate::live::{Listed, live};
use crate::repl::highlighted_program;

/// The rule's terms once a program was run.
const TERMS: [&str; 3] = ["keyword", "layer", "reasonable"];

/// Three programs, and which of them the rule takes.
#[component]
pub fn Rule() -> impl IntoView {
    let nano = use_nano();
    let asking = nano.asking;
    if asking.story.with_untracked(Option::is_none) {
        nano.tell_story();
    }
    super::nano::prepare();
    let factors = TERMS.map(|_| RwSignal::new(1.0_f64));
    let sliders = TERMS.iter().zip(factors).map(|(name, factor)| {
        view! {
            <label class="lesson-field lesson-slider">
                <span>{format!("“{name}” counts ")}<b class="mono">{move || format!("× {:.1}", factor.get())}</b></span>
                <input
                    type="range"
                    min="0"
                    max="2"
                    step="0.1"
                    data-testid=format!("rule-{name}")
                    prop:value=move || factor.get().to_string()
                    on:input=move |event| {
                        if let Ok(value) = event_target_value(&event).parse() {
                            factor.set(value);
                        }
                    }
                />
            </label>
        }
    });
    let sliders = sliders.listed();
    let content = move || match asking.story.get() {
        Some(story) => table(&story, factors.map(|factor| factor.get())),
        None if asking.story_failure.with(Option::is_some) => {
            let error =
                asking.story_failure.get().map(|error| format!("{}. {}", error.message, error.remedy));
            view! { <p class="problem-text" role="alert" data-testid="figure-problem">{error}</p> }.into_any()
        }
        None => view! { <p class="lesson-waits" role="status">"Not computed yet: the engine starts."</p> }
            .into_any(),
    };
    view! {
        <div class="lesson-figure" data-accent="qwen" role="group" aria-label="Figure: rule" aria-busy=move || asking.story.with(Option::is_none).to_string() data-testid="figure-rule">
            <div class="lesson-controls">{sliders}</div>
            <div class="lesson-content">{live(content)}</div>
            <Here by_model=false/>
        </div>
    }
}

fn table(story: &Story, factors: [f64; 3]) -> AnyView {
    let counted =
        |terms: [f64; 3]| terms.iter().zip(factors).map(|(term, factor)| term * factor).sum::<f64>();
    let totals: Vec<Option<f64>> =
        story.candidates.iter().map(|one| one.original.after.map(counted)).collect();
    let most = totals.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let wins = |total: &Option<f64>| total.is_some_and(|total| (total - most).abs() < 1e-9);
    let winners: Vec<String> = story
        .candidates
        .iter()
        .zip(&totals)
        .filter(|(_, total)| wins(total))
        .map(|(one, _)| one.result.clone().unwrap_or_default())
        .collect();
    let rows = story.candidates.iter().zip(&totals).map(|(one, total)| {
        let after = one.original.after.map_or_else(
            || "not run".to_owned(),
            |[keyword, layer, reasonable]| format!("{keyword:.2}, {layer:.2}, {reasonable:.2}"),
        );
        let result = if one.original.runs {
            one.result.clone().unwrap_or_else(|failure| failure)
        } else {
            "–".to_owned()
        };
        view! {
            <tr class:wins=wins(total)>
                <th scope="row">{format!("Layer {}", one.layer)}</th>
                <td><pre class="wat-text" tabindex="0"><code>{highlighted_program(&one.wat)}</code></pre></td>
                <td>{one.operation.clone()}</td>
                <td class="mono">{format!("{:.2}", one.original.before_total)}</td>
                <td class="mono">{result}</td>
                <td class="mono">{after}</td>
                <td class="mono"><b>{total.map(|total| format!("{total:.3}"))}</b></td>
            </tr>
        }
    });
    let rows = rows.listed();
    let says = match winners.as_slice() {
        [one] => format!("The rule answers {one}."),
        all => format!(
            "The scores of {} are equal: nothing else in the rule tells them apart.",
            all.join(" and ")
        ),
    };
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="The rule's terms">
            <table class="lesson-table" data-testid="rule-table">
                <thead>
                    <tr>
                        <th scope="col">"Tap"</th><th scope="col">"its program"</th><th scope="col">"taken for"</th><th scope="col">"before it runs"</th><th scope="col">"ran to"</th>
                        <th scope="col">"keyword, layer, reasonable"</th><th scope="col">"score"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="lesson-says" role="status" data-testid="rule-says">{says}</p>
    }
    .into_any()
}
