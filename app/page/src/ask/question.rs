//! The question's field, examples, what programs may ask of the browser, and which model answers.

use leptos::{ev, prelude::*};
use protocol::Device;
use protocol::language::Loaded;

use crate::focus;
use crate::language::host::FUNCTIONS;
use crate::language::progress::Work;
use crate::language::worlds::{has_webgpu, use_worlds};
use crate::language::{units, use_language};
use crate::live::{Listed, live};

/// Questions of every kind.
pub const EXAMPLES: [&str; 12] = [
    "Calculate 12 * 11",
    "What's 2 to the power of 8?",
    "Calculate 15% of 200",
    "Anna has 17 apples and gives away 5. How many are left?",
    "Is 97 a prime number?",
    "Find the factorial of 6",
    "Sort the numbers [5, 2, 8, 1, 9]",
    "Count the vowels in 'hello world'",
    "Calculate compound interest: $1000 at 5% for 3 years",
    "What's the current date and time?",
    "12乘以11等于多少？",
    "Who wrote Hamlet?",
];

/// The form.
#[component]
pub fn QuestionForm() -> impl IntoView {
    let worlds = use_worlds();
    let language = use_language();
    let asking = language.asking;
    let is_busy = Memo::new(move |_| asking.is_busy());
    let is_blank = Memo::new(move |_| asking.draft.with(|draft| draft.trim().is_empty()));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        worlds.asked_elsewhere.set(None);
        language.ask_draft();
        worlds.prepare();
    };
    // One button that asks and stops: whoever pressed it still has the focus on it. The second press of a double one is no stop.
    let press = move |event: ev::MouseEvent| {
        if is_busy.get_untracked() && event.detail() < 2 {
            language.cancel();
        }
    };
    let examples = EXAMPLES.iter().map(|example| {
        view! { <button type="button" class="example" lang=language_of(example) on:click=move |_| {
            language.ask_this(example);
            worlds.prepare();
        }>{*example}</button> }
    });
    let status = move || {
        if is_busy.get() {
            "The model is answering."
        } else if asking.failure.with(Option::is_some) {
            "There is no answer."
        } else if asking.waits.get() {
            "The question waits for the model."
        } else if asking.asked.with(Option::is_some) {
            "The answer is there."
        } else {
            ""
        }
    };
    view! {
        <form class="ask-form" on:submit=submit>
            <label class="visually-hidden" for="question">"Your question"</label>
            <input
                id="question"
                class="field"
                autocomplete="off"
                enterkeyhint="send"
                placeholder="Calculate 12 * 11"
                data-testid="question"
                prop:value=move || asking.draft.get()
                on:input=move |event| asking.draft.set(event_target_value(&event))
            />
            <button
                class="button"
                class:primary=move || !is_busy.get()
                type=move || if is_busy.get() { "button" } else { "submit" }
                data-testid=move || if is_busy.get() { "ask-stop" } else { "ask" }
                disabled=move || !is_busy.get() && is_blank.get()
                on:click=press
            >
                {move || if is_busy.get() { "Stop" } else { "Ask" }}
            </button>
        </form>
        <div class="ask-examples" role="group" aria-label="Examples" data-testid="examples">{examples.listed()}</div>
        <div class="ask-how">
            <ModelLine/>
            <Grants/>
        </div>
        <p class="visually-hidden" role="status" data-testid="ask-status">{status}</p>
    }
}

/// Which model answers, on what, and how far it is.
#[component]
fn ModelLine() -> impl IntoView {
    let worlds = use_worlds();
    let language = use_language();
    let (source, asking) = (language.source, language.asking);
    let state = move || {
        if let Some(work) = source.work.get() {
            return match work {
                Work::Starting { bytes } if bytes > 0 => {
                    format!("The engine arrives: {} so far", units::bytes(bytes as u64))
                }
                Work::Starting { .. } => "The engine starts".to_owned(),
                Work::Checking => "The device is compared with the processor".to_owned(),
                _ => "The model arrives".to_owned(),
            };
        }
        let failure = source.failure.get().map(|error| format!("{} {} ", error.message, error.remedy));
        let here = match source.loaded.get() {
            Some(loaded) if loaded.world.is_none() => format!(
                "{} is here, without taps: it is told how programs are written; {}.",
                loaded.card.name, loaded.device_name
            ),
            Some(loaded) => format!(
                "{} is here: {:.1} million parameters, of which {:.1} million write programs{}; {}; loaded in {}.",
                loaded.card.name,
                (loaded.card.parameters + taps(&loaded)) as f64 / 1e6,
                taps(&loaded) as f64 / 1e6,
                unfinished(&loaded),
                loaded.device_name,
                units::seconds(loaded.seconds)
            ),
            None if asking.waits.get() => "The question waits for the model.".to_owned(),
            None => "The model is not here yet.".to_owned(),
        };
        failure.unwrap_or_default() + &here
    };
    let load = move |_| {
        let held = focus::held();
        worlds.load(Device::Cpu);
        held.hand_to("question");
    };
    let again = move || {
        let gone = source.work.with(Option::is_none) && source.loaded.with(Option::is_none);
        gone.then(|| {
            view! {
                <button type="button" class="quiet" data-testid="ask-load" on:click=load>"Load it"</button>
            }
        })
    };
    // A question under way would be lost with its engine.
    let is_busy = move || asking.is_busy();
    let device = move || {
        let now = source.loaded.with(|loaded| loaded.as_ref().map(|loaded| loaded.device));
        let (to, label, testid) = match now {
            Some(Device::WebGpu) => (Device::Cpu, "Compute on the CPU", "ask-cpu"),
            Some(_) if has_webgpu() => (Device::WebGpu, "Compute on WebGPU", "ask-gpu"),
            _ => return None,
        };
        // The person's own model is loaded under Models.
        (!worlds.asks_own()).then(|| {
            view! {
                <button type="button" class="quiet" data-testid=testid disabled=is_busy on:click=move |_| {
                    let held = focus::held();
                    worlds.load(to);
                    held.hand_to("question");
                }>
                    {label}
                </button>
            }
        })
    };
    let turn = move |_| {
        let held = focus::held();
        let own = untrack(|| worlds.own_name()).filter(|_| !worlds.ask_own.get_untracked());
        worlds.turn_to(own);
        held.hand_to("question");
    };
    let other = move || {
        worlds.own_can().then(|| {
            let label =
                if worlds.ask_own.get() { "Ask the page's own model" } else { "Ask the model you loaded" };
            view! {
                <button type="button" class="quiet" data-testid="ask-other" on:click=turn>
                    {label}
                </button>
            }
        })
    };
    let elsewhere = move || {
        let own = worlds.own_name();
        worlds.asked_elsewhere.get().filter(|name| Some(name) != own.as_ref()).map(|name| {
            view! {
                <span class="ask-elsewhere-note" data-testid="asked-elsewhere">
                    {format!("This link asked {name}, which is not loaded here: another model answers. ")}
                    <a href="#/models">"Load it under Models"</a>", and open the link again. "
                </span>
            }
        })
    };
    view! { <p class="ask-model" data-testid="ask-model">{live(elsewhere)}<span role="status">{live(state)}</span>" "{live(again)}{live(device)}{live(other)}</p> }
}

/// What programs may ask of the browser: nothing, until somebody says so.
#[component]
fn Grants() -> impl IntoView {
    let asking = use_language().asking;
    let boxes = FUNCTIONS.iter().map(|(name, about)| {
        let is_granted = move || asking.granted.with(|granted| granted.iter().any(|one| one == name));
        let toggle = move |_| {
            asking.granted.update(|granted| {
                let before = granted.len();
                granted.retain(|one| one != name);
                if granted.len() == before {
                    granted.push((*name).to_owned());
                }
            });
        };
        view! {
            <label class="check">
                <input type="checkbox" data-testid=format!("grant-{name}") prop:checked=is_granted on:change=toggle/>
                <span><code>{*name}</code>" "{*about}</span>
            </label>
        }
    });
    let summary = move || match asking.granted.with(Vec::len) {
        0 => "Programs may ask nothing of this browser".to_owned(),
        _ => format!(
            "Programs may ask this browser for: {}",
            asking.granted.with(|granted| granted.join(", "))
        ),
    };
    let wanted = move || {
        let wanted = asking.wanted_grants.get();
        (!wanted.is_empty()).then(|| {
            let text = format!(
                "Whoever sent this link had granted {}. A link grants nothing here: tick it if you want to.",
                wanted.join(", ")
            );
            view! { <p class="models-note" data-testid="wanted-grants">{text}</p> }
        })
    };
    view! {
        <details class="grants" data-testid="grants" open=move || !asking.wanted_grants.with(Vec::is_empty)>
            <summary>{live(summary)}</summary>
            <p class="models-note">"What you tick here, a program may import and call by that name; each use is shown. Nothing else is reachable."</p>
            {live(wanted)}
            <div class="grant-list">{boxes.listed()}</div>
        </details>
    }
}

/// The language of an example, where it is not the page's.
fn language_of(example: &str) -> Option<&'static str> {
    (!example.is_ascii()).then_some("zh")
}

/// Where a model's training stopped, if that is not its end.
fn unfinished(loaded: &Loaded) -> String {
    let Some(world) = &loaded.world else { return String::new() };
    let fact = |name: &str| world.training.iter().find(|(fact, _)| fact == name)?.1.parse::<u64>().ok();
    match (fact("steps"), fact("planned steps")) {
        (Some(steps), Some(planned)) if steps < planned => {
            format!("; still in training (step {steps} of {planned}), so it errs more than it will")
        }
        _ => String::new(),
    }
}

/// Parameters of a model's taps.
fn taps(loaded: &Loaded) -> u64 {
    loaded.world.as_ref().map_or(0, |world| world.parameters)
}
