//! One sitting of a run, whatever is trained: steps, checkpoints, curves.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use engine::worldmodel::data::Families;
use engine::worldmodel::train::{POOL, Rate, Score, Train};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Options;
use super::curves::{self, Point};
use super::folder::{Folder, State};
use super::pace::Pace;
use crate::report;

/// Steps between two points of the curves.
const POINT_EVERY: u64 = 20;

/// One sitting of a run.
pub struct Sitting {
    /// Where the run stands.
    pub state: State,
    points: Vec<Point>,
    /// The model that this sitting started from, if it is the run's first and there was one.
    origin: serde_json::Value,
}

impl Sitting {
    /// Where the run stands.
    pub fn resume(folder: &Folder, trainer: &mut impl Train) -> Result<Self> {
        let Some((mut state, snapshot)) = folder.last()? else {
            return Ok(Self::new(State::default(), serde_json::Value::Null));
        };
        trainer.restore(snapshot)?;
        state.sittings += 1;
        let table = std::fs::read_to_string(folder.path("curve.csv")).unwrap_or_default();
        let points = curves::read(&table, state.step);
        Ok(Self { state, points, origin: serde_json::Value::Null })
    }

    /// The first sitting of a run that starts where a training stood.
    pub fn new(mut state: State, origin: serde_json::Value) -> Self {
        state.sittings += 1;
        Self { state, points: Vec::new(), origin }
    }

    /// Says where the run stands, and writes down that it goes on.
    pub fn begin(
        &self,
        folder: &Folder,
        families: &Families,
        trainer: &impl Train,
        options: &Options,
    ) -> Result<()> {
        self.note_start(folder, families, options)?;
        report::line(&format!(
            "{} parameters; data {}; step {} of {}",
            trainer.parameters(),
            families.hash(),
            self.state.step,
            options.steps
        ));
        Ok(())
    }

    /// Says how far the run came.
    pub fn end(&self, finished: bool, options: &Options) {
        let state = if finished { "finished" } else { "stopped; the same command goes on" };
        report::line(&format!("step {} of {}: {state}", self.state.step, options.steps));
    }

    /// Appends what this sitting was started with to the run's log: the questions may have grown since the last.
    fn note_start(&self, folder: &Folder, families: &Families, options: &Options) -> Result<()> {
        let path = folder.path("sittings.jsonl");
        let mut text = std::fs::read_to_string(&path).unwrap_or_default();
        let last: Option<serde_json::Value> =
            text.lines().last().and_then(|line| serde_json::from_str(line).ok());
        let changed =
            |key: &str, now: serde_json::Value| last.as_ref().is_some_and(|last| last.get(key) != Some(&now));
        for (key, now) in [
            ("questions", families.hash().into()),
            ("steps", options.steps.into()),
            ("rate", options.rate.into()),
            ("cool_down", options.cool_down.into()),
        ] {
            if changed(key, now) {
                report::problem(&format!(
                    "note: {key} differs from the sitting before: this is not the run it would have been"
                ));
            }
        }
        let line = serde_json::json!({
            "sitting": self.state.sittings,
            "from_step": self.state.step,
            "from_seconds": self.state.seconds,
            "from": self.origin,
            "steps": options.steps,
            "rate": options.rate,
            "cool_down": options.cool_down,
            "questions": families.hash(),
            "commit": commit(),
        });
        text += &format!("{line}\n");
        folder.write("sittings.jsonl", text.as_bytes())
    }

    /// How the weights came to be, for their metadata.
    pub fn training(&self, folder: &Folder, options: &Options) -> Result<serde_json::Value> {
        let read = |name: &str| {
            let path = folder.path(name);
            std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let settings: serde_json::Value =
            serde_json::from_str(&read("run.json")?).context("run.json is damaged")?;
        let sittings = read("sittings.jsonl")?;
        let sittings: Vec<serde_json::Value> = sittings
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()
            .context("sittings.jsonl is damaged")?;
        Ok(serde_json::json!({
            "settings": settings,
            "steps": self.state.step,
            "planned": options.steps,
            "finished": self.state.step >= options.steps,
            "samples": self.state.samples,
            "seconds": self.state.seconds,
            "sittings": sittings,
        }))
    }

    /// Steps until the run is finished (true) or somebody wants it to stop.
    pub fn steps<T: Train>(
        &mut self,
        folder: &Folder,
        trainer: &mut T,
        pools: &Receiver<Result<Vec<Vec<T::Sample>>>>,
        options: &Options,
        stop: &AtomicBool,
    ) -> Result<bool> {
        let rate = Rate { level: options.rate, cool_down: options.cool_down, ..Rate::default() };
        let bar = bar(options.steps, self.state.step);
        let (began, mut saved, mut pace) = (Instant::now(), Instant::now(), Pace::default());
        let before = self.state.seconds;
        let limit = options.minutes.map(|minutes| Duration::from_secs_f64(60.0 * minutes.max(0.0)));
        let mut lately: Vec<Score> = Vec::new();
        // A pool may have been begun in an earlier sitting.
        let mut skip = usize::try_from(self.state.step % POOL).unwrap_or(0);
        while self.state.step < options.steps {
            let pool = pools.recv().context("no more samples come")??;
            for samples in pool.iter().skip(std::mem::take(&mut skip)) {
                let score = trainer.step(samples, rate.at(self.state.step, options.steps));
                if !score.is_finite() {
                    bail!(
                        "the loss is no number any more at step {}: go on from the last checkpoint with a lower --rate",
                        self.state.step
                    );
                }
                self.state.step += 1;
                self.state.samples += samples.len() as u64;
                self.state.seconds = before + began.elapsed().as_secs_f64();
                lately.push(score);
                bar.set_position(self.state.step);
                if self.state.step.is_multiple_of(POINT_EVERY) {
                    self.point(&mut lately, &bar);
                }
                let enough =
                    stop.load(Ordering::SeqCst) || limit.is_some_and(|limit| began.elapsed() >= limit);
                let finished = self.state.step >= options.steps;
                if enough || finished || pace.is_due(saved.elapsed()) {
                    let start = Instant::now();
                    self.save(folder, trainer)?;
                    pace.saved(start.elapsed());
                    saved = Instant::now();
                }
                if enough || finished {
                    bar.abandon();
                    return Ok(finished);
                }
            }
        }
        Ok(true)
    }

    /// A point of the curves: the mean since the last.
    fn point(&mut self, lately: &mut Vec<Score>, bar: &ProgressBar) {
        let score = Score::mean(lately);
        // A batch without a program says nothing of the taps.
        let row = |values: &mut dyn Iterator<Item = Option<f32>>| -> Vec<f64> {
            values.map(|value| value.unwrap_or(0.0)).map(f64::from).collect()
        };
        let (losses, right) = (row(&mut score.losses()), row(&mut score.right()));
        let shown =
            |values: &[f64]| values.iter().map(|value| format!("{value:.4}")).collect::<Vec<_>>().join(" ");
        bar.set_message(format!("loss {}  right {}", shown(&losses), shown(&right)));
        if bar.is_hidden() {
            report::line(&format!(
                "step {} ({:.0} s, {} samples): loss {}  right {}",
                self.state.step,
                self.state.seconds,
                self.state.samples,
                shown(&losses),
                shown(&right)
            ));
        }
        self.points.push(Point { step: self.state.step, seconds: self.state.seconds, losses, right });
        lately.clear();
    }

    fn save(&self, folder: &Folder, trainer: &impl Train) -> Result<()> {
        if !trainer.is_finite() {
            bail!("the weights are no numbers any more: go on from the last checkpoint with a lower --rate");
        }
        folder.save(&self.state, &trainer.snapshot()?)?;
        let streams = trainer.streams();
        folder.write("curve.csv", curves::table(&self.points, &streams).as_bytes())?;
        curves::draw(&folder.path("curves.svg"), &self.points, &streams)
    }
}

/// A bar with rate and time left. Where nobody watches, lines are printed instead.
pub fn bar(steps: u64, at: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {per_sec}  {eta_precise} left  {msg}");
    let bar = ProgressBar::with_draw_target(Some(steps), target).with_position(at);
    bar.reset_eta();
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The commit of the sources here, if git knows it.
fn commit() -> Option<String> {
    let output = std::process::Command::new("git")
        .args(["describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}
