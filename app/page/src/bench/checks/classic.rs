//! The conformance programs: each must end as its header says, which was worked out by hand, and agree with the byte machine.

use engine::interpreter::classic::expected::Expected;
use js_sys::Date;
use protocol::{AppError, Device, Request, Response, RunOptions, RunView};

use super::{Checked, Errand, Wrong, cases};
use crate::client::unexpected;

const NAME: &str = "conformance programs, classic machine";

pub async fn run(errand: Errand) -> Result<(), AppError> {
    let programs = cases::programs().await?;
    let device = errand.device;
    let Some(link) = errand.hire(if device == Device::WebGpu { "gpu" } else { "light" })? else {
        return Ok(());
    };
    link.ask(Request::Start { device }, None).await?;
    let mut checked = Checked::new(NAME, "programs", programs.len());
    for program in &programs {
        if !errand.tell(NAME, checked.done, checked.of) {
            break;
        }
        let since = Date::now();
        let request = Request::Run { text: program.text.clone(), options: RunOptions::default() };
        let outcome = match link.ask(request, None).await? {
            Response::Ran(run) => judge(&program.text, &run),
            _ => return Err(unexpected()),
        };
        let wrong = |why| Wrong { what: program.name.clone(), why, is_question: false };
        checked.count(since, outcome.map_err(wrong));
        errand.keep(&checked);
    }
    Ok(())
}

fn judge(text: &str, run: &RunView) -> Result<(), String> {
    Expected::read(text)?.check(&run.report.state, run.report.ending)?;
    if run.reference.differences.is_empty() {
        Ok(())
    } else {
        Err("the byte machine gives something else".to_owned())
    }
}
