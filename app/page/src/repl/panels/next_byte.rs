//! The distribution over the next token: the logits of the step one looks at.

use engine::xray::Capture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Inside, Machine, Request, Response};

use super::Panel;
use crate::best::best_of;
use crate::client::unexpected;
use crate::live::{Listed, live};
use crate::repl::words::token_name;
use crate::session::use_session;

/// Tokens shown.
const SHOWN: usize = 5;

/// A token with its logit and its share of the softmax.
#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    token: u16,
    logit: f32,
    share: f64,
}

/// The likeliest tokens.
fn candidates(capture: &Capture) -> Vec<Candidate> {
    let best = capture.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weight = |logit: f32| f64::from(logit - best).exp();
    let sum: f64 = capture.logits.iter().map(|&logit| weight(logit)).sum();
    let all: Vec<Candidate> = (0_u16..)
        .zip(&capture.logits)
        // −0 is 0 to whoever reads it.
        .map(|(token, &logit)| Candidate { token, logit: logit + 0.0, share: weight(logit) / sum })
        .collect();
    best_of(all, SHOWN, |a, b| a.logit > b.logit)
}

/// The panel.
#[component]
pub fn NextByte() -> impl IntoView {
    let session = use_session();
    let found = RwSignal::new(Ok(Vec::<Candidate>::new()));
    let position = Memo::new(move |_| {
        session.run.track();
        (session.steps_shown() > 0).then(|| session.position()).flatten()
    });
    Effect::new(move |_| {
        // A new run may end at the same position with other logits.
        session.run.track();
        let Some(at) = position.get() else {
            found.set(Ok(Vec::new()));
            return;
        };
        let answer = session
            .client
            .request(Request::Inside { machine: Machine::Classic, of: Inside::Capture { position: at } });
        spawn_local(async move {
            let answer = answer.await;
            // The page may have gone elsewhere meanwhile.
            if position.try_get_untracked().flatten() != Some(at) {
                return;
            }
            // What stands there belongs to another step: it goes when this one's logits do not come.
            found.set(match answer {
                Ok(Response::Capture(capture)) => Ok(candidates(&capture)),
                Ok(_) => Err(unexpected().message),
                Err(error) => Err(error.message),
            });
        });
    });
    let rows = move || {
        let found = match found.get() {
            Ok(found) if found.is_empty() => Err("no step yet".to_owned()),
            Ok(found) => Ok(found),
            Err(message) => Err(format!("Not loaded: {message}.")),
        };
        let found = match found {
            Ok(found) => found,
            Err(text) => return view! { <tr><td class="nothing" colspan="4">{text}</td></tr> }.into_any(),
        };
        let rows = found.into_iter().enumerate().map(|(rank, candidate)| {
            let Candidate { token, logit, share } = candidate;
            let name = session.card.with_untracked(|card| token_name(card.as_deref(), token));
            view! {
                <tr class:best=rank == 0 data-testid="candidate">
                    <th scope="row">{name}</th>
                    <td class="bar-cell">
                        <span class="bar" style=format!("inline-size: {:.2}%", share * 100.0)></span>
                    </td>
                    <td class="share">{percent(share)}</td>
                    <td class="logit">{logit.to_string()}</td>
                </tr>
            }
        });
        rows.listed()
    };
    view! {
        <Panel title="Next token" testid="panel-next" class="tall">
            <table class="candidates">
                <thead>
                    <tr>
                        <th scope="col">"token"</th>
                        <th scope="col"><span class="visually-hidden">"share as a bar"</span></th>
                        <th scope="col">"softmax"</th>
                        <th scope="col">"logit"</th>
                    </tr>
                </thead>
                <tbody>{live(rows)}</tbody>
            </table>
        </Panel>
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent >= 0.05 => format!("{percent:.1} %"),
        _ => "< 0.1 %".to_owned(),
    }
}
