//! A chat's answer before and after something was replaced, side by side.

use std::sync::Arc;

use leptos::prelude::*;

use super::messages::outcome_in_words;
use crate::inside::off::taps;
use crate::language::interventions::all_in_words;
use crate::language::talk::Turn;
use crate::language::{Language, use_language};

/// How much two texts have in common at their beginning, in bytes.
pub fn common(first: &str, second: &str) -> usize {
    first.chars().zip(second.chars()).take_while(|(a, b)| a == b).map(|(letter, _)| letter.len_utf8()).sum()
}

fn side(language: Language, title: &'static str, testid: &'static str, turn: &Turn, same: usize) -> AnyView {
    let (common, own) = turn.text.split_at_checked(same).unwrap_or((&turn.text, ""));
    let (common, own) = (common.to_owned(), own.to_owned());
    let words = turn.outcome.map(|outcome| outcome_in_words(&outcome, false));
    view! {
        <section class="compared" data-testid=testid aria-label=title>
            <h3>{title}</h3>
            <p class="models-note">{all_in_words(&turn.off, &taps(language))}</p>
            <p class="said">{common}<mark>{own}</mark></p>
            <p class="stats">{words}</p>
        </section>
    }
    .into_any()
}

/// The answer before and after something was replaced.
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
                {side(language, "Before", "compared-before", &before, same)}
                {side(language, "Now", "compared-after", &after, same)}
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
