//! Whether everything the product is made of may be in it: licences and sources of all crates.
//!
//! The rules stand in `deny.toml`, in cargo-deny's own format. Where cargo-deny is installed it checks them,
//! advisories included; building it takes longer than all of our own code, so without it the licences and
//! sources are checked here.

use super::report::Count;
use crate::project::Project;
use anyhow::{Context, Result, anyhow, bail, ensure};
use spdx::{Expression, Licensee};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The only place crates may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks licences and sources.
pub fn check(project: &Project) -> Result<Count> {
    if has_cargo_deny(project) {
        project.job("cargo").args(["deny", "--locked", "check", "licenses", "bans", "sources"]).run()?;
        return Ok(Count::check());
    }
    let rules = Rules::read(&fs::read_to_string(project.root.join("deny.toml"))?)?;
    let mut wrong = foreign(&fs::read_to_string(project.root.join("Cargo.lock"))?)?;
    let crates = crates(project)?;
    for (name, licence) in &crates {
        if let Err(error) = rules.judge(name, licence) {
            wrong.push(format!("{name}: {error}"));
        }
    }
    if wrong.is_empty() {
        return Ok(Count::check().note(format!("{} crates, all within deny.toml", crates.len())));
    }
    bail!("outside deny.toml:\n{}", wrong.join("\n"))
}

/// Looks for known vulnerabilities; needs cargo-deny and its database.
pub fn advisories(project: &Project) -> Result<Count> {
    if !has_cargo_deny(project) {
        return Ok(Count::skipped("cargo-deny is not installed (`cargo install cargo-deny --locked`)"));
    }
    let printed = project.job("cargo").args(["deny", "--locked", "check", "advisories"]).capture()?;
    if printed.success {
        return Ok(Count::check());
    }
    if printed.text.contains("failed to fetch") || printed.text.contains("failed to load advisory") {
        return Ok(Count::skipped("the advisory database cannot be reached"));
    }
    bail!("{}", printed.text)
}

fn has_cargo_deny(project: &Project) -> bool {
    project.job("cargo").args(["deny", "--version"]).succeeds()
}

/// Crates that come from somewhere else than the registry.
fn foreign(lock: &str) -> Result<Vec<String>> {
    let lock: toml::Table = toml::from_str(lock)?;
    let packages =
        lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock lists no packages")?;
    let sources = packages.iter().filter_map(|package| package.get("source")?.as_str());
    Ok(sources.filter(|source| *source != REGISTRY).map(|source| format!("source {source}")).collect())
}

/// Every crate that is compiled for this machine or for the web, with any feature, and its licence expression.
fn crates(project: &Project) -> Result<BTreeSet<(String, String)>> {
    let host = project.job("rustc").arg("-vV").output()?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc -vV")?.to_owned();
    let mut crates = BTreeSet::new();
    for platform in [host.as_str(), "wasm32-unknown-unknown"] {
        let which = ["tree", "--workspace", "--all-features", "--locked", "--edges", "normal,build"];
        let shown = ["--prefix", "none", "--format", "{p}|{l}", "--target", platform];
        let printed = project.job("cargo").args(which).args(shown).output()?;
        // A crate seen before has a mark behind its line.
        let lines = printed.lines().map(|line| line.trim_end_matches(" (*)"));
        let pairs = lines.filter_map(|line| line.split_once('|'));
        let named = pairs.filter_map(|(package, licence)| Some((package.split(' ').next()?, licence)));
        crates.extend(named.map(|(name, licence)| (name.to_owned(), licence.to_owned())));
    }
    Ok(crates)
}

/// What `deny.toml` says under `[licenses]`.
struct Rules {
    allowed: Vec<Licensee>,
    /// More licences for single crates.
    exceptions: BTreeMap<String, Vec<Licensee>>,
}

impl Rules {
    fn read(text: &str) -> Result<Self> {
        let rules: toml::Table = toml::from_str(text)?;
        let licences = rules.get("licenses").context("deny.toml has no [licenses]")?;
        let mut exceptions = BTreeMap::new();
        for exception in licences.get("exceptions").and_then(toml::Value::as_array).into_iter().flatten() {
            let name = exception.get("crate").and_then(toml::Value::as_str);
            let name = name.context("deny.toml: an exception names no crate")?;
            exceptions.insert(name.to_owned(), allowed_in(exception)?);
        }
        Ok(Self { allowed: allowed_in(licences)?, exceptions })
    }

    /// Whether a crate's licence expression can be met with the allowed licences.
    fn judge(&self, name: &str, expression: &str) -> Result<()> {
        ensure!(!expression.is_empty(), "states no licence");
        // Old crates write `MIT/Apache-2.0` for `MIT OR Apache-2.0`.
        let parsed = Expression::parse_mode(expression, spdx::ParseMode::LAX)
            .map_err(|error| anyhow!("cannot read `{expression}`: {}", error.reason))?;
        let exceptions = self.exceptions.get(name).into_iter().flatten();
        let allowed: Vec<&Licensee> = self.allowed.iter().chain(exceptions).collect();
        let fine = parsed.evaluate(|wanted| allowed.iter().any(|licence| licence.satisfies(wanted)));
        ensure!(fine, "`{expression}` is not allowed");
        Ok(())
    }
}

/// The licences listed as `allow`.
fn allowed_in(table: &toml::Value) -> Result<Vec<Licensee>> {
    let list = table.get("allow").and_then(toml::Value::as_array).context("deny.toml: `allow` is missing")?;
    let names = list.iter().filter_map(toml::Value::as_str);
    names.map(|name| Licensee::parse(name).with_context(|| format!("deny.toml: no licence {name}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "[licenses]
        allow = ['MIT', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception']
        exceptions = [{ allow = ['MPL-2.0'], crate = 'colored' }]";

    #[test]
    fn an_alternative_is_enough_and_a_conjunction_is_not() {
        let rules = Rules::read(RULES).unwrap();
        for fine in ["MIT", "MIT/Apache-2.0", "GPL-3.0-only OR MIT", "Apache-2.0 WITH LLVM-exception"] {
            assert!(rules.judge("a", fine).is_ok(), "{fine}");
        }
        for wrong in ["GPL-3.0-only", "MIT AND MPL-2.0", "nonsense", ""] {
            assert!(rules.judge("a", wrong).is_err(), "{wrong}");
        }
        assert!(rules.judge("colored", "MIT AND MPL-2.0").is_ok());
    }

    #[test]
    fn an_unknown_licence_in_the_rules_is_an_error() {
        assert!(Rules::read("[licenses]\nallow = ['MIT', 'Mine']").is_err());
        assert!(Rules::read("[bans]").is_err());
    }

    #[test]
    fn another_source_than_the_registry_is_named() {
        let lock =
            |source| format!("[[package]]\nname = 'a'\nsource = '{source}'\n[[package]]\nname = 'own'");
        assert!(foreign(&lock(REGISTRY)).unwrap().is_empty());
        assert_eq!(
            foreign(&lock("git+https://example.org/a")).unwrap(),
            ["source git+https://example.org/a"]
        );
    }
}
