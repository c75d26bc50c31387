//! The buttons of a run's file, and what came of a file that was opened.

use leptos::task::spawn_local;
use leptos::{ev, html, prelude::*};
use protocol::language::TextOf;
use protocol::{AppError, Machine, Request, Response};
use web_sys::HtmlInputElement;

use super::{Showing, Stage, use_traces};
use crate::client::unexpected;
use crate::export::save_text;
use crate::language::{Language, use_language};
use crate::live::live;
use crate::models::files_in;
use crate::session::{Session, use_session};
use crate::xray::models::Decoder;

/// Of which run a file is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The last run of the machine that is shown.
    Machine,
    /// A question, as it was answered so.
    Question(TextOf),
}

/// A run as a file's text, and what the file is called.
async fn written(session: Session, language: Option<Language>, of: Of) -> Result<(String, String), AppError> {
    let Some((language, text)) = language.zip(match of {
        Of::Question(text) => Some(text),
        Of::Machine => None,
    }) else {
        let machine = session.machine.get_untracked();
        let name = if machine == Machine::Classic { "classic" } else { "full" };
        return match session.client.request(Request::WriteTrace(machine)).await? {
            Response::Trace(text) => Ok((name.to_owned(), text)),
            _ => Err(unexpected()),
        };
    };
    let name = untrack(|| language.model_name());
    Ok((name, language.write_trace(text).await?))
}

/// Saves a run as a file, and opens one.
#[component]
pub fn RunFile(
    /// Of which run.
    of: Of,
    /// Whether a file can be opened here too.
    #[prop(default = true)]
    opens: bool,
) -> impl IntoView {
    let session = use_session();
    let traces = use_traces();
    let language = matches!(of, Of::Question(_)).then(use_language);
    let said = RwSignal::new(String::new());
    let is_busy = RwSignal::new(false);
    let is_there = Memo::new(move |_| match language {
        Some(language) => !language.asking.is_busy() && language.asking.asked.with(Option::is_some),
        None => session.tape().is_some() && !session.shown_going().is_on(),
    });
    // What was said is of the run before.
    Effect::new(move |_| {
        is_there.track();
        session.tape();
        said.set(String::new());
    });
    let save = move |_| {
        if is_busy.get_untracked() || !is_there.get_untracked() {
            return;
        }
        is_busy.set(true);
        said.set("The run is written …".to_owned());
        spawn_local(async move {
            let text = match written(session, language, of).await {
                Ok((model, text)) => save_text(&model, "run", "jsonl", &text).map_or_else(
                    |_| "The browser does not save it.".to_owned(),
                    |name| format!("Saved {name}"),
                ),
                Err(error) => format!("Not saved: {}. {}", error.message, error.remedy),
            };
            // The view may be gone by now.
            drop(said.try_set(text));
            let _ = is_busy.try_set(false);
        });
    };
    let field = NodeRef::<html::Input>::new();
    let choose = move |_| {
        if let Some(field) = field.get_untracked() {
            field.click();
        }
    };
    let picked = move |event: ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        let file = files_in(input.files()).into_iter().next();
        // The same file can be chosen again.
        input.set_value("");
        if let Some(file) = file {
            traces.open(file);
        }
    };
    let open = opens.then(|| {
        view! {
            <button type="button" class="button export-button" title="Open a trace file: its run is made again, and compared" data-testid="run-open" on:click=choose>"Open a run"</button>
            <input type="file" hidden accept=".jsonl,.json" data-testid="run-file" node_ref=field on:change=picked/>
        }
    });
    view! {
        <div class="run-file">
            <button type="button" class="button export-button" title="The whole run as a trace file" data-testid="run-export" aria-disabled=move || (is_busy.get() || !is_there.get()).to_string() on:click=save>"Export run"</button>
            {open}
            <span class="export-said" role="status" data-testid="run-said">{live(move || said.get())}</span>
        </div>
    }
}

/// What came of the file that was opened, as long as its run is what is looked at.
#[component]
pub fn News(
    /// The language model that is looked into; `None` for a machine.
    #[prop(optional)]
    decoder: Option<Decoder>,
) -> impl IntoView {
    let traces = use_traces();
    let shown = move || {
        let showing = traces.showing.get().filter(|showing| showing.decoder == decoder)?;
        // What is told of one machine's file says nothing of the other's run.
        let shown = traces.session.machine.get();
        if showing.machine.is_some_and(|machine| machine != shown) {
            return None;
        }
        let is_over = matches!(showing.stage, Stage::Compared(_));
        let is_it = !is_over || showing.run == traces.run_of(decoder, showing.machine);
        is_it.then(|| {
            let (stage, class, text) = told(&showing);
            view! {
                <div class=format!("trace-news {class}") data-testid="trace-news" data-stage=stage>
                    <p>{text}</p>
                    <button type="button" class="icon-button" aria-label="Dismiss" data-testid="trace-close" on:click=move |_| traces.showing.set(None)>"×"</button>
                </div>
            }
        })
    };
    view! { <div class="trace-status" role="status">{live(shown)}</div> }
}

/// The stage's name, its look, and the whole in words.
fn told(Showing { file, of: (tokens, engine), stage, .. }: &Showing) -> (&'static str, &'static str, String) {
    match stage {
        Stage::Reading => ("reading", "", format!("{file} is read …")),
        Stage::Running => ("running", "", format!("{file}: its run is made again, and compared …")),
        Stage::Compared(None) => (
            "agrees",
            "good",
            format!(
                "Agrees with {file}: made again here, the run is the same in all its {tokens} tokens. The file was computed by: {engine}."
            ),
        ),
        Stage::Compared(Some(difference)) => (
            "differs",
            "bad",
            format!(
                "Differs from {file} in line {}, {}: the file has {}, made again it is {}. What is shown is the run made again.",
                difference.line, difference.place, difference.file, difference.again
            ),
        ),
        Stage::Failed(error) => {
            ("failed", "bad", format!("{file} was not compared: {}. {}", error.message, error.remedy))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::trace::Difference;

    #[test]
    fn a_difference_is_told_with_its_place() {
        let difference =
            Difference { line: 60, place: "token.id".into(), file: "157".into(), again: "57".into() };
        let showing = Showing {
            file: "a.jsonl".into(),
            of: (90, "CPU".into()),
            decoder: None,
            machine: Some(Machine::Classic),
            stage: Stage::Compared(Some(difference)),
            run: None,
        };
        let (stage, _, text) = told(&showing);
        assert_eq!(stage, "differs");
        assert!(text.starts_with(
            "Differs from a.jsonl in line 60, token.id: the file has 157, made again it is 57."
        ));
    }
}
