//! A run's folder.
//!
//! ```text
//! run.json                 what the run was started with
//! tokenizer.json           nano's vocabulary
//! cache/                   what a frozen base holds of questions
//! checkpoints/000001200/   weights, the optimizers' memory, and where the run stood
//! curve.csv, curves.svg    how it went
//! model/, adapter/         the weights as files that the engine loads
//! ```
//!
//! A checkpoint is written beside its place and renamed into it: a run killed in the middle leaves the one before.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, bail};
use engine::worldmodel::train::Snapshot;
use serde::{Deserialize, Serialize};

/// Checkpoints that are kept; the last might be damaged by a disk that failed.
const KEPT: usize = 2;
/// How the files of a checkpoint's parts end.
const PART: &str = "bpk";

/// A run's folder.
pub struct Folder {
    root: PathBuf,
}

/// Where a run stood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Steps made.
    pub step: u64,
    /// Seconds spent on them, in all sittings.
    pub seconds: f64,
    /// Samples read.
    pub samples: u64,
    /// Sittings: how often it was started.
    pub sittings: u64,
}

impl Folder {
    /// A folder, made if it is not there.
    pub fn open(root: &Path) -> Result<Self> {
        let this = Self { root: root.to_owned() };
        fs::create_dir_all(this.checkpoints())
            .with_context(|| format!("{} cannot be made", root.display()))?;
        Ok(this)
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn checkpoints(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    /// Writes a file so that it is there whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let (path, new) = (self.path(name), self.path(&format!("{name}.new")));
        let written = fs::write(&new, bytes).and_then(|()| fs::rename(&new, &path));
        written.with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Writes a checkpoint, and deletes all but the last few.
    pub fn save(&self, state: &State, snapshot: &Snapshot) -> Result<()> {
        let place = self.checkpoints().join(format!("{:09}", state.step));
        let new = self.checkpoints().join("new");
        let write = || -> io::Result<()> {
            if new.exists() {
                fs::remove_dir_all(&new)?;
            }
            fs::create_dir_all(&new)?;
            for (name, bytes) in &snapshot.parts {
                fs::write(new.join(format!("{name}.{PART}")), &bytes[..])?;
            }
            fs::write(new.join("state.json"), serde_json::to_vec_pretty(state)?)?;
            if place.exists() {
                fs::remove_dir_all(&place)?;
            }
            fs::rename(&new, &place)
        };
        write().with_context(|| format!("the checkpoint {} cannot be written", place.display()))?;
        let places = self.places()?;
        for old in places.iter().rev().skip(KEPT) {
            fs::remove_dir_all(old).with_context(|| format!("{} cannot be deleted", old.display()))?;
        }
        Ok(())
    }

    /// The last checkpoint, if there is one.
    pub fn last(&self) -> Result<Option<(State, Snapshot)>> {
        let Some(place) = self.places()?.pop() else { return Ok(None) };
        let read = |name: &str| {
            let path = place.join(name);
            fs::read(&path).with_context(|| {
                format!("{} cannot be read; delete its folder to go on from the one before", path.display())
            })
        };
        let state = serde_json::from_slice(&read("state.json")?).with_context(|| {
            format!("{} is damaged; delete it to go on from the one before", place.display())
        })?;
        let mut parts = Vec::new();
        for entry in fs::read_dir(&place).with_context(|| format!("{} cannot be read", place.display()))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some(part) = name.strip_suffix(PART).and_then(|name| name.strip_suffix('.')) {
                parts.push((part.to_owned(), read(&name)?));
            }
        }
        let snapshot = Snapshot::new(parts);
        Ok(Some((state, snapshot)))
    }

    /// Whether nothing was trained in it yet.
    pub fn is_new(&self) -> bool {
        self.places().is_ok_and(|places| places.is_empty())
    }

    /// All whole checkpoints, first to last.
    fn places(&self) -> Result<Vec<PathBuf>> {
        let folder = self.checkpoints();
        let mut places = Vec::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit())) {
                places.push(entry.path());
            }
        }
        places.sort();
        Ok(places)
    }

    /// What the run was started with; a run in this folder with other settings is another run.
    pub fn settle<T: Serialize + for<'a> Deserialize<'a> + PartialEq + std::fmt::Debug>(
        &self,
        settings: T,
    ) -> Result<T> {
        let path = self.path("run.json");
        match fs::read(&path) {
            Ok(bytes) => {
                let before: T = serde_json::from_slice(&bytes).with_context(|| {
                    format!("{} is of another kind of run, or damaged; choose another --out", path.display())
                })?;
                if before != settings {
                    bail!(
                        "{} holds a run with other settings:\n  there: {before:?}\n  now:   {settings:?}\nChoose another --out, or the settings it was started with.",
                        self.root.display()
                    );
                }
                Ok(before)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.write("run.json", &serde_json::to_vec_pretty(&settings)?)?;
                Ok(settings)
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }
}
