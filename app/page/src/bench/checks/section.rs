//! The part of the page: what is to be checked on, how far it is, the table, and what was not right.

use leptos::prelude::*;

use super::{OnDevice, Stage, TOLD, Wrong, table, use_checks};
use crate::bench::devices::DeviceField;
use crate::bench::failed;
use crate::bench::table::TableView;
use crate::device::device_name;
use crate::language::worlds::use_worlds;
use crate::live::{Listed, live};
use crate::models::grouped;

/// Whether both models compute what they should.
#[component]
pub fn OfChecks() -> impl IntoView {
    let checks = use_checks();
    let is_running = Memo::new(move |_| checks.stage.with(Option::is_some));
    // One button, so that whoever pressed it still has the focus on it.
    let press = move |_| match is_running.get_untracked() {
        true => checks.stop(),
        false => checks.start(untrack(|| checks.chosen.device())),
    };
    let testid = move || if is_running.get() { "check-stop" } else { "check-run" };
    let label = move || if is_running.get() { "Stop" } else { "Check" };
    // A screen reader hears what is checked, and what came of it; how far it is, it can look at.
    let name = Memo::new(move |_| {
        let name = checks.stage.with(|stage| stage.as_ref().map(|stage| stage.name.to_owned()));
        name.unwrap_or_else(|| checks.verdict.get())
    });
    let far = move || {
        checks.stage.with(|stage| match stage {
            Some(Stage { done, of, .. }) if *of > 0 => {
                let (max, value) = (of.to_string(), done.to_string());
                Some(view! {
                    <progress max=max value=value aria-label="Cases that are done"></progress>
                    " "
                    <span class="mono" data-testid="check-far">{format!("{} of {}", grouped(*done), grouped(*of))}</span>
                })
            }
            _ => None,
        })
    };
    let failure = move || checks.failure.get().map(|error| failed(error, "check-failure"));
    let checked = move || {
        let table = checks.all.with(|all| table(all));
        (!table.rows.is_empty()).then(|| {
            view! {
                <TableView table testid="bench-checks"/>
                {checks.all.with(|all| wrong(all))}
                <p class="models-note bench-note">
                    "What each program must come to was worked out by hand, what each call must come to is the suite's, and a question's \
                     answer is what its own program gave when the file was made. Besides, each run is compared with a machine that is no \
                     model: the byte machine, and wasmi. Of the suite those calls are made that the machine can execute, that need no \
                     other call before them, and that take it at most 20,000 tokens."
                </p>
            }
        })
    };
    view! {
        <section class="models-part" data-accent="interpreter" aria-labelledby="bench-of-checks">
            <h2 id="bench-of-checks">"Does it compute what it should?"</h2>
            <div class="bench-part">
                <div class="bench-controls">
                    <DeviceField chosen=checks.chosen disabled=is_running testid="check-device"/>
                    <button class="button" class:primary=move || !is_running.get() data-testid=testid on:click=press>{label}</button>
                    <span class="bench-stage">
                        <span role="status" data-testid="check-stage">{move || name.get()}</span>
                        " "
                        {live(far)}
                    </span>
                </div>
                {live(failure)}
                {live(checked)}
            </div>
        </section>
    }
}

/// What was not right, device by device.
fn wrong(all: &[OnDevice]) -> impl IntoView + use<> {
    let lists = all.iter().flat_map(|of| {
        of.checked.iter().filter(|checked| checked.failed() > 0).map(move |checked| {
            let lines = checked.wrong.iter().cloned().map(line);
            let more = checked.failed().saturating_sub(TOLD);
            view! {
                <details class="bench-wrong">
                    <summary>{format!("{}, {}: {} not right", device_name(of.device), checked.name, grouped(checked.failed()))}</summary>
                    <ul>{lines.listed()}</ul>
                    {(more > 0).then(|| view! { <p>{format!("and {} more", grouped(more))}</p> })}
                </details>
            }
        })
    });
    lists.listed()
}

fn line(wrong: Wrong) -> impl IntoView {
    let worlds = use_worlds();
    let Wrong { what, why, is_question } = wrong;
    let asked = what.clone();
    let ask = move |_| {
        worlds.turn_to(None);
        worlds.nano.ask_this(&asked);
        worlds.prepare();
    };
    view! {
        <li>
            <span class="mono">{what}</span>": "{why}
            {is_question.then(|| view! { " "<a href="#/ask" on:click=ask>"Ask it"</a> })}
        </li>
    }
}
