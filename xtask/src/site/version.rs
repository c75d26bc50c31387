//! A name for the whole site, made of everything in it: all files but a few lie in a folder called by it, so that a page can get no
//! file of another version, and a host may let browsers keep that folder's files for ever.
//!
//! ```text
//! index.html  sw.js  manifest.webmanifest  icon.svg     asked for anew at each visit
//! v-3f0c…/    page/, engine/, nano/, fonts/ …           never changes
//! ```
//!
//! `index.html` names the folder; `engine/boot.js` and `sw.js` get the checksums of what they fetch.

use super::Build;
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What stays outside of the folder, because its address must not change.
const OUTSIDE: [&str; 3] = ["index.html", "manifest.webmanifest", "icon.svg"];

/// Where the models lie that the engines fetch.
const MODELS: [&str; 2] = ["nano/", "taps/"];

/// What `index.html` says of the folder before it has a name.
const PLACE: &str = "<meta name=\"site\" content=\"./\">";

/// What takes back the service worker of a build that had one, with all that it kept: a site that is built anew at every change has
/// none. docs/deploy.md has the same for a site that is taken down.
const NO_WORKER: &str = "\
self.addEventListener(\"install\", () => self.skipWaiting());
const forget = async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith(\"worldmodel-xray \")) await caches.delete(name);
  }
  await self.registration.unregister();
};
self.addEventListener(\"activate\", (event) => event.waitUntil(forget()));
";

/// The folder of a finished site's files, as `index.html` names it.
pub fn folder(dist: &Path) -> Result<String> {
    let index = dist.join("index.html");
    let text = fs::read_to_string(&index).with_context(|| format!("no site in {}", dist.display()))?;
    let named = text.split("<meta name=\"site\" content=\"./").nth(1).and_then(|rest| rest.split('/').next());
    Ok(named.with_context(|| format!("{} names no folder", index.display()))?.to_owned())
}

/// Puts the files of a site that is complete into their folder, and tells it their checksums.
pub fn settle(project: &Project, build: Build, stage: &Path) -> Result<()> {
    let mut fetched = checksums(stage)?;
    let is_engine = |path: &str| path.starts_with("engine/") && path.ends_with(".wasm");
    fetched.retain(|path, _| is_engine(path) || MODELS.iter().any(|folder| path.starts_with(folder)));
    let integrity = format!("const INTEGRITY = {};", serde_json::to_string_pretty(&fetched)?);
    fill(&stage.join("engine/boot.js"), "const INTEGRITY = {};", &integrity)?;

    let files = checksums(stage)?;
    let version = name(&files);
    let address = |path: &str| {
        if OUTSIDE.contains(&path) { path.to_owned() } else { format!("{version}/{path}") }
    };
    for path in files.keys().filter(|path| !OUTSIDE.contains(&path.as_str())) {
        let to = stage.join(address(path));
        fs::create_dir_all(to.parent().context("a file is in no folder")?)?;
        fs::rename(stage.join(path), to).with_context(|| path.clone())?;
    }
    remove_empty(stage)?;

    let index = stage.join("index.html");
    let mut text = fs::read_to_string(&index).context("index.html")?;
    ensure!(text.contains(PLACE), "index.html has no {PLACE}");
    text = text.replace(PLACE, &format!("<meta name=\"site\" content=\"./{version}/\">"));
    for (path, checksum) in &files {
        if OUTSIDE.contains(&path.as_str()) {
            continue;
        }
        for written in [format!("\"{path}\""), format!("\"./{path}\"")] {
            text = text.replace(&written, &format!("\"./{}\"", address(path)));
        }
        // What stands behind the address, for the browser or for start.js.
        let sheet = format!("href=\"./{}\" integrity=\"", address(path));
        text = text.replace(&format!("{sheet}\""), &format!("{sheet}sha256-{checksum}\""));
        let module = format!("data-wasm=\"./{}\" data-integrity=\"", address(path));
        text = text.replace(&format!("{module}\""), &format!("{module}{checksum}\""));
    }
    ensure!(!text.contains("integrity=\"\""), "index.html has a place for a checksum and none in it");
    fs::write(&index, text)?;

    let worker = stage.join("sw.js");
    if build.dev {
        return Ok(fs::write(worker, NO_WORKER)?);
    }
    fs::copy(project.root.join("app/page/site/sw.js"), &worker).context("app/page/site/sw.js")?;
    let kept = files.iter().filter(|(path, _)| *path != "index.html");
    let files: BTreeMap<_, _> = kept.map(|(path, checksum)| (address(path), checksum)).collect();
    fill(&worker, "const VERSION = \"\";", &format!("const VERSION = \"{version}\";"))?;
    fill(&worker, "const FILES = {};", &format!("const FILES = {};", serde_json::to_string_pretty(&files)?))
}

/// The SHA-256 of every file below a folder, in base64, by its path there.
fn checksums(folder: &Path) -> Result<BTreeMap<String, String>> {
    fn look(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                look(root, &path, found)?;
                continue;
            }
            let parts: Vec<_> =
                path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let digest = Sha256::digest(fs::read(&path).with_context(|| path.display().to_string())?);
            found.insert(parts.join("/"), BASE64_STANDARD.encode(digest));
        }
        Ok(())
    }
    let mut found = BTreeMap::new();
    look(folder, folder, &mut found)?;
    Ok(found)
}

/// The version that files of these contents are.
fn name(files: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    for (path, checksum) in files {
        hasher.update(format!("{path} {checksum}\n"));
    }
    let digest = hasher.finalize();
    digest.iter().take(8).fold("v-".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

/// Writes something in the place that a script has for it.
fn fill(script: &Path, place: &str, with: &str) -> Result<()> {
    let text = fs::read_to_string(script).with_context(|| script.display().to_string())?;
    ensure!(text.matches(place).count() == 1, "{} needs one `{place}`", script.display());
    Ok(fs::write(script, text.replace(place, with))?)
}

fn remove_empty(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_empty(&path)?;
            if fs::read_dir(&path)?.next().is_none() {
                fs::remove_dir(&path)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;

    const RELEASE: Build = Build { dev: false, gpu: false };

    /// A site as it is before it is settled.
    fn site(root: &Path, style: &str) {
        let files = [
            (
                "dist/index.html",
                r#"<meta name="site" content="./"><link href="style.css" integrity=""><link href="icon.svg">
                <script data-js="page/page.js" data-wasm="page/page_bg.wasm" data-integrity=""></script>"#,
            ),
            ("dist/style.css", style),
            ("dist/icon.svg", "icon"),
            ("dist/page/page.js", "page"),
            ("dist/page/page_bg.wasm", "module"),
            ("dist/nano/nano.gguf", "model"),
            ("dist/engine/light/worker_bg.wasm", "engine"),
            ("dist/engine/boot.js", "const INTEGRITY = {};"),
            ("app/page/site/sw.js", "const VERSION = \"\";\nconst FILES = {};"),
        ];
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    #[test]
    fn everything_lies_in_a_folder_that_the_index_names() {
        let folder = Folder::new("version");
        let project = folder.project();
        site(&project.root, "a {}");
        let dist = project.root.join("dist");
        settle(&project, RELEASE, &dist).unwrap();
        let version = super::folder(&dist).unwrap();
        let read = |path: &str| fs::read_to_string(dist.join(path)).unwrap();
        let index = read("index.html");
        for path in ["style.css", "page/page.js", "page/page_bg.wasm"] {
            assert!(index.contains(&format!("\"./{version}/{path}\"")), "{path} in {index}");
            assert!(dist.join(&version).join(path).exists());
        }
        assert!(index.contains("\"icon.svg\"") && dist.join("icon.svg").exists());
        let checksum = BASE64_STANDARD.encode(Sha256::digest("module"));
        assert!(index.contains(&format!("data-integrity=\"{checksum}\"")));
        assert!(!dist.join("engine").exists(), "an empty folder is left");
        let boot = read(&format!("{version}/engine/boot.js"));
        let engine = BASE64_STANDARD.encode(Sha256::digest("engine"));
        assert!(boot.contains("nano/nano.gguf") && boot.contains(&engine), "{boot}");
        let worker = read("sw.js");
        assert!(worker.contains(&format!("VERSION = \"{version}\"")), "{worker}");
        assert!(worker.contains(&format!("\"{version}/engine/boot.js\"")) && worker.contains("\"icon.svg\""));
        assert!(!worker.contains("index.html"), "{worker}");
    }

    #[test]
    fn another_content_is_another_version_and_the_same_one_is_not() {
        let version = |style: &str| {
            let folder = Folder::new("version-of");
            let project = folder.project();
            site(&project.root, style);
            settle(&project, RELEASE, &project.root.join("dist")).unwrap();
            super::folder(&project.root.join("dist")).unwrap()
        };
        assert_eq!(version("a {}"), version("a {}"));
        assert_ne!(version("a {}"), version("b {}"));
    }

    #[test]
    fn a_site_for_developers_takes_its_service_worker_back() {
        let folder = Folder::new("version-dev");
        let project = folder.project();
        site(&project.root, "");
        settle(&project, Build { dev: true, gpu: false }, &project.root.join("dist")).unwrap();
        assert!(fs::read_to_string(project.root.join("dist/sw.js")).unwrap().contains("unregister"));
    }

    #[test]
    fn the_sources_have_the_places_that_are_filled() {
        let index = include_str!("../../../index.html");
        assert!(index.contains(PLACE));
        assert!(index.contains("data-integrity=\"\"") && index.contains("href=\"style.css\" integrity=\"\""));
        assert!(include_str!("../../../app/worker/boot.js").contains("const INTEGRITY = {};"));
        let worker = include_str!("../../../app/page/site/sw.js");
        assert!(worker.contains("const VERSION = \"\";") && worker.contains("const FILES = {};"));
    }
}
