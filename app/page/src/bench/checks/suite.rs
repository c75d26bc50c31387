//! Calls of WebAssembly's official test suite, executed by the full interpreter transformer. Of the suite's assertions those are here
//! that call a function of a module with integers of 32 bits, reach no state of another call, and take at most 20,000 tokens.

use js_sys::Date;
use protocol::machine::{Ended, MachineRequest, MachineResponse, MachineRun};
use protocol::{AppError, Device, Problem, Request, Response};

use super::cases::Call;
use super::{Checked, Errand, Wrong, cases};
use crate::client::unexpected;

const NAME: &str = "official test suite, full machine";
/// Calls after which the table is brought up to date.
const AT_ONCE: usize = 20;

pub async fn run(errand: Errand) -> Result<(), AppError> {
    let modules = cases::modules().await?;
    let Some(link) = errand.hire("light")? else { return Ok(()) };
    link.ask(Request::Start { device: Device::Cpu }, None).await?;
    let of = modules.iter().map(|module| module.calls.len()).sum();
    let mut checked = Checked::new(NAME, "calls", of);
    for (module, call) in
        modules.iter().flat_map(|module| module.calls.iter().map(move |call| (module, call)))
    {
        if !errand.tell(NAME, checked.done, of) {
            return Ok(());
        }
        let since = Date::now();
        let request = MachineRequest::Run {
            text: module.text.clone(),
            function: call.function.clone(),
            arguments: call.arguments.clone(),
            max_tokens: u32::MAX,
        };
        let outcome = match link.ask(Request::Machine(request), None).await {
            Ok(Response::Machine(MachineResponse::Ran(run))) => judge(call, &run),
            Ok(_) => return Err(unexpected()),
            // What the machine does not take is a wrong answer; a worker that is gone is none.
            Err(AppError { problem: Problem::Source(_) | Problem::BadRequest, message, .. }) => Err(message),
            Err(error) => return Err(error),
        };
        let what = || format!("{}: {}({})", module.file, call.function, call.arguments.replace(' ', ", "));
        checked.count(since, outcome.map_err(|why| Wrong { what: what(), why, is_question: false }));
        if checked.done.is_multiple_of(AT_ONCE) || checked.done == of {
            errand.keep(&checked);
        }
    }
    Ok(())
}

/// The suite's messages may be longer than ours, or shorter.
fn judge(call: &Call, run: &MachineRun) -> Result<(), String> {
    let is_right = match (&call.expected, &run.ended) {
        (Ok(wanted), Ended::Result(found)) => wanted == found,
        (Err(wanted), Ended::Trap { message, .. }) => {
            message.starts_with(wanted) || wanted.starts_with(message)
        }
        _ => false,
    };
    // A module that imports something has no other machine to be compared with; the suite's word is enough.
    let agrees = run.reference.as_ref().map_or(true, |reference| reference.agrees);
    match (is_right, agrees) {
        (true, true) => Ok(()),
        (true, false) => Err("wasmi gives something else".to_owned()),
        (false, _) => Err(format!("expected {}, found {}", wanted(&call.expected), found(&run.ended))),
    }
}

fn wanted(expected: &Result<Vec<i32>, String>) -> String {
    match expected {
        Ok(results) => values(results),
        Err(trap) => format!("a trap ({trap})"),
    }
}

fn found(ended: &Ended) -> String {
    match ended {
        Ended::Result(results) => values(results),
        Ended::Trap { message, .. } => format!("a trap ({message})"),
        Ended::Stopped(why) => format!("no end ({why})"),
    }
}

fn values(results: &[i32]) -> String {
    if results.is_empty() {
        return "nothing".to_owned();
    }
    results.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
