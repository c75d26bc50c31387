//! What computes: starting the engine, changing its device, and starting it again after a crash.

use std::sync::Arc;
use std::time::Duration;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AppError, Device, Machine, Problem, Request, Response};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::session::Session;
use crate::shell::notices::{Notice, Notices};

/// Crashes in a row after which the page waits for a person.
const PATIENCE: u32 = 2;
/// Milliseconds after the first run of a new engine from which on a crash is no longer of the same row. A run that
/// ends proves little: what looks into it may be what crashes.
const QUIET: f64 = 60_000.0;
/// How long a choice must stand before its engine is started: the arrow keys pass through the ones between.
const STANDING: Duration = Duration::from_millis(350);

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
    /// Number of the newest start asked for.
    newest: StoredValue<u32>,
    crashes: StoredValue<u32>,
    /// When the first run of this engine ended.
    sound_since: StoredValue<Option<f64>>,
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
            newest: StoredValue::new(0),
            crashes: StoredValue::new(0),
            sound_since: StoredValue::new(None),
        };
        session.client.on_trouble(move |error| match error.problem {
            Problem::DeviceLost => engine.device_lost(error),
            _ => engine.crashed(error),
        });
        Effect::new(move |_| {
            if session.run.with(Option::is_some) {
                engine.sound_since.update_value(|since| *since = since.or(Some(js_sys::Date::now())));
            }
        });
        engine
    }

    /// Starts the engine on the device a person chose, if the choice stands for a moment. The one asked for last
    /// counts: a start that is still going on is given up.
    pub fn choose(self, device: Device) {
        let number = self.next();
        self.session.client.abandon_start();
        let in_use = self.session.device.with_untracked(|report| report.as_ref().map(|r| r.device));
        if in_use == Some(device) && !self.is_down() {
            self.starting.set(None);
            return;
        }
        self.starting.set(Some(Starting { device, bytes: 0 }));
        let start = move || {
            if self.newest.get_value() == number {
                self.start(device);
            }
        };
        set_timeout(start, STANDING);
    }

    /// Starts the engine on a device, in place of the one before once it is ready.
    pub fn start(self, device: Device) {
        let number = self.next();
        self.starting.set(Some(Starting { device, bytes: 0 }));
        spawn_local(async move {
            let session = self.session;
            let on_loading = move |bytes| {
                if self.newest.get_value() == number {
                    self.starting.set(Some(Starting { device, bytes }));
                }
            };
            let Some(answer) = session.client.connect(device, on_loading).await else { return };
            self.starting.set(None);
            match answer {
                Ok((report, card)) => {
                    self.current.set_value(report.device);
                    self.sound_since.set_value(None);
                    self.down.set(None);
                    self.notices.clear("device");
                    if session.card.with_untracked(Option::is_none) {
                        // The notice of a start that failed.
                        self.notices.clear("engine");
                    }
                    session.card.set(Some(Arc::new(card)));
                    session.device.set(Some(report));
                    // The new worker knows nothing of the last run; and somebody may wait for one.
                    let waits = session.going.is_on_untracked() || session.full.going.is_on_untracked();
                    if waits || self.crashes.get_value() < PATIENCE {
                        session.start_run();
                        session.full.start_again();
                    }
                    session.client.send_early();
                    if device == Device::WebGpu {
                        self.name_adapter().await;
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
                    session.not_run(&error);
                    session.full.not_run(&error);
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

    /// Why there is nothing of the engine to show (tracked): it starts, or it does not.
    pub fn absence(self) -> String {
        let down = self.down.get().filter(|_| self.starting.with(Option::is_none));
        down.map_or_else(
            || "The engine is starting.".to_owned(),
            |error| format!("The engine does not run: {}. {}", error.message, error.remedy),
        )
    }

    fn is_down(self) -> bool {
        self.down.with_untracked(Option::is_some)
    }

    /// The number of a new start; it makes those before it old.
    fn next(self) -> u32 {
        self.newest.update_value(|number| *number = number.wrapping_add(1));
        self.newest.get_value()
    }

    /// Writes the graphics adapter's name into the device's: the browser tells the page, but not the engine.
    async fn name_adapter(self) {
        let adapter = adapter().await.unwrap_or_default();
        self.session.device.update(|report| {
            if let Some(report) = report.as_mut().filter(|report| report.device == Device::WebGpu) {
                let kind = report.name.split(" (").next().unwrap_or_default();
                report.name =
                    if adapter.is_empty() { kind.to_owned() } else { format!("{kind} ({adapter})") };
            }
        });
    }

    fn crashed(self, error: AppError) {
        let is_quiet = self.sound_since.get_value().is_some_and(|since| js_sys::Date::now() - since > QUIET);
        self.crashes.update_value(|crashes| *crashes = if is_quiet { 1 } else { *crashes + 1 });
        let again = self.crashes.get_value();
        self.session.device.set(None);
        let (remedy, action) = if again < PATIENCE {
            ("It was started again and your program runs once more; nothing you typed is lost.", None)
        } else {
            let run = Callback::new(move |()| match self.session.machine.get_untracked() {
                Machine::Classic => self.session.start_run(),
                Machine::Full => self.session.full.start(),
            });
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
        self.down.set(Some(error));
        // An engine that is being started anyway takes its place.
        if self.starting.with_untracked(Option::is_none) {
            self.start(self.current.get_value());
        }
    }

    /// The device is gone, whatever asked for it. Every request after the first says so once more.
    fn device_lost(self, error: AppError) {
        if self.is_down() {
            return;
        }
        self.down.set(Some(error));
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

/// What the browser says of its graphics adapter: "google swiftshader", for instance.
pub async fn adapter() -> Option<String> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
    let gpu = get(&window().navigator(), "gpu")?;
    let request = get(&gpu, "requestAdapter")?.dyn_into::<Function>().ok()?;
    let adapter = JsFuture::from(Promise::from(request.call0(&gpu).ok()?)).await.ok()?;
    let info = get(&adapter, "info")?;
    let word = |name| get(&info, name)?.as_string().filter(|word| !word.is_empty());
    word("description").or_else(|| {
        let words: Vec<String> = ["vendor", "architecture"].into_iter().filter_map(word).collect();
        (!words.is_empty()).then(|| words.join(" "))
    })
}

/// The engine of this page.
pub fn use_engine() -> Engine {
    expect_context()
}
