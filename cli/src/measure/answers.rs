//! What a model answered, question by question, in a file.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use engine::worldmodel::data::{Example, Split};
use engine::worldmodel::measure::Judged;
use serde::Serialize;

use crate::ask::Record;

/// A file that answers are written to.
pub struct Answers {
    path: PathBuf,
    file: BufWriter<File>,
}

/// A line of it.
#[derive(Serialize)]
struct Line<'a> {
    set: &'a str,
    split: &'a str,
    /// Whether the answer is right.
    right: bool,
    /// The right one; `null` where there is nothing to compute, or computing fails.
    expected: Option<String>,
    /// Functions of the host that the program may call: what they say is made up, and nobody else is told it.
    granted: Vec<&'a str>,
    #[serde(flatten)]
    record: Record,
}

impl Answers {
    /// A new file, under another name until it is whole.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(part(path)).with_context(|| unwritable(path))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    /// Adds an answer.
    pub fn write(&mut self, example: &Example, split: Split, judged: &Judged, record: Record) -> Result<()> {
        let line = Line {
            set: example.set.name(),
            split: split.name(),
            right: judged.right,
            expected: example.answer.as_ref().map(ToString::to_string),
            granted: example.granted.iter().map(|grant| grant.name.as_str()).collect(),
            record,
        };
        let json = serde_json::to_string(&line)?;
        writeln!(self.file, "{json}").with_context(|| unwritable(&self.path))
    }

    /// Ends the file, which takes the place of one that is there.
    pub fn finish(mut self) -> Result<()> {
        self.file.flush().with_context(|| unwritable(&self.path))?;
        fs::rename(part(&self.path), &self.path).with_context(|| unwritable(&self.path))
    }
}

fn part(path: &Path) -> PathBuf {
    path.with_added_extension("part")
}

fn unwritable(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}
