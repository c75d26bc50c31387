//! `worldmodel card`: a model card, written from a run's folder and from what was measured.
//!
//! Every figure on it is read from a file: nobody types one, and the same files make the same card.

mod text;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use engine::worldmodel::data::Families;
use serde_json::Value;

use crate::measure::figures::Figures;
use crate::model::About;
use crate::train::curves::{self, Point};
use crate::{Status, questions, report};

/// The options of `worldmodel card`.
#[derive(Args)]
pub struct Options {
    /// The folder of the run that trained it; said again for each run that went on from the one before, in order.
    #[arg(long, value_name = "FOLDER", default_value = "nano-run")]
    run: Vec<PathBuf>,
    /// The model's folder.
    #[arg(long, value_name = "FOLDER", default_value = "assets/nano")]
    model: PathBuf,
    /// What `worldmodel bench --model FOLDER --json` printed of it.
    #[arg(long, value_name = "FILE")]
    figures: PathBuf,
    /// The folder of questions that it was trained on.
    #[arg(long, value_name = "FOLDER", default_value = "assets/questions")]
    questions: PathBuf,
    /// Where the card goes; the curves are drawn beside it.
    #[arg(long, value_name = "FILE", default_value = "docs/model-card.md")]
    out: PathBuf,
}

/// Everything that a card says.
struct Card {
    about: About,
    families: Families,
    figures: Figures,
    /// How the training went, point by point.
    points: Vec<Point>,
    /// The picture's name, beside the card.
    picture: String,
    /// The names of the pictures of the runs before, where these started from a model: `STEM-curves-before*.svg` beside the card.
    earlier: Vec<String>,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    let about = About::read(&options.model)?;
    let Some((adapter, _)) = &about.taps else {
        bail!("{} has no adapter.json: --model names a WorldModel's folder", options.model.display());
    };
    let figures = read(&options.figures)?;
    let figures: Figures = serde_json::from_str(figures.trim()).with_context(|| {
        format!(
            "{} holds no figures: write what `worldmodel bench --model {} --json` prints into it",
            options.figures.display(),
            options.model.display()
        )
    })?;
    if !figures.are_of(adapter) {
        bail!(
            "{} was measured on another model than {}, or before its selection was trained: measure it again",
            options.figures.display(),
            options.model.display()
        );
    }
    let families = questions::read(&options.questions)?;
    if families.hash() != figures.questions {
        bail!(
            "{} are not the questions that {} was measured with: measure it again",
            options.questions.display(),
            options.figures.display()
        );
    }
    if trained_on(about.training()).is_some_and(|hash| hash != families.hash()) {
        report::problem("note: the questions have changed since the last sitting of the training");
    }
    let mut points: Vec<Point> = Vec::new();
    let mut streams = Vec::new();
    for run in &options.run {
        let table = read(&run.join("curve.csv"))?;
        let more = curves::read(&table, u64::MAX);
        let first = more.first().map_or(u64::MAX, |point| point.step);
        points.retain(|point| point.step < first);
        points.extend(more);
        streams = curves::streams(&table);
    }
    let stem = options.out.file_stem().unwrap_or_default().to_string_lossy();
    let picture = format!("{stem}-curves.svg");
    let earlier = beside(&options.out, &format!("{stem}-curves-before"))?;
    let card = Card { about, families, figures, points, picture, earlier };
    let text = text::card(&card);
    curves::draw(&options.out.with_file_name(&card.picture), &card.points, &streams)?;
    fs::write(&options.out, text).with_context(|| format!("{} cannot be written", options.out.display()))?;
    report::line(&format!("wrote {}", options.out.display()));
    Ok(Status::Done)
}

/// The files beside another whose names begin so, in order.
fn beside(path: &Path, start: &str) -> Result<Vec<String>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(start) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The hash of the questions in the last sitting.
fn trained_on(training: &Value) -> Option<&str> {
    training.get("sittings")?.as_array()?.last()?.get("questions")?.as_str()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
