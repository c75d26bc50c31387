//! The program as weights: Futamura's first projection, on a transformer.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{MachineRequest, MachineResponse, Size, Specialised};
use protocol::{Request, Response};

use crate::live::{Listed, live};
use crate::models::grouped;
use crate::session::use_session;

/// One of a machine's sizes.
type Of = fn(&Size) -> u32;

/// A button that specialises the machine to the last run's program, and then both machines side by side.
#[component]
pub fn Futamura() -> impl IntoView {
    let session = use_session();
    let full = session.full;
    let found = RwSignal::new(None::<Result<Specialised, String>>);
    let working = RwSignal::new(None::<usize>);
    Effect::new(move |_| {
        full.run.track();
        found.set(None);
    });
    let ask = move |_| {
        if working.get_untracked().is_some() || full.is_busy.get_untracked() {
            full.going.cancel();
            return;
        }
        working.set(Some(0));
        full.is_busy.set(true);
        let request = Request::Machine(MachineRequest::Specialise);
        let answer = session.client.request_with_progress(request, move |tokens| working.set(Some(tokens)));
        spawn_local(async move {
            let answer = match answer.await {
                Ok(Response::Machine(MachineResponse::Specialised(found))) => Some(Ok(found)),
                Ok(_) => None,
                Err(error) => Some(Err(format!("{}.", error.message))),
            };
            // The page may have gone elsewhere meanwhile.
            full.is_busy.set(false);
            if found.try_set(answer).is_none() {
                working.set(None);
            }
        });
    };
    let name = move || match working.get() {
        None => "Compile it into weights".to_owned(),
        Some(tokens) => format!("Stop ({} tokens)", grouped(tokens)),
    };
    let content = move || match found.get()? {
        Ok(found) => Some(view! { <Both found/> }.into_any()),
        Err(message) => Some(view! { <p class="problem-text" role="alert">{message}</p> }.into_any()),
    };
    let whole = move || {
        full.run.with(Option::is_some).then(|| {
            view! {
                <section class="futamura" aria-label="The program as weights">
                    <p class="module-device">
                        <button class="button" data-testid="module-futamura" on:click=ask>{name}</button>
                        <span>
                            "An interpreter specialised to a program is that program compiled: each instruction becomes a neuron, and the prompt has none. The call is part of it: with other arguments it is another transformer."
                        </span>
                    </p>
                    {live(content)}
                </section>
            }
        })
    };
    live(whole)
}

/// Both machines, and the neuron that is open.
#[component]
fn Both(found: Specialised) -> impl IntoView {
    let full = use_session().full;
    let Specialised { instructions, general, special, tokens, of, same, seconds } = found;
    let rows: [(&str, Of); 6] = [
        ("tokens of the prompt", |size| size.prompt_tokens),
        ("layers", |size| size.layers),
        ("attention heads", |size| size.heads),
        ("neurons", |size| size.neurons),
        ("parameters", |size| size.parameters),
        ("of them not 0", |size| size.not_zero),
    ];
    let rows = rows.into_iter().map(|(name, of)| {
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{grouped(of(&general) as usize)}</td>
                <td>{grouped(of(&special) as usize)}</td>
            </tr>
        }
    });
    let rows = rows.listed();
    let verdict = if same == tokens && same == of {
        format!("From no program in the prompt it writes the same {} tokens", grouped(tokens as usize))
    } else if same == tokens {
        format!(
            "Stopped after {} of {} tokens, all of them the same",
            grouped(tokens as usize),
            grouped(of as usize)
        )
    } else {
        format!("It writes the same {} tokens, and then OTHERS", grouped(same as usize))
    };
    let open = move || {
        full.state.with(|state| {
            let state = state.as_ref().filter(|state| !state.next.is_empty())?;
            Some(format!(
                "Each of the {instructions} instructions has a neuron that is open where it is next. Here it is that of “{}: {}”.",
                state.address, state.next
            ))
        })
    };
    view! {
        <table class="machines" data-testid="futamura-sizes">
            <thead>
                <tr><th scope="col"></th><th scope="col">"reads its program"</th><th scope="col">"is its program"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="module-outcome" role="status">
            <b data-testid="futamura-verdict">{verdict}</b>
            {format!(", in {seconds:.2} s. ")}
            <span data-testid="futamura-open">{open}</span>
        </p>
    }
}
