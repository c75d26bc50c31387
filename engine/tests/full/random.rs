//! Random modules, on the machine and in `wasmi`: results, traps, globals and memory must be the same.
//!
//! `wasm-smith` writes them. It cannot be told to leave 64-bit integers out, so they are narrowed: types, constants and instructions become
//! those of 32 bits.
//!
//! One that fails is made smaller (`shrink`) and written to `random/`, whose files are tests of their own.

use std::path::{Path, PathBuf};

use crate::weights;
use engine::interpreter::full::machine::{Machine, State};
use engine::interpreter::full::program::Program;
use engine::interpreter::full::trap::Trap;
use engine::interpreter::full::{Roots, lower};
use engine::wat::Module;
use libtest_mimic::Failed;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{Instruction, MemArg, ValType};
use wasm_shrink::WasmShrink;
use wasm_smith::{Config, Module as Random};
use wasmi::{Engine, Linker, Store, TrapCode, Val};

/// Random bytes that a module is made from.
const BYTES: usize = 4_096;
/// Smaller modules that are tried without success before a failing one is small enough.
const ATTEMPTS: u32 = 500;
/// What `wasm-smith` lets a module run: iterations and calls.
const ITERATIONS: u32 = 2_000;
/// Tokens that the transformer writes of a call.
const TOKENS: usize = 20_000;
/// Instructions a call may take on the machine.
const MOST: u64 = 2_000_000;

/// What became of modules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Modules that were run.
    pub modules: usize,
    /// Calls that were compared.
    pub calls: usize,
    /// Calls that trapped.
    pub traps: usize,
    /// Tokens that the transformer was right about.
    pub tokens: usize,
    /// Modules that are outside of the machine's part of WebAssembly.
    pub outside: usize,
}

/// Compares all functions of so many modules, from a seed on; those of every so many-th are run by the transformer, too.
pub fn check(seeds: std::ops::Range<u64>, transformer: u64) -> Result<Counts, Failed> {
    let mut counts = Counts::default();
    for seed in seeds {
        let Some(binary) = module(seed) else { continue };
        if let Err(failed) = compare(&binary, seed, transformer, &mut counts) {
            let fails = |binary: &[u8]| compare(binary, seed, 1, &mut Counts::default()).is_err();
            let written = write(seed, &shrink(&binary, fails))?;
            return Err(format!(
                "seed {seed}: {}\nThe module is in {}, made smaller: keep the file, and it is a test.",
                failed.message().unwrap_or_default(),
                written.display()
            )
            .into());
        }
    }
    Ok(counts)
}

/// Where modules are that failed once.
fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/full/random"))
}

/// The modules that failed once.
pub fn files() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder()).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "wat")).collect();
    files.sort();
    files
}

/// Compares a module that failed once.
pub fn check_file(path: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)?;
    let seed = text.lines().next().and_then(|line| line.strip_prefix(";; seed ")?.trim().parse().ok());
    let module = Module::from_text(&text)?;
    let mut counts = Counts::default();
    compare(module.binary(), seed.ok_or("its first line is no `;; seed N`")?, 1, &mut counts)?;
    if counts.calls == 0 { Err("nothing in it is called".into()) } else { Ok(()) }
}

fn write(seed: u64, binary: &[u8]) -> Result<PathBuf, Failed> {
    let path = folder().join(format!("{seed}.wat"));
    std::fs::create_dir_all(folder())?;
    std::fs::write(&path, format!(";; seed {seed}\n{}", wasmprinter::print_bytes(binary)?))?;
    Ok(path)
}

/// A smaller module of which something is still true; the same one where none is found.
pub fn shrink(binary: &[u8], mut is: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let shrunk = WasmShrink::default().attempts(ATTEMPTS).run(binary.to_vec(), |smaller| Ok(is(smaller)));
    shrunk.map_or_else(|_| binary.to_vec(), |found| found.output)
}

/// That a module of which something is true is made smaller, and it stays true.
pub fn check_shrinking() -> Result<(), Failed> {
    let multiplies = |binary: &[u8]| {
        let text = wasmprinter::print_bytes(binary).unwrap_or_default();
        text.contains("i32.mul")
            && Module::new(binary).is_ok_and(|module| lower(&module, Roots::Exported).is_ok())
    };
    let binary = (0..).filter_map(module).find(|binary| multiplies(binary)).ok_or("none multiplies")?;
    let smaller = shrink(&binary, multiplies);
    println!("{} bytes, of {}", smaller.len(), binary.len());
    if multiplies(&smaller) && smaller.len() < binary.len() / 2 {
        Ok(())
    } else {
        Err(format!("{} bytes, of {}", smaller.len(), binary.len()).into())
    }
}

/// A random module without anything that the machine does not have, if this seed gives one.
fn module(seed: u64) -> Option<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let bytes: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(BYTES).collect();
    let config = Config {
        allow_floats: false,
        bulk_memory_enabled: false,
        exceptions_enabled: false,
        export_everything: true,
        gc_enabled: false,
        max_data_segments: 4,
        max_imports: 0,
        max_memories: 1,
        max_memory32_bytes: 1 << 20,
        min_exports: 4,
        max_tables: 1,
        max_table_elements: 100,
        memory64_enabled: false,
        min_funcs: 3,
        multi_value_enabled: true,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        custom_page_sizes_enabled: false,
        extended_const_enabled: false,
        ..Config::default()
    };
    let mut random = Random::new(config, &mut arbitrary::Unstructured::new(&bytes)).ok()?;
    random.ensure_termination(ITERATIONS).ok()?;
    let mut narrowed = wasm_encoder::Module::new();
    Narrow.parse_core_module(&mut narrowed, wasmparser_smith::Parser::new(0), &random.to_bytes()).ok()?;
    Some(narrowed.finish())
}

/// From 64 bits to 32.
struct Narrow;

impl Reencode for Narrow {
    type Error = std::convert::Infallible;

    fn val_type(&mut self, ty: wasmparser_smith::ValType) -> Result<ValType, Error<Self::Error>> {
        Ok(match utils::val_type(self, ty)? {
            ValType::I64 => ValType::I32,
            other => other,
        })
    }

    fn instruction<'a>(
        &mut self,
        operator: wasmparser_smith::Operator<'a>,
    ) -> Result<Instruction<'a>, Error<Self::Error>> {
        Ok(narrow(utils::instruction(self, operator)?))
    }
}

fn narrow(instruction: Instruction<'_>) -> Instruction<'_> {
    use Instruction as I;
    let word = |memarg: MemArg| MemArg { align: memarg.align.min(2), ..memarg };
    match instruction {
        I::I64Const(value) => I::I32Const(value as i32),
        I::I64Load(m) => I::I32Load(word(m)),
        I::I64Load8S(m) => I::I32Load8S(m),
        I::I64Load8U(m) => I::I32Load8U(m),
        I::I64Load16S(m) => I::I32Load16S(m),
        I::I64Load16U(m) => I::I32Load16U(m),
        I::I64Load32S(m) | I::I64Load32U(m) => I::I32Load(m),
        I::I64Store(m) => I::I32Store(word(m)),
        I::I64Store8(m) => I::I32Store8(m),
        I::I64Store16(m) => I::I32Store16(m),
        I::I64Store32(m) => I::I32Store(m),
        I::I64Eqz => I::I32Eqz,
        I::I64Eq => I::I32Eq,
        I::I64Ne => I::I32Ne,
        I::I64LtS => I::I32LtS,
        I::I64LtU => I::I32LtU,
        I::I64GtS => I::I32GtS,
        I::I64GtU => I::I32GtU,
        I::I64LeS => I::I32LeS,
        I::I64LeU => I::I32LeU,
        I::I64GeS => I::I32GeS,
        I::I64GeU => I::I32GeU,
        I::I64Clz => I::I32Clz,
        I::I64Ctz => I::I32Ctz,
        I::I64Popcnt => I::I32Popcnt,
        I::I64Add => I::I32Add,
        I::I64Sub => I::I32Sub,
        I::I64Mul => I::I32Mul,
        I::I64DivS => I::I32DivS,
        I::I64DivU => I::I32DivU,
        I::I64RemS => I::I32RemS,
        I::I64RemU => I::I32RemU,
        I::I64And => I::I32And,
        I::I64Or => I::I32Or,
        I::I64Xor => I::I32Xor,
        I::I64Shl => I::I32Shl,
        I::I64ShrS => I::I32ShrS,
        I::I64ShrU => I::I32ShrU,
        I::I64Rotl => I::I32Rotl,
        I::I64Rotr => I::I32Rotr,
        I::I64Extend8S => I::I32Extend8S,
        I::I64Extend16S => I::I32Extend16S,
        I::I32WrapI64 | I::I64ExtendI32S | I::I64ExtendI32U | I::I64Extend32S => I::Nop,
        other => other,
    }
}

/// What the world sees of a call.
#[derive(Debug, PartialEq)]
struct Seen {
    ending: Result<Vec<u32>, Trap>,
    globals: Vec<u32>,
    memory: Vec<(u64, u8)>,
}

impl Seen {
    /// Of a module that cannot be started.
    fn nothing(trap: Trap) -> Self {
        Self { ending: Err(trap), globals: Vec::new(), memory: Vec::new() }
    }
}

/// The indices and names of a module's globals: all are exported, but for the one that counts iterations.
fn globals(binary: &[u8]) -> Vec<(usize, String)> {
    let sections = wasmparser::Parser::new(0).parse_all(binary).flatten();
    let exports = sections.filter_map(|section| match section {
        wasmparser::Payload::ExportSection(exports) => Some(exports),
        _ => None,
    });
    let exports = exports.flatten().flatten();
    let mut globals: Vec<_> =
        exports.filter(|export| export.kind == wasmparser::ExternalKind::Global).collect();
    globals.sort_by_key(|export| export.index);
    globals.into_iter().map(|export| (export.index as usize, export.name.to_owned())).collect()
}

fn compare(binary: &[u8], seed: u64, transformer: u64, counts: &mut Counts) -> Result<(), Failed> {
    let module = Module::new(binary)?;
    let program = match lower(&module, Roots::Exported) {
        Ok(program) => program,
        Err(_) => {
            counts.outside += 1;
            return Ok(());
        }
    };
    counts.modules += 1;
    let mut rng = fastrand::Rng::with_seed(seed);
    let engine = Engine::default();
    let compiled = wasmi::Module::new(&engine, binary)?;
    let globals = globals(binary);
    for (name, index) in &program.exports {
        let Some(function) = program.functions.get(*index) else { continue };
        let arguments: Vec<u32> =
            (0..function.params).map(|_| if rng.bool() { rng.u32(..) } else { rng.u32(..100) }).collect();
        let Some(ours) = ours(&program, &globals, *index, &arguments)? else { continue };
        let theirs = theirs(&engine, &compiled, &globals, name, &arguments)?;
        // How deep calls may go is everybody's own.
        if [&ours, &theirs].iter().any(|seen| seen.ending == Err(Trap::StackExhausted)) {
            continue;
        }
        counts.calls += 1;
        counts.traps += usize::from(ours.ending.is_err());
        if seed.is_multiple_of(transformer) {
            counts.tokens += weights::follow(&program, *index, &arguments, TOKENS)?;
        }
        if ours != theirs {
            return Err(format!("{name}{arguments:?}: the machine has {ours:?}, wasmi {theirs:?}").into());
        }
    }
    Ok(())
}

/// On the machine; `None` if it takes too long.
fn ours(
    program: &Program,
    globals: &[(usize, String)],
    function: usize,
    arguments: &[u32],
) -> Result<Option<Seen>, Failed> {
    let mut machine = Machine::new(program);
    machine.start()?;
    match machine.run(MOST, |_| {}) {
        State::Runs => return Ok(None),
        State::Trapped(trap) => return Ok(Some(Seen::nothing(trap))),
        State::Halted => machine.call(function, arguments)?,
    }
    let run = machine.run(MOST, |_| {});
    let globals =
        globals.iter().map(|(index, _)| machine.globals.get(*index).copied().unwrap_or_default()).collect();
    let ending = match run {
        State::Runs => return Ok(None),
        State::Halted => Ok(machine.results()),
        State::Trapped(trap) => Err(trap),
    };
    Ok(Some(Seen { ending, globals, memory: machine.memory.not_zero().collect() }))
}

fn theirs(
    engine: &Engine,
    module: &wasmi::Module,
    globals: &[(usize, String)],
    name: &str,
    arguments: &[u32],
) -> Result<Seen, Failed> {
    let mut store = Store::new(engine, ());
    let instance = match Linker::new(engine).instantiate_and_start(&mut store, module) {
        Ok(instance) => instance,
        Err(error) => return Ok(Seen::nothing(trap(&error)?)),
    };
    let function = instance.get_func(&store, name).ok_or("wasmi has no such function")?;
    let arguments: Vec<Val> = arguments.iter().map(|value| Val::I32(value.cast_signed())).collect();
    let mut results = vec![Val::I32(0); function.ty(&store).results().len()];
    let ending = match function.call(&mut store, &arguments, &mut results) {
        Ok(()) => Ok(results.iter().map(|value| value.i32().unwrap_or_default().cast_unsigned()).collect()),
        Err(error) => Err(trap(&error)?),
    };
    let global =
        |name: &String| instance.get_global(&store, name).and_then(|global| global.get(&store).i32());
    let globals = globals.iter().map(|(_, name)| global(name).unwrap_or_default().cast_unsigned()).collect();
    let memory = instance.exports(&store).find_map(wasmi::Export::into_memory);
    let bytes = memory.iter().flat_map(|memory| memory.data(&store).iter().enumerate());
    let memory = bytes.filter(|(_, byte)| **byte != 0).map(|(at, byte)| (at as u64, *byte)).collect();
    Ok(Seen { ending, globals, memory })
}

fn trap(error: &wasmi::Error) -> Result<Trap, Failed> {
    Ok(match error.as_trap_code() {
        Some(TrapCode::UnreachableCodeReached) => Trap::Unreachable,
        Some(TrapCode::IntegerDivisionByZero) => Trap::DivisionByZero,
        Some(TrapCode::IntegerOverflow) => Trap::Overflow,
        Some(TrapCode::MemoryOutOfBounds) => Trap::MemoryOutOfBounds,
        Some(TrapCode::TableOutOfBounds) => Trap::TableOutOfBounds,
        Some(TrapCode::IndirectCallToNull) => Trap::NoFunction,
        Some(TrapCode::BadSignature) => Trap::WrongType,
        Some(TrapCode::StackOverflow) => Trap::StackExhausted,
        _ => return Err(format!("wasmi: {error}").into()),
    })
}
