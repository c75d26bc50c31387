//! What all WebAssembly modules of the site have in common.

use crate::project::Project;
use anyhow::Result;
use std::path::Path;

pub use crate::setup::TARGET;

/// What the modules may contain; every browser with WebGPU has all of it.
pub const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Makes a module smaller and faster.
pub fn optimise(project: &Project, options: &[&str], from: &Path, to: &Path) -> Result<()> {
    project.job("wasm-opt").args(options).args(FEATURES).arg("-o").arg(to).arg(from).run()
}
