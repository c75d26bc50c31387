//! From a checked module to a program of the machine.
//!
//! What is outside of the machine's part of WebAssembly is refused here, with its place, before anything runs.

pub mod code;
mod constant;
mod division;
mod function;
mod names;
mod reach;
#[cfg(test)]
mod tests;
mod types;

use wasmparser::{
    Data, DataKind, Element, ElementItems, ElementKind, ExternalKind, FunctionBody, Operator, Parser,
    Payload, TypeRef, ValType, Validator, WasmFeatures,
};

use self::code::{Code, TooLong};
use self::function::Body;
use self::reach::Lowered;
use self::types::{Import, Types};
use super::isa::Op;
use super::program::{Function, MAX_CODE, MAX_LOCALS, MAX_PAGES, MAX_TABLE, MEMORY_PAGE, Program, Segment};
use crate::source::{Lines, SourceError, Span};
use crate::wat::Module;

/// Something that the machine does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside(String);

/// Something that the machine does not have, and where it stands. Its place is worked out only if it is told: a module may have thousands.
#[derive(Clone, Debug)]
pub enum Refused {
    /// At an offset in the binary.
    At(usize, Outside),
    /// At a place in the text.
    Span(Span, Outside),
}

/// It is called so.
fn outside(what: impl Into<String>) -> Outside {
    Outside(what.into())
}

/// The proposals that a module may use: those of WebAssembly 2.0 but SIMD.
const FEATURES: WasmFeatures = WasmFeatures::WASM1
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES);

const HELP: &str = "the machine runs 32-bit integers: i32 instructions, calls, branches, locals, globals, one memory and one table";

/// The functions that shall be called.
#[derive(Clone, Copy, Debug)]
pub enum Roots<'a> {
    /// Any that is exported.
    Exported,
    /// Those of these names.
    Named(&'a [&'a str]),
}

/// Whether a module is one of WebAssembly 2.0, without SIMD: the front end reads more.
///
/// # Errors
/// What it has of later versions, or of SIMD, with its place.
pub fn validate(module: &Module) -> Result<(), SourceError> {
    let valid = Validator::new_with_features(FEATURES).validate_all(module.binary());
    valid
        .map(drop)
        .map_err(|error| refusal(module.place(error.offset()), &format!("this: {}", error.message())))
}

/// Lowers a module, to call some of its functions.
///
/// # Errors
/// The first thing that is outside of the machine's part of WebAssembly, with its place; or a name that is not exported. Functions that
/// neither those nor the start function can reach may do anything.
pub fn lower(module: &Module, roots: Roots<'_>) -> Result<Program, SourceError> {
    validate(module)?;
    let mut lowering = Lowering {
        module,
        types: Types::default(),
        tables: Vec::new(),
        code: Code::default(),
        program: Program::default(),
        bodies: Vec::new(),
        lines: module.lines(),
    };
    for payload in Parser::new(0).parse_all(module.binary()) {
        // The module has been validated: what cannot be read was refused long ago.
        let payload = payload.map_err(|error| lowering.refused(error.offset(), &outside("this module")))?;
        lowering.payload(payload)?;
    }
    lowering.finish(roots)
}

struct Lowering<'a> {
    module: &'a Module,
    types: Types,
    /// Entries of each table.
    tables: Vec<usize>,
    code: Code,
    program: Program,
    /// What was found of each body so far.
    bodies: Vec<Lowered>,
    /// The text, read as far as the bodies are.
    lines: Lines<'a>,
}

impl Lowering<'_> {
    fn refused(&self, offset: usize, Outside(what): &Outside) -> SourceError {
        refusal(self.module.place(offset), what)
    }

    fn payload(&mut self, payload: Payload<'_>) -> Result<(), SourceError> {
        let at = match &payload {
            Payload::TableSection(section) => section.range().start,
            Payload::MemorySection(section) => section.range().start,
            Payload::TypeSection(section) => section.range().start,
            _ => 0,
        };
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    let ty = ty.map_err(|_| self.refused(at, &outside("this type")))?;
                    self.types.add(ty);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_iter_with_offsets() {
                    let (offset, import) =
                        import.map_err(|error| self.refused(error.offset(), &outside("this import")))?;
                    let TypeRef::Func(ty) = import.ty else {
                        return Err(self.refused(offset, &outside("an import that is no function")));
                    };
                    self.types.functions.push(ty);
                    self.types.imports.push(Import::of(import.module, import.name));
                    self.types.imported += 1;
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.types.functions.push(ty.unwrap_or(u32::MAX));
                    let label = self.code.label();
                    self.types.entries.push(label);
                }
            }
            Payload::TableSection(section) => {
                for table in section.into_iter().flatten() {
                    let entries = usize::try_from(table.ty.initial).unwrap_or(usize::MAX);
                    if entries > MAX_TABLE {
                        let what = format!("a table of {entries} entries: {MAX_TABLE} are the most");
                        return Err(self.refused(at, &outside(what)));
                    }
                    self.tables.push(entries);
                }
                // Calls go through the first. What is done to others is an instruction, and refused as one.
                let entries = self.tables.first().copied().unwrap_or(0);
                self.program.table = vec![None; entries];
                // There are no more than fit.
                self.types.table_entries = u16::try_from(entries).unwrap_or(u16::MAX);
            }
            Payload::MemorySection(section) => {
                for memory in section.into_iter().flatten() {
                    self.program.pages = u32::try_from(memory.initial).unwrap_or(MAX_PAGES);
                    let most = memory.maximum.and_then(|most| u32::try_from(most).ok());
                    self.types.max_pages = most.unwrap_or(MAX_PAGES).min(MAX_PAGES);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section.into_iter_with_offsets() {
                    let (offset, global) =
                        global.map_err(|error| self.refused(error.offset(), &outside("this global")))?;
                    self.types.globals.push(global.ty.content_type);
                    // One of another type keeps its place, and instructions that name it are refused.
                    let value = match global.ty.content_type {
                        ValType::I32 => constant::value(&global.init_expr),
                        _ => Ok(0),
                    };
                    self.program.globals.push(value.map_err(|what| self.refused(offset, &what))?);
                    if self.program.globals.len() > MAX_LOCALS {
                        return Err(self.refused(offset, &outside(format!("more than {MAX_LOCALS} globals"))));
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section.into_iter().flatten().filter(|export| export.kind == ExternalKind::Func)
                {
                    if let Some(index) = (export.index as usize).checked_sub(self.types.imported) {
                        self.program.exports.push((export.name.to_owned(), index));
                    }
                }
            }
            Payload::StartSection { func, range } => {
                let own = (func as usize).checked_sub(self.types.imported);
                let what = outside("an imported function as start");
                self.program.start = Some(own.ok_or_else(|| self.refused(range.start, &what))?);
            }
            Payload::ElementSection(section) => {
                for element in section.into_iter_with_offsets() {
                    let (offset, element) =
                        element.map_err(|error| self.refused(error.offset(), &outside("these elements")))?;
                    self.elements(&element).map_err(|what| self.refused(offset, &what))?;
                }
            }
            Payload::DataSection(section) => {
                for data in section.into_iter_with_offsets() {
                    let (offset, data) =
                        data.map_err(|error| self.refused(error.offset(), &outside("this data")))?;
                    self.data(&data).map_err(|what| self.refused(offset, &what))?;
                }
            }
            Payload::CodeSectionEntry(body) => self.body(&body),
            _ => {}
        }
        Ok(())
    }

    fn elements(&mut self, element: &Element<'_>) -> Result<(), Outside> {
        // Others do nothing by themselves.
        let ElementKind::Active { table_index, offset_expr } = &element.kind else { return Ok(()) };
        let table = table_index.unwrap_or(0) as usize;
        let from = constant::value(offset_expr)? as usize;
        let count = match &element.items {
            ElementItems::Functions(items) => items.count(),
            ElementItems::Expressions(_, items) => items.count(),
        };
        let entries = self.tables.get(table).copied().unwrap_or(0);
        if from.saturating_add(count as usize) > entries {
            return Err(outside("elements beyond their table"));
        }
        if table > 0 {
            return Ok(());
        }
        let functions: Vec<Option<u32>> = match element.items.clone() {
            ElementItems::Functions(items) => items.into_iter().map(Result::ok).collect(),
            ElementItems::Expressions(_, items) => {
                items.into_iter().map(|item| constant::function(&item.ok()?)).collect()
            }
        };
        for (at, function) in functions.into_iter().enumerate() {
            let own = |function: u32| {
                let own = (function as usize).checked_sub(self.types.imported);
                own.ok_or_else(|| outside("an imported function as a table's entry"))
            };
            let function = function.map(own).transpose()?;
            if let Some(entry) = self.program.table.get_mut(from + at) {
                *entry = function;
            }
        }
        Ok(())
    }

    fn data(&mut self, data: &Data<'_>) -> Result<(), Outside> {
        let DataKind::Active { memory_index: 0, offset_expr } = &data.kind else {
            // Passive data does nothing by itself.
            return Ok(());
        };
        let address = constant::value(offset_expr)?;
        let end = u64::from(address) + data.data.len() as u64;
        if end > u64::from(self.program.pages) * MEMORY_PAGE {
            return Err(outside("data beyond the memory"));
        }
        self.program.data.push(Segment { address, bytes: data.data.to_vec() });
        Ok(())
    }

    /// A function's body. One that is outside becomes an `unreachable`: it matters only if it can be reached.
    fn body(&mut self, body: &FunctionBody<'_>) {
        if let Some(label) = self.types.entries.get(self.bodies.len()) {
            self.code.bind(*label);
        }
        let mark = self.code.mark();
        let entry = self.code.here();
        let index = self.types.imported + self.bodies.len();
        let (params, results) = self.types.function(index as u32).unwrap_or_default();
        let lowered = self.lowered(body, index as u32);
        let locals = lowered.as_ref().map_or(params, |lowered| lowered.locals);
        self.program.functions.push(Function { entry, params, results, locals });
        let lowered = lowered.unwrap_or_else(|refused| {
            self.code.back(mark);
            self.code.push(Op::Unreachable, 0, 0, 0);
            Lowered { refused: Some(refused), ..Lowered::default() }
        });
        self.bodies.push(lowered);
    }

    fn lowered(&mut self, body: &FunctionBody<'_>, index: u32) -> Result<Lowered, Refused> {
        let start = body.range().start;
        let (params, results) = self.types.function(index).map_err(|what| Refused::At(start, what))?;
        let mut locals = params;
        for group in body.get_locals_reader().into_iter().flatten() {
            let (count, ty) = group.map_err(|error| Refused::At(error.offset(), outside("these locals")))?;
            self.types.one(ty).map_err(|what| Refused::At(start, what))?;
            locals += count as usize;
        }
        if locals > MAX_LOCALS {
            return Err(Refused::At(start, outside(format!("more than {MAX_LOCALS} locals"))));
        }
        let operators: Vec<(Operator<'_>, usize)> = body
            .get_operators_reader()
            .into_iter()
            .flat_map(|reader| reader.into_iter_with_offsets())
            .flatten()
            .collect();
        let offsets = operators.iter().map(|(_, offset)| *offset);
        let spans = self.module.instruction_places(self.bodies.len(), offsets, &mut self.lines);
        let (types, code) = (&self.types, &mut self.code);
        (code.span, code.height) = (spans.first().copied(), 0);
        let mut lowered = Body::new(types, code, results);
        lowered.begin(params, locals);
        for ((operator, _), span) in operators.iter().zip(spans) {
            lowered.at(span);
            lowered.operator(operator).map_err(|what| Refused::Span(span, what))?;
        }
        Ok(Lowered { locals, calls: lowered.calls, calls_table: lowered.calls_table, refused: None })
    }

    fn finish(mut self, roots: Roots<'_>) -> Result<Program, SourceError> {
        let program = &self.program;
        let mut from: Vec<usize> = program.start.into_iter().collect();
        match roots {
            Roots::Exported => from.extend(program.exports.iter().map(|(_, index)| *index)),
            Roots::Named(names) => {
                for wanted in names {
                    let found = program.exports.iter().find(|(name, _)| name == wanted);
                    from.push(found.map(|(_, index)| *index).ok_or_else(|| self.missing(wanted))?);
                }
            }
        }
        if let Some(refused) = reach::refused(&self.bodies, &self.types, &program.table, from.into_iter()) {
            return Err(match refused {
                Refused::At(offset, what) => self.refused(offset, &what),
                Refused::Span(span, Outside(what)) => refusal(span, &what),
            });
        }
        let entry = |function: Option<usize>| {
            let function = function?;
            let ty = self.types.functions.get(self.types.imported + function)?;
            Some((*self.types.entries.get(function)?, self.types.type_id(*ty).ok()?))
        };
        let entries: Vec<_> = program.table.iter().map(|function| entry(*function)).collect();
        self.code.functions(&entries);
        let code = self.code.finish().map_err(|TooLong { span }| {
            let end = self.module.binary().len().saturating_sub(1);
            let span = span.unwrap_or_else(|| self.module.place(end));
            refusal(span, &format!("a program of more than {MAX_CODE} of its own instructions"))
        })?;
        Ok(Program { code, imported: self.types.imported, ..self.program })
    }
}

impl Lowering<'_> {
    fn missing(&self, wanted: &str) -> SourceError {
        let known: Vec<&str> = self.program.exports.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!("the module exports no function `{wanted}` of its own");
        SourceError::new(self.module.place(0), message).with_help(format!("it exports: {}", known.join(", ")))
    }
}

fn refusal(span: Span, what: &str) -> SourceError {
    SourceError::new(span, format!("the machine does not know {what}")).with_help(HELP)
}
