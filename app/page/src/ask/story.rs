//! How the published system answered 12 × 11, step by step, and then ours.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::asking::Story;

use crate::language::worlds::use_worlds;
use crate::live::{Listed, live};
use crate::parts::use_parts;
use crate::repl::highlighted_program;

/// Steps of the story.
const STEPS: usize = 4;

/// The story, told when somebody wants it.
#[component]
pub fn StoryView() -> impl IntoView {
    let (worlds, parts) = (use_worlds(), use_parts());
    let nano = worlds.nano;
    let step = RwSignal::new(0_usize);
    let begin = move |_| {
        step.set(0);
        nano.tell_story();
    };
    let content = move || match nano.asking.story.get() {
        None => {
            let failure = nano.asking.story_failure.get().map(|error| {
                view! {
                    <div class="problem" role="alert" data-testid="story-failure">
                        <p class="problem-message">{error.message}</p>
                        <p>{error.remedy}</p>
                    </div>
                }
            });
            view! { {failure}<button id="story-tell" class="button" data-testid="story" on:click=begin>"Tell it"</button> }.into_any()
        }
        Some(_) => parts.talking.show(move |part| (part.told)(step)),
    };
    view! {
        <section class="ask-story" aria-labelledby="story-title">
            <h2 id="story-title">"Why a choice must be trained: 12 × 11 = 144"</h2>
            <p class="ask-note">
                "The system that this one follows, WorldModel-Qwen, published its answer to “what is 12 * 11”: 144. Two of its three programs were right. "
                "Here programs as it described them are run again, and its rule decides, term by term."
            </p>
            {live(content)}
        </section>
    }
}

/// The story's steps.
#[component]
pub fn Told(
    /// The one that is shown.
    step: RwSignal<usize>,
) -> impl IntoView {
    let worlds = use_worlds();
    let told = move || worlds.nano.asking.story.get().map(|story| view! { <Candidates story step/> });
    live(told)
}

#[component]
fn Candidates(story: Arc<Story>, step: RwSignal<usize>) -> impl IntoView {
    let worlds = use_worlds();
    let rows = story.candidates.iter().enumerate().map(|(tap, one)| {
        let [layer, keyword, export, numbers] = one.original.before;
        let before = format!(
            "{layer:.2} + {keyword:.1} + {export:.1} + {numbers:.1} = {:.2}",
            one.original.before_total
        );
        let result = one.result.clone().unwrap_or_else(|failure| failure);
        let runs = one.original.runs;
        let after = one.original.after.map_or_else(
            || "not run".to_owned(),
            |[keyword, layer, reasonable]| {
                format!("{keyword:.1} + {layer:.2} + {reasonable:.1} = {:.3}", keyword + layer + reasonable)
            },
        );
        let wins = story.chosen == Some(tap);
        let is = move |least: usize| step.get() >= least;
        view! {
            <tr class:wins=move || wins && is(2)>
                <th scope="row">{format!("Layer {}", one.layer)}{move || (wins && is(2)).then_some(" wins")}</th>
                <td><pre class="wat-text" tabindex="0"><code>{highlighted_program(&one.wat)}</code></pre></td>
                <td class="mono" class:unseen=move || !is(1)>{before}</td>
                <td class="mono" class:unseen=move || !is(2)>{if runs { result } else { "–".to_owned() }}</td>
                <td class="mono" class:unseen=move || !is(2)>{after}</td>
            </tr>
        }
    });
    let rows = rows.listed();
    let text = move || match step.get() {
        0 => {
            "Its three taps wrote a product, a product, and the square of the first number. Two right, one wrong."
        }
        1 => {
            "Before anything is run, the rule adds up: layer ÷ 11, 2 if a keyword of the question (*) matches the program's operation, 0.5 for an export, \
             0.3 for enough numbers. A square multiplies too, so it matches. The last layer leads. The best two are run."
        }
        2 => {
            "Afterwards: keyword again, layer ÷ 11 again, and 0.5 because 144 looks like a reasonable number. 3.500 beats 3.136: it answered 144. \
             Nothing in the rule asks what the question meant, and the right program of layer 3 was never run."
        }
        _ => {
            "Ours scores by what is known of each program: how sure its tap was, whether others came to the same answer, whether it ran, what the tap's state says; \
             with weights learned from programs that were right or wrong. Ask it the same, and try the published rule on its programs."
        }
    };
    let question = story.question.clone();
    let ask = move |_| {
        worlds.turn_to(None);
        worlds.nano.ask_this(&question);
        window().scroll_to_with_x_and_y(0.0, 0.0);
    };
    let is_last = move || step.get() + 1 >= STEPS;
    view! {
        <div class="scroll-x" data-testid="story-table">
            <table class="scores story">
                <thead>
                    <tr>
                        <th scope="col">"Tap"</th><th scope="col">"Its program"</th><th scope="col">"Before"</th><th scope="col">"Ran to"</th>
                        <th scope="col">"After"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="story-text" role="status" data-testid="story-text">{text}</p>
        <p class="story-steps">
            <button class="button" data-testid="story-back" disabled=move || step.get() == 0 on:click=move |_| step.update(|step| *step = step.saturating_sub(1))>"Back"</button>
            <button class="button" id="story-next" data-testid="story-next" disabled=move || is_last() on:click=move |_| step.update(|step| *step += 1)>"Next"</button>
            <button class="button primary" data-testid="story-ask" on:click=ask>"Ask ours the same"</button>
        </p>
    }
}
