//! Files of the site itself, beside the engine: the model that comes with the page, and taps for models of others.

use js_sys::{JsString, Reflect};
use protocol::language::LanguageProgress;
use protocol::{AppError, Problem};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Request, RequestInit, Response};

use super::browser::words;
use super::errand::Errand;
use super::error;
use super::files::Readable;

/// Some files of the site that belong together.
pub struct SiteFiles {
    /// Their folder, below the version's.
    pub folder: &'static str,
    /// Their names.
    pub files: &'static [&'static str],
    /// What they are, in a message.
    pub what: &'static str,
    /// What a person can do where the site does not have them.
    pub without: &'static str,
}

/// The model that comes with the page.
pub const NANO: SiteFiles = SiteFiles {
    folder: "nano",
    files: &["nano.gguf", "adapter.safetensors", "adapter.json"],
    what: "the model that comes with the page",
    without: "Load one under Models, and ask that.",
};

impl SiteFiles {
    /// Fetches the files. The browser's own cache keeps them.
    ///
    /// # Errors
    /// When the site does not have them, or somebody stops it.
    pub async fn fetch(&self, errand: &Errand<'_>) -> Result<Vec<Readable>, AppError> {
        let mut files = Vec::new();
        let mut bytes = 0;
        for name in self.files {
            let blob = self.file(name, errand).await?;
            bytes += blob.size() as u64;
            errand.tell(LanguageProgress::Fetching { bytes, of: None, resumed: 0 });
            files.push(Readable::of(*name, blob)?);
        }
        Ok(files)
    }

    async fn file(&self, name: &str, errand: &Errand<'_>) -> Result<Blob, AppError> {
        let path = format!("{}/{name}", self.folder);
        let unreachable = |why: String| {
            let message = format!("{name}, a file of {}, cannot be had: {why}", self.what);
            error::error(Problem::Unreachable, message, "Look whether the network is there, and try again.")
        };
        let failed = |failure: &JsValue| unreachable(words(failure));
        let checksum = checksum(&path);
        let options = RequestInit::new();
        if let Some(checksum) = &checksum {
            options.set_integrity(&format!("sha256-{checksum}"));
        }
        let answer = match ask(&path, &options, errand).await? {
            // The browser says nothing of an answer with other bytes, not even that it was a 404.
            Err(failure) if checksum.is_some() => {
                let options = RequestInit::new();
                options.set_method("HEAD");
                let answer = ask(&path, &options, errand).await?.map_err(|_| failed(&failure))?;
                if answer.ok() {
                    let what = JsString::from("what came is not the file that belongs to this page");
                    return Err(failed(&what));
                }
                answer
            }
            answer => answer.map_err(|failure| failed(&failure))?,
        };
        if answer.status() == 404 {
            let message = format!("{name}, a file of {}, is not on this site", self.what);
            return Err(error::error(Problem::Model, message, self.without));
        }
        if !answer.ok() {
            return Err(unreachable(format!("the site answers {}", answer.status())));
        }
        let body = answer.blob().map_err(|failure| failed(&failure))?;
        let blob = errand.wait(&body).await?.map_err(|failure| failed(&failure))?;
        blob.dyn_into().map_err(|_| unreachable(JsString::from("no bytes came").into()))
    }
}

/// Asks the site for a file.
async fn ask(
    path: &str,
    options: &RequestInit,
    errand: &Errand<'_>,
) -> Result<Result<Response, JsValue>, AppError> {
    let request = match Request::new_with_str_and_init(&format!("../{path}"), options) {
        Ok(request) => request,
        Err(failure) => return Ok(Err(failure)),
    };
    let answer = errand.wait(&errand.scope.fetch(&request)).await?;
    Ok(answer.and_then(JsCast::dyn_into))
}

/// What a file must be, as `engine/boot.js` knows it.
fn checksum(path: &str) -> Option<String> {
    let of_all = Reflect::get(&js_sys::global(), &"worldmodelIntegrity".into()).ok()?;
    Reflect::get(&of_all, &path.into()).ok()?.as_string()
}
