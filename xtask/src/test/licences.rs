//! Whether everything the product is made of may be in it: cargo-deny, with the rules in `deny.toml`.

use super::report::Count;
use crate::job::Printed;
use crate::project::Project;
use crate::setup;
use anyhow::{Result, bail};

/// Checks licences and sources of all crates.
pub fn check(project: &Project) -> Result<Count> {
    setup::for_licences(project)?;
    project.job("cargo").args(["deny", "--locked", "check", "licenses", "bans", "sources"]).run()?;
    Ok(Count::check())
}

/// Looks for known vulnerabilities, where their database can be fetched.
pub fn advisories(project: &Project) -> Result<Count> {
    setup::for_licences(project)?;
    judge(&project.job("cargo").args(["deny", "--locked", "check", "advisories"]).capture()?)
}

/// What cargo-deny's words about advisories mean. A database that cannot be fetched is no verdict on our crates.
fn judge(printed: &Printed) -> Result<Count> {
    if printed.success {
        return Ok(Count::check());
    }
    if printed.text.contains("failed to fetch advisory database") {
        let reason = printed.text.lines().rev().find_map(|line| line.strip_prefix("fatal: "));
        let reason = reason.unwrap_or("git cannot fetch it");
        return Ok(Count::skipped(&format!(
            "the database of known vulnerabilities is out of reach: {reason}"
        )));
    }
    bail!("{}", printed.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<Count> {
        judge(&Printed { success: false, text: text.to_owned() })
    }

    #[test]
    fn a_vulnerability_fails_and_a_missing_database_does_not() {
        assert!(
            judged("error[vulnerability]: Potential segfault in the time crate\nadvisories FAILED").is_err()
        );
        let fetch = "[ERROR] failed to fetch advisory database https://example.org/db with cli: failed to clone\n\
                     fatal: unable to access 'https://example.org/db': Could not resolve host\n";
        let count = judged(fetch).unwrap();
        assert_eq!((count.passed, count.failed), (0, 0));
        assert!(count.not_run.unwrap().ends_with("Could not resolve host"));
    }
}
