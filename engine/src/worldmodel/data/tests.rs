use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

use fastrand::Rng;

use super::wording::Piece;
use super::*;
use crate::worldmodel::numbers::Value;

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

/// Every family gives examples to train on and in its held-out wordings, and what is rejected is never a bug of the data.
#[test]
fn every_family_yields_examples_in_each_split() {
    let families = families();
    let mut problems = Vec::new();
    for (index, name) in families.names().enumerate() {
        for split in [Split::Train, Split::HeldOutWordings] {
            let mut rng = Rng::with_seed(7);
            let found = (0..50).filter_map(|_| families.example_of(index, &mut rng, split)).count();
            if found < 50 {
                problems.push(format!("{name}: {found} of 50 in {split:?}"));
            }
        }
        let family = &families.families[index];
        let mut rng = Rng::with_seed(11);
        let mut wrong = HashMap::new();
        for _ in 0..60 {
            for split in [Split::Train, Split::HeldOutWordings] {
                let drawn = families.draw(family, &mut rng, split);
                if let Err(Rejected::Operands(why) | Rejected::Plan(why) | Rejected::Program(why)) = drawn {
                    *wrong.entry(why).or_insert(0) += 1;
                }
            }
        }
        let mut wrong: Vec<_> = wrong.into_iter().collect();
        wrong.sort();
        problems.extend(wrong.into_iter().take(3).map(|(why, count)| format!("{name}: {count} times {why}")));
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// The words of a text.
fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !(c.is_alphanumeric() || c == '#' || c == '_'));
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// A wording without what fills it: `#` for operands, `_` for words.
fn skeleton(family: &Family, way: &[Piece<'_>]) -> String {
    let show = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Slot(slot) if family.slots.iter().any(|known| known.name == slot.name) => " # ".to_owned(),
        Piece::Slot(_) => " _ ".to_owned(),
    };
    let text: String = way.iter().map(show).collect();
    words(&text).join(" ")
}

/// Nobody trains on a sentence that is held out, whichever way its choices go and whichever family has it.
#[test]
fn no_held_out_wording_is_trained_on() {
    let families = families();
    let mut trained = HashMap::new();
    for family in &families.families {
        for sentence in &family.train {
            for way in sentence.wording.all(5000) {
                trained.insert(skeleton(family, &way), format!("{}: {}", family.name, sentence.source));
            }
        }
    }
    let mut both = Vec::new();
    for family in &families.families {
        for sentence in &family.held_out {
            for way in sentence.wording.all(5000) {
                if let Some(source) = trained.get(&skeleton(family, &way)) {
                    both.push(format!("{}: {} | {source}", family.name, sentence.source));
                }
            }
        }
    }
    assert!(both.is_empty(), "{} held-out wordings are trained on:\n{}", both.len(), both.join("\n"));
}

/// One sentence has one plan: nobody could learn two.
#[test]
fn no_wording_means_two_things() {
    let families = families();
    let mut meanings: HashMap<String, (String, String)> = HashMap::new();
    let mut twice = Vec::new();
    for family in &families.families {
        for sentence in family.train.iter().chain(&family.held_out) {
            for way in sentence.wording.all(2000) {
                let mut plan = family.plan.clone().unwrap_or_default();
                let slots = way.iter().filter_map(|piece| match piece {
                    Piece::Slot(slot) if family.slots.iter().any(|known| known.name == slot.name) => {
                        Some(&slot.name)
                    }
                    _ => None,
                });
                for (index, slot) in slots.enumerate() {
                    plan = plan.replace(&format!("{{{slot}}}"), &format!("<{index}>"));
                }
                // Symbols are left in: they are most of what "# + #" says.
                let show = |piece: &Piece<'_>| match piece {
                    Piece::Text(text) => (*text).to_lowercase(),
                    Piece::Slot(slot) => match family.slots.iter().find(|known| known.name == slot.name) {
                        Some(known) => format!("{:?}", known.ways.iter().map(std::mem::discriminant).next()),
                        None => "_".to_owned(),
                    },
                };
                let text: String = way.iter().map(show).collect();
                let text = text.trim_end_matches(['.', '?', '!', ' ']).replace("  ", " ");
                let place = format!("{}: {}", family.name, sentence.source);
                match meanings.get(&text) {
                    Some((known, other)) if *known != plan => {
                        twice.push(format!("{known} or {plan}: {other} | {place}"))
                    }
                    Some(_) => {}
                    None => {
                        meanings.insert(text, (plan, place));
                    }
                }
            }
        }
    }
    twice.sort();
    assert!(twice.is_empty(), "{} wordings mean two things:\n{}", twice.len(), twice.join("\n"));
}

/// Held-out sentences are new, their words are not: a model from scratch knows no others.
#[test]
fn held_out_wordings_are_made_of_words_of_training() {
    let families = families();
    let text = |way: &[Piece<'_>]| -> String {
        let show = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Slot(_) => "#".to_owned(),
        };
        way.iter().map(show).collect()
    };
    let mut known: HashSet<String> = HashSet::new();
    for family in &families.families {
        for way in family.train.iter().flat_map(|sentence| sentence.wording.all(5000)) {
            known.extend(words(&text(&way)));
        }
    }
    for (_, list) in files().iter().filter(|(name, _)| name.starts_with("lists/")) {
        known.extend(words(list));
    }
    let mut strange = Vec::new();
    for family in &families.families {
        for sentence in &family.held_out {
            for way in sentence.wording.all(5000) {
                // Chinese has no spaces: its words are not looked at.
                let new = words(&text(&way))
                    .into_iter()
                    .filter(|word| !known.contains(word) && word.chars().all(|c| c < '\u{2e80}'));
                strange.extend(new.map(|word| format!("{}: {word}", family.name)));
            }
        }
    }
    strange.sort();
    strange.dedup();
    assert!(
        strange.is_empty(),
        "{} words are only in held-out wordings:\n{}",
        strange.len(),
        strange.join("\n")
    );
}

/// The numbers and texts of a question in no order.
fn numbers_of(example: Example) -> (String, Vec<String>) {
    let shown = |number: &crate::worldmodel::numbers::Number| match number.value {
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::TooLarge => number.spelled.replace([',', ' '], ""),
    };
    let mut parts: Vec<String> = example.operands.numbers.iter().map(shown).collect();
    parts.extend(example.operands.texts.into_iter().map(|text| text.value));
    parts.sort();
    (example.family, parts)
}

/// The same numbers are not asked about in training and in the set held out for its numbers, however few digits they have.
#[test]
fn no_held_out_numbers_are_trained_on() {
    let families = families();
    let mut rng = Rng::with_seed(3);
    let mut both = Vec::new();
    let mut without = 0;
    for index in 0..families.families.len() {
        let mut draw = |split, count| -> HashSet<_> {
            let examples = (0..count).map_while(|_| families.example_of(index, &mut rng, split));
            examples.map(numbers_of).collect()
        };
        let held_out = draw(Split::HeldOutNumbers, 60);
        let trained = draw(Split::Train, if held_out.is_empty() { 0 } else { 250 });
        both.extend(trained.intersection(&held_out).cloned());
        without += usize::from(held_out.is_empty());
    }
    assert!(both.is_empty(), "{both:?}");
    println!("{without} families have no numbers held out");
    assert!(without < 40, "{without} of {} families have no numbers held out", families.families.len());
    for set in Set::ALL {
        assert!(families.example_of_set(set, &mut rng, Split::HeldOutNumbers).is_some(), "{set:?}");
    }
}

/// Lists are short, but for a few.
#[test]
fn some_lists_are_long() {
    let families = families();
    let index = families.names().position(|name| name == "logic/list_sum").unwrap();
    let mut rng = Rng::with_seed(17);
    let drawn = (0..2000).filter_map(|_| families.example_of(index, &mut rng, Split::Train));
    let long = drawn.filter(|example| example.operands.list.len() >= 30).count();
    assert!((10..=60).contains(&long), "{long} of 2000");
}

/// A few questions of arithmetic cannot be computed, and say why; every other one with a plan has its answer.
#[test]
fn some_examples_fail_with_a_plan() {
    let families = families();
    let mut rng = Rng::with_seed(13);
    let mut kinds: HashMap<_, usize> = HashMap::new();
    for _ in 0..12_000 {
        let example = families.example(&mut rng, &Mix::only(Stage::Arithmetic), Split::Train).unwrap();
        let outcomes = usize::from(example.answer.is_some()) + usize::from(example.failure.is_some());
        assert_eq!(outcomes, usize::from(example.plan.is_some()), "{}", example.question);
        assert_eq!(example.program.is_empty(), example.plan.is_none(), "{}", example.question);
        if let Some(failure) = example.failure {
            assert_eq!(example.reply, cannot(&failure));
            *kinds.entry(std::mem::discriminant(&failure)).or_default() += 1;
        }
    }
    let count = |failure: Failure| kinds.get(&std::mem::discriminant(&failure)).copied().unwrap_or(0);
    let long = count(Failure::TooLarge(String::new()));
    assert!((120..=400).contains(&long), "{long} numbers are too long");
    assert!(count(Failure::Overflow) > 3 && count(Failure::DivisionByZero) > 3, "{kinds:?}");
    assert!(kinds.values().sum::<usize>() < 600, "{kinds:?}");
    assert_eq!(families.counts().wrong, 0);
}

/// What is published is for measuring.
#[test]
fn published_questions_are_never_drawn() {
    let families = families();
    assert!(families.published().len() >= 25);
    let published: HashSet<String> =
        families.published().iter().map(|published| read::plain(&published.question)).collect();
    let mut rng = Rng::with_seed(5);
    for _ in 0..4000 {
        let example = families.example(&mut rng, &Mix::default(), Split::Train).unwrap();
        assert!(!published.contains(&read::plain(&example.question)), "{}", example.question);
    }
}

#[test]
fn the_hash_knows_every_byte() {
    let mut files = files();
    let whole = Families::read(files.clone()).unwrap().hash();
    files.reverse();
    assert_eq!(Families::read(files.clone()).unwrap().hash(), whole);
    files[0].1.push(' ');
    assert_ne!(Families::read(files).unwrap().hash(), whole);
}

#[test]
fn a_file_that_means_nothing_is_refused_at_its_line() {
    let read = |text: &str| Families::read([("logic/x.txt", text)]).unwrap_err().to_string();
    let start = "plan: {x} + 1\nanswer: {result}\n";
    assert_eq!(read("plan: {x}\nnumber: x = 2..9\n"), "logic/x.txt, line 2: `number` is no key");
    assert_eq!(read("numbers: x = 9..2x\n"), "logic/x.txt, line 1: `2x` is no number");
    assert_eq!(read(&format!("{start}train:\nAdd {{x\n")), "logic/x.txt, line 4: a slot is not closed");
    assert_eq!(read(&format!("{start}train:\nAdd\n")), "logic/x.txt, line 4: there is no `held-out:`");
    let unfilled = read(&format!("{start}train:\nAdd {{y}}\nheld-out:\nAdd\n"));
    assert_eq!(unfilled, "logic/x.txt, line 0: nothing fills {y} in `Add {y}`");
}

/// A seed makes the same examples again.
#[test]
fn seeds_are_kept() {
    let families = families();
    let draw = |seed| {
        let mut rng = Rng::with_seed(seed);
        let mut next = || families.example(&mut rng, &Mix::default(), Split::Train).unwrap().question;
        [next(), next(), next()]
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

/// What is left of a sentence without what is only polite or only asks, in no order.
fn content(family: &Family, way: &[Piece<'_>]) -> Vec<String> {
    const EMPTY: &str = "please the a an is are do does did i you me my of to in it that this what whats s how much many and or find \
        give tell compute calculate work out will would can could be get if when for at with result value number show know on by \
        from as into there have has";
    let show = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Slot(slot) => format!(" #{} ", slot.name),
    };
    let text: String = way.iter().map(show).collect();
    let is_empty = |word: &String| EMPTY.split_whitespace().any(|empty| empty == word);
    let mut content: Vec<String> = words(&text).into_iter().filter(|word| !is_empty(word)).collect();
    if family.plan.is_none() || content.iter().any(|word| !word.is_ascii()) {
        return Vec::new();
    }
    content.extend(text.chars().filter(|c| "²³√%^*+/°-".contains(*c)).map(String::from));
    content.sort();
    content.dedup();
    content
}

/// To be read: held-out sentences that say what one of training says but for politeness and order. They measure little.
#[test]
#[ignore = "prints sentences to be read"]
fn print_held_out_wordings_that_are_hardly_new() {
    let families = families();
    let mut count = 0;
    for family in &families.families {
        let mut trained = HashMap::new();
        for sentence in &family.train {
            for way in sentence.wording.all(5000) {
                trained.insert(content(family, &way), &sentence.source);
            }
        }
        for sentence in &family.held_out {
            let ways = sentence.wording.all(5000);
            let mut known = ways.iter().map(|way| content(family, way)).filter(|content| !content.is_empty());
            if let Some(source) = known.find_map(|content| trained.get(&content)) {
                println!("{}: {} | {source}", family.name, sentence.source);
                count += 1;
            }
        }
    }
    println!("{count} of {} held-out wordings", families.wordings().1);
}

/// To be read: how fast examples are drawn.
#[test]
#[ignore = "measures"]
fn examples_a_second() {
    let families = families();
    let mut rng = Rng::with_seed(1);
    let start = Instant::now();
    for _ in 0..10_000 {
        families.example(&mut rng, &Mix::default(), Split::Train).unwrap();
    }
    println!("{:.0} examples a second; {:?}", 10_000.0 / start.elapsed().as_secs_f64(), families.counts());
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
            let failure = example.failure.map_or_else(|| "-".to_owned(), |failure| failure.to_string());
            let answer = example.answer.map_or(failure, |answer| answer.to_string());
            println!("  {}\n      {plan} = {answer}  |  {}", example.question, example.reply);
        }
    }
    println!("{:?}", families.counts());
}
