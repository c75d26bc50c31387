use std::collections::{HashMap, HashSet};
use std::path::Path;

use fastrand::Rng;

use super::*;

/// The files of `assets/questions`.
pub(crate) fn files() -> Vec<(String, String)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/questions"));
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

pub(crate) fn families() -> Families {
    Families::read(files()).unwrap_or_else(|error| panic!("{error}"))
}

/// Every family gives examples in each split, and what is rejected is never a bug of the data.
#[test]
fn every_family_yields_examples_in_each_split() {
    let families = families();
    let mut problems = Vec::new();
    for (index, name) in families.names().enumerate() {
        for split in [Split::Train, Split::HeldOutWordings, Split::HeldOutNumbers] {
            let mut rng = Rng::with_seed(7);
            let found = (0..50).filter_map(|_| families.example_of(index, &mut rng, split)).count();
            if found < 50 {
                problems.push(format!("{name}: {found} of 50 in {split:?}"));
            }
        }
        let family = &families.families[index];
        let mut rng = Rng::with_seed(11);
        let mut wrong = HashMap::new();
        for _ in 0..200 {
            for split in [Split::Train, Split::HeldOutWordings] {
                match families.draw(family, &mut rng, split) {
                    Err(Rejected::Operands(why) | Rejected::Plan(why) | Rejected::Program(why)) => {
                        *wrong.entry(why).or_insert(0) += 1;
                    }
                    _ => {}
                }
            }
        }
        let mut wrong: Vec<_> = wrong.into_iter().collect();
        wrong.sort();
        problems.extend(wrong.into_iter().take(3).map(|(why, count)| format!("{name}: {count} times {why}")));
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// To be read: `cargo test … print_examples -- --ignored --nocapture`, with `FAMILY=words/` for a part.
#[test]
#[ignore = "prints examples to be read"]
fn print_examples() {
    let families = families();
    let part = std::env::var("FAMILY").unwrap_or_default();
    let count = std::env::var("COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(3);
    let (train, held_out) = families.wordings();
    println!("{} families, {train} + {held_out} wordings, {}", families.families.len(), families.hash());
    let mut rng = Rng::new();
    for (index, name) in families.names().enumerate().filter(|(_, name)| name.contains(&part)) {
        println!("\n{name}");
        for turn in 0..count {
            let split = if turn % 3 == 2 { Split::HeldOutWordings } else { Split::Train };
            let Some(example) = families.example_of(index, &mut rng, split) else {
                println!("  nothing");
                continue;
            };
            let plan = example.plan.map_or_else(|| "-".to_owned(), |plan| plan.to_string());
            let answer = example.answer.map_or_else(|| "-".to_owned(), |answer| answer.to_string());
            println!("  {}\n      {plan} = {answer}  |  {}", example.question, example.reply);
        }
    }
    println!("{:?}", families.counts());
}
