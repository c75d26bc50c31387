//! The run on the device in use: every token confirmed by the whole forward pass, in blocks; and the rate at which that device writes
//! tokens itself, one after the other.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{MachineRequest, MachineResponse};
use protocol::{Request, Response};

use crate::live::live;
use crate::models::grouped;
use crate::session::use_session;

/// Tokens that the device writes for its rate.
const WRITTEN: u32 = 200;

/// Both buttons, and what came of them.
#[component]
pub fn OnDevice() -> impl IntoView {
    let session = use_session();
    let full = session.full;
    let news = RwSignal::new(String::new());
    let working = full.is_busy;
    // What was found is about the run that there was.
    Effect::new(move |_| {
        full.run.track();
        news.set(String::new());
    });
    let ask = move |request: MachineRequest| {
        if working.get_untracked() {
            full.going.cancel();
            return;
        }
        working.set(true);
        news.set("The device gets ready…".to_owned());
        let progress = move |tokens| news.set(format!("{} tokens…", grouped(tokens)));
        let answer = session.client.request_with_progress(Request::Machine(request), progress);
        spawn_local(async move {
            let text = match answer.await {
                Ok(Response::Machine(MachineResponse::Checked(rate))) => format!(
                    "Checked, not generated: {} of {} tokens confirmed by {} in {:.2} s, {} tokens/s.",
                    grouped(rate.tokens as usize),
                    grouped(rate.of as usize),
                    rate.device,
                    rate.seconds,
                    grouped((f64::from(rate.tokens) / rate.seconds.max(1e-9)) as usize)
                ),
                Ok(Response::Machine(MachineResponse::Generated(rate, same))) => format!(
                    "Generated: {} tokens by {} in {:.2} s, {:.1} tokens/s; {}.",
                    grouped(rate.tokens as usize),
                    rate.device,
                    rate.seconds,
                    f64::from(rate.tokens) / rate.seconds.max(1e-9),
                    if same { "the same tokens" } else { "NOT the same tokens" }
                ),
                Ok(_) => String::new(),
                Err(error) => format!("{}. {}", error.message, error.remedy),
            };
            // The page may have gone elsewhere meanwhile: nobody reads this then, and the machine is free all the same.
            drop(news.try_set(text));
            working.set(false);
        });
    };
    let content = move || {
        full.run.with(Option::is_some).then(|| {
            let name = move || {
                if working.get() { "Stop" } else { "Check every token on the device" }
            };
            view! {
                <div class="module-device">
                    <button class="button" data-testid="module-check" on:click=move |_| ask(MachineRequest::Check)>{name}</button>
                    <button class="button" data-testid="module-generate" disabled=move || working.get()
                        on:click=move |_| ask(MachineRequest::Generate { tokens: WRITTEN })>
                        "Write its beginning on the device"
                    </button>
                    <span role="status" data-testid="module-checked">{move || news.get()}</span>
                </div>
            }
        })
    };
    live(content)
}
