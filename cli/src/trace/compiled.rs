//! Runs of the hand-compiled transformers as traces.

use anyhow::{Context, Result, bail};
use engine::interpreter::classic::asm;
use engine::interpreter::classic::program::OpenLoops;
use engine::interpreter::classic::runner;
use engine::interpreter::engine::Engine;
use engine::interpreter::{classic, full};
use engine::sandbox;
use engine::source::Span;
use engine::trace::{self, Trace};
use engine::wat::Module;

use crate::engines::{self, Device};
use crate::report;
use crate::run::ready;
use crate::source::Source;

/// What is called in a module.
pub struct Call<'a> {
    /// The function; by default the one that a module proposes.
    pub function: Option<&'a str>,
    /// Its arguments.
    pub arguments: &'a [String],
}

/// Runs a program of the byte machine; `None` if it is none, which was said.
pub fn classic(
    source: &Source,
    open_loops: bool,
    max_tokens: usize,
    device: Device,
) -> Result<Option<Trace>> {
    let text = text(source)?;
    let loops = if open_loops { OpenLoops::Allow } else { OpenLoops::Refuse };
    let assembly = match asm::assemble(text, loops) {
        Ok(assembly) => assembly,
        Err(errors) => {
            for error in errors {
                refuse(source, Some(error.span), &error.message, error.help.as_deref());
            }
            return Ok(None);
        }
    };
    let model = classic::compile::compile();
    let mut engine = engines::engine(&model, device, false)?;
    let how = runner::Options { max_tokens, ..runner::Options::default() };
    let run = pollster::block_on(runner::run(&mut engine, &assembly.program, how, async |_| true))?;
    let given = trace::classic::Given { program: text, open_loops, max_tokens };
    Ok(Some(trace::classic::record(&model, &engine.name(), given, &run)))
}

/// Runs a module on the full machine; `None` if it cannot be run, which was said.
pub fn full(source: &Source, call: Call<'_>, max_tokens: usize, device: Device) -> Result<Option<Trace>> {
    let text = text(source)?;
    let ready = match ready(source, call.function, call.arguments) {
        Ok(ready) => ready,
        Err((span, message, help)) => {
            refuse(source, span, &message, help.as_deref());
            return Ok(None);
        }
    };
    let module = Module::from_text(text)?;
    let function = sandbox::entry(&module, call.function)?.name.clone();
    let arguments = call.arguments.iter().map(|argument| {
        let value = sandbox::Value::parse(argument, engine::wat::ValueType::I32);
        value.and_then(|value| if let sandbox::Value::I32(value) = value { Some(value) } else { None })
    });
    let arguments: Vec<i32> = arguments.collect::<Option<_>>().context("an argument is no i32")?;
    let model = full::compile::compile();
    let mut engine = engines::engine(&model, device, false)?;
    let run = full::run::run(&mut engine, &ready.program, &ready.stub, max_tokens, async |_| true);
    let run = pollster::block_on(run)?;
    let given = trace::full::Given {
        text,
        function: &function,
        arguments: &arguments,
        max_tokens,
        program: &ready.program,
        stub: &ready.stub,
    };
    let recorded = trace::full::record(&model, &engine.name(), given, &run);
    Ok(Some(recorded.context("the transformer has written what is no trace")?))
}

/// The text of a program: a trace holds it.
fn text(source: &Source) -> Result<&str> {
    match std::str::from_utf8(&source.bytes) {
        Ok(text) => Ok(text),
        Err(_) => bail!(
            "{} is no text, and a trace holds its program as text: give the module as .wat",
            source.name
        ),
    }
}

fn refuse(source: &Source, span: Option<Span>, message: &str, help: Option<&str>) {
    report::problem(&report::underlined(&source.name, &source.text(), span, message, help));
}
