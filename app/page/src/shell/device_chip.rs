//! What computes, with the self-test's result, and the choice of something else.

use leptos::prelude::*;
use protocol::{Device, SelfTest};

use super::popover::Popover;
use crate::device::{device_about, device_name, use_engine};
use crate::live::{Listed, live};
use crate::parts::use_parts;
use crate::session::use_session;

const CHOICES: [Device; 3] = [Device::Cpu, Device::CpuDense, Device::WebGpu];

/// The device chip of the header and the menu under it.
#[component]
pub fn DeviceChip() -> impl IntoView {
    let parts = use_parts();
    let session = use_session();
    let engine = use_engine();
    let state = move || {
        if engine.starting.with(Option::is_some) {
            "starting"
        } else if engine.down.with(Option::is_some) {
            "down"
        } else {
            session.device.with(|device| match device {
                Some(device) if device.self_test.failures.is_empty() => "ready",
                Some(_) => "differs",
                None => "starting",
            })
        }
    };
    let text = move || match (engine.starting.get(), session.device.get()) {
        (Some(starting), _) if starting.bytes > 0 => {
            format!("{} {:.1} MB", device_name(starting.device), starting.bytes as f64 / 1e6)
        }
        (Some(starting), _) => format!("{} starts", device_name(starting.device)),
        (None, Some(report)) => device_name(report.device).to_owned(),
        (None, None) => "No engine".to_owned(),
    };
    let label = move || {
        view! {
            <span class="chip-light" data-state=move || state() aria-hidden="true"></span>
            <span class="visually-hidden">"Device: "</span>
            <span class="chip-text" data-testid="device-name">{live(text)}</span>
        }
    };
    view! {
        <Popover label=label.into_any() class="chip" testid="device-chip" title="What computes">
            {parts.talking.show(|part| (part.device)())}
        </Popover>
    }
}

/// A device's name in ids.
const fn device_id(device: Device) -> &'static str {
    match device {
        Device::Cpu => "cpu-sparse",
        Device::CpuDense => "cpu-dense",
        Device::WebGpu => "webgpu",
    }
}

/// The choice of a device, and what is known of the one in use.
#[component]
pub fn DeviceMenu() -> impl IntoView {
    let session = use_session();
    let engine = use_engine();
    // A choice that fails falls back visibly: the button follows what is being started.
    let chosen = move || match engine.starting.get() {
        Some(starting) => Some(starting.device),
        None => session.device.with(|report| report.as_ref().map(|report| report.device)),
    };
    let choices = CHOICES.map(|device| {
        let id = format!("device-{}", device_id(device));
        view! {
            <label class="choice" for=id.clone()>
                <input
                    type="radio"
                    name="device"
                    id=id.clone()
                    data-testid=id.clone()
                    prop:checked=move || chosen() == Some(device)
                    on:change=move |_| engine.choose(device)
                />
                <span class="choice-name">{device_name(device)}</span>
                <span class="choice-about">{device_about(device)}</span>
            </label>
        }
    });
    let loading = move || {
        engine.starting.get().map(|starting| {
            let text = match starting.bytes {
                0 => format!("Starting {}…", device_name(starting.device)),
                bytes => {
                    format!("Loading {}: {:.1} MB so far", device_name(starting.device), bytes as f64 / 1e6)
                }
            };
            view! { <p class="menu-note" role="status" data-testid="device-loading">{text}</p> }
        })
    };
    let report = move || {
        session.device.get().map(|report| {
            view! {
                <p class="menu-note"><strong>{report.name}</strong></p>
                <SelfTestResult result=report.self_test/>
            }
        })
    };
    view! {
        <fieldset class="choices">
            <legend>"Compute on"</legend>
            {choices}
        </fieldset>
        {live(loading)}
        {live(report)}
        <button class="button" on:click=move |_| engine.self_test() data-testid="self-test">
            "Run the self-test again"
        </button>
    }
}

#[component]
fn SelfTestResult(
    /// What the self-test found.
    result: SelfTest,
) -> impl IntoView {
    let SelfTest { programs, tokens, failures, seconds } = result;
    let good = failures.is_empty();
    let text = if good {
        format!(
            "Self-test passed: {programs} programs, {tokens} tokens, each equal to the reference machine's \
             ({:.0} ms).",
            seconds * 1e3
        )
    } else {
        format!(
            "Self-test failed: {} of {programs} programs differ from the reference machine.",
            failures.len()
        )
    };
    view! {
        <p class="menu-note" class:problem-text=!good data-testid="self-test-result">{text}</p>
        {failures.into_iter().take(5).map(|f| view! { <p class="menu-note mono">{f}</p> }).listed()}
    }
}
