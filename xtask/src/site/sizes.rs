//! How large the site may become: what a visitor downloads is part of the product.

use super::version;
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// The most bytes a file may weigh after brotli, as a visitor downloads it.
struct Budget {
    folder: &'static str,
    /// What the file's name ends with; a hash may stand before it.
    ending: &'static str,
    brotli: u64,
    optional: bool,
}

const BUDGETS: [Budget; 5] = [
    Budget { folder: "", ending: "_bg.wasm", brotli: 600_000, optional: false },
    Budget { folder: "editor", ending: ".js", brotli: 126_000, optional: false },
    Budget { folder: "engine/light", ending: "_bg.wasm", brotli: 850_000, optional: false },
    Budget { folder: "engine/language", ending: "_bg.wasm", brotli: 1_520_000, optional: false },
    Budget { folder: "engine/gpu", ending: "_bg.wasm", brotli: 4_500_000, optional: true },
];

/// Measures the modules and the editor of a built site; an error names each that is too large.
pub fn check(project: &Project, dist: &Path) -> Result<String> {
    let files = dist.join(version::folder(dist)?);
    let mut report = Vec::new();
    let mut too_large = Vec::new();
    for budget in &BUDGETS {
        let folder = files.join(budget.folder);
        if budget.optional && !folder.exists() {
            continue;
        }
        let [bytes, gzip, brotli] = measure(project, &folder, budget.ending)?;
        let name = if budget.folder.is_empty() { "page" } else { budget.folder };
        let text = format!("{name}: {bytes} bytes, gzip {gzip}, brotli {brotli} of {}", budget.brotli);
        if brotli > budget.brotli {
            too_large.push(text.clone());
        }
        report.push(text);
    }
    ensure!(too_large.is_empty(), "over the budget in xtask/src/site/sizes.rs:\n{}", too_large.join("\n"));
    Ok(report.join("\n"))
}

/// The sizes of the one file in a folder with that ending: as it is, after gzip, after brotli.
fn measure(project: &Project, folder: &Path, ending: &str) -> Result<[u64; 3]> {
    let entries = fs::read_dir(folder).with_context(|| format!("no site in {}", folder.display()))?;
    let mut files = entries.flatten().map(|entry| entry.path());
    let file = files.find(|path| path.to_string_lossy().ends_with(ending));
    let file = file.with_context(|| format!("no *{ending} in {}", folder.display()))?;
    let printed = project.job("node").args(["-e", include_str!("sizes.cjs")]).arg(file).output()?;
    let mut numbers = printed.trim().split('\t').skip(1).map(str::parse);
    let mut next = || -> Result<u64> { Ok(numbers.next().context("sizes.cjs printed too little")??) };
    Ok([next()?, next()?, next()?])
}
