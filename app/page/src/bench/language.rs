//! The language model: what is measured, and the table.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::language::{Origin, Speed};
use protocol::{Device, Problem};

use super::failed;
use super::table::{Cell, Row, Table, TableView, figure};
use crate::language::speed::{Log, Measured, SIZES, Sizes};
use crate::language::{units, use_language};
use crate::live::{Listed, live};
use crate::models::grouped;
use crate::models::memory::has_gpu;
use crate::models::work::{Failure, WorkView};

/// A device's name beside a language model.
const fn short(device: Device) -> &'static str {
    if matches!(device, Device::WebGpu) { "WebGPU" } else { "the CPU" }
}

/// Tokens a second after the first.
fn decode(speed: &Speed) -> f64 {
    speed.written.saturating_sub(1) as f64 / speed.written_seconds.max(f64::MIN_POSITIVE)
}

/// What was measured, as a table.
pub fn table(log: &Log) -> Table {
    let all = &log.measured;
    let columns = all.iter().map(|Measured { loaded, sizes, rounds }| {
        let Sizes { prompt, written } = sizes;
        let times = if rounds.len() == 1 { "1 round".to_owned() } else { format!("{} rounds", rounds.len()) };
        let prompt = grouped(*prompt);
        (
            loaded.card.name.clone(),
            format!("{}; prompt {prompt}, write {written}; {times}", loaded.device_name),
        )
    });
    let columns = columns.collect();
    let mut rows = Vec::new();
    let mut row = |name: &str, unit, cell: &dyn Fn(&Measured) -> Cell| {
        rows.push(Row { name: name.to_owned(), unit, cells: all.iter().map(cell).collect() });
    };
    let spread =
        |of: &Measured, value: &dyn Fn(&Speed) -> f64| Cell::spread(of.rounds.iter().map(value).collect());
    row("prefill", "tokens/s", &|of| {
        spread(of, &|speed| speed.read as f64 / speed.read_seconds.max(f64::MIN_POSITIVE))
    });
    row("decode", "tokens/s", &|of| spread(of, &decode));
    row("first token", "s", &|of| spread(of, &|speed| speed.first_seconds));
    for (name, origin) in [
        ("load from a file on the disk", Origin::Chosen),
        ("load from the network", Origin::Network),
        ("load from what the browser keeps", Origin::Kept),
    ] {
        row(name, "s", &|of| match log.load_from(origin, &of.loaded) {
            None => Cell::missing(),
            Some(load) => {
                let cell = Cell::spread(vec![load.obtain_seconds + load.seconds]);
                match origin {
                    Origin::Network => cell.noted(format!("{} to fetch", figure(load.obtain_seconds))),
                    _ => cell,
                }
            }
        });
    }
    row("size of the weights", "", &|of| Cell::text(units::bytes(of.loaded.card.weight_bytes), ""));
    row("decode × size of the weights", "GB/s", &|of| {
        spread(of, &|speed| decode(speed) * of.loaded.card.weight_bytes as f64 / 1e9)
    });
    row("memory of the worker, at its most", "", &|of| {
        let most = of.rounds.iter().map(|speed| speed.memory).max().unwrap_or_default();
        let besides = if of.loaded.device == Device::WebGpu { "without the device's own" } else { "" };
        Cell::text(units::bytes(most), besides)
    });
    row("dispatches to the GPU a token", "", &|of| match of.rounds.last() {
        Some(speed) if of.loaded.device == Device::WebGpu => Cell::text(speed.dispatches.to_string(), ""),
        _ => Cell::text("none", ""),
    });
    Table { name: "Language model", columns, rows }
}

/// The language model's part of the page.
#[component]
pub fn OfLanguage() -> impl IntoView {
    let language = use_language();
    let (source, speeds) = (language.source, language.speeds);
    // Progress comes many times a second: only what kind of thing is shown decides what is drawn anew.
    let kind = Memo::new(move |_| (source.is_busy(), source.loaded.with(Option::is_some)));
    let now = move || {
        match kind.get() {
        (true, _) => view! { <WorkView/> }.into_any(),
        (_, true) => view! { <Controls/> }.into_any(),
        _ => view! {
            <p class="nothing" data-testid="bench-no-model">
                "No language model is loaded. Load one under "<a href="#/models">"Models"</a>", and measure it here."
            </p>
        }
        .into_any(),
    }
    };
    let failure = move || {
        let failure = speeds.failure.get().filter(|error| error.problem != Problem::Cancelled);
        failure.map(|error| failed(error, "bench-failure"))
    };
    let measured = move || {
        let table = speeds.log.with(table);
        (!table.columns.is_empty()).then(|| {
            view! {
                <TableView table testid="bench-language"/>
                <p class="models-note bench-note">
                    "The first token comes when the whole prompt is read. A load is everything after the choice of the \
                     model but the engine's own start. A worker's memory never shrinks, so its size at the end is the most it had. \
                     Each token meets nearly all weights once: decode times their size is what is read of memory a \
                     second, at least."
                </p>
            }
        })
    };
    view! {
        <section class="models-part" data-accent="qwen" aria-labelledby="bench-of-language">
            <h2 id="bench-of-language">"Language model"</h2>
            <div class="bench-part">
                {live(now)}
                <Failure/>
                {live(failure)}
                {live(measured)}
            </div>
        </section>
    }
}

/// What is to be measured, and the button.
#[component]
fn Controls() -> impl IntoView {
    let language = use_language();
    let speeds = language.speeds;
    let Some(loaded) = language.source.loaded.get_untracked() else { return ().into_any() };
    let sizes = SIZES.iter().enumerate().map(|(index, sizes)| {
        let Sizes { prompt, written } = *sizes;
        let name = format!("prompt {}, write {written}", grouped(prompt));
        let too_long = prompt + written > loaded.context;
        view! {
            <option value=index disabled=too_long selected=move || speeds.sizes.get() == index>
                {if too_long { name + ": longer than its context" } else { name }}
            </option>
        }
    });
    let sizes = sizes.listed();
    let rounds = [1, 3, 5].map(|rounds| {
        view! { <option value=rounds selected=move || speeds.rounds.get() == rounds>{rounds}</option> }
    });
    let choose = move |event| {
        speeds.sizes.update(|sizes| *sizes = event_target_value(&event).parse().unwrap_or(*sizes));
    };
    let load = move |device| {
        spawn_local(async move {
            let _is_loaded = language.load_again(device).await;
        })
    };
    let (device, other) = match loaded.device {
        Device::WebGpu => (Device::WebGpu, Device::Cpu),
        device => (device, Device::WebGpu),
    };
    let other_device = (other == Device::Cpu || has_gpu()).then(|| {
        view! {
            <button
                class="button"
                data-testid="bench-other-device"
                disabled=move || language.talk.is_writing()
                on:click=move |_| load(other)
            >
                {format!("Load it on {}", short(other))}
            </button>
        }
    });
    view! {
        <p>
            <strong>{loaded.card.name.clone()}</strong>
            {format!(" on {}, {} of weights, context {}.", loaded.device_name, units::bytes(loaded.card.weight_bytes), grouped(loaded.context))}
        </p>
        <div class="bench-controls">
            <label class="option">
                <span>"Tokens"</span>
                <select class="field" data-testid="bench-sizes" on:change=choose>{sizes}</select>
            </label>
            <label class="option">
                <span>"Rounds"</span>
                <select
                    class="field"
                    data-testid="bench-rounds"
                    on:change=move |event| {
                        speeds.rounds.update(|rounds| *rounds = event_target_value(&event).parse().unwrap_or(*rounds));
                    }
                >
                    {rounds}
                </select>
            </label>
            <button
                class="button primary"
                data-testid="bench-measure"
                disabled=move || language.talk.is_writing()
                on:click=move |_| language.measure()
            >
                "Measure"
            </button>
            <button
                class="button"
                data-testid="bench-load-again"
                disabled=move || language.talk.is_writing()
                on:click=move |_| load(device)
            >
                "Load it again"
            </button>
            {other_device}
        </div>
    }
    .into_any()
}
