//! Which functions a run can come to. What none of them does need not be something that the machine can do.

use super::Refused;
use super::types::Types;

/// What is known of a function once it was lowered.
#[derive(Debug, Default)]
pub struct Lowered {
    /// Its locals, parameters among them.
    pub locals: usize,
    /// The functions that it calls by name, imported ones included.
    pub calls: Vec<u32>,
    /// Whether it calls others through the table.
    pub calls_table: bool,
    /// What of it the machine does not know; then it is one `unreachable`.
    pub refused: Option<Refused>,
}

/// The first refused function that can be reached from some of the module's own.
pub fn refused(
    lowered: &[Lowered],
    types: &Types,
    table: &[Option<usize>],
    from: impl Iterator<Item = usize>,
) -> Option<Refused> {
    let mut seen = vec![false; lowered.len()];
    let mut left: Vec<usize> = from.collect();
    let mut is_table_in = false;
    while let Some(index) = left.pop() {
        match seen.get_mut(index) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        let Some(function) = lowered.get(index) else { continue };
        if function.refused.is_some() {
            return function.refused.clone();
        }
        left.extend(function.calls.iter().filter_map(|call| (*call as usize).checked_sub(types.imported)));
        if function.calls_table && !std::mem::replace(&mut is_table_in, true) {
            left.extend(table.iter().flatten());
        }
    }
    None
}
