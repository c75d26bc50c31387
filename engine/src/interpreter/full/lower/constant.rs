//! Constant expressions: what globals, data and elements begin with.

use wasmparser::{ConstExpr, Operator};

use super::{Outside, names, outside};

/// The function that an expression names; `None` of none.
pub fn function(expression: &ConstExpr<'_>) -> Option<u32> {
    match expression.get_operators_reader().into_iter().next()?.ok()? {
        Operator::RefFunc { function_index } => Some(function_index),
        _ => None,
    }
}

/// The value of an expression.
///
/// # Errors
/// When it is none of a 32-bit integer: globals that it could name are imported, and those are refused.
pub fn value(expression: &ConstExpr<'_>) -> Result<u32, Outside> {
    match expression.get_operators_reader().into_iter().next() {
        Some(Ok(Operator::I32Const { value })) => Ok(value.cast_unsigned()),
        Some(Ok(other)) => Err(outside(format!("the constant `{}`", names::of(&other)))),
        _ => Err(outside("this constant")),
    }
}
