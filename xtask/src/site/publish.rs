//! Replacing the finished site in one go: whoever reads the folder sees the old site or the new one.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Has a new site made in a folder beside `dist` and puts it in place of `dist` when it is finished.
/// An error leaves `dist` as it was.
pub fn replace(dist: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    // Beside it: only inside one file system is moving a folder one step.
    let (stage, old) = (beside(dist, "new")?, beside(dist, "old")?);
    remove(&stage)?;
    // A run that was ended between the two moves below.
    if !dist.exists() && old.exists() {
        fs::rename(&old, dist).with_context(|| format!("cannot restore {}", dist.display()))?;
    }
    remove(&old)?;
    fs::create_dir(&stage).with_context(|| stage.display().to_string())?;
    make(&stage)?;
    if dist.exists() {
        fs::rename(dist, &old).with_context(|| format!("cannot replace {}", dist.display()))?;
    }
    if let Err(error) = fs::rename(&stage, dist) {
        let _restored = fs::rename(&old, dist);
        return Err(error).with_context(|| format!("cannot replace {}", dist.display()));
    }
    remove(&old)
}

/// `dist` → `dist-new`, in the same folder.
fn beside(dist: &Path, ending: &str) -> Result<PathBuf> {
    let name = dist.file_name().context("a site needs a folder of its own")?;
    Ok(dist.with_file_name(format!("{}-{ending}", name.to_string_lossy())))
}

/// Removes what an earlier run may have left.
fn remove(folder: &Path) -> Result<()> {
    if fs::symlink_metadata(folder).is_err() {
        return Ok(());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;

    fn site(text: &'static str) -> impl Fn(&Path) -> Result<()> {
        move |stage| Ok(fs::write(stage.join("index.html"), text)?)
    }

    #[test]
    fn the_old_site_is_served_until_the_new_one_is_finished() {
        let folder = Folder::new("publish");
        let dist = folder.path().join("dist");
        let served = || fs::read_to_string(dist.join("index.html")).unwrap();
        replace(&dist, site("first")).unwrap();
        replace(&dist, |stage| {
            assert_eq!(served(), "first");
            site("second")(stage)?;
            assert_eq!(served(), "first");
            Ok(())
        })
        .unwrap();
        assert_eq!(served(), "second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something is left beside dist");
    }

    #[test]
    fn a_build_that_breaks_off_leaves_the_old_site_and_no_obstacle() {
        let folder = Folder::new("publish-broken");
        let dist = folder.path().join("dist");
        replace(&dist, site("first")).unwrap();
        let broken = replace(&dist, |stage| {
            fs::write(stage.join("half"), "")?;
            anyhow::bail!("does not compile")
        });
        assert!(broken.is_err());
        assert_eq!(fs::read_to_string(dist.join("index.html")).unwrap(), "first");
        replace(&dist, site("second")).unwrap();
        assert!(!dist.join("half").exists());
    }

    #[test]
    fn a_site_that_was_only_moved_away_comes_back() {
        let folder = Folder::new("publish-ended");
        let dist = folder.path().join("dist");
        replace(&dist, site("first")).unwrap();
        fs::rename(&dist, folder.path().join("dist-old")).unwrap();
        assert!(replace(&dist, |_| anyhow::bail!("does not compile")).is_err());
        assert_eq!(fs::read_to_string(dist.join("index.html")).unwrap(), "first");
    }
}
