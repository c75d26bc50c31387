//! What is checked, as the site has it: `checks/*.json`, fetched when somebody checks.

use js_sys::{Array, JSON, Reflect};
use leptos::prelude::window;
use protocol::asking::{Granted, Says};
use protocol::{AppError, Problem};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::client::link::site;

/// A conformance program: its name, and its text with what must come of it.
pub struct Program {
    /// `CATEGORY/NAME`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A module of the official suite, and calls of it.
pub struct Module {
    /// The suite's file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The calls, each on a new instance.
    pub calls: Vec<Call>,
}

/// A call, and what it comes to.
pub struct Call {
    /// The export.
    pub function: String,
    /// With what.
    pub arguments: String,
    /// Its results, or its trap in the suite's words.
    pub expected: Result<Vec<i32>, String>,
}

/// A question, and what its answer must be.
pub struct Case {
    /// What it counts for.
    pub set: String,
    /// The question.
    pub question: String,
    /// What is to be computed, or why it cannot be; `None` where there is nothing to compute.
    pub answer: Option<Result<String, String>>,
    /// What the host says.
    pub granted: Vec<Granted>,
}

/// The conformance programs.
///
/// # Errors
/// The file does not arrive, or is another than this page's.
pub async fn programs() -> Result<Vec<Program>, AppError> {
    let program = |entry: JsValue| {
        let entry = entry.dyn_into::<Array>().ok()?;
        Some(Program { name: entry.get(0).as_string()?, text: entry.get(1).as_string()? })
    };
    read("classic.json", program).await
}

/// The calls of the official suite.
///
/// # Errors
/// As for [`programs`].
pub async fn modules() -> Result<Vec<Module>, AppError> {
    let call = |entry: JsValue| {
        let entry = entry.dyn_into::<Array>().ok()?;
        let expected = entry.get(2);
        let results =
            |list: &Array| list.iter().map(|value| value.as_f64().map(|value| value as i32)).collect();
        let expected = match expected.dyn_ref::<Array>() {
            Some(list) => Ok(Option::<Vec<i32>>::from_iter::<Vec<_>>(results(list))?),
            None => Err(expected.as_string()?),
        };
        Some(Call { function: entry.get(0).as_string()?, arguments: entry.get(1).as_string()?, expected })
    };
    let module = |entry: JsValue| {
        let calls = field(&entry, "calls")?.dyn_into::<Array>().ok()?;
        let calls = calls.iter().map(call).collect::<Option<Vec<_>>>()?;
        Some(Module { file: text(&entry, "file")?, text: text(&entry, "text")?, calls })
    };
    read("suite.json", module).await
}

/// The questions.
///
/// # Errors
/// As for [`programs`].
pub async fn questions() -> Result<Vec<Case>, AppError> {
    let grant = |entry: JsValue| {
        let entry = entry.dyn_into::<Array>().ok()?;
        let says = match (entry.get(1).as_string(), entry.get(1).as_f64()) {
            (Some(text), _) => Says::Text(text),
            (None, number) => Says::Number(number? as i64),
        };
        Some(Granted { name: entry.get(0).as_string()?, says })
    };
    let question = |entry: JsValue| {
        let granted = field(&entry, "granted")?.dyn_into::<Array>().ok()?;
        Some(Case {
            set: text(&entry, "set")?,
            question: text(&entry, "question")?,
            answer: text(&entry, "answer").map(Ok).or_else(|| text(&entry, "failure").map(Err)),
            granted: granted.iter().map(grant).collect::<Option<Vec<_>>>()?,
        })
    };
    read("questions.json", question).await
}

fn field(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &JsValue::from_str(name)).ok()
}

fn text(of: &JsValue, name: &str) -> Option<String> {
    field(of, name)?.as_string()
}

/// A file of the site: a list, each entry of which is read by itself.
async fn read<T>(name: &str, entry: impl Fn(JsValue) -> Option<T>) -> Result<Vec<T>, AppError> {
    let missing = |why: String| AppError {
        problem: Problem::Unreachable,
        message: format!("what is to be checked did not arrive: checks/{name}: {why}"),
        remedy: "Is there a network? Check again, or reload the page.".to_owned(),
    };
    let address = format!("{}checks/{name}", site());
    let answer = JsFuture::from(window().fetch_with_str(&address)).await;
    let answer = answer.ok().and_then(|answer| answer.dyn_into::<Response>().ok());
    let answer = answer.ok_or_else(|| missing("there is no answer".to_owned()))?;
    if !answer.ok() {
        return Err(missing(format!("the site answers {}", answer.status())));
    }
    let body = match answer.text() {
        Ok(body) => JsFuture::from(body).await.ok().and_then(|body| body.as_string()),
        Err(_) => None,
    };
    let body = body.ok_or_else(|| missing("it broke off".to_owned()))?;
    let list = JSON::parse(&body).ok().and_then(|list| list.dyn_into::<Array>().ok());
    let entries = list.and_then(|list| list.iter().map(entry).collect::<Option<Vec<_>>>());
    entries.ok_or_else(|| missing("it is another than this page's".to_owned()))
}
