//! The sandbox: `wasmi` with fuel, memory and output limits, and no host function that was not granted.
//!
//! It referees every program: what a transformer computes is compared with what happens here. Everything that
//! is generic over the store's type is in this module, because that is what must be compiled for speed.

mod api;
mod error;
mod host;
mod value;

pub use api::{Grant, HostCall, MODULE as API, Told};
pub use error::{RunError, Trap, TrapKind};
pub use host::HostFunction;
pub use value::Value;

use wasmi::errors::{ErrorKind, InstantiationError};
use wasmi::{CompilationMode, Config, Engine, Instance, Linker, Store, TrapCode, Val};

use crate::wat::{Function, Module};
use host::{OutputFull, State};

/// How deep calls may nest.
const MAX_CALL_DEPTH: usize = 10_000;
/// Bytes that locals and operands of all calls may take.
const MAX_STACK_BYTES: usize = 1 << 20;

/// What a program may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel. Most instructions cost 1; copying and filling memory costs more with its length.
    pub fuel: u64,
    /// Bytes in all its memories and tables; a table's entry counts as 16.
    pub memory_bytes: u64,
    /// Bytes of output.
    pub output_bytes: u64,
}

impl Default for Limits {
    /// 10 million fuel, 64 MiB of memory, 1 MiB of output.
    fn default() -> Self {
        Self { fuel: 10_000_000, memory_bytes: 64 << 20, output_bytes: 1 << 20 }
    }
}

/// What a program may use of its host, and what the host reads of it. By default nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Access<'a> {
    /// Functions that put something out.
    pub output: &'a [HostFunction],
    /// Functions of `api`, with what they say.
    pub api: &'a [Grant],
    /// Whether its exported memories are read at the end.
    pub memories: bool,
}

/// A run that came to an end, by itself or by a trap.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the function returned; empty after a trap.
    pub result: Vec<Value>,
    /// What the program put out, in order, also before a trap.
    pub outputs: Vec<Value>,
    /// The functions of `api` that it called, in order of their first call.
    pub calls: Vec<HostCall>,
    /// The bytes of each memory that it exports, by name, where that was asked for and nothing stopped it.
    pub memories: Vec<(String, Vec<u8>)>,
    /// What stopped it, if it was stopped.
    pub trap: Option<Trap>,
    /// Fuel used. After a trap it includes the rest of the block in which the program was stopped.
    pub fuel: u64,
}

/// The exported function that a run calls: the one named, else `main`, else `_start`, else the only one.
///
/// # Errors
/// [`RunError::NoSuchFunction`], [`RunError::NothingToCall`], [`RunError::ChooseFunction`].
pub fn entry<'a>(module: &'a Module, invoke: Option<&str>) -> Result<&'a Function, RunError> {
    let functions = module.functions();
    let named = |name: &str| functions.iter().find(|function| function.name == name);
    let names = || functions.iter().map(|function| function.name.clone()).collect();
    if let Some(name) = invoke {
        let missing = || RunError::NoSuchFunction { name: name.to_owned(), exported: names() };
        return named(name).ok_or_else(missing);
    }
    if let Some(function) = named("main").or_else(|| named("_start")) {
        return Ok(function);
    }
    match functions {
        [] => Err(RunError::NothingToCall),
        [only] => Ok(only),
        _ => Err(RunError::ChooseFunction(names())),
    }
}

/// Runs an exported function of a module (which one: see [`entry`]) and waits for its end. The same module,
/// arguments, limits and grants always give the same outcome.
///
/// # Errors
/// A module that is not run at all. A run that is stopped is an [`Outcome`] with a trap.
pub fn run(
    module: &Module,
    invoke: Option<&str>,
    args: &[Value],
    limits: Limits,
    granted: &[HostFunction],
) -> Result<Outcome, RunError> {
    run_with(module, invoke, args, limits, Access { output: granted, ..Access::default() })
}

/// The same, with all that a host can give.
///
/// # Errors
/// A module that is not run at all. A run that is stopped is an [`Outcome`] with a trap.
pub fn run_with(
    module: &Module,
    invoke: Option<&str>,
    args: &[Value],
    limits: Limits,
    access: Access<'_>,
) -> Result<Outcome, RunError> {
    check_access(module, access)?;
    let function = entry(module, invoke)?;
    check_arguments(function, args)?;

    let engine = Engine::new(&config());
    let unsupported = |error: wasmi::Error| RunError::Unsupported(error.to_string());
    let compiled = wasmi::Module::new(&engine, module.binary()).map_err(unsupported)?;
    let mut store = Store::new(&engine, State::new(limits.memory_bytes, limits.output_bytes));
    store.limiter(|state| &mut state.memory);
    store.set_fuel(limits.fuel).map_err(unsupported)?;
    let mut linker = Linker::new(&engine);
    for function in access.output {
        function.define(&mut linker).map_err(unsupported)?;
    }
    // Who grants a name twice means the first.
    let is_first = |at: &usize| {
        let name = access.api.get(*at).map(|function| &function.name);
        access.api.iter().position(|function| Some(&function.name) == name) == Some(*at)
    };
    for function in (0..access.api.len()).filter(is_first).filter_map(|at| access.api.get(at)) {
        function.define(&mut linker).map_err(unsupported)?;
    }

    let instance = match linker.instantiate_and_start(&mut store, &compiled) {
        Ok(instance) => instance,
        Err(error) => {
            let refused = store.data().memory.refused;
            return match (refused, trap_kind(&error, limits)) {
                (Some(asked), _) => Err(RunError::TooMuchMemory { asked, limit: limits.memory_bytes }),
                (None, Some(kind)) => Ok(finish(store, limits, Err(kind), Vec::new())),
                (None, None) => Err(unsupported(error)),
            };
        }
    };
    let Some(callee) = instance.get_func(&store, &function.name) else {
        return Err(RunError::NoSuchFunction { name: function.name.clone(), exported: Vec::new() });
    };
    let types = callee.ty(&store);
    let null = |ty: &wasmi::ValType| Val::default_for_ty(*ty);
    let inputs: Vec<Val> =
        args.iter().zip(types.params()).map(|(value, ty)| to_wasmi(*value, null(ty))).collect();
    let mut results: Vec<Val> = types.results().iter().map(null).collect();
    let ended = callee.call(&mut store, &inputs, &mut results);
    let ended = match ended {
        Ok(()) => Ok(results.iter().map(from_wasmi).collect()),
        Err(error) => Err(trap_kind(&error, limits).unwrap_or_else(|| TrapKind::Other(error.to_string()))),
    };
    let memories =
        if access.memories && ended.is_ok() { read_memories(&store, &instance) } else { Vec::new() };
    Ok(finish(store, limits, ended, memories))
}

fn read_memories(store: &Store<State>, instance: &Instance) -> Vec<(String, Vec<u8>)> {
    let bytes = |export: wasmi::Export<'_>| {
        let name = export.name().to_owned();
        Some((name, export.into_memory()?.data(store).to_vec()))
    };
    instance.exports(store).filter_map(bytes).collect()
}

fn finish(
    store: Store<State>,
    limits: Limits,
    ended: Result<Vec<Value>, TrapKind>,
    memories: Vec<(String, Vec<u8>)>,
) -> Outcome {
    let fuel = limits.fuel.saturating_sub(store.get_fuel().unwrap_or(0));
    let State { outputs, memory, calls, .. } = store.into_data();
    let (result, trap) = match ended {
        Ok(result) => (result, None),
        Err(kind) => {
            let refused_memory = memory.refused.map(|_| limits.memory_bytes);
            (Vec::new(), Some(Trap { kind, refused_memory }))
        }
    };
    Outcome { result, outputs, calls, memories, trap, fuel }
}

/// Everything is compiled before anything runs, so that fuel is spent by the program alone.
fn config() -> Config {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        .allow_start_fn(false)
        .compilation_mode(CompilationMode::Eager)
        .ignore_custom_sections(true)
        .set_max_recursion_depth(MAX_CALL_DEPTH)
        .set_max_stack_height(MAX_STACK_BYTES);
    config
}

/// Whether a module may run here: it imports nothing but what is granted, and has no start function.
///
/// # Errors
/// [`RunError::ImportRefused`], [`RunError::ImportType`], [`RunError::StartFunction`].
pub fn check_permitted(module: &Module, granted: &[HostFunction]) -> Result<(), RunError> {
    check_access(module, Access { output: granted, ..Access::default() })
}

fn check_access(module: &Module, access: Access<'_>) -> Result<(), RunError> {
    for import in module.imports() {
        let output = access.output.iter().find(|function| function.is(import)).map(|f| f.signature());
        let api = || access.api.iter().find(|function| function.is(import)).map(Grant::signature);
        let Some(granted) = output.or_else(api) else {
            return Err(RunError::ImportRefused(Box::new(import.clone())));
        };
        if import.signature.as_ref() != Some(&granted) {
            return Err(RunError::ImportType { import: Box::new(import.clone()), granted });
        }
    }
    module.start().map_or(Ok(()), |span| Err(RunError::StartFunction { span }))
}

fn check_arguments(function: &Function, args: &[Value]) -> Result<(), RunError> {
    let Function { name, signature } = function;
    if signature.params.len() != args.len() {
        let (expected, given) = (signature.params.len(), args.len());
        return Err(RunError::ArgumentCount { name: name.clone(), expected, given });
    }
    let mut pairs = signature.params.iter().zip(args).enumerate();
    match pairs.find(|(_, (expected, given))| **expected != given.ty() || **given == Value::Reference) {
        Some((index, (expected, given))) => {
            Err(RunError::ArgumentType { name: name.clone(), index, expected: *expected, given: given.ty() })
        }
        None => Ok(()),
    }
}

/// What a trap of wasmi is called here; `None` for an error that is no trap.
fn trap_kind(error: &wasmi::Error, limits: Limits) -> Option<TrapKind> {
    if error.downcast_ref::<OutputFull>().is_some() {
        return Some(TrapKind::OutOfOutput { limit: limits.output_bytes });
    }
    if let ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) = error.kind() {
        return Some(TrapKind::TableOutOfBounds);
    }
    Some(match error.as_trap_code()? {
        TrapCode::UnreachableCodeReached => TrapKind::Unreachable,
        TrapCode::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
        TrapCode::TableOutOfBounds => TrapKind::TableOutOfBounds,
        TrapCode::IndirectCallToNull => TrapKind::IndirectCallToNull,
        TrapCode::BadSignature => TrapKind::BadSignature,
        TrapCode::IntegerDivisionByZero => TrapKind::DivisionByZero,
        TrapCode::IntegerOverflow => TrapKind::IntegerOverflow,
        TrapCode::BadConversionToInteger => TrapKind::BadConversion,
        TrapCode::StackOverflow => TrapKind::StackOverflow,
        TrapCode::OutOfFuel => TrapKind::OutOfFuel { limit: limits.fuel },
        other => TrapKind::Other(other.to_string()),
    })
}

/// A null reference takes the type of the parameter.
fn to_wasmi(value: Value, null: Val) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(value) => Val::F32(value.into()),
        Value::F64(value) => Val::F64(value.into()),
        Value::Null | Value::Reference => null,
    }
}

fn from_wasmi(value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(value) => Value::F32((*value).into()),
        Val::F64(value) => Value::F64((*value).into()),
        Val::FuncRef(reference) if reference.is_null() => Value::Null,
        Val::ExternRef(reference) if reference.is_null() => Value::Null,
        _ => Value::Reference,
    }
}
