//! Noticing that a source file has changed, by looking twice a second.

use crate::project::Project;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// Everything the site is made of.
const SOURCES: [&str; 6] = ["app", "assets", "engine/src", "index.html", "Trunk.toml", "Cargo.toml"];

const PAUSE: Duration = Duration::from_millis(500);

/// How many files there are and when the last one was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    files: usize,
    latest: SystemTime,
}

/// The state of all sources.
pub fn state(project: &Project) -> State {
    let mut state = State { files: 0, latest: SystemTime::UNIX_EPOCH };
    for source in SOURCES {
        look(&project.root.join(source), &mut state);
    }
    state
}

/// Calls back after every change, for ever.
pub fn forever(project: &Project, mut before: State, mut changed: impl FnMut()) -> Result<()> {
    loop {
        let now = state(project);
        if now == before {
            sleep(PAUSE);
        } else {
            before = now;
            changed();
        }
    }
}

/// Adds a file or folder to the state; one that vanishes meanwhile counts as not there.
fn look(path: &Path, state: &mut State) {
    let Ok(metadata) = fs::metadata(path) else { return };
    if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            look(&entry.path(), state);
        }
    } else {
        state.files += 1;
        state.latest = state.latest.max(metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH));
    }
}
