//! What a program may ask of its host, and what the host keeps while it runs.

use wasmi::errors::HostError;
use wasmi::{Caller, Linker, ResourceLimiter};

use super::api::HostCall;
use super::value::Value;
use crate::wat::{Import, Signature, ValueType};

/// Bytes that an entry of a table counts as.
const TABLE_ENTRY_BYTES: usize = 16;

/// A function of the host that a module may import, if it is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFunction {
    /// `output.i32 (i32)`: puts out a 32-bit integer.
    OutputI32,
    /// `output.i64 (i64)`: puts out a 64-bit integer.
    OutputI64,
    /// `output.f32 (f32)`: puts out a 32-bit float.
    OutputF32,
    /// `output.f64 (f64)`: puts out a 64-bit float.
    OutputF64,
    /// `output.byte (i32)`: puts out the low eight bits.
    OutputByte,
}

impl HostFunction {
    /// All functions that put something out.
    pub const OUTPUT: [Self; 5] =
        [Self::OutputI32, Self::OutputI64, Self::OutputF32, Self::OutputF64, Self::OutputByte];

    /// Both halves of its name.
    pub const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::OutputI32 => ("output", "i32"),
            Self::OutputI64 => ("output", "i64"),
            Self::OutputF32 => ("output", "f32"),
            Self::OutputF64 => ("output", "f64"),
            Self::OutputByte => ("output", "byte"),
        }
    }

    /// What it takes and gives.
    pub fn signature(self) -> Signature {
        let param = match self {
            Self::OutputI32 | Self::OutputByte => ValueType::I32,
            Self::OutputI64 => ValueType::I64,
            Self::OutputF32 => ValueType::F32,
            Self::OutputF64 => ValueType::F64,
        };
        Signature { params: vec![param], results: Vec::new() }
    }

    /// Whether a module asks for this function.
    pub(super) fn is(self, import: &Import) -> bool {
        import.kind == "function" && self.name() == (import.module.as_str(), import.name.as_str())
    }

    /// Makes the function available to modules.
    pub(super) fn define(self, linker: &mut Linker<State>) -> Result<(), wasmi::Error> {
        type Host<'a> = Caller<'a, State>;
        let (module, name) = self.name();
        match self {
            Self::OutputI32 => linker
                .func_wrap(module, name, |mut host: Host<'_>, v: i32| host.data_mut().put(Value::I32(v), 4)),
            Self::OutputI64 => linker
                .func_wrap(module, name, |mut host: Host<'_>, v: i64| host.data_mut().put(Value::I64(v), 8)),
            Self::OutputF32 => linker
                .func_wrap(module, name, |mut host: Host<'_>, v: f32| host.data_mut().put(Value::F32(v), 4)),
            Self::OutputF64 => linker
                .func_wrap(module, name, |mut host: Host<'_>, v: f64| host.data_mut().put(Value::F64(v), 8)),
            Self::OutputByte => linker.func_wrap(module, name, |mut host: Host<'_>, v: i32| {
                host.data_mut().put(Value::I32(v & 0xff), 1)
            }),
        }
        .map(|_| ())
        .map_err(wasmi::Error::from)
    }
}

impl std::fmt::Display for HostFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (module, name) = self.name();
        write!(f, "{module}.{name}")
    }
}

/// The host's side of one run.
#[derive(Debug)]
pub(super) struct State {
    pub memory: MemoryLimiter,
    pub outputs: Vec<Value>,
    /// The functions of `api` that were called, in order of their first call.
    pub calls: Vec<HostCall>,
    output_left: u64,
}

impl State {
    pub fn new(memory_bytes: u64, output_bytes: u64) -> Self {
        let memory = MemoryLimiter { used: 0, limit: memory_bytes, refused: None };
        Self { memory, outputs: Vec::new(), calls: Vec::new(), output_left: output_bytes }
    }

    /// Keeps that a function of `api` was called.
    pub fn called(&mut self, name: &str) {
        match self.calls.iter_mut().find(|call| call.name == name) {
            Some(call) => call.count = call.count.saturating_add(1),
            None => self.calls.push(HostCall { name: name.to_owned(), count: 1 }),
        }
    }

    fn put(&mut self, value: Value, bytes: u64) -> Result<(), wasmi::Error> {
        self.output_left =
            self.output_left.checked_sub(bytes).ok_or_else(|| wasmi::Error::host(OutputFull))?;
        self.outputs.push(value);
        Ok(())
    }
}

/// Lets all memories and tables of a run grow until they together reach a limit.
#[derive(Debug)]
pub(super) struct MemoryLimiter {
    used: u64,
    limit: u64,
    /// The total that was asked for when the limit was reached last.
    pub refused: Option<u64>,
}

impl MemoryLimiter {
    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>, size: usize) -> bool {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return false; // The module's own limit, not the sandbox's.
        }
        let more = (desired.saturating_sub(current) as u64).saturating_mul(size as u64);
        let total = self.used.saturating_add(more);
        if total > self.limit {
            self.refused = Some(total);
            return false;
        }
        self.used = total;
        true
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, wasmi_core::LimiterError> {
        Ok(self.grow(current, desired, maximum, 1))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, wasmi_core::LimiterError> {
        Ok(self.grow(current, desired, maximum, TABLE_ENTRY_BYTES))
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1000
    }

    fn memories(&self) -> usize {
        1000
    }
}

/// The program put out more than it may.
#[derive(Debug)]
pub(super) struct OutputFull;

impl std::fmt::Display for OutputFull {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too much output")
    }
}

impl HostError for OutputFull {}
