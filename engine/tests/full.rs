//! The full machine. Its reference: against WebAssembly's own test suite, every assertion about what the machine can run, and the traces it
//! writes, against `wasmi` on random modules. Its weights: they write what the reference writes, token by token.

#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "what is outside is to be read; tests")]

#[path = "full/calls.rs"]
mod calls;
#[path = "full/forward.rs"]
mod forward;
#[path = "full/long.rs"]
mod long;
#[path = "full/programs.rs"]
mod programs;
#[path = "full/random.rs"]
mod random;
#[path = "full/suite.rs"]
mod suite;
#[path = "full/traces.rs"]
mod traces;
#[path = "full/weights.rs"]
mod weights;

use std::collections::BTreeMap;

use libtest_mimic::{Arguments, Trial};
use suite::Counts;

/// Calls that are checked, and malformed or invalid modules. Fewer would mean that something is refused which was not, or read no more.
const CHECKED: (usize, usize) = (1_596, 2_771);

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
        let checked = (all.run, all.refused);
        if checked != CHECKED {
            return Err(format!("{checked:?} were checked, {CHECKED:?} were before").into());
        }
        Ok(())
    }));
    trials.push(Trial::test("the calls that the browser makes", || calls::check(&suite::files())));
    trials.extend(traces::files().into_iter().map(|path| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || traces::check(&path)).with_kind("trace")
    }));
    let with_weights = traces::files().into_iter().chain(weights::files());
    trials.extend(with_weights.map(|path| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || weights::check_file(&path)).with_kind("weights")
    }));
    trials.extend(programs::files().into_iter().map(|path| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || programs::check(&path)).with_kind("program")
    }));
    trials.push(Trial::test("a trace past 2²⁰ tokens", long::check));
    // All of them with WORLDMODEL_ALL=1.
    let (modules, transformer) =
        if std::env::var_os("WORLDMODEL_ALL").is_some() { (25_000, 1) } else { (2_000, 10) };
    trials.push(Trial::test("random modules, as in wasmi", move || {
        let counts = random::check(0..modules, transformer)?;
        println!("{counts:?}");
        if (counts.modules as u64) * 10 < modules * 8 || counts.traps * 10 > counts.calls * 9 {
            return Err(format!("too few are run: {counts:?}").into());
        }
        Ok(())
    }));
    trials.push(Trial::test("a module that fails is made smaller", random::check_shrinking));
    trials.extend(random::files().into_iter().map(|path| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || random::check_file(&path)).with_kind("random")
    }));
    trials.push(Trial::test("the shape of the weights", || {
        let model = engine::interpreter::full::compile::compile();
        let heads: Vec<usize> = model.blocks.iter().map(|block| block.heads.len()).collect();
        let neurons: Vec<usize> = model.blocks.iter().map(|block| block.mlp.gate.shape()[0]).collect();
        let tensors = model.tensors();
        let values = tensors.iter().flat_map(|(_, matrix)| matrix.data());
        println!(
            "{} layers of width {}, heads {heads:?}, neurons {neurons:?}, {} tokens, {} parameters, {} of them not 0",
            model.blocks.len(),
            model.d_model(),
            model.vocabulary(),
            model.parameters(),
            values.filter(|value| **value != 0.0).count()
        );
        Ok(())
    }));
    libtest_mimic::run(&arguments, trials).exit();
}
