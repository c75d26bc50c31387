//! How large the site may become: what a visitor downloads is part of the product.

use super::{page, version};
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// The most bytes that files may weigh after brotli, as a visitor downloads them.
struct Budget {
    name: &'static str,
    folder: &'static str,
    /// What the files' names begin and end with: one file with a hash in between, or several that are weighed together.
    beginning: &'static str,
    ending: &'static str,
    brotli: u64,
    optional: bool,
}

impl Budget {
    const fn new(name: &'static str, folder: &'static str, beginning: &'static str, brotli: u64) -> Self {
        Self { name, folder, beginning, ending: ".wasm", brotli, optional: false }
    }

    const fn ending(self, ending: &'static str) -> Self {
        Self { ending, ..self }
    }

    const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// The first four and `index.html` are all that a first visit waits for. `e2e/tests/start.spec.ts` says how long that may take, and over which network.
const BUDGETS: [Budget; 14] = [
    Budget::new("the page's first module", page::FOLDER, "page_bg", 162_000),
    Budget::new("its JavaScript", page::FOLDER, "page", 11_000).ending(".js"),
    Budget::new("its start", "", "", 2_500).ending(".js"),
    Budget::new("its style sheet", "", "style", 15_500).ending(".css"),
    Budget::new("talking", page::FOLDER, "split_talking", 79_000),
    Budget::new("machines", page::FOLDER, "split_machines", 217_000),
    Budget::new("lessons", page::FOLDER, "split_lessons", 68_000),
    Budget::new("messages", page::FOLDER, "split_messages", 26_000),
    Budget::new("between these", page::FOLDER, "chunk_", 200_000),
    Budget::new("all modules of the page", page::FOLDER, "", 738_000),
    Budget::new("editor", "editor", "", 126_000).ending(".js"),
    Budget::new("engine/light", "engine/light", "", 852_000),
    Budget::new("engine/language", "engine/language", "", 1_520_000),
    Budget::new("engine/gpu", "engine/gpu", "", 4_500_000).optional(),
];

/// Measures the modules of a built site, and what a first visit needs beside the first one; an error names each that is too large.
pub fn check(project: &Project, dist: &Path) -> Result<String> {
    let files = dist.join(version::folder(dist)?);
    let mut report = Vec::new();
    let mut too_large = Vec::new();
    for budget in &BUDGETS {
        let folder = files.join(budget.folder);
        if budget.optional && !folder.exists() {
            continue;
        }
        let [bytes, gzip, brotli] = measure(project, &folder, budget)?;
        let text =
            format!("{}: {bytes} bytes, gzip {gzip}, brotli {brotli} of {}", budget.name, budget.brotli);
        if brotli > budget.brotli {
            too_large.push(text.clone());
        }
        report.push(text);
    }
    ensure!(too_large.is_empty(), "over the budget in xtask/src/site/sizes.rs:\n{}", too_large.join("\n"));
    Ok(report.join("\n"))
}

/// The sizes of the files that a budget is for, each added up: as they are, after gzip, after brotli.
fn measure(project: &Project, folder: &Path, budget: &Budget) -> Result<[u64; 3]> {
    let entries = fs::read_dir(folder).with_context(|| format!("no site in {}", folder.display()))?;
    let found: Vec<_> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with(budget.beginning) && name.ends_with(budget.ending)
        })
        .map(|entry| entry.path())
        .collect();
    let (folder, Budget { beginning, ending, .. }) = (folder.display(), budget);
    ensure!(!found.is_empty(), "no {beginning}*{ending} in {folder}");
    let printed = project.job("node").args(["-e", include_str!("sizes.cjs")]).args(found).output()?;
    let mut sums = [0; 3];
    for line in printed.lines() {
        let mut numbers = line.split('\t').skip(1).map(str::parse::<u64>);
        for sum in &mut sums {
            *sum += numbers.next().context("sizes.cjs printed too little")??;
        }
    }
    Ok(sums)
}
