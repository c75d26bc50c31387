//! The full machine's reference against WebAssembly's own test suite: every assertion about a module that the machine can run.

#![allow(clippy::print_stdout, reason = "what is outside is to be read")]

#[path = "full/suite.rs"]
mod suite;

use std::collections::BTreeMap;

use libtest_mimic::{Arguments, Trial};
use suite::Counts;

/// Assertions about modules within the machine's part of WebAssembly. Fewer would mean that something is refused which was not.
const ASSERTIONS: usize = 4_367;

fn main() {
    let arguments = Arguments::from_args();
    let files: BTreeMap<String, &'static str> = suite::files();
    let mut trials: Vec<Trial> = files
        .iter()
        .map(|(name, text)| {
            let (name, text) = (name.clone(), *text);
            Trial::test(name.clone(), move || suite::check(&name, text)).with_kind("suite")
        })
        .collect();
    trials.push(Trial::test("what is within and what is not", move || {
        let mut all = Counts::default();
        for (name, text) in &files {
            let counts = suite::count(text)?;
            println!("{name}: {counts}");
            all.add(&counts);
        }
        println!("all: {all}");
        let checked = all.within;
        if checked < ASSERTIONS {
            return Err(format!("{checked} assertions were checked, {ASSERTIONS} were before").into());
        }
        Ok(())
    }));
    libtest_mimic::run(&arguments, trials).exit();
}
