//! Noticing that a source file has changed, by looking twice a second.

use crate::project::Project;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// Everything the site is made of.
const SOURCES: [&str; 10] = [
    "app",
    "assets",
    "engine/src",
    "engine/trace",
    "engine/Cargo.toml",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
];

const PAUSE: Duration = Duration::from_millis(500);

/// Which files there are, and when they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Changes with every path, time and length: a file put back to an older state is a change, too.
    fingerprint: u64,
    /// When the last one was written.
    pub latest: SystemTime,
}

/// The state of all sources.
pub fn state(project: &Project) -> State {
    let mut state = State { fingerprint: 0, latest: SystemTime::UNIX_EPOCH };
    for source in SOURCES {
        look(&project.root.join(source), &mut state);
    }
    state
}

/// Calls back after every change, for ever; changes during a call lead to one more.
pub fn forever(project: &Project, mut before: State, mut changed: impl FnMut()) -> ! {
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
    if path.ends_with("node_modules") {
        // What is installed follows from the lock file beside it.
    } else if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            look(&entry.path(), state);
        }
    } else {
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let mut hasher = DefaultHasher::new();
        (path, modified, metadata.len()).hash(&mut hasher);
        // A sum, because a folder lists its files in any order.
        state.fingerprint = state.fingerprint.wrapping_add(hasher.finish());
        state.latest = state.latest.max(modified);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;
    use std::time::Duration;

    #[test]
    fn a_file_put_back_to_an_older_state_is_a_change() {
        let folder = Folder::new("watch");
        let project = folder.project();
        let file = project.root.join("app/page/src/main.rs");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "one").unwrap();
        fs::write(project.root.join("index.html"), "newest").unwrap();
        let before = state(&project);
        assert_eq!(state(&project), before);
        let older = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(&file).unwrap().set_modified(older).unwrap();
        assert_ne!(state(&project), before);
        fs::write(project.root.join("notes.txt"), "no source").unwrap();
        fs::create_dir_all(project.root.join("app/editor/node_modules/other")).unwrap();
        fs::write(project.root.join("app/editor/node_modules/other/index.js"), "nor this").unwrap();
        assert_eq!(
            state(&project).latest,
            fs::metadata(project.root.join("index.html")).unwrap().modified().unwrap()
        );
        let before = state(&project);
        fs::remove_file(&file).unwrap();
        assert_ne!(state(&project), before);
    }
}
