//! The executed instructions, in the order they were executed: what the model answered, what the host did,
//! what the stack was.

use std::sync::Arc;

use engine::interpreter::classic::isa::Instruction;
use engine::interpreter::classic::{Ending, HostAction, Report, Step};
use leptos::{html, prelude::*};
use protocol::RunView;

use super::highlight::highlighted;
use super::replay;
use super::words::{ending_in_words, host_in_words, line_of, token_in_words};
use crate::live::{Listed, live};
use crate::session::use_session;

/// Steps shown at first; the button shows four times as many.
const SHOWN: usize = 60;

/// The transcript.
#[component]
pub fn Transcript() -> impl IntoView {
    let session = use_session();
    let list = NodeRef::<html::Ol>::new();
    let shown = RwSignal::new(SHOWN);
    let rows = move || session.run.with(|run| run.as_ref().map(|run| rows(run, shown.get())));
    let earlier = move || {
        session
            .run
            .with(|run| run.as_ref().map_or(0, |run| run.report.steps.len().saturating_sub(shown.get())))
    };
    // A new run shows its end.
    Effect::new(move |_| {
        session.run.track();
        request_animation_frame(move || {
            if let Some(list) = list.try_get_untracked().flatten() {
                list.set_scroll_top(list.scroll_height());
            }
        });
    });
    view! {
        <ol class="transcript" node_ref=list data-testid="transcript" aria-label="Executed instructions" tabindex="0">
            {move || (earlier() > 0).then(|| view! {
                <li class="transcript-more">
                    <button class="button" data-testid="show-earlier" on:click=move |_| shown.update(|n| *n *= 4)>
                        {format!("Show earlier steps ({})", earlier())}
                    </button>
                </li>
            })}
            {live(rows)}
        </ol>
    }
}

fn rows(run: &Arc<RunView>, shown: usize) -> AnyView {
    let steps = &run.report.steps;
    let first = steps.len().saturating_sub(shown);
    let states = replay::states(run, (first + 1)..=steps.len());
    let executed = steps
        .iter()
        .enumerate()
        .skip(first)
        .zip(states)
        .map(|((index, step), state)| step_row(run, index, step, &state.stack))
        .listed();
    view! { {executed} {rest(run)} }.into_any()
}

fn step_row(run: &Arc<RunView>, index: usize, step: &Step, stack: &[u8]) -> impl IntoView + use<> {
    let session = use_session();
    let number = index + 1;
    let position = step.position;
    let differs = run.reference.differences.steps.contains(&index);
    let masked = run.masked.differences.steps.contains(&index);
    let host: Vec<String> =
        step.host.iter().filter(|action| is_news(action)).map(|action| host_in_words(run, action)).collect();
    let current = move || (session.steps_shown() == number).then_some("step");
    let line = line_of(run, step.ip);
    let token =
        session.card.with_untracked(|card| token_in_words(card.as_deref(), step.instruction.op, step.token));
    view! {
        <li class="step" class:current=move || current().is_some() data-testid="step" data-step=number>
            <a
                class="step-link"
                href="#/xray"
                aria-current=move || current()
                title="Open this step in X-ray"
                on:click=move |_| session.look_at(position)
            >
                <span class="step-line"><span class="visually-hidden">"Line "</span>{line}</span>
                <code class="step-code">{code(step.instruction)}</code>
                <span class="step-token" data-testid="step-token">{token}</span>
                <span class="step-stack mono" data-testid="step-stack">
                    <span class="visually-hidden">"Stack: "</span>
                    {stack_in_words(stack)}
                </span>
            </a>
            {(!host.is_empty()).then(|| view! {
                <p class="step-host" data-testid="step-host"><span class="by">"host"</span>{host.join("; ")}</p>
            })}
            {differs.then(|| view! {
                <p class="step-differs problem-text" data-testid="step-differs">
                    "The reference machine answers otherwise here."
                </p>
            })}
            {masked.then(|| masked_note(run, index))}
        </li>
    }
}

/// Where a machine that masks to 8 bits goes another way.
fn masked_note(run: &RunView, index: usize) -> impl IntoView + use<> {
    let token = run.masked.tokens.get(index);
    let text = match token {
        Some(token) => format!("a machine that masks to 8 bits answers {token}"),
        None => "a machine that masks to 8 bits does not get here".to_owned(),
    };
    view! { <p class="step-masked" data-testid="step-masked">{text}</p> }
}

/// How the run ended, and the instructions it did not reach.
fn rest(run: &RunView) -> impl IntoView + use<> {
    let report = &run.report;
    let ending = ending_in_words(run);
    let is_trap = matches!(report.ending, Ending::Trapped(_));
    let next = report.steps.last().map_or(0, |step| step.ip + 1);
    let first = match report.ending {
        Ending::Trapped(trap) => trap.ip,
        _ => next,
    };
    let waits = report.ending == Ending::EndOfProgram;
    let mut executed = vec![false; report.program.len()];
    for step in &report.steps {
        executed.get_mut(step.ip).into_iter().for_each(|executed| *executed = true);
    }
    let rows = report.program.iter().enumerate().skip(first).take(SHOWN).map(|(ip, instruction)| {
        let fate = fate(report, &executed, ip, instruction.op.is_marker());
        view! {
            <li class="step pending" data-testid="pending">
                <span class="step-link">
                    <span class="step-line">{line_of(run, ip)}</span>
                    <code class="step-code">{code(*instruction)}</code>
                    <span class="step-fate">{fate}</span>
                </span>
            </li>
        }
    });
    let rows = rows.listed();
    let behind = report.program.len().saturating_sub(first.saturating_add(SHOWN));
    let behind = (behind > 0).then(|| {
        view! {
            <li class="transcript-note" data-testid="pending-more">
                {format!("{behind} more, not shown")}
            </li>
        }
    });
    let open = report.state.loops.iter().filter(|_| waits).map(|open| {
        let line = line_of(run, open.start);
        view! {
            <li class="transcript-note" data-testid="open-loop">
                {format!("The loop of line {line} is open, in iteration {}: it waits for its end_loop.", open.iteration)}
            </li>
        }
    });
    let open = open.listed();
    view! {
        {rows}
        {behind}
        {open}
        {ending.map(|text| view! {
            <li class="transcript-note" class:trap=is_trap data-testid="ending">{text}</li>
        })}
    }
}

/// What became of an instruction that stands behind the last step. In a loop it may have run before: a run that is
/// stopped, traps or halts there ends in the middle of an iteration.
fn fate(report: &Report, executed: &[bool], ip: usize, is_marker: bool) -> &'static str {
    let passed = executed.iter().skip(ip).any(|executed| *executed);
    match report.ending {
        Ending::Trapped(trap) if trap.ip == ip => "stopped here",
        _ if is_marker && (passed || report.ending == Ending::EndOfProgram) => {
            "a marker: the host reads it, the model is not asked"
        }
        _ if executed.get(ip) == Some(&true) => "ran in an earlier iteration",
        _ => "not reached",
    }
}

/// The host's page-turning at every step is no news.
const fn is_news(action: &HostAction) -> bool {
    !matches!(action, HostAction::Advance { .. })
}

fn code(instruction: Instruction) -> AnyView {
    highlighted(&instruction.to_string(), &[])
}

/// The top of a stack, newest last.
fn stack_in_words(stack: &[u8]) -> String {
    const TOP: usize = 6;
    let hidden = stack.len().saturating_sub(TOP);
    let top: Vec<String> = stack.iter().skip(hidden).map(u8::to_string).collect();
    let dots = if hidden > 0 { "… " } else { "" };
    format!("[{dots}{}]", top.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::interpreter::classic::isa::Op;
    use engine::interpreter::classic::{MachineState, Trap, TrapKind};

    #[test]
    fn what_ran_in_an_earlier_iteration_was_reached() {
        // loop, i32.const 1, br_if, end_loop, halt: stopped in the second iteration, after i32.const.
        let ops = [Op::Loop, Op::Const, Op::BrIf, Op::EndLoop, Op::Halt];
        let program: Vec<_> = ops.map(|op| Instruction::new(op, 1)).to_vec();
        let step = |(position, ip): (usize, usize)| Step {
            position,
            ip,
            instruction: program[ip],
            token: 1,
            host: Vec::new(),
        };
        let steps = [(26, 1), (27, 2), (28, 1)].map(step).to_vec();
        let executed = [false, true, true, false, false];
        let mut report = Report {
            prompt_tokens: 27,
            steps,
            state: MachineState::default(),
            ending: Ending::Cancelled,
            program,
        };
        let fates = |report: &Report| {
            let fate = |ip: usize| fate(report, &executed, ip, report.program[ip].op.is_marker());
            [2, 3, 4].map(fate)
        };
        assert_eq!(fates(&report), ["ran in an earlier iteration", "not reached", "not reached"]);
        report.ending = Ending::Trapped(Trap { ip: 2, kind: TrapKind::IterationLimit });
        assert_eq!(fates(&report), ["stopped here", "not reached", "not reached"]);
    }
}
