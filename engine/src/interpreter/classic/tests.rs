//! The model executes programs.

use super::asm::assemble;
use super::compile::{D_FFN, compile};
use super::host::Replay;
use super::isa::MAX_INSTRUCTIONS;
use super::machine::{self, Semantics};
use super::program::OpenLoops;
use super::runner::{Options, Run, run};
use super::{Ending, HostAction, TrapKind};
use crate::interpreter::engine::{Engine, EngineError, Want};
use crate::interpreter::model::Transformer;
use crate::interpreter::sequence::Sequence;
use crate::interpreter::sparse::SparseEngine;
use crate::xray::{HeadPart, NeuronPart, Site, Stage};

fn execute(text: &str, options: Options<'_>) -> Result<Run, EngineError> {
    let program = assemble(text, OpenLoops::Allow).unwrap().program;
    let mut engine = SparseEngine::new(&compile());
    pollster::block_on(run(&mut engine, &program, options, async |_| true))
}

fn outputs(text: &str) -> Vec<u8> {
    let run = execute(text, Options::default()).unwrap();
    assert!(!matches!(run.report.ending, Ending::Trapped(_)), "{:?}", run.report.ending);
    run.report.state.outputs
}

#[test]
fn the_published_example_gives_8() {
    assert_eq!(outputs("i32.const 3 i32.const 5 i32.add output halt"), [8]);
}

#[test]
fn values_saturate() {
    assert_eq!(outputs("i32.const 250 i32.const 10 i32.add output"), [255]);
    assert_eq!(outputs("i32.const 3 i32.const 10 i32.sub output"), [0]);
    assert_eq!(outputs("i32.const 20 i32.const 13 i32.mul output"), [255]);
}

#[test]
fn loops_locals_memory_and_files_work_together() {
    let text = "i32.const 3 local.set 0 fd_open 2 local.set 1
        loop
          local.get 1  local.get 0 i32.const 10 i32.mul  fd_write
          local.get 0 i32.store 7
          local.get 0 i32.const 1 i32.sub local.tee 0
          br_if
        end_loop
        fd_open 2 fd_read output  local.get 1 fd_read output  i32.load 7 output  i32.load 8 output halt";
    assert_eq!(outputs(text), [30, 20, 1, 0]);
}

#[test]
fn every_instruction_of_the_longest_program_is_fetched() {
    // Neighbours that all differ, so that fetching one for another changes an answer.
    let text: String = (0..MAX_INSTRUCTIONS / 2)
        .map(|number| format!("i32.const {} {}\n", number % 251, ["output", "local.set 0"][number % 2]))
        .collect();
    let program = assemble(&format!("{text}halt"), OpenLoops::Refuse).unwrap().program;
    assert_eq!(program.len(), MAX_INSTRUCTIONS);
    let mut engine = SparseEngine::new(&compile());
    let run = pollster::block_on(run(&mut engine, &program, Options::default(), async |_| true)).unwrap();
    let expected = machine::run(&program, Semantics::Saturating, MAX_INSTRUCTIONS);
    assert_eq!(run.report.steps.len(), MAX_INSTRUCTIONS);
    for (step, expected) in run.report.steps.iter().zip(&expected.tokens) {
        assert_eq!(step.token, *expected, "instruction {}", step.ip);
    }
    assert_eq!(run.report.state, expected.state);
}

#[test]
fn a_draft_is_verified_in_one_pass_and_refused_when_wrong() {
    let text = "i32.const 3 i32.const 5 i32.add output halt";
    let plain = execute(text, Options { want: Want::Logits, ..Options::default() }).unwrap();
    let tokens: Vec<u16> = plain.report.steps.iter().map(|step| step.token).collect();
    let drafted =
        execute(text, Options { draft: &tokens, want: Want::Logits, ..Options::default() }).unwrap();
    assert_eq!(drafted, plain);
    let shorter =
        execute(text, Options { draft: &tokens[..2], want: Want::Logits, ..Options::default() }).unwrap();
    assert_eq!(shorter, plain);
    let wrong = execute(text, Options { draft: &[3, 6, 9], ..Options::default() });
    assert_eq!(wrong, Err(EngineError::DraftRefused { step: 1, drafted: 6, answered: Some(5) }));
}

#[test]
fn a_run_can_be_stopped_while_program_and_draft_are_read() {
    let text = format!("{} loop i32.const 1 br_if end_loop", "i32.const 7 output ".repeat(300));
    let how = Options { max_tokens: 1_500, ..Options::default() };
    let whole = execute(&text, how).unwrap();
    let draft: Vec<u16> = whole.report.steps.iter().map(|step| step.token).collect();
    let program = assemble(&text, OpenLoops::Allow).unwrap().program;
    let model = compile();
    let mut heard = Vec::new();
    for limit in [1, 2_000, whole.report.prompt_tokens + 700, usize::MAX] {
        heard.clear();
        let mut engine = SparseEngine::new(&model);
        let go_on = async |computed| {
            heard.push(computed);
            computed < limit
        };
        let stopped = pollster::block_on(run(&mut engine, &program, Options { draft: &draft, ..how }, go_on));
        let stopped = stopped.unwrap();
        assert!(heard.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 256), "{heard:?}");
        assert_eq!(engine.seen(), *heard.last().unwrap());
        assert_eq!(stopped.sequence.len(), engine.seen());
        if limit == usize::MAX {
            assert_eq!(stopped, whole);
            continue;
        }
        assert!(engine.seen() < limit + 256);
        assert_eq!(stopped.report.ending, Ending::Cancelled);
        let steps = stopped.report.steps.len();
        assert_eq!(stopped.report.steps, whole.report.steps[..steps]);
        assert_eq!(steps, (engine.seen() + 1).saturating_sub(whole.report.prompt_tokens));
        assert_eq!(stopped.tokens(), whole.tokens()[..=engine.seen()]);
        let machine = machine::run(&program, Semantics::Saturating, steps);
        assert_eq!(stopped.report.state, machine.state);
    }
}

#[test]
fn markers_belong_to_the_step_before_them() {
    let text = "loop i32.const 1 loop i32.const 0 br_if end_loop end_loop i32.const 2 output loop";
    let run = execute(text, Options::default()).unwrap();
    let host: Vec<&[HostAction]> = run.report.steps.iter().map(|step| step.host.as_slice()).collect();
    use HostAction::{Advance, EmitOutput, EnterLoop, LeaveLoop};
    assert_eq!(host[0], [EnterLoop { at: 0 }, EnterLoop { at: 2 }, Advance { to: 3 }]);
    assert_eq!(host[1], [Advance { to: 4 }]);
    assert_eq!(host[2], [LeaveLoop { at: 5 }, LeaveLoop { at: 6 }, Advance { to: 7 }]);
    assert_eq!(host[4], [EmitOutput { byte: 2 }, EnterLoop { at: 9 }, Advance { to: 10 }]);
    let program = assemble(text, OpenLoops::Allow).unwrap().program;
    let mut replay = Replay::new(&program);
    for step in &run.report.steps {
        replay.step(step);
    }
    assert_eq!(*replay.state(), run.report.state);
    assert_eq!(run.report.state.loops.len(), 1);
}

#[test]
fn a_loop_that_never_ends_stops_at_the_token_limit() {
    let text = "loop i32.const 1 br_if end_loop";
    let run = execute(text, Options { max_tokens: 100, ..Options::default() }).unwrap();
    let Ending::Trapped(trap) = run.report.ending else { panic!("{:?}", run.report.ending) };
    assert_eq!(trap.kind, TrapKind::OutOfTokens { limit: 100 });
    assert_eq!(run.report.steps.len(), 100);
}

const EVERY_LAYER: &str =
    "fd_open 1 i32.const 200 fd_write i32.const 9 local.set 3 loop local.get 3 i32.const 30 i32.mul
    i32.store 4 local.get 3 i32.const 8 i32.sub local.tee 3 br_if end_loop i32.load 4 i32.const 1 i32.or
    fd_open 1 fd_read i32.add output halt";

#[test]
fn a_capture_shows_the_numbers_the_run_used() {
    let program = assemble(EVERY_LAYER, OpenLoops::Refuse).unwrap().program;
    let mut engine = SparseEngine::new(&compile());
    let options = Options { want: Want::Logits, ..Options::default() };
    let run = pollster::block_on(run(&mut engine, &program, options, async |_| true)).unwrap();
    for (step, logits) in run.report.steps.iter().zip(&run.logits) {
        let capture = pollster::block_on(engine.capture(&run.sequence, step.position)).unwrap();
        assert_eq!(&capture.logits, logits);
        assert_eq!(capture.argmax, step.token);
    }
}

#[test]
fn every_number_recomputes_from_its_inputs() {
    let program = assemble(EVERY_LAYER, OpenLoops::Refuse).unwrap().program;
    let model = compile();
    let mut engine = SparseEngine::new(&model);
    let run = pollster::block_on(run(&mut engine, &program, Options::default(), async |_| true)).unwrap();
    let last = run.sequence.len() - 1;
    let mut checked = 0;
    let mut of_stores = 0;
    for position in [0, 3, run.report.prompt_tokens - 1, last - 4, last - 3, last - 2, last] {
        for site in sites(&model, &run.sequence, position) {
            let explanation =
                pollster::block_on(crate::xray::explain(&mut engine, &model, &run.sequence, site)).unwrap();
            assert_eq!(explanation.value, explanation.recomputed, "{site}: {explanation:?}");
            assert!(!explanation.label.is_empty() && !explanation.rule.is_empty(), "{site}");
            checked += 1;
            let of_store = matches!(site, Site::Score { layer: 7, .. } | Site::Pattern { layer: 7, .. });
            of_stores += usize::from(of_store);
        }
    }
    assert!(checked > 20_000, "{checked}");
    // File 1 is open at the last four: scores and patterns of three entries of its store each.
    assert_eq!(of_stores, 4 * 2 * 3);
}

/// Every number at a position but most keys and logits: of those, a sample.
fn sites(model: &Transformer, sequence: &Sequence, position: usize) -> Vec<Site> {
    let mut sites = Vec::new();
    for dim in 0..model.d_model() {
        sites.extend([Site::Embed { position, dim }, Site::PosEmbed { position, dim }]);
    }
    for (layer, block) in model.blocks.iter().enumerate() {
        for dim in 0..model.d_model() {
            let stages = [Stage::Pre, Stage::Mid, Stage::Post];
            sites.extend(stages.map(|stage| Site::Resid { layer, stage, position, dim }));
        }
        for neuron in 0..D_FFN {
            let parts = [NeuronPart::Pre, NeuronPart::PreLinear, NeuronPart::Post];
            sites.extend(parts.map(|part| Site::Neuron { layer, part, position, neuron }));
        }
        for (head, spec) in block.heads.iter().enumerate() {
            for component in 0..2 {
                let parts = [HeadPart::Q, HeadPart::K, HeadPart::V, HeadPart::Z];
                sites.extend(parts.map(|part| Site::Head { layer, part, position, head, component }));
            }
            // The stores of files never opened are empty.
            if let Some(last) = sequence.visible_keys(spec.kind, position).checked_sub(1) {
                for key in [0, last / 2, last] {
                    sites.push(Site::Score { layer, head, query: position, key });
                    sites.push(Site::Pattern { layer, head, query: position, key });
                }
            }
        }
    }
    sites.extend((0..260).step_by(7).map(|token| Site::Logit { position, token }));
    sites
}
