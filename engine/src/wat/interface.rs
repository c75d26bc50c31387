//! What a module imports and exports.

use serde::{Deserialize, Serialize};
use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{Parser, Payload, ValType};

use crate::source::Span;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ValueType {
    /// A 32-bit integer, signed or not.
    I32,
    /// A 64-bit integer, signed or not.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A function or host reference, or null.
    Reference,
}

impl std::fmt::Display for ValueType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Reference => "ref",
        })
    }
}

/// What a function takes and gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Types of the arguments, in order.
    pub params: Vec<ValueType>,
    /// Types of the results, in order.
    pub results: Vec<ValueType>,
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |types: &[ValueType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        write!(f, "({}) -> ({})", list(&self.params), list(&self.results))
    }
}

/// An exported function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// The name it is exported under.
    pub name: String,
    /// What it takes and gives.
    pub signature: Signature,
}

/// Something a module wants from its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// First half of its name.
    pub module: String,
    /// Second half of its name.
    pub name: String,
    /// What it is: "function", "memory", "table", "global" or "tag".
    pub kind: String,
    /// What it takes and gives, if it is a function.
    pub signature: Option<Signature>,
    /// Where the text asks for it; `None` in a binary.
    pub span: Option<Span>,
}

/// The imports of a validated module, without their places.
pub fn imports(types: TypesRef<'_>) -> Vec<Import> {
    let imports = types.core_imports().into_iter().flatten();
    imports
        .map(|(module, name, entity)| Import {
            module: module.to_owned(),
            name: name.to_owned(),
            kind: kind(entity).to_owned(),
            signature: signature(types, entity),
            span: None,
        })
        .collect()
}

/// The exported functions of a validated module.
pub fn functions(types: TypesRef<'_>) -> Vec<Function> {
    let exports = types.core_exports().into_iter().flatten();
    exports
        .filter_map(|(name, entity)| {
            Some(Function { name: name.to_owned(), signature: signature(types, entity)? })
        })
        .collect()
}

/// The offset of the start section, if there is one.
pub fn start(binary: &[u8]) -> Option<usize> {
    Parser::new(0).parse_all(binary).flatten().find_map(|payload| match payload {
        Payload::StartSection { range, .. } => Some(range.start),
        _ => None,
    })
}

const fn kind(entity: EntityType) -> &'static str {
    match entity {
        EntityType::Func(_) => "function",
        EntityType::Table(_) => "table",
        EntityType::Memory(_) => "memory",
        EntityType::Global(_) => "global",
        EntityType::Tag(_) => "tag",
    }
}

fn signature(types: TypesRef<'_>, entity: EntityType) -> Option<Signature> {
    let EntityType::Func(id) = entity else { return None };
    let function = types.get(id)?.unwrap_func();
    Some(Signature {
        params: function.params().iter().map(value_type).collect(),
        results: function.results().iter().map(value_type).collect(),
    })
}

/// SIMD is not among the features, so there are no vectors.
const fn value_type(ty: &ValType) -> ValueType {
    match ty {
        ValType::I32 => ValueType::I32,
        ValType::I64 => ValueType::I64,
        ValType::F32 => ValueType::F32,
        ValType::F64 => ValueType::F64,
        ValType::V128 | ValType::Ref(_) => ValueType::Reference,
    }
}
