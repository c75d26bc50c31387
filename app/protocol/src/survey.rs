//! Questions about a whole run: where something happens in it, what its tokens are, and what its neurons gave. A run may have four million of them, so both are
//! answered in pieces: each answer says where the next piece begins, and what else is asked meanwhile need not wait for the last one.

use serde::{Deserialize, Serialize};

/// Positions that a search gives at most.
pub const MOST_HITS: usize = 10_000;

/// What can be looked for, in the words that [`Wanted::parse`] reads.
pub const FORMS: &str =
    "an instruction (i32.add), memory[16], local 0, global 0, $name, file 0, output, value 8, token halt";

/// What is looked for in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// Where an instruction of this name is executed; a token's word, where no instruction has that name.
    Named(String),
    /// Where a byte of memory is used.
    Memory(u64, Access),
    /// Where a local of any function is used.
    Local(u32, Access),
    /// Where a global is used.
    Global(u32, Access),
    /// Where a variable that has this name in the text is written.
    Variable(String),
    /// Where the host does something with a file.
    File(u8),
    /// Where something is put out.
    Output,
    /// Where an instruction gives this value.
    Value(i32),
    /// Where a token of this word stands.
    Token(String),
}

/// How something is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    /// In either way.
    Any,
    /// It is written.
    Written,
    /// It is read.
    Read,
}

impl Access {
    /// Whether something that is read, or written, is meant.
    pub fn includes(self, access: Self) -> bool {
        self == Self::Any || self == access
    }
}

impl Wanted {
    /// Reads what somebody typed; `None` where it is none of the [`FORMS`].
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (text, access) = match text.rsplit_once(char::is_whitespace) {
            Some((text, "written")) => (text.trim_end(), Access::Written),
            Some((text, "read")) => (text.trim_end(), Access::Read),
            _ => (text, Access::Any),
        };
        if let Some(address) = text.strip_prefix("memory") {
            let address = address.trim();
            let inner = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            return Some(Self::Memory(number(inner.unwrap_or(address))?, access));
        }
        let wanted = match text.split_once(char::is_whitespace).map(|(word, rest)| (word, rest.trim())) {
            Some(("local", rest)) => Self::Local(number(rest)?.try_into().ok()?, access),
            Some(("global", rest)) => Self::Global(number(rest)?.try_into().ok()?, access),
            Some(("file", rest)) => Self::File(number(rest)?.try_into().ok()?),
            Some(("value", rest)) => Self::Value(value(rest)?),
            Some(("token", rest)) => Self::Token(rest.to_owned()),
            Some(_) => return None,
            None if text.is_empty() => return None,
            None if text == "output" => Self::Output,
            None if text.starts_with('$') => Self::Variable(text.trim_start_matches('$').to_owned()),
            None => Self::Named(text.to_owned()),
        };
        let has_access = matches!(wanted, Self::Local(..) | Self::Global(..));
        (access == Access::Any || has_access).then_some(wanted)
    }
}

/// A number, with `0x` in front where it is hexadecimal.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A value of 32 bits, with a sign or without.
fn value(text: &str) -> Option<i32> {
    let unsigned = || number(text).and_then(|value| u32::try_from(value).ok()).map(u32::cast_signed);
    text.replace('−', "-").parse().ok().or_else(unsigned)
}

/// What was found in a piece of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hits {
    /// The positions, ascending: of instructions those whose forward pass begins to execute them.
    pub positions: Vec<u32>,
    /// Where the next piece begins; `None` behind the last one.
    pub next: Option<u64>,
}

/// What a token of a run is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    /// The prompt.
    Prompt,
    /// A constant, or something that is computed.
    Arithmetic,
    /// Locals, globals and arguments.
    Variables,
    /// Memory.
    Memory,
    /// Files.
    Files,
    /// Which instruction comes next.
    Control,
    /// What is put out.
    Output,
    /// The end, or a trap.
    End,
}

impl TokenKind {
    /// All of them; a count of each stands in this order.
    pub const ALL: [Self; 8] = [
        Self::Prompt,
        Self::Arithmetic,
        Self::Variables,
        Self::Memory,
        Self::Files,
        Self::Control,
        Self::Output,
        Self::End,
    ];

    /// Its name on the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Arithmetic => "arithmetic",
            Self::Variables => "variables",
            Self::Memory => "memory",
            Self::Files => "files",
            Self::Control => "control",
            Self::Output => "output",
            Self::End => "end",
        }
    }
}

/// How many tokens are of which kind, in the order of [`TokenKind::ALL`].
pub type Kinds = [u32; TokenKind::ALL.len()];

/// The tokens of a piece of a run, by column of a picture in which the run is so many columns wide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The first column that the piece has tokens in.
    pub first: u32,
    /// That column and those behind it. A neighbouring piece may have more tokens in the first and the last one.
    pub columns: Vec<Kinds>,
    /// Where the next piece begins; `None` behind the last one.
    pub next: Option<u64>,
}

impl Overview {
    /// Takes up a token at a position of a run of so many tokens, in a picture of so many columns. Positions ascend.
    pub fn add(&mut self, position: usize, kind: TokenKind, tokens: usize, columns: u32) {
        let column = (position as u64 * u64::from(columns) / (tokens as u64).max(1)) as u32;
        if self.columns.is_empty() {
            self.first = column;
        }
        let index = column.saturating_sub(self.first) as usize;
        if self.columns.len() <= index {
            self.columns.resize(index + 1, Kinds::default());
        }
        if let Some(count) = self.columns.get_mut(index).and_then(|kinds| kinds.get_mut(kind as usize)) {
            *count += 1;
        }
    }
}

/// What a neuron gave in some positions of a run: its output, max(0, gate) · value, site `blocks.L.mlp.hook_post`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// Its layer.
    pub layer: u32,
    /// The neuron in it.
    pub neuron: u32,
    /// Positions at which it gave something else than 0.
    pub spoke: u32,
    /// The output farthest from 0; of equals the first.
    pub peak: f32,
    /// Where that was.
    pub position: u32,
}

/// The neurons that gave something in a piece of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// They, by layer and number.
    pub voices: Vec<Voice>,
    /// Where the next piece begins; `None` behind the last one.
    pub next: Option<u64>,
    /// Positions of the whole run.
    pub of: u64,
}

impl Spoken {
    /// Takes up what all neurons of a layer gave at a position. Positions ascend.
    pub fn add(&mut self, layer: u32, position: u32, outputs: &[f32]) {
        for (neuron, output) in (0..).zip(outputs).filter(|(_, output)| **output != 0.0) {
            self.take(Voice { layer, neuron, spoke: 1, peak: *output, position });
        }
    }

    /// Takes up what the next piece has.
    pub fn go_on(&mut self, piece: &Self) {
        piece.voices.iter().for_each(|voice| self.take(*voice));
        (self.next, self.of) = (piece.next, piece.of);
    }

    /// Positions that are done.
    pub fn done(&self) -> u64 {
        self.next.unwrap_or(self.of)
    }

    fn take(&mut self, voice: Voice) {
        match self
            .voices
            .binary_search_by_key(&(voice.layer, voice.neuron), |known| (known.layer, known.neuron))
        {
            Err(place) => self.voices.insert(place, voice),
            Ok(place) => {
                let Some(known) = self.voices.get_mut(place) else { return };
                known.spoke += voice.spoke;
                if voice.peak.abs() > known.peak.abs() {
                    (known.peak, known.position) = (voice.peak, voice.position);
                }
            }
        }
    }

    /// The neurons of a layer, the strongest first.
    pub fn strongest(&self, layer: u32) -> Vec<Voice> {
        let mut voices: Vec<Voice> =
            self.voices.iter().filter(|voice| voice.layer == layer).copied().collect();
        voices.sort_by(|one, other| other.peak.abs().total_cmp(&one.peak.abs()));
        voices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_what_neurons_gave_come_to_the_whole() {
        let outputs = [[0.0, 2.0, -1.0], [0.0, 2.0, -3.0], [0.0, 0.0, 1.0]];
        let mut whole = Spoken::default();
        let mut pieces = Spoken::default();
        for (position, of_position) in (0..).zip(outputs) {
            let mut piece = Spoken::default();
            for spoken in [&mut whole, &mut piece] {
                spoken.add(0, position, &of_position);
                spoken.add(1, position, &[1.0]);
            }
            pieces.go_on(&piece);
        }
        assert_eq!(pieces, whole);
        let told: Vec<_> =
            whole.strongest(0).iter().map(|v| (v.neuron, v.spoke, v.peak, v.position)).collect();
        assert_eq!(told, [(2, 3, -3.0, 1), (1, 2, 2.0, 0)]);
        assert_eq!(whole.strongest(1).len(), 1);
    }

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("i32.mul", Wanted::Named("i32.mul".into())),
            (" memory[16] ", Wanted::Memory(16, Access::Any)),
            ("memory[0x10] written", Wanted::Memory(16, Access::Written)),
            ("memory 16 read", Wanted::Memory(16, Access::Read)),
            ("local 0", Wanted::Local(0, Access::Any)),
            ("local 3 read", Wanted::Local(3, Access::Read)),
            ("global 1 written", Wanted::Global(1, Access::Written)),
            ("$i", Wanted::Variable("i".into())),
            ("file 2", Wanted::File(2)),
            ("output", Wanted::Output),
            ("value −7", Wanted::Value(-7)),
            ("value 4294967295", Wanted::Value(-1)),
            ("token 0a", Wanted::Token("0a".into())),
            ("halt", Wanted::Named("halt".into())),
        ];
        for (text, wanted) in cases {
            assert_eq!(Wanted::parse(text), Some(wanted), "{text}");
        }
        for text in
            ["", "  ", "memory", "memory[x]", "local", "local -1", "two words", "output read", "value x"]
        {
            let is_name = matches!(Wanted::parse(text), Some(Wanted::Named(_)));
            assert!(Wanted::parse(text).is_none() || (is_name && text == "local"), "{text}");
        }
    }

    #[test]
    fn an_overview_has_every_token_once() {
        for (tokens, columns) in [(10, 10), (1_000, 7), (3, 600)] {
            let mut overview = Overview::default();
            for position in 1..tokens {
                overview.add(position, TokenKind::Memory, tokens, columns);
            }
            let all: u32 = overview.columns.iter().flatten().sum();
            assert_eq!(all as usize, tokens - 1);
            assert!(overview.first as usize + overview.columns.len() <= columns as usize);
        }
    }
}
