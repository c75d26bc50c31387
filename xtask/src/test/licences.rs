//! Whether everything the product is made of may be in it: licences and sources of all crates.
//!
//! The rules stand in `deny.toml`, in cargo-deny's own format. Where cargo-deny is installed it checks them,
//! advisories included; building it takes longer than all of our own code, so without it the licences and
//! sources are checked here.

use super::report::Count;
use crate::project::Project;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use spdx::{Expression, Licensee};
use std::collections::BTreeSet;
use std::fs;

/// The only place crates may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks licences, sources and forbidden crates.
pub fn check(project: &Project) -> Result<Count> {
    if has_cargo_deny(project) {
        project.job("cargo").args(["deny", "--locked", "check", "licenses", "bans", "sources"]).run()?;
        return Ok(Count::check());
    }
    let rules: toml::Table = toml::from_str(&fs::read_to_string(project.root.join("deny.toml"))?)?;
    let allowed = allowed(&rules)?;
    let mut wrong = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for package in packages(project)? {
        let text = |name: &str| package.get(name).and_then(Value::as_str);
        let (name, source) = (text("name").unwrap_or_default(), text("source"));
        if source.is_some_and(|source| source != REGISTRY) {
            wrong.insert(format!("{name}: comes from {}", source.unwrap_or_default()));
        }
        if let Err(error) = judge(text("license"), &allowed) {
            wrong.insert(format!("{name}: {error}"));
        }
        seen.insert(name.to_owned());
    }
    if wrong.is_empty() {
        return Ok(Count::check().note(format!("{} crates, all within deny.toml", seen.len())));
    }
    bail!("outside deny.toml:\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"))
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

/// The licences in `deny.toml` under `[licenses] allow`.
fn allowed(rules: &toml::Table) -> Result<Vec<Licensee>> {
    let list = rules.get("licenses").and_then(|licences| licences.get("allow"));
    let list = list.and_then(toml::Value::as_array).context("deny.toml has no [licenses] allow")?;
    let names = list.iter().filter_map(toml::Value::as_str);
    names.map(|name| Licensee::parse(name).with_context(|| format!("deny.toml: no licence {name}"))).collect()
}

/// Every crate that is compiled for this machine or for the web, whatever the features.
fn packages(project: &Project) -> Result<Vec<Value>> {
    let host = project.job("rustc").arg("-vV").output()?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc -vV")?.to_owned();
    let mut packages = Vec::new();
    for platform in [host.as_str(), "wasm32-unknown-unknown"] {
        let options = ["metadata", "--format-version", "1", "--all-features", "--locked"];
        let printed = project.job("cargo").args(options).args(["--filter-platform", platform]).output()?;
        let mut metadata: Value = serde_json::from_str(&printed)?;
        match metadata.get_mut("packages").map(Value::take) {
            Some(Value::Array(list)) => packages.extend(list),
            _ => bail!("cargo metadata lists no packages"),
        }
    }
    Ok(packages)
}

/// Whether a licence expression can be met with the allowed licences.
fn judge(expression: Option<&str>, allowed: &[Licensee]) -> Result<()> {
    let expression = expression.context("states no licence")?;
    // Old crates write `MIT/Apache-2.0` for `MIT OR Apache-2.0`.
    let parsed = Expression::parse_mode(expression, spdx::ParseMode::LAX)
        .map_err(|error| anyhow!("cannot read `{expression}`: {}", error.reason))?;
    if parsed.evaluate(|wanted| allowed.iter().any(|licence| licence.satisfies(wanted))) {
        return Ok(());
    }
    bail!("`{expression}` is not allowed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Result<Vec<Licensee>> {
        allowed(&toml::from_str(text)?)
    }

    #[test]
    fn an_alternative_is_enough_and_a_conjunction_is_not() {
        let rules = rules("[licenses]\nallow = ['MIT', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception']");
        let allowed = rules.unwrap();
        for fine in ["MIT", "MIT/Apache-2.0", "GPL-3.0-only OR MIT", "Apache-2.0 WITH LLVM-exception"] {
            assert!(judge(Some(fine), &allowed).is_ok(), "{fine}");
        }
        for wrong in ["GPL-3.0-only", "MIT AND MPL-2.0", "nonsense"] {
            assert!(judge(Some(wrong), &allowed).is_err(), "{wrong}");
        }
        assert!(judge(None, &allowed).is_err());
    }

    #[test]
    fn an_unknown_licence_in_the_rules_is_an_error() {
        assert!(rules("[licenses]\nallow = ['MIT', 'Mine']").is_err());
        assert!(rules("[bans]").is_err());
    }
}
