//! What the programs together must cover.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::interpreter::classic::isa::Op;
use libtest_mimic::Trial;

use super::case::Case;

/// The categories of the published suite, each with its number of programs.
const PUBLISHED: [(&str, usize); 12] = [
    ("core_arithmetic_logic", 24),
    ("comparisons", 16),
    ("memory_variables", 14),
    ("filesystem", 8),
    ("filesystem_integration", 3),
    ("limits_bounds", 15),
    ("basic_loops", 7),
    ("loop_arithmetic", 7),
    ("loop_locals_memory", 4),
    ("loop_filesystem", 6),
    ("loop_edge_cases", 4),
    ("combined_output", 4),
];

/// Words that only one trap's message has: a program must end in each.
const TRAPS: [&str; 7] = [
    "stack underflow",
    "stack overflow",
    "before it was set",
    "is not open",
    "there is no file descriptor",
    "ends here",
    "the loop would start",
];

/// The tests about the whole suite.
pub fn trials(cases: &[Arc<Case>]) -> Vec<Trial> {
    let trial = |name: &str, check: fn(&[Arc<Case>]) -> Result<(), String>| {
        let cases = cases.to_vec();
        Trial::test(name, move || Ok(check(&cases)?)).with_kind("suite")
    };
    vec![
        trial("every category has its published number of programs", categories),
        trial("every operation occurs in several categories", operations),
        trial("every trap occurs", traps),
    ]
}

fn categories(cases: &[Arc<Case>]) -> Result<(), String> {
    for (category, published) in PUBLISHED {
        let found = cases.iter().filter(|case| case.category() == category).count();
        if found < published {
            return Err(format!("{category}: {found} of {published}"));
        }
    }
    let known = |case: &&Arc<Case>| !PUBLISHED.iter().any(|(category, _)| *category == case.category());
    match cases.iter().find(known) {
        Some(stray) => Err(format!("{} is in no category", stray.name)),
        None => Ok(()),
    }
}

fn operations(cases: &[Arc<Case>]) -> Result<(), String> {
    for op in Op::ALL {
        let uses = |case: &&Arc<Case>| case.program.instructions().iter().any(|used| used.op == op);
        let categories: BTreeSet<&str> = cases.iter().filter(uses).map(|case| case.category()).collect();
        if categories.len() < 3 {
            return Err(format!("{} occurs in {categories:?} only", op.mnemonic()));
        }
    }
    Ok(())
}

fn traps(cases: &[Arc<Case>]) -> Result<(), String> {
    for words in TRAPS {
        if !cases.iter().any(|case| case.trap().is_some_and(|trap| trap.contains(words))) {
            return Err(format!("no program ends in \"{words}\""));
        }
    }
    Ok(())
}
