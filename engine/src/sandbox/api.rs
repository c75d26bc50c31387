//! What a host tells the programs that import functions of a module `api`.
//!
//! The engine has no clock and knows no platform: whoever grants a function brings what it says.

use serde::{Deserialize, Serialize};
use wasmi::{Caller, Linker, TrapCode};

use super::host::State;
use crate::wat::{Import, Signature, ValueType};

/// The module that such functions are imported from.
pub const MODULE: &str = "api";

/// The memory that a text is written to.
const TEXT_MEMORY: &str = "text";

/// A function of `api` that a program may import, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its name: `date`.
    pub name: String,
    /// What it says.
    pub value: Told,
}

/// What a host says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// `(param i32) (result i32)`: writes its bytes to an address in the memory exported as `text`, and returns how many they are.
    Text(String),
    /// `(result i64)`: returns it.
    Integer(i64),
}

/// How often a program called a function of `api`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCall {
    /// The function's name.
    pub name: String,
    /// Calls.
    pub count: u64,
}

impl Grant {
    /// A function that says a text.
    pub fn text(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), value: Told::Text(text.to_owned()) }
    }

    /// A function that says an integer.
    pub fn integer(name: &str, value: i64) -> Self {
        Self { name: name.to_owned(), value: Told::Integer(value) }
    }

    /// What it takes and gives.
    pub fn signature(&self) -> Signature {
        match self.value {
            Told::Text(_) => Signature { params: vec![ValueType::I32], results: vec![ValueType::I32] },
            Told::Integer(_) => Signature { params: Vec::new(), results: vec![ValueType::I64] },
        }
    }

    /// Whether a module asks for this function.
    pub(super) fn is(&self, import: &Import) -> bool {
        import.kind == "function" && (MODULE, self.name.as_str()) == (&import.module, &import.name)
    }

    /// Makes the function available to modules.
    pub(super) fn define(&self, linker: &mut Linker<State>) -> Result<(), wasmi::Error> {
        let name = self.name.clone();
        match self.value.clone() {
            Told::Text(text) => {
                let write = move |mut host: Caller<'_, State>, address: i32| {
                    host.data_mut().called(&name);
                    write(&mut host, address, text.as_bytes())
                };
                linker.func_wrap(MODULE, &self.name, write)
            }
            Told::Integer(value) => {
                linker.func_wrap(MODULE, &self.name, move |mut host: Caller<'_, State>| {
                    host.data_mut().called(&name);
                    value
                })
            }
        }
        .map(|_| ())
        .map_err(wasmi::Error::from)
    }
}

/// Writes a text to the memory of the program that calls. It costs as much fuel as it has bytes.
fn write(host: &mut Caller<'_, State>, address: i32, bytes: &[u8]) -> Result<i32, wasmi::Error> {
    let outside = || wasmi::Error::from(TrapCode::MemoryOutOfBounds);
    let left = host.get_fuel()?.checked_sub(bytes.len() as u64).ok_or(TrapCode::OutOfFuel)?;
    host.set_fuel(left)?;
    let memory = host.get_export(TEXT_MEMORY).and_then(wasmi::Extern::into_memory).ok_or_else(outside)?;
    let address = usize::try_from(address.cast_unsigned()).map_err(|_| outside())?;
    memory.write(host, address, bytes).map_err(|_| outside())?;
    i32::try_from(bytes.len()).map_err(|_| outside())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{Access, Limits, Outcome, TrapKind, Value, run_with};
    use crate::wat::Module;

    /// Asks for the date at an address, and returns how long it is.
    fn date_at(address: &str, exported: &str, fuel: u64, memories: bool) -> Outcome {
        let wat = format!(
            "(module (import \"api\" \"date\" (func $date (param i32) (result i32)))
               (memory (export \"{exported}\") 1)
               (func (export \"main\") (result i32) i32.const {address} call $date))"
        );
        let granted = [Grant::text("date", "2026-11-21")];
        let access = Access { api: &granted, memories, ..Access::default() };
        let module = Module::from_text(&wat).unwrap();
        run_with(&module, None, &[], Limits { fuel, ..Limits::default() }, access).unwrap()
    }

    #[test]
    fn a_text_is_written_where_it_is_wanted() {
        let outcome = date_at("65526", "text", 1000, true);
        assert_eq!(outcome.result, [Value::I32(10)]);
        assert_eq!(outcome.calls, [HostCall { name: "date".to_owned(), count: 1 }]);
        let (name, bytes) = &outcome.memories[0];
        assert_eq!((name.as_str(), &bytes[65_526..]), ("text", &b"2026-11-21"[..]));
        assert!(date_at("0", "text", 1000, false).memories.is_empty());
    }

    #[test]
    fn a_text_is_written_nowhere_else() {
        for (address, exported) in [("65527", "text"), ("-1", "text"), ("0", "other")] {
            let outcome = date_at(address, exported, 1000, true);
            assert_eq!(outcome.trap.unwrap().kind, TrapKind::MemoryOutOfBounds, "{address} {exported}");
            assert!(outcome.memories.is_empty());
        }
    }

    #[test]
    fn a_text_costs_its_length() {
        let outcome = date_at("0", "text", 10, true);
        assert_eq!(outcome.trap.unwrap().kind, TrapKind::OutOfFuel { limit: 10 });
    }
}
