//! What stands at each position of a run's sequence: the program, then the answers.

use engine::interpreter::ModelCard;
use engine::interpreter::classic::isa::{INSTRUCTION_BYTES, Instruction};
use engine::interpreter::classic::{Report, Step};

use super::format;

/// What a position holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The program's start token.
    Start,
    /// One of an instruction's five bytes.
    Byte {
        /// Index of the instruction.
        ip: usize,
        /// The instruction.
        instruction: Instruction,
        /// Which byte, from 0 (the opcode).
        byte: usize,
    },
    /// The program's end token.
    End,
    /// A token the model answered with.
    Answer {
        /// Index of the step that gave it.
        step: usize,
    },
}

/// What a position of the sequence holds.
pub fn place(report: &Report, position: usize) -> Place {
    if position >= report.prompt_tokens {
        return Place::Answer { step: position - report.prompt_tokens };
    }
    let Some(offset) = position.checked_sub(1) else { return Place::Start };
    let ip = offset / INSTRUCTION_BYTES;
    match report.program.get(ip) {
        Some(&instruction) => Place::Byte { ip, instruction, byte: offset % INSTRUCTION_BYTES },
        None => Place::End,
    }
}

/// The step executed at a position: the forward pass there gave its token.
pub fn step_at(report: &Report, position: usize) -> Option<&Step> {
    let index = report.steps.binary_search_by_key(&position, |step| step.position).ok()?;
    report.steps.get(index)
}

/// A position in a few words: `operand of i32.const 3 (instruction 0)`.
pub fn describe(report: &Report, position: usize) -> String {
    match place(report, position) {
        Place::Start => "program start".into(),
        Place::End => "program end".into(),
        Place::Byte { ip, instruction, byte: 0 } => format!("opcode of {instruction} (instruction {ip})"),
        Place::Byte { ip, instruction, byte: 1 } => format!("operand of {instruction} (instruction {ip})"),
        Place::Byte { ip, instruction, byte } => {
            format!("operand byte {byte} of {instruction} (instruction {ip})")
        }
        Place::Answer { step } => match report.steps.get(step) {
            Some(step) => format!("answer to {} (instruction {})", step.instruction, step.ip),
            None => "answer".into(),
        },
    }
}

/// A position, its token and what it is, in one phrase.
pub fn full(card: &ModelCard, report: &Report, tokens: &[u16], position: usize) -> String {
    let token =
        tokens.get(position).map_or_else(String::new, |token| format!(", {}", format::token(card, *token)));
    format!("position {position}{token}, {}", describe(report, position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::interpreter::classic::isa::Op;
    use engine::interpreter::classic::{Ending, MachineState};

    fn report() -> Report {
        let program = vec![Instruction::new(Op::Const, 3), Instruction::new(Op::Output, 0)];
        let step =
            |position, ip, token| Step { position, ip, instruction: program[ip], token, host: Vec::new() };
        Report {
            prompt_tokens: 12,
            steps: vec![step(11, 0, 3), step(12, 1, 3)],
            state: MachineState::default(),
            ending: Ending::EndOfProgram,
            program,
        }
    }

    #[test]
    fn every_position_has_its_place() {
        let report = report();
        assert_eq!(place(&report, 0), Place::Start);
        assert_eq!(place(&report, 2), Place::Byte { ip: 0, instruction: report.program[0], byte: 1 });
        assert_eq!(place(&report, 6), Place::Byte { ip: 1, instruction: report.program[1], byte: 0 });
        assert_eq!(place(&report, 11), Place::End);
        assert_eq!(place(&report, 12), Place::Answer { step: 0 });
        assert_eq!(describe(&report, 13), "answer to output (instruction 1)");
    }

    #[test]
    fn a_step_is_found_by_the_position_that_executed_it() {
        let report = report();
        assert_eq!(step_at(&report, 12).map(|step| step.ip), Some(1));
        assert_eq!(step_at(&report, 5), None);
    }
}
