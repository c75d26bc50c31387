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

/// The value of an expression over the globals before it.
///
/// # Errors
/// When it is no 32-bit integer.
pub fn value(expression: &ConstExpr<'_>, globals: &[u32]) -> Result<u32, Outside> {
    let mut stack: Vec<u32> = Vec::new();
    let pop = |stack: &mut Vec<u32>| stack.pop().unwrap_or_default();
    for operator in expression.get_operators_reader() {
        let operator = operator.map_err(|_| outside("this constant"))?;
        let value = match operator {
            Operator::I32Const { value } => value.cast_unsigned(),
            Operator::GlobalGet { global_index } => {
                globals.get(global_index as usize).copied().ok_or_else(|| outside("this global"))?
            }
            Operator::I32Add | Operator::I32Sub | Operator::I32Mul => {
                let (b, a) = (pop(&mut stack), pop(&mut stack));
                match operator {
                    Operator::I32Add => a.wrapping_add(b),
                    Operator::I32Sub => a.wrapping_sub(b),
                    _ => a.wrapping_mul(b),
                }
            }
            Operator::End => continue,
            other => return Err(outside(format!("the constant `{}`", names::of(&other)))),
        };
        stack.push(value);
    }
    stack.pop().ok_or_else(|| outside("an empty constant"))
}
