//! What computes: starting the engine, changing its device, and starting it again after a crash.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AppError, Device, Problem, Request, Response};

use crate::session::Session;
use crate::shell::notices::{Notice, Notices};

/// Crashes in a row after which the page waits for a person.
const PATIENCE: u32 = 2;

/// A device's name on the page.
pub const fn device_name(device: Device) -> &'static str {
    match device {
        Device::Cpu => "CPU, sparse",
        Device::CpuDense => "CPU, dense",
        Device::WebGpu => "WebGPU",
    }
}

/// What a device is, in a sentence.
pub const fn device_about(device: Device) -> &'static str {
    match device {
        Device::Cpu => "Only the weights that are not zero, attention by index. The fastest for this model.",
        Device::CpuDense => "The whole forward pass, every multiplication, on burn's CPU back end.",
        Device::WebGpu => {
            "The whole forward pass on the graphics device, through burn. Loads a larger module."
        }
    }
}

/// The engine's start, as it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Starting {
    /// The device that is being started.
    pub device: Device,
    /// Bytes of its module so far.
    pub bytes: usize,
}

/// The engine and its device; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Engine {
    session: Session,
    notices: Notices,
    /// The start that is going on.
    pub starting: RwSignal<Option<Starting>>,
    /// Why no engine runs, when none does.
    pub down: RwSignal<Option<AppError>>,
    /// The device in use, or last in use.
    current: StoredValue<Device>,
    crashes: StoredValue<u32>,
}

impl Engine {
    /// An engine that is not started.
    pub fn new(session: Session, notices: Notices) -> Self {
        let engine = Self {
            session,
            notices,
            starting: RwSignal::new(None),
            down: RwSignal::new(None),
            current: StoredValue::new(Device::Cpu),
            crashes: StoredValue::new(0),
        };
        session.client.on_crash(move |error| engine.crashed(&error));
        // A run that ends proves the engine sound.
        Effect::new(move |_| {
            if session.run.with(Option::is_some) {
                engine.crashes.set_value(0);
            }
        });
        // A device that goes away says so in the answer to whatever asked for it.
        Effect::new(move |_| {
            if session.failure.with(|f| f.as_ref().is_some_and(|e| e.problem == Problem::DeviceLost)) {
                engine.device_lost();
            }
        });
        engine
    }

    /// Starts the engine on a device, in place of the one before once it is ready.
    pub fn start(self, device: Device) {
        if self.starting.get_untracked().is_some_and(|starting| starting.device == device) {
            return;
        }
        self.starting.set(Some(Starting { device, bytes: 0 }));
        let still_wanted = move || self.starting.get_untracked().is_some_and(|s| s.device == device);
        spawn_local(async move {
            let session = self.session;
            let on_loading = move |bytes| {
                if still_wanted() {
                    self.starting.set(Some(Starting { device, bytes }));
                }
            };
            let answer = session.client.connect(device, on_loading).await;
            if still_wanted() {
                self.starting.set(None);
            }
            match answer {
                Ok((report, card)) => {
                    self.current.set_value(report.device);
                    self.down.set(None);
                    session.card.set(Some(Arc::new(card)));
                    session.device.set(Some(report));
                    // The new worker knows nothing of the last run.
                    if !session.program.with_untracked(|text| text.trim().is_empty())
                        && self.crashes.get_value() < PATIENCE
                    {
                        session.start_run();
                    }
                }
                Err(error) if session.device.with_untracked(Option::is_some) && !self.is_down() => {
                    let title = format!("{} is not available: {}", device_name(device), error.message);
                    let stays = device_name(self.current.get_value());
                    self.notices.problem(
                        "device",
                        title,
                        format!("{} The page stays on {stays}.", error.remedy),
                    );
                }
                Err(error) => {
                    self.notices.show(Notice {
                        subject: "engine",
                        message: format!("The engine does not start: {}", error.message),
                        remedy: error.remedy.clone(),
                        action: Some(("Try again", Callback::new(move |()| self.start(Device::Cpu)))),
                    });
                    self.down.set(Some(error));
                }
            }
        });
    }

    /// Runs the self-test again.
    pub fn self_test(self) {
        let session = self.session;
        spawn_local(async move {
            match session.client.request(Request::SelfTest).await {
                Ok(Response::SelfTest(result)) => session.device.update(|device| {
                    if let Some(device) = device {
                        device.self_test = result;
                    }
                }),
                Ok(_) => {}
                Err(error) => self.notices.problem("device", error.message, error.remedy),
            }
        });
    }

    fn is_down(self) -> bool {
        self.down.with_untracked(Option::is_some)
    }

    fn crashed(self, error: &AppError) {
        self.crashes.update_value(|crashes| *crashes += 1);
        let again = self.crashes.get_value();
        self.down.set(Some(error.clone()));
        self.session.device.set(None);
        let (remedy, action) = if again < PATIENCE {
            ("It was started again and your program runs once more; nothing you typed is lost.", None)
        } else {
            let run = Callback::new(move |()| self.session.start_run());
            (
                "It was started again. Your program is still here, but it is not run on its own a second time.",
                Some(("Run it", run)),
            )
        };
        self.notices.show(Notice {
            subject: "engine",
            message: format!("The engine crashed: {}", error.message),
            remedy: remedy.to_owned(),
            action,
        });
        self.start(self.current.get_value());
    }

    fn device_lost(self) {
        self.notices.show(Notice {
            subject: "device",
            message: "The graphics device went away in the middle of the work.".to_owned(),
            remedy:
                "That happens when its driver restarts or memory runs out. Your program is untouched; the \
                     CPU computes the same tokens."
                    .to_owned(),
            action: Some(("Continue on the CPU", Callback::new(move |()| self.start(Device::Cpu)))),
        });
    }
}

/// The engine of this page.
pub fn use_engine() -> Engine {
    expect_context()
}
