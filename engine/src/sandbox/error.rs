//! Why a module is not run, and why a run is stopped.

use super::host::HostFunction;
use crate::source::Span;
use crate::wat::{Import, Signature, ValueType};

/// A module that is not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// It wants something that the host does not grant.
    #[error("the module imports the {} `{}.{}`, which is not granted", .0.kind, .0.module, .0.name)]
    ImportRefused(Box<Import>),
    /// It wants something granted, but with another type.
    #[error("the module imports `{}.{}` as {}; it is {granted}", import.module, import.name, shown(import))]
    ImportType {
        /// What it wants.
        import: Box<Import>,
        /// What there is.
        granted: Signature,
    },
    /// It names a function that would run before anything is called.
    #[error("the module has a start function")]
    StartFunction {
        /// Where; for a binary, the byte.
        span: Span,
    },
    /// It exports no function.
    #[error("the module exports no function")]
    NothingToCall,
    /// It exports several functions, none is `main` or `_start`, and none was chosen.
    #[error("the module exports several functions: {}", names(.0))]
    ChooseFunction(Vec<String>),
    /// The function asked for is not exported.
    #[error("the module exports no function `{name}`")]
    NoSuchFunction {
        /// What was asked for.
        name: String,
        /// What there is.
        exported: Vec<String>,
    },
    /// The function takes another number of arguments.
    #[error("`{name}` takes {expected} argument{}, {given} given", plural(*expected))]
    ArgumentCount {
        /// The function.
        name: String,
        /// Arguments it takes.
        expected: usize,
        /// Arguments there are.
        given: usize,
    },
    /// An argument has another type.
    #[error("argument {} of `{name}` is {expected}, not {given}", index + 1)]
    ArgumentType {
        /// The function.
        name: String,
        /// Which argument, from 0.
        index: usize,
        /// The type the function takes.
        expected: ValueType,
        /// The type given.
        given: ValueType,
    },
    /// Its memories and tables do not fit before it even runs.
    #[error("the module asks for {} of memory at the start; the limit is {}", bytes(*asked), bytes(*limit))]
    TooMuchMemory {
        /// Bytes in all its memories and tables.
        asked: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The sandbox itself cannot run it.
    #[error("the sandbox cannot run the module: {0}")]
    Unsupported(String),
}

impl RunError {
    /// Where in the text the reason stands, if it stands there.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::ImportRefused(import) | Self::ImportType { import, .. } => import.span,
            Self::StartFunction { span } => Some(*span),
            _ => None,
        }
    }

    /// What would help, if there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::ImportRefused(_) => {
                let granted = HostFunction::OUTPUT.map(|function| format!("`{function}`"));
                Some(format!(
                    "a program may import nothing but {}, where output is granted",
                    granted.join(", ")
                ))
            }
            Self::StartFunction { .. } => {
                Some("export the function and call it instead: (export \"main\" (func …))".to_owned())
            }
            Self::NothingToCall => Some("export one: (func (export \"main\") …)".to_owned()),
            Self::ChooseFunction(_) => Some("choose one with --invoke NAME".to_owned()),
            Self::NoSuchFunction { exported, .. } if !exported.is_empty() => {
                Some(format!("it exports {}", names(exported)))
            }
            Self::TooMuchMemory { .. } => Some("--memory-mib raises the limit".to_owned()),
            _ => None,
        }
    }
}

/// A run that was stopped, and what the sandbox had refused before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// What happened.
    pub kind: TrapKind,
    /// The limit in bytes, if the program was refused memory before. The refusal itself is no trap: WebAssembly
    /// answers −1, and the program goes on.
    pub refused_memory: Option<u64>,
}

impl std::fmt::Display for Trap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)?;
        match self.refused_memory {
            Some(limit) => write!(f, "; before, it was refused memory beyond the limit of {}", bytes(limit)),
            None => Ok(()),
        }
    }
}

/// What stopped a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrapKind {
    /// It executed `unreachable`.
    #[error("unreachable was executed")]
    Unreachable,
    /// It read or wrote outside its memory.
    #[error("memory access out of bounds")]
    MemoryOutOfBounds,
    /// It read or wrote outside a table.
    #[error("table access out of bounds")]
    TableOutOfBounds,
    /// It called an empty entry of a table.
    #[error("indirect call of a table entry that is null")]
    IndirectCallToNull,
    /// It called a table entry that has another type.
    #[error("indirect call with another type than the function has")]
    BadSignature,
    /// It divided by zero.
    #[error("integer division by zero")]
    DivisionByZero,
    /// A result is too large for its type.
    #[error("integer overflow")]
    IntegerOverflow,
    /// A float has no integer: it is NaN, infinite or too large.
    #[error("a float that no integer represents was converted to one")]
    BadConversion,
    /// Calls nest too deeply.
    #[error("stack overflow: calls nest too deeply")]
    StackOverflow,
    /// It used the fuel it was given.
    #[error("out of fuel: the limit is {limit}")]
    OutOfFuel {
        /// Fuel it was given.
        limit: u64,
    },
    /// It put out as much as it may.
    #[error("too much output: the limit is {}", bytes(*limit))]
    OutOfOutput {
        /// Bytes it may put out.
        limit: u64,
    },
    /// It was stopped for a reason of the machine that runs it.
    #[error("{0}")]
    Other(String),
}

/// A number of bytes for people.
fn bytes(count: u64) -> String {
    let units = [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(size, _)| count >= *size) {
        Some((size, unit)) if count.is_multiple_of(size) => format!("{} {unit}", count / size),
        Some((size, unit)) => format!("{:.1} {unit}", count as f64 / size as f64),
        None => format!("{count} bytes"),
    }
}

fn names(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(quoted.len());
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", quoted.join(", "))
}

fn shown(import: &Import) -> String {
    import.signature.as_ref().map_or_else(|| format!("a {}", import.kind), ToString::to_string)
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
