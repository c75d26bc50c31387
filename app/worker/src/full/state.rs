//! The machine between two instructions, and instructions, as the page shows them.

use engine::interpreter::full::isa::Op;
use engine::interpreter::full::program::{Address, Function, MAX_OPERANDS, MEMORY_PAGE, Record};
use engine::interpreter::full::recording::{Recording, Step};
use engine::interpreter::full::replay::{Change, End, State as Replayed};
use engine::source::Span;
use engine::wat::Names;
use protocol::machine::{FrameView, MEMORY_WINDOW, State, StepView, Variable};

/// Calls that are shown at most.
const SHOWN_FRAMES: usize = 32;
/// Locals of a call, values of its stack, and globals, that are shown at most.
const SHOWN_VALUES: usize = 64;
/// Outputs that are shown at most.
const SHOWN_OUTPUTS: usize = 500;
/// Instructions that are given at once.
const MOST_STEPS: u32 = 4_096;

/// The machine behind so many instructions.
pub fn state(recording: &mut Recording, names: &Names, instructions: u64, memory: Option<u64>) -> State {
    let last = instructions.checked_sub(1).and_then(|before| recording.steps(before, 1).pop());
    let last = last.map(|step| step.done.change);
    let state = recording.at(instructions).into_state();
    let next = recording.next(&state);
    let run = recording.run();
    let written = match last {
        Some(Change::Memory { address, count }) => Some((address, count)),
        _ => None,
    };
    let memory_end = u64::from(state.memory.pages) * MEMORY_PAGE;
    let from = memory.unwrap_or_else(|| state.written.map_or(0, |(address, _)| address));
    // A row is 16 bytes; the last window ends with the memory.
    let memory_from = from.min(memory_end.saturating_sub(MEMORY_WINDOW)) / 16 * 16;
    let memory_to = (memory_from + MEMORY_WINDOW).min(memory_end);
    let hidden = state.outputs.len().saturating_sub(SHOWN_OUTPUTS);
    let program = recording.program();
    let globals = (0_u16..).zip(&state.globals).map(|(index, value)| Variable {
        name: names.global(u32::from(index)).map_or_else(|| index.to_string(), |name| format!("${name}")),
        value: value.cast_signed(),
        is_new: matches!(last, Some(Change::Global { index: written, .. }) if written == index),
    });
    let frames = (1..=state.depth()).rev().take(SHOWN_FRAMES);
    State {
        instructions: state.instructions,
        position: (run.prompt_tokens + state.tokens()).saturating_sub(1) as u32,
        next: next.map(|record| record.op.mnemonic().to_owned()).unwrap_or_default(),
        address: state.ip().index() as u32,
        span: next.and_then(|record| record.span),
        frames: frames.map(|frame| frame_view(recording, names, &state, frame, last)).collect(),
        depth: state.depth() as u32,
        globals: globals.take(SHOWN_VALUES).collect(),
        pages: state.memory.pages,
        memory_from,
        memory: (memory_from..memory_to).map(|address| state.memory.byte(address)).collect(),
        written,
        outputs: state.outputs.iter().skip(hidden).map(|value| value.cast_signed()).collect(),
        output_count: state.outputs.len() as u64,
        is_text: program.code.iter().any(|record| record.op == Op::Output && record.imm == 1),
    }
}

/// An open call; the outermost is 1.
fn frame_view(
    recording: &Recording,
    names: &Names,
    state: &Replayed,
    frame: usize,
    last: Option<Change>,
) -> FrameView {
    let program = recording.program();
    let returns_to = state.returns().get(frame).copied();
    let here = returns_to.unwrap_or_else(|| state.ip());
    // A frame that waits for a call has given away the arguments: those of the frame above it.
    let call = returns_to.and_then(|to| program.at(Address(to.0.wrapping_sub(1))));
    let record = call.or_else(|| program.at(here));
    let index = program.function_at(here);
    let function = index.and_then(|index| program.functions.get(index).copied());
    let value = |name: String, slot: u16| Variable {
        name,
        value: state.slot(frame, slot).cast_signed(),
        is_new: matches!(last, Some(Change::Slot { frame: of, slot: written, .. }) if of == frame && written == slot),
    };
    let number = index.map_or(0, |index| (program.imported + index) as u32);
    let count = function.map_or(0, |function| function.locals);
    let locals = (0..count.min(SHOWN_VALUES)).map(|local| {
        let name = names.local(number, local as u32);
        let name = name.map_or_else(|| local.to_string(), |name| format!("${name}"));
        value(name, (MAX_OPERANDS + local) as u16)
    });
    let height = record.map_or(0, |record| waiting(recording, state, frame, record, call.is_some()));
    FrameView {
        function: function_name(recording, names, index),
        span: record.and_then(|record| record.span),
        locals: locals.collect(),
        more_locals: count.saturating_sub(SHOWN_VALUES) as u32,
        stack: (0..height).rev().take(SHOWN_VALUES).map(|slot| value(slot.to_string(), slot)).collect(),
        more_stack: usize::from(height).saturating_sub(SHOWN_VALUES) as u32,
    }
}

/// Values on a frame's operand stack.
fn waiting(recording: &Recording, state: &Replayed, frame: usize, record: Record, calls: bool) -> u16 {
    if !calls {
        return record.height;
    }
    let program = recording.program();
    let above = state.returns().get(frame + 1).copied().unwrap_or_else(|| state.ip());
    let callee: Option<Function> =
        program.function_at(above).and_then(|index| program.functions.get(index).copied());
    // An indirect call also takes the entry's number.
    let taken = callee.map_or(0, |callee| callee.params) + usize::from(record.op == Op::CallIndirect);
    record.height.saturating_sub(taken as u16)
}

/// A function's name: the text's, or the one it is exported under, or its number.
fn function_name(recording: &Recording, names: &Names, index: Option<usize>) -> String {
    let Some(index) = index else { return "table of functions".to_owned() };
    let program = recording.program();
    let number = program.imported + index;
    if let Some(name) = names.function(number as u32) {
        return format!("${name}");
    }
    let export = program.exports.iter().find(|(_, of)| *of == index);
    export.map_or_else(|| format!("function {number}"), |(name, _)| format!("“{name}”"))
}

/// Instructions of a run.
pub fn steps(recording: &mut Recording, names: &Names, behind: u64, count: u32) -> Vec<StepView> {
    let found = recording.steps(behind, count.min(MOST_STEPS) as usize);
    let mut depth = recording.at(behind).depth();
    let mut views = Vec::with_capacity(found.len());
    for step in found {
        views.push(step_view(recording, names, &step, depth));
        if let Change::Went { .. } = step.done.change {
            depth = match step.done.record.op.mnemonic() {
                "call" | "call_indirect" => depth + 1,
                "return" => depth.saturating_sub(1),
                _ => depth,
            };
        }
    }
    views
}

fn step_view(recording: &Recording, names: &Names, step: &Step, depth: usize) -> StepView {
    let tokens = recording.run().sequence.tokens();
    let tokens = tokens.get(step.position..step.position + step.tokens).unwrap_or(&[]);
    let words: Vec<String> = tokens.iter().map(|token| super::places::word(*token)).collect();
    StepView {
        number: step.number,
        position: step.position as u32,
        tokens: words.join(" "),
        name: step.done.record.op.mnemonic().to_owned(),
        span: step.done.record.span,
        change: change(recording, names, step),
        depth: depth as u32,
    }
}

/// What an instruction has changed, in words.
fn change(recording: &Recording, names: &Names, step: &Step) -> String {
    let program = recording.program();
    match step.done.change {
        Change::Nothing => String::new(),
        Change::Slot { slot, value, .. } => {
            let value = value.cast_signed();
            match usize::from(slot).checked_sub(MAX_OPERANDS) {
                None => format!("{value}"),
                Some(local) => {
                    // An argument is a local of the function that comes next.
                    let function = program.function_at(step.done.at);
                    let is_own = step.done.record.op.mnemonic() != "arg";
                    let number = function.filter(|_| is_own).map(|index| (program.imported + index) as u32);
                    let name = number.and_then(|number| names.local(number, local as u32));
                    match name {
                        Some(name) => format!("${name} = {value}"),
                        None if is_own => format!("local {local} = {value}"),
                        None => format!("argument {local} = {value}"),
                    }
                }
            }
        }
        Change::Global { index, value } => {
            let name = names.global(u32::from(index));
            let name = name.map_or_else(|| format!("global {index}"), |name| format!("${name}"));
            format!("{name} = {}", value.cast_signed())
        }
        Change::Pages { added } => format!("{added} more pages of memory"),
        Change::Memory { address, count: 1 } => format!("memory[{address}]"),
        Change::Memory { address, count } => format!("memory[{address}…{}]", address + u64::from(count) - 1),
        Change::Digit { digit } => format!("digit {digit}"),
        Change::Output { value } => format!("puts out {}", value.cast_signed()),
        Change::Went { to } => match (step.done.record.op.mnemonic(), program.function_at(to)) {
            ("call" | "call_indirect", index) => format!("→ {}", function_name(recording, names, index)),
            ("return", Some(index)) => format!("↩ {}", function_name(recording, names, Some(index))),
            ("return", None) => "↩ the end".to_owned(),
            (_, Some(_)) => line(program.at(program.led_to(to)).and_then(|record| record.span)),
            (_, None) => "→ the table".to_owned(),
        },
        Change::Ended(End::Halted) => "the end".to_owned(),
        Change::Ended(End::Trapped(trap)) => format!("trap: {trap}"),
    }
}

fn line(span: Option<Span>) -> String {
    span.map_or_else(String::new, |span| format!("→ line {}", span.line))
}
