//! What can compute, to choose from.

use leptos::prelude::*;
use protocol::Device;

use crate::device::device_name;
use crate::models::memory::has_gpu;
use crate::session::Session;

/// What can compute.
const DEVICES: [Device; 3] = [Device::Cpu, Device::CpuDense, Device::WebGpu];

/// A choice of device; a handle that is copied freely. It is the page's own device until another is chosen.
#[derive(Clone, Copy)]
pub struct Chosen {
    own: RwSignal<Option<Device>>,
    session: Session,
}

impl Chosen {
    /// Nothing is chosen.
    pub fn new(session: Session) -> Self {
        Self { own: RwSignal::new(None), session }
    }

    /// The device (tracked).
    pub fn device(self) -> Device {
        let of_page = || self.session.device.with(|report| report.as_ref().map(|report| report.device));
        self.own.get().or_else(of_page).unwrap_or(Device::Cpu)
    }
}

/// The field to choose in.
#[component]
pub fn DeviceField(
    /// What is chosen.
    chosen: Chosen,
    /// Whether it can be chosen now.
    disabled: Memo<bool>,
    /// What tests find it by.
    testid: &'static str,
) -> impl IntoView {
    let device = Memo::new(move |_| chosen.device());
    let choices = DEVICES.map(|one| {
        let missing = one == Device::WebGpu && !has_gpu();
        view! {
            <option value=device_name(one) disabled=missing selected=move || device.get() == one>{device_name(one)}</option>
        }
    });
    let choose = move |event| {
        let name = event_target_value(&event);
        chosen.own.set(DEVICES.into_iter().find(|device| device_name(*device) == name));
    };
    view! {
        <label class="option">
            <span>"Device"</span>
            <select class="field" data-testid=testid disabled=move || disabled.get() on:change=choose>{choices}</select>
        </label>
    }
}
