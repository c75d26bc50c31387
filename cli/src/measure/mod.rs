//! `worldmodel bench --model` of a WorldModel's folder: the published questions, held-out ones, and a comparison.

mod answers;
mod beside;
pub mod figures;
#[cfg(test)]
mod sample;
mod tables;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, anyhow};
use clap::Args;
use engine::kernels::Compute;
use engine::worldmodel::ask::{AskError, Asked, Settings, WorldModel};
use engine::worldmodel::data::{Example, Families, Set, Split};
use engine::worldmodel::measure::published::Row;
use engine::worldmodel::measure::{Judged, Tally, bars, judge, judge_reply};

use crate::ask::{self, Record, Which, WorldErrand, host, with_worldmodel};
use crate::language::{ComputeOptions, with_model};
use crate::{Status, questions, report};
use answers::Answers;
use beside::Beside;
use figures::{Compared, Figures, Other};

/// Questions of each set and split for the slow ones, unless somebody says another number.
const SHARE: usize = 10;

/// The options of the question benchmark.
#[derive(Args)]
pub struct QuestionOptions {
    /// Of a WorldModel: questions of each set and split [default: 200 of plain arithmetic, 80 of each other].
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Of a WorldModel: how many of those are also answered without tools, and by the model beside it [default: 10].
    #[arg(long, value_name = "N")]
    share: Option<usize>,
    /// Asks this language model the same by its chat, and compares.
    #[arg(long, value_name = "PATH")]
    beside: Option<PathBuf>,
    /// The folder of questions [default: assets/questions].
    #[arg(long, value_name = "FOLDER")]
    questions: Option<PathBuf>,
    /// Draws other questions [default: 7].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Asks questions as those of the training, too.
    #[arg(long)]
    trained: bool,
    /// Of a WorldModel whose adapter lies elsewhere: its folder.
    #[arg(long, value_name = "FOLDER", requires = "model")]
    adapter: Option<PathBuf>,
    /// Counts programs, and does not wait for what the model says of their results: a large base writes slowly.
    #[arg(long)]
    programs: bool,
    /// Prints every question that was answered wrongly.
    #[arg(long)]
    wrong: bool,
    /// Writes every question, what is right, and what came of it to a file: an object a line, as `ask --json` prints it.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Ends with status 1 if the model is below one of the bars.
    #[arg(long)]
    check: bool,
}

impl QuestionOptions {
    /// An option that was given, if one was.
    pub fn named(&self) -> Option<&'static str> {
        let given = [
            ("--count", self.count.is_some()),
            ("--share", self.share.is_some()),
            ("--beside", self.beside.is_some()),
            ("--questions", self.questions.is_some()),
            ("--seed", self.seed.is_some()),
            ("--trained", self.trained),
            ("--adapter", self.adapter.is_some()),
            ("--programs", self.programs),
            ("--wrong", self.wrong),
            ("--answers", self.answers.is_some()),
            ("--check", self.check),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }

    /// The WorldModel that a path is, and no language model alone.
    pub fn worldmodel(&self, model: &Path) -> Option<Which> {
        let which = Which { model: model.to_owned(), adapter: self.adapter.clone() };
        (which.adapter.is_some() || is_worldmodel(model)).then_some(which)
    }

    fn count(&self, set: Set) -> usize {
        self.count.unwrap_or_else(|| bars::questions(set))
    }

    fn splits(&self) -> &'static [Split] {
        match self.trained {
            true => &[Split::HeldOutWordings, Split::HeldOutNumbers, Split::Train],
            false => &[Split::HeldOutWordings, Split::HeldOutNumbers],
        }
    }
}

/// Whether a path is a WorldModel's folder, and no language model alone.
pub fn is_worldmodel(path: &Path) -> bool {
    path.join("adapter.json").is_file()
}

/// Runs the benchmark.
pub fn run(which: &Which, options: &QuestionOptions, compute: &ComputeOptions, json: bool) -> Result<Status> {
    let start = Instant::now();
    let adapter = ask::adapter(&which.adapter()?)?;
    let families =
        questions::read(options.questions.as_deref().unwrap_or_else(|| Path::new("assets/questions")))?;
    let mut figures = Figures::of(&adapter, &families, options.seed.unwrap_or(7));
    let mut shared = Vec::new();
    let measure = Measure { options, families: &families, json, figures: &mut figures, shared: &mut shared };
    with_worldmodel(which, compute, measure)?;
    if let Some(path) = &options.beside {
        with_model(path, compute, Beside { shared: &mut shared })?;
        let name = path.file_stem().unwrap_or(path.as_os_str());
        figures.beside = Some(Other { name: name.to_string_lossy().into_owned(), tokens: beside::TOKENS });
    }
    figures.compared = compared(&shared);
    figures.bars = bars::bars(&held_out(&figures.sets), &figures.published);
    figures.seconds = start.elapsed().as_secs_f64();
    if json {
        report::json(&figures)?;
    } else {
        tables::rest(&figures).iter().for_each(|line| report::line(line));
    }
    let below = figures.bars.iter().any(|bar| !bar.is_reached());
    Ok(if options.check && below { Status::Stopped } else { Status::Done })
}

/// Those that the bars are about.
fn held_out(tallies: &[Tally]) -> Vec<Tally> {
    tallies.iter().filter(|tally| tally.split != Split::Train.name()).cloned().collect()
}

/// A question that everybody answers.
struct Shared {
    example: Example,
    judged: Judged,
    /// Whether the model is right without tools.
    alone: bool,
    /// Whether the model beside it is right; `None` if there is none.
    beside: Option<bool>,
}

/// What is compared, set by set.
fn compared(shared: &[Shared]) -> Vec<Compared> {
    let mut compared = Vec::new();
    for set in Set::ALL {
        let of_set: Vec<&Shared> = shared.iter().filter(|shared| shared.example.set == set).collect();
        let taps = of_set.iter().map(|shared| shared.judged.taps.len()).max().unwrap_or(0);
        let count = |is: &dyn Fn(&Shared) -> bool| of_set.iter().filter(|shared| is(shared)).count();
        let tap =
            |tap: usize| count(&|shared| shared.judged.taps.get(tap).copied().unwrap_or(shared.judged.right));
        let has_beside = of_set.iter().any(|shared| shared.beside.is_some());
        compared.push(Compared {
            set: set.name().to_owned(),
            questions: of_set.len(),
            trained: count(&|shared| shared.judged.right),
            taps: (0..taps).map(tap).collect(),
            original: count(&|shared| shared.judged.original),
            alone: count(&|shared| shared.alone),
            beside: has_beside.then(|| count(&|shared| shared.beside == Some(true))),
        });
    }
    compared
}

/// Asks the model everything.
struct Measure<'a> {
    options: &'a QuestionOptions,
    families: &'a Families,
    json: bool,
    figures: &'a mut Figures,
    shared: &'a mut Vec<Shared>,
}

impl WorldErrand for Measure<'_> {
    fn run<C: Compute>(self, mut model: WorldModel<'_, C>) -> Result<Status> {
        self.figures.device = model.decoder.compute().name();
        let say = |line: &str| {
            if !self.json {
                report::line(line);
            }
        };
        let mut answers = self.options.answers.as_deref().map(Answers::create).transpose()?;
        self.figures.published = published(&mut model, self.families)?;
        tables::published(&self.figures.published).iter().for_each(|line| say(line));
        tables::heading(&model.taps.config.behind).iter().for_each(|line| say(line));
        for set in Set::ALL {
            for &split in self.options.splits() {
                let (options, families, answers) = (self.options, self.families, answers.as_mut());
                let mut trial = Trial { options, families, answers, wrong: Vec::new() };
                let (tally, shared) = trial.count(&mut model, set, split)?;
                if tally.questions > 0 {
                    say(&tables::row(&tally));
                }
                if self.options.wrong {
                    trial
                        .wrong
                        .iter()
                        .for_each(|line| if self.json { report::problem(line) } else { say(line) });
                }
                self.shared.extend(shared);
                self.figures.sets.push(tally);
            }
        }
        self.figures.sets.retain(|tally| tally.questions > 0);
        answers.map_or(Ok(()), Answers::finish)?;
        Ok(Status::Done)
    }
}

/// The published questions, with everything granted that a program can ask of the host.
fn published<C: Compute>(model: &mut WorldModel<'_, C>, families: &Families) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for question in families.published().iter().cloned().chain(bars::nothing_to_compute()) {
        let granted = host::grants(&["all".to_owned()])?;
        let settings = Settings { granted: granted.clone(), ..Settings::default() };
        let (asked, seconds) = ask::ask(model, &question.question, &settings)?;
        rows.push(Row::new(&question, &asked, &granted, seconds));
    }
    Ok(rows)
}

/// A set's questions of one split.
struct Trial<'a> {
    options: &'a QuestionOptions,
    families: &'a Families,
    answers: Option<&'a mut Answers>,
    wrong: Vec<String>,
}

impl Trial<'_> {
    fn count<C: Compute>(
        &mut self,
        model: &mut WorldModel<'_, C>,
        set: Set,
        split: Split,
    ) -> Result<(Tally, Vec<Shared>)> {
        let mut rng = fastrand::Rng::with_seed(self.options.seed.unwrap_or(7));
        let mut tally = Tally::new(set.name(), split.name(), model.taps.config.behind.len());
        let mut shared = Vec::new();
        let share = if split == Split::Train { 0 } else { self.options.share.unwrap_or(SHARE) };
        for _ in 0..self.options.count(set) {
            let Some(example) = self.families.example_of_set(set, &mut rng, split) else { continue };
            // Where nothing is to be computed, what is said counts.
            let reply = !self.options.programs || example.plan.is_none();
            let settings = Settings { granted: example.granted.clone(), reply, ..Settings::default() };
            let start = Instant::now();
            let asked = try_to_ask(model, &example, &settings)?;
            let seconds = start.elapsed().as_secs_f64();
            let judged = asked.as_ref().map(|asked| judge(&example, asked)).unwrap_or_default();
            tally.add(&judged, seconds);
            if let (Some(answers), Some(asked)) = (&mut self.answers, &asked) {
                let record = Record::new(&example.question, asked, settings.choice, seconds);
                answers.write(&example, split, &judged, record.spelled(asked, model.tokenizer))?;
            }
            if !judged.right {
                self.wrong.extend(tables::wrong(&example, asked.as_ref()));
            }
            if shared.len() < share {
                let settings = Settings { alone: true, reply: true, ..settings };
                let alone = try_to_ask(model, &example, &settings)?;
                let alone = alone.is_some_and(|asked| judge_reply(&example, &asked.reply));
                shared.push(Shared { example, judged, alone, beside: None });
            }
        }
        Ok((tally, shared))
    }
}

/// What came of a question; `None` of one that cannot be asked, because it is too long, say: it counts as not answered.
fn try_to_ask<C: Compute>(
    model: &mut WorldModel<'_, C>,
    example: &Example,
    settings: &Settings,
) -> Result<Option<Asked>> {
    match pollster::block_on(model.ask(&example.question, settings, async |_| true)) {
        Ok(asked) => Ok(Some(asked)),
        Err(error @ AskError::Compute(_)) => Err(anyhow!("{}: {error}", example.question)),
        Err(error) => {
            report::problem(&format!("{}: {error}", example.question));
            Ok(None)
        }
    }
}
