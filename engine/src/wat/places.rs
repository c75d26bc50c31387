//! From an offset in the binary to the place in the text it was written at.
//!
//! Encoding keeps the order of things: the n-th body of the code section is the n-th function of the text,
//! and its k-th operator the k-th instruction. So an offset is found by counting.

use wasmparser::{BinaryReaderError, Parser, Payload};
use wast::core::{FuncKind, Module, ModuleField, ModuleKind};

/// Where the parts of a module stand in its text, each kind in the order of its index.
#[derive(Clone, Debug)]
pub struct Places {
    module: usize,
    bodies: Vec<Body>,
    imports: Vec<usize>,
    tables: Vec<usize>,
    memories: Vec<usize>,
    globals: Vec<usize>,
    exports: Vec<usize>,
    elements: Vec<usize>,
    data: Vec<usize>,
    start: Option<usize>,
}

#[derive(Clone, Debug)]
struct Body {
    function: usize,
    instructions: Vec<usize>,
}

impl Places {
    /// Of a module without a text.
    pub const NOWHERE: Self = Self {
        module: 0,
        bodies: Vec::new(),
        imports: Vec::new(),
        tables: Vec::new(),
        memories: Vec::new(),
        globals: Vec::new(),
        exports: Vec::new(),
        elements: Vec::new(),
        data: Vec::new(),
        start: None,
    };

    /// The places of a module that has been encoded: encoding writes out its abbreviations.
    pub fn of(module: &Module<'_>) -> Self {
        let mut places = Self { module: module.span.offset(), ..Self::NOWHERE };
        let ModuleKind::Text(fields) = &module.kind else { return places };
        for field in fields {
            match field {
                ModuleField::Func(function) => {
                    let instructions = match &function.kind {
                        FuncKind::Inline { expression, .. } => {
                            let spans = expression.instr_spans.iter().flat_map(|spans| spans.iter());
                            spans.map(|span| span.offset()).collect()
                        }
                        FuncKind::Import(..) => Vec::new(),
                    };
                    places.bodies.push(Body { function: function.span.offset(), instructions });
                }
                ModuleField::Import(import) => {
                    let offset = import.span.offset();
                    places.imports.extend(std::iter::repeat_n(offset, import.num_items()));
                }
                ModuleField::Table(table) => places.tables.push(table.span.offset()),
                ModuleField::Memory(memory) => places.memories.push(memory.span.offset()),
                ModuleField::Global(global) => places.globals.push(global.span.offset()),
                ModuleField::Export(export) => places.exports.push(export.span.offset()),
                ModuleField::Elem(elements) => places.elements.push(elements.span.offset()),
                ModuleField::Data(data) => places.data.push(data.span.offset()),
                ModuleField::Start(function) => places.start = Some(function.span().offset()),
                _ => {}
            }
        }
        places
    }

    /// Where the n-th import stands.
    pub fn import(&self, index: usize) -> Option<usize> {
        self.imports.get(index).copied()
    }

    /// Where the text says what stands at an offset of the binary; the module's start if that is unknown.
    pub fn source_offset(&self, binary: &[u8], offset: usize) -> usize {
        self.find(binary, offset).unwrap_or(self.module)
    }

    fn find(&self, binary: &[u8], offset: usize) -> Option<usize> {
        let mut body = 0;
        for payload in Parser::new(0).parse_all(binary) {
            let of = |places: &[usize], item: Option<usize>| places.get(item?).copied();
            match payload.ok()? {
                Payload::CodeSectionEntry(code) => {
                    if (code.range().start..=code.range().end).contains(&offset) {
                        let operators = code.get_operators_reader().ok()?.into_iter_with_offsets();
                        return self.instruction(body, last_before(operators.map(second), offset));
                    }
                    body += 1;
                }
                Payload::StartSection { range, .. } if range.contains(&offset) => return self.start,
                Payload::ImportSection(s) if within(&s.range(), offset) => {
                    return of(&self.imports, last_before(s.into_iter_with_offsets().map(first), offset));
                }
                Payload::TableSection(s) if within(&s.range(), offset) => {
                    return of(&self.tables, last_before(s.into_iter_with_offsets().map(first), offset));
                }
                Payload::MemorySection(s) if within(&s.range(), offset) => {
                    return of(&self.memories, last_before(s.into_iter_with_offsets().map(first), offset));
                }
                Payload::GlobalSection(s) if within(&s.range(), offset) => {
                    return of(&self.globals, last_before(s.into_iter_with_offsets().map(first), offset));
                }
                Payload::ExportSection(s) if within(&s.range(), offset) => {
                    return of(&self.exports, last_before(s.into_iter_with_offsets().map(first), offset));
                }
                Payload::ElementSection(s) if within(&s.range(), offset) => {
                    return of(&self.elements, last_before(s.into_iter_with_offsets().map(first), offset));
                }
                Payload::DataSection(s) if within(&s.range(), offset) => {
                    return of(&self.data, last_before(s.into_iter_with_offsets().map(first), offset));
                }
                _ => {}
            }
        }
        None
    }

    /// The k-th instruction of a body. The `end` that closes the body is not written: its last instruction
    /// stands for it.
    pub fn instruction(&self, body: usize, index: Option<usize>) -> Option<usize> {
        let body = self.bodies.get(body)?;
        let instructions = &body.instructions;
        let found = index.and_then(|index| instructions.get(index).or(instructions.last()));
        Some(found.copied().unwrap_or(body.function))
    }
}

fn within(range: &std::ops::Range<usize>, offset: usize) -> bool {
    (range.start..=range.end).contains(&offset)
}

/// The index of the last item that starts at or before an offset, or of the first one that cannot be read.
fn last_before(
    items: impl Iterator<Item = Result<usize, BinaryReaderError>>,
    offset: usize,
) -> Option<usize> {
    let mut before = 0_usize;
    for item in items {
        match item {
            Ok(start) if start <= offset => before += 1,
            Ok(_) => break,
            Err(_) => return Some(before),
        }
    }
    before.checked_sub(1)
}

fn first<T>(item: Result<(usize, T), BinaryReaderError>) -> Result<usize, BinaryReaderError> {
    item.map(|(offset, _)| offset)
}

fn second<T>(item: Result<(T, usize), BinaryReaderError>) -> Result<usize, BinaryReaderError> {
    item.map(|(_, offset)| offset)
}
