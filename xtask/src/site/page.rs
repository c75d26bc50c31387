//! The page itself: its modules, their JavaScript, the style sheet, and what is copied as it is.
//!
//! ```text
//! cargo → wasm_split → wasm-bindgen (the first module) → wasm-opt    page/*.wasm
//!                      page.js + loaders → esbuild                   page/page.js
//! assets/styles/site.css → esbuild                                   style.css
//! index.html, app/page/site, fonts, models                           as they are
//! ```

use super::Build;
use super::checks;
use super::files::copy_folder;
use super::wasm::{self, TARGET};
use crate::project::Project;
use crate::setup::WebToolchain;
use anyhow::{Context, Result, anyhow, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use wasm_split_cli_support as wasm_split;

/// How the page is compiled. Leptos erases the types of views under this flag, which makes the module a fifth
/// smaller and its build quicker; cutting it needs to know what refers to what. The variable replaces the flags of
/// `.cargo/config.toml`, so they are repeated.
const RUSTFLAGS: (&str, &str) = (
    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
    "-Ctarget-feature=+simd128 --cfg=erase_components -Clink-arg=--emit-relocs",
);

/// Where the page's modules lie in the site.
pub const FOLDER: &str = "page";

/// The page's first module, in that folder.
pub const FIRST: &str = "page_bg.wasm";

/// What writes the loaders of the other modules, in that folder while the page is built.
const LOADERS: &str = "loaders.js";

/// What wasm-opt makes of each module.
const OPTIMISE: [&str; 4] = [
    "-Oz",
    "--remove-exports=*intounderlying*",
    "--remove-unused-module-elements",
    "--reorder-functions-by-name",
];

/// What is copied into the site as it is, and where it goes.
const COPIED: [(&str, &str); 10] = [
    ("index.html", "index.html"),
    ("assets/fonts", "fonts"),
    ("assets/nano", "nano"),
    ("assets/checks", checks::FOLDER),
    ("assets/smollm2-135m-instruct", "taps/smollm2-135m-instruct"),
    ("app/page/site/theme.js", "theme.js"),
    ("app/page/site/start.js", "start.js"),
    ("app/page/site/verified.js", "verified.js"),
    ("app/page/site/manifest.webmanifest", "manifest.webmanifest"),
    ("app/page/site/icon.svg", "icon.svg"),
];

/// Builds the page into a folder.
pub fn build(project: &Project, toolchain: &WebToolchain, build: Build, stage: &Path) -> Result<()> {
    if !project.quiet {
        println!("Building the page");
    }
    for (from, to) in COPIED {
        let (from, to) = (project.root.join(from), stage.join(to));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            fs::copy(&from, &to).with_context(|| from.display().to_string())?;
        }
    }
    checks::write(project, &stage.join(checks::FOLDER))?;
    style(project, stage)?;
    let profile = if build.dev { "dev" } else { "page" };
    toolchain
        .job(project, "cargo")
        .env(RUSTFLAGS.0, RUSTFLAGS.1)
        .args(["build", "--package", "page", "--target", TARGET, "--profile", profile])
        .run()
        .context("the page does not build")?;
    let profile = if build.dev { "debug" } else { profile };
    let module = project.target.join(TARGET).join(profile).join("page.wasm");
    modules(project, build, &module, &stage.join(FOLDER))
}

/// All style sheets as one: each further file is a question to the host before anything is painted.
fn style(project: &Project, stage: &Path) -> Result<()> {
    esbuild(project, &project.root.join("assets/styles/site.css"), &stage.join("style.css"))
        .context("the style sheets do not build")
}

/// Cuts the module, writes the JavaScript around it, and optimises each piece.
fn modules(project: &Project, build: Build, module: &Path, folder: &Path) -> Result<()> {
    let work = project.parts().join("page").join(build.name());
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    fs::create_dir_all(folder)?;
    let whole = fs::read(module).with_context(|| module.display().to_string())?;
    let first = work.join("page.wasm");
    let mut options = wasm_split::Options::new(&whole);
    options.output_dir = &work;
    options.main_out_path = &first;
    options.main_module = "./page.js";
    let loaders = format!("./{LOADERS}");
    options.link_name = &loaders;
    let cut = wasm_split::transform(options).map_err(|error| anyhow!("the page cannot be cut: {error:#}"))?;

    project
        .job("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", "page", "--out-dir"])
        .arg(&work)
        .arg(&first)
        .run()?;
    let mut names = vec![FIRST.to_owned()];
    for path in &cut.split_modules {
        names.push(path.file_name().context("a module has no name")?.to_string_lossy().into_owned());
    }
    for name in &names {
        let (from, to) = (work.join(name), folder.join(name));
        if build.dev {
            fs::copy(from, to)?;
        } else {
            wasm::optimise(project, &OPTIMISE, &from, &to)?;
        }
    }
    check_when_loaded(&work.join(LOADERS), folder, &names)?;
    esbuild(project, &work.join("page.js"), &folder.join("page.js"))
}

/// Has the browser check each module that is loaded later: the first one's checksum is in `index.html`.
fn check_when_loaded(loaders: &Path, folder: &Path, names: &[String]) -> Result<()> {
    let mut text = fs::read_to_string(loaders)?;
    for name in names.iter().filter(|name| *name != FIRST) {
        let place = format!("fetch(new URL(\"./{name}\", import.meta.url))");
        // A module that holds nothing is not asked for.
        if !text.contains(&place) {
            fs::remove_file(folder.join(name))?;
            continue;
        }
        let checksum = BASE64_STANDARD.encode(Sha256::digest(fs::read(folder.join(name))?));
        let checked =
            format!("fetch(new URL(\"./{name}\", import.meta.url), {{ integrity: \"sha256-{checksum}\" }})");
        text = text.replace(&place, &checked);
    }
    let (asked, checked) = (text.matches("fetch(").count(), text.matches("integrity: ").count());
    ensure!(asked == checked, "{asked} modules are asked for, and {checked} of them checked");
    Ok(fs::write(loaders, text)?)
}

/// Puts a file and what it imports into one, without what only a reader needs.
fn esbuild(project: &Project, from: &Path, to: &Path) -> Result<()> {
    project
        .job("node")
        .arg(project.root.join("app/editor/node_modules/esbuild/bin/esbuild"))
        .args(["--bundle", "--minify", "--format=esm", "--log-level=warning", "--external:*.woff2"])
        // wasm-bindgen imports the loaders once for each module, and names all of them alike.
        .arg("--log-override:duplicate-object-key=silent")
        .arg(format!("--outfile={}", to.display()))
        .arg(from)
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;

    /// A loader as the cutting writes it.
    fn loader(name: &str) -> String {
        format!("const src = fetch(new URL(\"./{name}\", import.meta.url));\n")
    }

    fn written(name: &str, loaders: &str, files: &[&str]) -> (Folder, Result<String>) {
        let folder = Folder::new(name);
        let path = folder.path().join(LOADERS);
        fs::write(&path, loaders).unwrap();
        for file in files {
            fs::write(folder.path().join(file), file).unwrap();
        }
        let names: Vec<_> = files.iter().map(|&file| file.to_owned()).collect();
        let checked = check_when_loaded(&path, folder.path(), &names);
        let text = checked.map(|()| fs::read_to_string(&path).unwrap());
        (folder, text)
    }

    #[test]
    fn each_module_that_comes_later_is_checked() {
        let loaders = loader("a.wasm") + &loader("b.wasm");
        let (_folder, text) = written("loaders", &loaders, &[FIRST, "a.wasm", "b.wasm"]);
        let text = text.unwrap();
        for name in ["a.wasm", "b.wasm"] {
            let checksum = BASE64_STANDARD.encode(Sha256::digest(name));
            let asked =
                format!("new URL(\"./{name}\", import.meta.url), {{ integrity: \"sha256-{checksum}\" }})");
            assert!(text.contains(&asked), "{text}");
        }
    }

    #[test]
    fn a_module_that_nobody_asks_for_is_left_out() {
        let (folder, text) = written("loaders-empty", &loader("a.wasm"), &[FIRST, "a.wasm", "empty.wasm"]);
        assert!(text.is_ok() && !folder.path().join("empty.wasm").exists());
        assert!(folder.path().join("a.wasm").exists() && folder.path().join(FIRST).exists());
    }

    #[test]
    fn a_loader_that_is_written_otherwise_is_no_reason_to_load_without_a_check() {
        let (_folder, text) = written("loaders-other", "fetch(\"./a.wasm\")", &["a.wasm"]);
        assert!(text.is_err());
    }
}
