//! Every `tests/questions/*.question` is one test: a question as somebody may type it, from the text to what is said of it.
//!
//! ```text
//! question: What is 12 / 0?
//! repeated: 400            the question stands there so many times
//! plan: <a> / <b>          the program of this plan is run, or
//! program: (module …       this program, tokens as a model could write them; without both, what the model likes
//! grant: date = 2026-11-21 a function of the host, and what it says
//! memory: 1000             another limit than the usual one, in bytes
//! numbers: 12, 0           the numbers that are found, as they stand there; how many, where they are many
//! answer: integer 132      what the program computes,
//! failure: …               or why it computes nothing: with `…` at its end, how that begins
//! error: …                 why the question cannot be asked, likewise
//! ```
//!
//! The model is tiny and has random weights, since no bad question may depend on what a model has learned: whatever it writes, the answer
//! says what happened, the result stands in the text, and nothing that was typed is lost or taken for a mark.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use engine::kernels::cpu::Cpu;
use engine::qwen::{Decoder, LoadOptions, Loader};
use engine::sandbox::{Grant, Limits};
use engine::tokenizer::{Shown, Tokenizer};
use engine::weights::{Checkpoint, WeightsFile};
use engine::worldmodel::adapter::Base;
use engine::worldmodel::answer::Answer;
use engine::worldmodel::ask::{Asked, Settings, Source, WorldModel};
use engine::worldmodel::expression::{Given, parse};
use engine::worldmodel::nano;
use engine::worldmodel::numbers::Operands;
use engine::worldmodel::program::{LIMITS, compile, vocabulary};
use engine::worldmodel::selection::Selection;
use engine::worldmodel::taps::Taps;
use engine::worldmodel::train::{Shape, Trainer, export, learn_vocabulary, processor};
use engine::worldmodel::transcript::{COMPUTED, COMPUTED_END, END, MARKS, PROGRAM, computed_text};
use libtest_mimic::{Arguments, Failed, Trial};

/// Cases there are at least.
const AT_LEAST: usize = 28;
/// Numbers of a question that are listed one by one.
const LISTED: usize = 8;

fn main() {
    let arguments = Arguments::from_args();
    let mut cases = cases();
    cases.sort();
    // A folder that is not found must not pass.
    assert!(cases.len() >= AT_LEAST, "only {} cases in tests/questions", cases.len());
    let model = Arc::new(Mutex::new(Random::new()));
    let trials = cases.into_iter().map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let model = Arc::clone(&model);
        Trial::test(name, move || check(&path, &mut model.lock().unwrap_or_else(PoisonError::into_inner)))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/questions");
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "question")).collect()
}

/// A model that has learned nothing.
struct Random {
    decoder: Decoder<Cpu>,
    taps: Taps<Cpu>,
    tokenizer: Tokenizer,
    selection: Selection,
}

impl Random {
    fn new() -> Self {
        let texts = ["what is one plus two", "это сколько будет", "the sum of these numbers"];
        let json = learn_vocabulary(texts.iter().map(|text| (*text).to_owned()), 400).unwrap();
        let tokenizer = Tokenizer::from_json(json.as_bytes()).unwrap();
        let shape =
            Shape { decoder: nano::tiny_decoder(tokenizer.vocabulary_size()), taps: nano::tiny_taps() };
        let trainer = Trainer::new(shape.clone(), 1, processor());
        let checkpoint = |tensors: &[export::Named], config: Option<&str>| {
            let bytes = export::safetensors(tensors, export::Precision::F32).unwrap();
            Checkpoint::safetensors(vec![WeightsFile::new("model.safetensors", bytes)], None, config).unwrap()
        };
        let config = export::config(&shape.decoder, tokenizer.id_of(END).unwrap()).to_string();
        let text = checkpoint(&export::text(trainer.learner()).unwrap(), Some(&config));
        let mut compute = Cpu;
        let mut loader = Loader::new(&text, LoadOptions::default()).unwrap();
        while loader.step(&text, &mut compute).unwrap() {}
        let model = Arc::new(loader.finish().unwrap());
        let file = checkpoint(&export::taps(&trainer.learner().taps).unwrap(), None);
        let selection = Selection::untrained(shape.taps.behind.len());
        let taps = Taps::load(&file, shape.taps, shape.decoder.hidden, &mut compute).unwrap();
        Self { decoder: Decoder::new(compute, model, shape.decoder.context), taps, tokenizer, selection }
    }
}

fn check(path: &Path, model: &mut Random) -> Result<(), Failed> {
    let content = fs::read_to_string(path)?;
    let mut question = String::new();
    let mut settings =
        Settings { limits: Limits { ..LIMITS }, tokens: 40, program_tokens: 40, ..Settings::default() };
    let (mut plan, mut program, mut expected) = (None, None, Vec::new());
    for line in content.lines().filter(|line| !line.trim().is_empty()) {
        let (key, value) = line.split_once(':').ok_or_else(|| format!("`{line}` has no key"))?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match key {
            "question" => question = value.to_owned(),
            "repeated" => question = question.repeat(value.parse()?),
            "plan" => plan = Some(value),
            "program" => program = Some(value),
            "memory" => settings.limits.memory_bytes = value.parse()?,
            "grant" => {
                let (name, value) = value.split_once(" = ").ok_or("a grant is `name = value`")?;
                let integer = value.parse().map(|value| Grant::integer(name, value));
                settings.granted.push(integer.unwrap_or_else(|_| Grant::text(name, value)));
            }
            "numbers" | "answer" | "failure" | "error" => expected.push((key, value.to_owned())),
            other => return Err(format!("`{other}` is no key").into()),
        }
    }
    let tokens = match (plan, program) {
        (Some(plan), None) => Some(compile(&parse(plan)?, &Given::from(&Operands::find(&question)).kinds())?),
        (None, Some(program)) => Some(vocabulary::read(program)?),
        (None, None) => None,
        _ => return Err("a case has a plan or a program".into()),
    };
    settings.programs = vec![tokens.unwrap_or_default(); if plan.or(program).is_some() { 3 } else { 0 }];

    let Random { decoder, taps, tokenizer, selection } = model;
    let mut asking = WorldModel { base: Base::Own, decoder, taps, tokenizer, selection };
    let found = match pollster::block_on(asking.ask(&question, &settings, async |_| true)) {
        Ok(asked) => {
            whole(&question, &asked, tokenizer, !settings.programs.is_empty())?;
            of(&asked)
        }
        Err(error) => vec![("error", error.to_string())],
    };
    let wanted = |key: &str| expected.iter().any(|(known, _)| *known == key);
    let found: Vec<_> = found
        .into_iter()
        .filter(|(key, _)| {
            wanted(key) || *key == "error" || !settings.programs.is_empty() && *key != "numbers"
        })
        .collect();
    let same = |(found, expected): (&(&str, String), &(&str, String))| {
        found.0 == expected.0
            && match expected.1.strip_suffix('…') {
                Some(start) => found.1.starts_with(start),
                None => found.1 == expected.1,
            }
    };
    if found.len() == expected.len() && found.iter().zip(&expected).all(same) {
        return Ok(());
    }
    Err(format!("expected {expected:#?}\ngot {found:#?}").into())
}

/// What was found in a question, and what came of it.
fn of(asked: &Asked) -> Vec<(&'static str, String)> {
    let numbers = &asked.operands.numbers;
    let spelled: Vec<&str> = numbers.iter().map(|number| number.spelled.as_str()).collect();
    let shown = if numbers.len() > LISTED { numbers.len().to_string() } else { spelled.join(", ") };
    let mut found = vec![("numbers", shown)];
    match asked.result() {
        Some(Ok(answer)) => found.push(("answer", format!("{} {answer}", kind(answer)))),
        Some(Err(failure)) => found.push(("failure", failure.to_string())),
        None => {}
    }
    found
}

const fn kind(answer: &Answer) -> &'static str {
    match answer {
        Answer::Integer(_) => "integer",
        Answer::Decimal(_) => "decimal",
        Answer::Text(_) => "text",
        Answer::Integers(_) => "integers",
        Answer::Decimals(_) => "decimals",
    }
}

/// What holds of every question, whatever the model writes.
fn whole(question: &str, asked: &Asked, tokenizer: &Tokenizer, forced: bool) -> Result<(), Failed> {
    let of = |source: Source| -> Vec<u32> {
        asked.tokens.iter().filter(|(_, from)| *from == source).map(|(token, _)| *token).collect()
    };
    // What somebody types is never a mark that steers the text.
    let marks = [END, PROGRAM, COMPUTED, COMPUTED_END].map(|mark| tokenizer.id_of(mark));
    let typed = of(Source::Question);
    if typed.iter().any(|token| marks.contains(&Some(*token))) {
        return Err("the question became a mark".into());
    }
    // Nothing of it is lost but capital letters and what is too long to be read.
    let mut read = tokenizer.decode(&typed, Shown::All);
    let letters = ('a'..='p').map(|letter| format!("<{letter}>"));
    let is_cut = read.contains("<cut>");
    for mark in MARKS.into_iter().map(str::to_owned).chain(letters) {
        read = read.replace(&mark, "");
    }
    let plain =
        |text: &str| -> String { text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect() };
    let mut asked_for = question.to_owned();
    for mark in MARKS {
        asked_for = asked_for.replace(mark, "");
    }
    for letter in 'a'..='p' {
        asked_for = asked_for.replace(&format!("<{letter}>"), "");
    }
    if !is_cut && plain(&read) != plain(&asked_for) {
        return Err(format!("the question was read as `{read}`").into());
    }
    if !forced {
        return Ok(());
    }
    // The result stands in the text, between its marks, as it is.
    let computed = tokenizer.decode(&of(Source::Computed), Shown::All);
    let result = asked.result().map(computed_text).ok_or("nothing was chosen")?;
    if computed != format!("{COMPUTED}{result}{COMPUTED_END}") {
        return Err(format!("`{computed}` is in the text, and the result is `{result}`").into());
    }
    if asked.candidates.len() != 3
        || asked.candidates.iter().any(|candidate| candidate.outcome.wat.is_empty())
    {
        return Err("a program is not shown".into());
    }
    Ok(())
}
