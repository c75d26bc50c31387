//! WebAssembly modules, text or binary, checked before anything runs them.
//!
//! The text is parsed by `wast` and both forms are validated by `wasmparser`. Whatever is wrong comes back as
//! a [`SourceError`] at the exact characters: the validator only knows offsets in the binary, and `places`
//! finds the instruction they were written as.

mod interface;
mod names;
mod places;
mod remedy;

pub use interface::{Function, Import, Signature, ValueType};
pub use names::Names;

use wasmparser::{Validator, WasmFeatures};
use wast::Wat;
use wast::parser::{self, ParseBuffer};

use crate::source::{Lines, SourceError, Span};
use places::Places;

/// Bytes a program may have, in either form.
pub const MAX_BYTES: usize = 16 << 20;

/// What every binary module starts with.
const MAGIC: &[u8] = b"\0asm";

/// The proposals a module may use: those of WebAssembly 2.0 but SIMD, and tail calls, several memories,
/// 64-bit memories and extended constants.
const FEATURES: WasmFeatures = WasmFeatures::WASM1
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::MEMORY64);

/// A valid module.
#[derive(Clone, Debug)]
pub struct Module {
    binary: Vec<u8>,
    imports: Vec<Import>,
    functions: Vec<Function>,
    start: Option<Span>,
    /// The text it was written as, and where its parts stand there; `None` of a binary.
    source: Option<(String, Places)>,
}

impl Module {
    /// Reads a module in either form.
    ///
    /// # Errors
    /// The first mistake, with its place. In a binary module the line is 1 and the column the byte, from 1.
    pub fn new(bytes: &[u8]) -> Result<Self, SourceError> {
        if bytes.len() > MAX_BYTES {
            let message = format!("the program has {} bytes; {MAX_BYTES} is the most", bytes.len());
            return Err(SourceError::new(byte_span(0), message));
        }
        if bytes.starts_with(MAGIC) {
            return Self::check(bytes.to_vec(), byte_span, None);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::from_text(text),
            Err(error) => {
                let text = String::from_utf8_lossy(bytes);
                let at = error.valid_up_to();
                Err(SourceError::new(
                    Span::of(&text, at, at + 1),
                    "this is neither a text nor a binary module",
                )
                .with_help("a text module is UTF-8; a binary module starts with the bytes 00 61 73 6d"))
            }
        }
    }

    /// Reads a module in text form.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn from_text(text: &str) -> Result<Self, SourceError> {
        remedy::not_a_module(text).map_or(Ok(()), Err)?;
        let in_text = |error: &wast::Error| {
            let span = token_at(text, error.span().offset());
            remedy::for_parse_error(text, span, &error.message())
        };
        let mut buffer = ParseBuffer::new(text).map_err(|error| in_text(&error))?;
        buffer.track_instr_spans(true);
        let mut wat: Wat<'_> = parser::parse(&buffer).map_err(|error| in_text(&error))?;
        let binary = wat.encode().map_err(|error| in_text(&error))?;
        let places = match &wat {
            Wat::Module(module) => Places::of(module),
            Wat::Component(_) => Places::NOWHERE, // Refused before it is parsed.
        };
        let place = |offset| token_at(text, places.source_offset(&binary, offset));
        Self::check(binary.clone(), place, Some((text, &places)))
    }

    /// Validates a binary and reads what it imports and exports.
    fn check(
        binary: Vec<u8>,
        place: impl Fn(usize) -> Span,
        source: Option<(&str, &Places)>,
    ) -> Result<Self, SourceError> {
        let (text, places) = source.unwrap_or(("", &NOWHERE));
        let types = Validator::new_with_features(FEATURES)
            .validate_all(&binary)
            .map_err(|error| remedy::for_invalid_module(place(error.offset()), error.message()))?;
        let mut imports = interface::imports(types.as_ref());
        let mut lines = Lines::new(text);
        for (index, import) in imports.iter_mut().enumerate() {
            import.span = places.import(index).map(|offset| lines.span(token_range(text, offset)));
        }
        let functions = interface::functions(types.as_ref());
        let start = interface::start(&binary).map(place);
        let source = source.map(|(text, places)| (text.to_owned(), places.clone()));
        Ok(Self { binary, imports, functions, start, source })
    }

    /// The module in binary form.
    pub fn binary(&self) -> &[u8] {
        &self.binary
    }

    /// What it wants from its host, in order.
    pub fn imports(&self) -> &[Import] {
        &self.imports
    }

    /// The functions it exports, in order.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// Where something that has an offset in the binary was written.
    pub fn place(&self, offset: usize) -> Span {
        match &self.source {
            Some((text, places)) => token_at(text, places.source_offset(&self.binary, offset)),
            None => byte_span(offset),
        }
    }

    /// A reader of the text, if it was one.
    pub fn lines(&self) -> Lines<'_> {
        Lines::new(self.source.as_ref().map_or("", |(text, _)| text))
    }

    /// Where all instructions of a body stand (of the functions that are not imported, from 0). `lines` reads on from body to body.
    pub fn instruction_places(
        &self,
        body: usize,
        offsets: impl Iterator<Item = usize>,
        lines: &mut Lines<'_>,
    ) -> Vec<Span> {
        let Some((text, places)) = &self.source else { return offsets.map(byte_span).collect() };
        let instructions = offsets.enumerate().map(|(index, _)| places.instruction(body, Some(index)));
        instructions.map(|offset| lines.span(token_range(text, offset.unwrap_or(0)))).collect()
    }

    /// Where it names a start function, if it does.
    pub const fn start(&self) -> Option<Span> {
        self.start
    }
}

/// Of a module that was no text.
static NOWHERE: Places = Places::NOWHERE;

/// The span of one byte of a binary.
const fn byte_span(offset: usize) -> Span {
    Span { start: offset, end: offset + 1, line: 1, column: offset + 1 }
}

/// The span of the token that starts at an offset of a text; of an opening parenthesis, with its keyword.
fn token_at(text: &str, offset: usize) -> Span {
    let range = token_range(text, offset);
    Span::of(text, range.start, range.end)
}

/// The bytes of that token.
fn token_range(text: &str, offset: usize) -> std::ops::Range<usize> {
    let lexer = wast::lexer::Lexer::new(text);
    let mut end = offset;
    let opens = text.get(offset..).is_some_and(|rest| rest.starts_with('('));
    for _ in 0..if opens { 2 } else { 1 } {
        if !matches!(lexer.parse(&mut end), Ok(Some(_))) {
            break;
        }
    }
    let one = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    offset..end.max(offset + one)
}

#[cfg(test)]
mod tests;
