//! One xtask at a time where two would overwrite each other's files.

use anyhow::{Context, Result};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

/// Held until dropped; the system also frees it when the program ends in any way.
#[must_use = "a lock that is dropped protects nothing"]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until nobody else holds the lock of this name in the folder, and says so.
    ///
    /// Not reentrant: the same process waits for itself.
    pub fn take(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(format!("{name}.lock"));
        let cannot = || format!("cannot lock {}", path.display());
        fs::create_dir_all(folder).with_context(cannot)?;
        let options = File::options().create(true).truncate(false).write(true).open(&path);
        let file = options.with_context(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                println!("Waiting for another `cargo xtask` to let go of {}", path.display());
                file.lock().with_context(cannot)?;
            }
            // Some network file systems know no locks; working without one is better than not working.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn the_second_one_waits_for_the_first() {
        let folder = Folder::new("lock");
        let first = Lock::take(folder.path(), "site").unwrap();
        let (sender, receiver) = mpsc::channel();
        let path = folder.path().to_path_buf();
        let second = thread::spawn(move || {
            let lock = Lock::take(&path, "site").unwrap();
            sender.send(()).unwrap();
            drop(lock);
        });
        assert!(receiver.recv_timeout(Duration::from_millis(200)).is_err(), "taken twice");
        let other = Lock::take(folder.path(), "other").unwrap();
        drop((first, other));
        receiver.recv_timeout(Duration::from_secs(20)).unwrap();
        second.join().unwrap();
    }
}
