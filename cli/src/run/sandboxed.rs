//! A module in the sandbox.

use std::time::Instant;

use anyhow::Result;
use engine::interpreter::classic::asm::{self, TokenKind};
use engine::sandbox::{self, HostFunction, Limits, RunError, Value};
use engine::wat::Module;

use super::{Options, Outcome, Refusal};
use crate::source::Source;
use crate::{Status, report};

const ENGINE: &str = "wasmi";

/// Checks and runs a module.
pub fn run(options: &Options, source: &Source, started: Instant) -> Result<Status> {
    let refuse = |span, message, help| {
        Refusal { engine: ENGINE, reasons: vec![(span, message, help)] }.print(source, options.json)
    };
    let refuse_run = |error: RunError| refuse(error.span(), error.to_string(), error.help());
    let module = match Module::new(&source.bytes) {
        Ok(module) => module,
        Err(error) => {
            let help = classic_instead(&source.text()).or(error.help);
            return refuse(Some(error.span), error.message, help);
        }
    };
    let permitted = sandbox::check_permitted(&module, &HostFunction::OUTPUT);
    let function = match permitted.and_then(|()| sandbox::entry(&module, options.invoke.as_deref())) {
        Ok(function) => function,
        Err(error) => return refuse_run(error),
    };
    let (name, expected) = (&function.name, function.signature.params.len());
    if options.args.len() != expected {
        let (name, given) = (name.clone(), options.args.len());
        return refuse_run(RunError::ArgumentCount { name, expected, given });
    }
    let mut args = Vec::new();
    for (index, (text, ty)) in options.args.iter().zip(&function.signature.params).enumerate() {
        let Some(value) = Value::parse(text, *ty) else {
            let message = format!("argument {} of `{name}` is {ty}, and `{text}` is none", index + 1);
            return refuse(None, message, Some(format!("`{name}` is {}", function.signature)));
        };
        args.push(value);
    }
    let limits = Limits {
        fuel: options.fuel,
        memory_bytes: options.memory_mib << 20,
        output_bytes: options.output_bytes,
    };
    let outcome = match sandbox::run(&module, Some(name), &args, limits, &HostFunction::OUTPUT) {
        Ok(outcome) => outcome,
        Err(error) => return refuse_run(error),
    };
    let trap = outcome.trap.map(|trap| trap.to_string());
    let stopped = trap.as_ref().map(|trap| report::underlined(&source.name, "", None, trap, None));
    Outcome {
        engine: ENGINE,
        result: outcome.result,
        outputs: outcome.outputs,
        trap,
        instructions: None,
        fuel: Some(outcome.fuel),
        tokens: 0,
        seconds: started.elapsed().as_secs_f64(),
        checked: None,
        token_ids: None,
    }
    .print(options.json, stopped.as_deref())
}

/// What helps when the text is no module but begins like a classic program.
fn classic_instead(text: &str) -> Option<String> {
    let mut tokens = asm::lex(text).into_iter().filter(|token| token.kind != TokenKind::Comment);
    matches!(tokens.next()?.kind, TokenKind::Mnemonic(_)).then(|| {
        "a .wat file holds a module, (module (func …)); instructions alone are the classic text form: \
         name the file .wasmt, or say --engine classic"
            .to_owned()
    })
}
