//! Calls of WebAssembly's official test suite, executed by the full interpreter transformer. Of the suite's assertions those are here
//! that call a function of a module with integers of 32 bits, reach no state of another call, and take at most 20,000 tokens.

use js_sys::Date;
use protocol::machine::{Ended, MachineRequest, MachineResponse, MachineRun};
use protocol::{AppError, Device, Request, Response};

use super::cases::Call;
use super::{Checked, Checks, Wrong, cases};
use crate::client::unexpected;

const NAME: &str = "official test suite, full machine";

pub async fn run(checks: Checks) -> Result<(), AppError> {
    let modules = cases::modules().await?;
    let of = modules.iter().map(|module| module.calls.len()).sum();
    if !checks.tell(NAME, 0, of) {
        return Ok(());
    }
    let link = checks.hire("light")?;
    link.ask(Request::Start { device: Device::Cpu }, None).await?;
    let mut checked = Checked::new(NAME, "calls");
    for module in &modules {
        for call in &module.calls {
            if !checks.tell(NAME, checked.of, of) {
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
                Err(error) => Err(error.message),
            };
            let what =
                || format!("{}: {}({})", module.file, call.function, call.arguments.replace(' ', ", "));
            checked.count(since, outcome.map_err(|why| Wrong { what: what(), why, is_question: false }));
        }
        checks.keep(Device::Cpu, &checked);
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
    let agrees = run.reference.as_ref().is_ok_and(|reference| reference.agrees);
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
