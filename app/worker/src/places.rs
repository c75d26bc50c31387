//! What stands at a position of classic's sequence: the program, five tokens an instruction, then the answers.

use engine::interpreter::ModelCard;
use engine::interpreter::classic::Report;
use engine::interpreter::classic::isa::INSTRUCTION_BYTES;
use protocol::{Place, PlaceKind};

/// What stands at these positions; those that there are not are left out.
pub fn places(report: &Report, tokens: &[u16], card: &ModelCard, positions: &[u32]) -> Vec<Place> {
    positions.iter().filter_map(|position| place(report, tokens, card, *position as usize)).collect()
}

fn place(report: &Report, tokens: &[u16], card: &ModelCard, position: usize) -> Option<Place> {
    let token = *tokens.get(position)?;
    let (kind, above, about) = part(report, position);
    let (does, host) = done(report, card, position);
    Some(Place { position: position as u32, token, word: token.to_string(), kind, above, about, does, host })
}

fn part(report: &Report, position: usize) -> (PlaceKind, Option<String>, String) {
    if let Some(step) = position.checked_sub(report.prompt_tokens) {
        return match report.steps.get(step) {
            Some(step) => {
                let about = format!("answer to {} (instruction {})", step.instruction, step.ip);
                (PlaceKind::Answer, Some(step.instruction.to_string()), about)
            }
            None => (PlaceKind::Answer, None, "answer".to_owned()),
        };
    }
    let Some(offset) = position.checked_sub(1) else {
        return (PlaceKind::Start, Some("start".to_owned()), "program start".to_owned());
    };
    let ip = offset / INSTRUCTION_BYTES;
    let Some(instruction) = report.program.get(ip) else {
        return (PlaceKind::End, Some("end".to_owned()), "program end".to_owned());
    };
    match offset % INSTRUCTION_BYTES {
        0 => {
            let about = format!("opcode of {instruction} (instruction {ip})");
            (PlaceKind::Opcode, Some(instruction.to_string()), about)
        }
        1 => (PlaceKind::Operand, None, format!("operand of {instruction} (instruction {ip})")),
        byte => {
            (PlaceKind::Operand, None, format!("operand byte {byte} of {instruction} (instruction {ip})"))
        }
    }
}

/// What is done at a position, and what the host did then.
fn done(report: &Report, card: &ModelCard, position: usize) -> (String, Vec<String>) {
    let found = report.steps.binary_search_by_key(&position, |step| step.position).ok();
    if let Some(step) = found.and_then(|index| report.steps.get(index)) {
        let answer = token(card, step.token);
        let does = format!(
            "The model executes instruction {}, {}, and answers {answer}.",
            step.ip, step.instruction
        );
        return (does, step.host.iter().map(ToString::to_string).collect());
    }
    let does = if position + 1 < report.prompt_tokens {
        "The program is read here; nothing is executed, and the answer is not used."
    } else {
        "Nothing is executed here: the run ended before."
    };
    (does.to_owned(), Vec::new())
}

/// A token in words: `byte 3`, `257, program end`.
fn token(card: &ModelCard, token: u16) -> String {
    match card.special_tokens.iter().find(|(number, _)| *number == token) {
        Some((_, meaning)) => format!("{token}, {meaning}"),
        None => format!("byte {token}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::interpreter::classic::compile::compile;
    use engine::interpreter::classic::isa::{Instruction, Op};
    use engine::interpreter::classic::{Ending, MachineState, Step};

    #[test]
    fn every_position_has_its_place() {
        let program = vec![Instruction::new(Op::Const, 3), Instruction::new(Op::Output, 0)];
        let step =
            |position, ip, token| Step { position, ip, instruction: program[ip], token, host: Vec::new() };
        let report = Report {
            prompt_tokens: 12,
            steps: vec![step(11, 0, 3), step(12, 1, 3)],
            state: MachineState::default(),
            ending: Ending::EndOfProgram,
            program,
        };
        let card = compile().card;
        let tokens = [0; 14];
        let places = places(&report, &tokens, &card, &[0, 2, 6, 11, 12, 13, 99]);
        let kinds: Vec<PlaceKind> = places.iter().map(|place| place.kind).collect();
        use PlaceKind::{Answer, End, Opcode, Operand, Start};
        assert_eq!(kinds, [Start, Operand, Opcode, End, Answer, Answer]);
        assert_eq!(places[1].about, "operand of i32.const 3 (instruction 0)");
        assert_eq!(places[5].about, "answer to output (instruction 1)");
        assert_eq!(places[4].does, "The model executes instruction 1, output, and answers byte 3.");
        assert!(places[1].does.starts_with("The program is read here"));
    }
}
