//! What stands at a position of the sequence: the prompt with its records, then what the transformer wrote.

use engine::interpreter::full::program::{Address, Record};
use engine::interpreter::full::prompt::{RECORD, RECORDS};
use engine::interpreter::full::recording::{Recording, Step};
use engine::interpreter::full::token::Token;
use protocol::{Place, PlaceKind};

/// Instructions that are looked up together: positions that are asked for are often near each other.
const TOGETHER: usize = 512;

/// A token as it is shown.
pub fn word(token: u16) -> String {
    Token::of(token).map_or_else(|| token.to_string(), |token| token.to_string())
}

/// What stands at these positions; those that there are not are left out.
pub fn places(recording: &mut Recording, positions: &[u32]) -> Vec<Place> {
    let mut window = Window::default();
    let wanted = positions.iter().map(|position| *position as usize);
    wanted.filter_map(|position| window.place(recording, position)).collect()
}

/// Some instructions of the run that stand behind each other.
#[derive(Default)]
struct Window {
    steps: Vec<Step>,
}

/// What a position is.
struct Part {
    kind: PlaceKind,
    above: Option<String>,
    about: String,
}

impl Window {
    fn place(&mut self, recording: &mut Recording, position: usize) -> Option<Place> {
        let tokens = recording.run().sequence.tokens();
        let token = *tokens.get(position)?;
        let next = tokens.get(position + 1).map(|token| word(*token));
        let Part { kind, above, about } = self.part(recording, position);
        let is_prompt = position + 1 < recording.run().prompt_tokens;
        let does = match next {
            _ if is_prompt => {
                "The prompt is read here: nothing is executed, and the answer is not used.".to_owned()
            }
            Some(next) => {
                let Part { about, .. } = self.part(recording, position + 1);
                format!("The forward pass here answers with the next token, {next}: {about}.")
            }
            None => "The last token: nobody reads it.".to_owned(),
        };
        Some(Place {
            position: position as u32,
            token,
            word: word(token),
            kind,
            above,
            about,
            does,
            host: Vec::new(),
        })
    }

    fn part(&mut self, recording: &mut Recording, position: usize) -> Part {
        let prompt = recording.run().prompt_tokens;
        if position >= prompt {
            return self.written(recording, position);
        }
        let plain =
            |kind, above: Option<&str>, about: String| Part { kind, above: above.map(str::to_owned), about };
        let Some(in_records) = position.checked_sub(RECORDS) else {
            return match position.checked_sub(1) {
                None => plain(PlaceKind::Start, Some("start"), "the start of the prompt".to_owned()),
                Some(0) => plain(PlaceKind::Opcode, Some("alphabet"), "the alphabet: byte 00".to_owned()),
                Some(byte) => plain(PlaceKind::Operand, None, format!("the alphabet: byte {byte:02x}")),
            };
        };
        let (address, part) = (in_records / RECORD, in_records % RECORD);
        // What has no address is no instruction.
        let found = u16::try_from(address).ok().and_then(|address| recording.record(Address(address)));
        let Some(record) = &found else {
            let about = "where the run begins: a jump to its first instruction";
            let above = (position + 3 == prompt).then_some("begin");
            return plain(PlaceKind::End, above, about.to_owned());
        };
        let of = instruction(record, Some(address));
        match part {
            0 => plain(PlaceKind::Opcode, Some(record.op.mnemonic()), format!("the opcode of {of}")),
            1..=4 => plain(PlaceKind::Operand, None, format!("byte {part} of 4 of the immediate of {of}")),
            5 | 6 => {
                plain(PlaceKind::Operand, None, format!("byte {} of 2 of the slot that {of} reads", part - 4))
            }
            _ => plain(
                PlaceKind::Operand,
                None,
                format!("byte {} of 2 of the slot that {of} writes", part - 6),
            ),
        }
    }

    /// A token that the transformer wrote.
    fn written(&mut self, recording: &mut Recording, position: usize) -> Part {
        let Some(step) = self.step(recording, position) else {
            let about = "a part of an instruction that was not finished".to_owned();
            return Part { kind: PlaceKind::Answer, above: None, about };
        };
        let part = position - step.position;
        let of = instruction(&step.done.record, Some(step.done.at.index()));
        let is_transfer = step.tokens == 3;
        let about = match (part, step.tokens) {
            (_, 1) => format!("what {of} writes"),
            (0, 3) => format!("{of} goes elsewhere"),
            (1, 3) if is_transfer => format!("the offset of the address that {of} leads to"),
            (2, 3) if is_transfer => format!("the page of the address that {of} leads to"),
            (part, count) => format!("byte {} of {count} that {of} writes", part + 1),
        };
        let above = (part == 0).then(|| step.done.record.op.mnemonic().to_owned());
        Part { kind: PlaceKind::Answer, above, about }
    }

    /// The instruction that a position belongs to.
    fn step(&mut self, recording: &mut Recording, position: usize) -> Option<Step> {
        let find = |steps: &[Step]| {
            let behind = steps.partition_point(|step| step.position <= position);
            let step = steps.get(behind.checked_sub(1)?)?;
            (position < step.position + step.tokens).then_some(*step)
        };
        find(&self.steps).or_else(|| {
            let before = recording.instructions_before(position);
            self.steps = recording.steps(before, TOGETHER);
            find(&self.steps)
        })
    }
}

/// An instruction in words.
fn instruction(record: &Record, address: Option<usize>) -> String {
    let name = record.op.mnemonic();
    match (record.span, address) {
        (Some(span), _) => format!("{name} of line {}", span.line),
        (None, Some(address)) => format!("{name} at {address}"),
        (None, None) => name.to_owned(),
    }
}
