//! A program that was written, on two machines: in the sandbox, and on the transformer that executes WebAssembly.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::asking::{Candidate, OnFull};

use crate::language::use_language;
use crate::live::live;
use crate::models::grouped;
use crate::repl::highlighted_program;

/// A button that runs the program on the transformer, and then both results side by side.
#[component]
pub fn Beside(
    /// The program.
    candidate: Arc<Candidate>,
    /// Whose it is.
    tap: usize,
) -> impl IntoView {
    let language = use_language();
    let found = RwSignal::new(None::<Result<OnFull, AppError>>);
    let runs = RwSignal::new(false);
    let wat = candidate.wat.clone();
    let run = move |_| {
        // Not disabled meanwhile: the button would lose the focus.
        if runs.get_untracked() {
            return;
        }
        let wat = wat.clone();
        runs.set(true);
        spawn_local(async move {
            let answer = language.run_on_full(wat).await;
            // The program may be gone by now.
            if found.try_set(Some(answer)).is_none() {
                runs.set(false);
            }
        });
    };
    let text = move || if runs.get() { "It runs…" } else { "Run it on the transformer" };
    let content = move || match found.get() {
        None => ().into_any(),
        Some(Ok(run)) => view! { <Both candidate=Arc::clone(&candidate) run tap/> }.into_any(),
        Some(Err(error)) => {
            view! { <p class="problem-text" role="alert">{error.message}" "{error.remedy}</p> }.into_any()
        }
    };
    view! {
        <div class="beside">
            <button class="button" data-testid=format!("beside-run-{tap}") aria-disabled=move || runs.get().to_string() on:click=run>{text}</button>
            {live(content)}
        </div>
    }
}

/// Both results.
#[component]
fn Both(candidate: Arc<Candidate>, run: OnFull, tap: usize) -> impl IntoView {
    let OnFull { wat, result, instructions, prompt_tokens, tokens, seconds } = run;
    let shown = |result: &Result<String, String>| match result {
        Ok(value) => view! { <output class="mono">{value.clone()}</output> }.into_any(),
        Err(reason) => view! { <span class="problem-text">{reason.clone()}</span> }.into_any(),
    };
    let verdict = match (&candidate.result, &result) {
        (Ok(sandbox), Ok(transformer)) if sandbox == transformer => {
            "Both come to the same. Nothing helped the transformer: each of its tokens is the one of the highest logit."
        }
        (Ok(_), Ok(_)) => "They differ. That is a fault; please report the program.",
        (_, Err(_)) => {
            "The transformer gives no result rather than a wrong one; it says why. It has integers of 32 bits, and no decimal numbers."
        }
        (Err(_), Ok(_)) => "The sandbox gives no result.",
    };
    let count = |count: u64| grouped(usize::try_from(count).unwrap_or(usize::MAX));
    let ran = (tokens > 0).then(|| {
        let work = format!(
            "{} instructions, {} tokens behind a prompt of {}, {seconds:.2} s",
            count(instructions),
            grouped(tokens),
            grouped(prompt_tokens)
        );
        view! { <span class="ran-fuel">{work}</span> }
    });
    let program = (!wat.is_empty()).then(|| {
        view! {
            <details>
                <summary>"In 32 bits"</summary>
                <pre class="wat-text" tabindex="0"><code>{highlighted_program(&wat)}</code></pre>
            </details>
        }
    });
    view! {
        <dl class="beside-both" data-testid=format!("beside-{tap}")>
            <div>
                <dt>"wasmi, 64 bits"</dt>
                <dd>{shown(&candidate.result)}<span class="ran-fuel">{format!("{} units of fuel", count(candidate.fuel))}</span></dd>
            </div>
            <div>
                <dt>"the transformer, 32 bits"</dt>
                <dd data-testid=format!("beside-result-{tap}")>{shown(&result)}{ran}</dd>
            </div>
        </dl>
        <p class="ask-note" role="status" data-testid=format!("beside-verdict-{tap}")>{verdict}</p>
        {program}
    }
}
