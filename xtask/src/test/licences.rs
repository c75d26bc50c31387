//! Whether everything the product is made of may be in it: cargo-deny, with the rules in `deny.toml`; and the same list
//! of licences for the editor's npm packages.

use super::report::Count;
use crate::job::Printed;
use crate::project::Project;
use crate::setup;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs;

/// Checks licences and sources of all crates, and the licences of the packages in the editor's bundle.
pub fn check(project: &Project) -> Result<Count> {
    let read = |path: &str| fs::read_to_string(project.root.join(path)).with_context(|| path.to_owned());
    check_packages(&read("app/editor/package-lock.json")?, &read("deny.toml")?)?;
    setup::for_licences(project)?;
    project.job("cargo").args(["deny", "--locked", "check", "licenses", "bans", "sources"]).run()?;
    Ok(Count::check())
}

/// Every package of a lock file that is not only for building has one of the licences that `deny.toml` allows. What is
/// bundled is among them: `app/editor/build.js` sees to that.
fn check_packages(lock: &str, deny: &str) -> Result<()> {
    let deny: toml::Value = toml::from_str(deny).context("deny.toml")?;
    let allowed =
        deny.get("licenses").and_then(|licences| licences.get("allow")).and_then(toml::Value::as_array);
    let allowed: Vec<_> =
        allowed.context("deny.toml allows no licence")?.iter().filter_map(toml::Value::as_str).collect();
    let lock: Value = serde_json::from_str(lock).context("package-lock.json")?;
    let packages =
        lock.get("packages").and_then(Value::as_object).context("package-lock.json: no packages")?;
    let is_built_with = |package: &Value| package.get("dev").and_then(Value::as_bool).unwrap_or(false);
    // The one without a path is the editor itself.
    for (path, package) in
        packages.iter().filter(|(path, package)| !path.is_empty() && !is_built_with(package))
    {
        let licence = package.get("license").and_then(Value::as_str).unwrap_or("no licence");
        ensure!(allowed.contains(&licence), "{path}: {licence} is not among the licences in deny.toml");
    }
    Ok(())
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
    fn a_package_with_another_licence_fails() {
        let deny = "[licenses]\nallow = [\"MIT\", \"ISC\"]";
        let lock = |licence: &str, dev: bool| {
            let package = serde_json::json!({ "license": licence, "dev": dev });
            let own = serde_json::json!({ "license": "MIT OR Apache-2.0" });
            serde_json::json!({ "packages": { "": own, "node_modules/a": package } }).to_string()
        };
        assert!(check_packages(&lock("ISC", false), deny).is_ok());
        let error = check_packages(&lock("GPL-3.0", false), deny).unwrap_err().to_string();
        assert!(error.contains("node_modules/a: GPL-3.0"), "{error}");
        assert!(check_packages(&lock("GPL-3.0", true), deny).is_ok(), "it is no part of the product");
        let unsaid = r#"{ "packages": { "node_modules/a": {} } }"#;
        assert!(check_packages(unsaid, deny).is_err());
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
