//! The exported models against an independent implementation.

use super::{report::Count, rust};
use crate::project::Project;
use anyhow::Result;

/// The script that loads exported weights into PyTorch and compares; it installs what it needs.
const SCRIPT: &str = "cli/verify/run.sh";

/// Runs the script where it exists. Its closing line `N passed, N failed` is counted.
pub fn against_pytorch(project: &Project) -> Result<Count> {
    if !project.root.join(SCRIPT).exists() {
        return Ok(Count::skipped(&format!("there is no {SCRIPT}")));
    }
    let _lock = project.lock_target("tests")?;
    let job = project.job("bash").arg(SCRIPT).env("WORLDMODEL_CACHE", &project.cache);
    let printed = job.env("WORLDMODEL", rust::worldmodel(project)?).capture()?;
    let (passed, failed) = closing_line(&printed.text).unwrap_or((u64::from(printed.success), 0));
    if printed.success {
        return Ok(Count { passed, failed, ..Count::default() });
    }
    Ok(Count { passed, failed: failed.max(1), note: printed.text, not_run: None })
}

/// The numbers of a last line `N passed, N failed`.
fn closing_line(text: &str) -> Option<(u64, u64)> {
    let (passed, failed) = text.trim_end().lines().last()?.split_once(" passed, ")?;
    let failed = failed.split_whitespace().next()?;
    Some((passed.trim().parse().ok()?, failed.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::closing_line;

    #[test]
    fn reads_the_closing_line() {
        assert_eq!(closing_line("all\n12 passed, 3 failed\n"), Some((12, 3)));
        assert_eq!(closing_line("nothing"), None);
    }
}
