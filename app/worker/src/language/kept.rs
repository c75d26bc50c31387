//! The models that this browser keeps: a folder each, with the files and `kept.json`, which says what they are.

use protocol::language::{Kept, KeptModel};
use protocol::{AppError, Problem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, StorageEstimate};

use super::address::{Address, Wanted};
use super::error;
use super::files::{Readable, Role};
use super::opfs::{Folder, Refused};
use super::resume::There;
use super::room::gigabytes;
use crate::scope::Scope;

/// The folder of all models.
const MODELS: &str = "models";
/// What a model's folder says of itself.
const RECORD: &str = "kept.json";

/// A model's folder.
pub struct Place {
    /// The folder.
    pub folder: Folder,
    /// Its name, by which the model is asked for.
    pub key: String,
    /// What it says of itself.
    pub record: Record,
}

/// What a model's folder says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The model's name.
    pub name: String,
    /// The address it comes from; `None` for chosen files.
    pub address: Option<String>,
    /// When it was written last, in milliseconds since 1970.
    pub modified: u64,
    /// Its files, in the order in which they are fetched.
    pub files: Vec<Part>,
}

/// A file of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its address; `None` for a chosen file.
    pub address: Option<String>,
    /// Whether the model works without it.
    pub optional: bool,
    /// Bytes it has in all, once that is known.
    pub size: Option<u64>,
    /// What the host calls this version of it; of a chosen file, when it was written.
    pub etag: Option<String>,
    /// When the host says that it was written.
    #[serde(default)]
    pub modified: Option<String>,
    /// Its SHA-256 in hexadecimal, once it is complete.
    pub sha256: Option<String>,
    /// Whether an optional file turned out not to exist.
    #[serde(default)]
    pub absent: bool,
}

impl Part {
    /// A file that is to be fetched.
    pub fn wanted(wanted: Wanted) -> Self {
        Self {
            name: plain(&wanted.name),
            address: Some(wanted.address),
            optional: wanted.optional,
            ..Self::default()
        }
    }

    /// Whether nothing is left to be done for it.
    pub const fn is_done(&self) -> bool {
        self.sha256.is_some() || self.absent
    }

    /// What of it is there.
    pub fn there(&self, bytes: u64) -> There {
        There { bytes, size: self.size, etag: self.etag.clone(), modified: self.modified.clone() }
    }
}

impl Record {
    /// The record of a model that comes from an address.
    pub fn of_address(address: &Address) -> Self {
        let files = address.wanted().into_iter().map(Part::wanted).collect();
        Self { name: plain(address.name()), address: Some(address.text().to_owned()), modified: 0, files }
    }

    /// The record of chosen files.
    pub fn of_files(files: &[File]) -> Self {
        let part = |file: &File| Part {
            name: plain(&file.name()),
            size: Some(file.size() as u64),
            etag: Some(file.last_modified().to_string()),
            ..Part::default()
        };
        let name = files.iter().map(File::name).find(|name| Role::of(name) == Role::Weights);
        let files = files.iter().filter(|file| Role::of(&file.name()) != Role::Other).map(part).collect();
        Self { name: plain(&name.unwrap_or_default()), address: None, modified: 0, files }
    }

    /// Whether every file is there.
    pub fn is_complete(&self) -> bool {
        !self.files.is_empty() && self.files.iter().all(Part::is_done)
    }

    /// Bytes it has in all, where that is known.
    pub fn size(&self) -> Option<u64> {
        self.files.iter().filter(|part| !part.absent).map(|part| part.size).sum()
    }

    /// The SHA-256 of its weights, where they are complete and one file.
    pub fn sha256(&self) -> Option<String> {
        let mut weights = self.files.iter().filter(|part| Role::of(&part.name) == Role::Weights);
        let first = weights.next()?;
        first.sha256.clone().filter(|_| weights.next().is_none() && self.is_complete())
    }

    /// The folder's name: the model's, and a hash of where it comes from, so that two of one name stay apart.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        match &self.address {
            Some(address) => hash.update(address),
            None => {
                for part in &self.files {
                    hash.update(format!("{}\n{:?}\n{:?}\n", part.name, part.size, part.etag));
                }
            }
        }
        let hash = hexadecimal(&hash.finalize());
        format!("{}-{}", self.name, hash.get(..8).unwrap_or_default())
    }
}

/// Bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name that every file system takes.
fn plain(name: &str) -> String {
    let letter = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => letter,
        _ => '_',
    };
    let name: String = name.chars().map(letter).take(120).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "model".to_owned() } else { name.to_owned() }
}

impl Place {
    /// The folder of the model with this record: as it is there, or a new one.
    ///
    /// # Errors
    /// When the browser keeps no files.
    pub async fn of(scope: &Scope, record: Record) -> Result<Self, Refused> {
        let models = Folder::root(scope).await?.folder(MODELS).await?;
        let key = record.key();
        let folder = models.folder(&key).await?;
        let record = read(&folder).await.unwrap_or(record);
        let mut place = Self { folder, key, record };
        if !place.record.is_complete() {
            // Some browsers have folders in a private window, and write nothing into them.
            place.note(scope).await?;
        }
        Ok(place)
    }

    /// The folder of that name.
    ///
    /// # Errors
    /// When there is none, or it does not say what it is.
    pub async fn existing(scope: &Scope, key: &str) -> Result<Self, AppError> {
        let missing = |_| {
            let message = format!("the model {key} is not kept in this browser");
            error::error(Problem::BadRequest, message, "Choose one of the list, or load it from its address.")
        };
        let models = Folder::root(scope).await.map_err(|refused| unavailable(&refused))?;
        let models = models.folder(MODELS).await.map_err(missing)?;
        let folder = models.existing(key).await.map_err(missing)?;
        let record = read(&folder).await.ok_or(Refused::Missing).map_err(missing)?;
        Ok(Self { folder, key: key.to_owned(), record })
    }

    /// Writes down what is known of the model.
    ///
    /// # Errors
    /// When there is no room, or the browser refuses.
    pub async fn note(&mut self, scope: &Scope) -> Result<(), Refused> {
        self.record.modified = scope.today();
        let json = serde_json::to_vec(&self.record).map_err(|error| Refused::Other(error.to_string()))?;
        let writer = self.folder.writer(RECORD).await?;
        writer.truncate(0)?;
        writer.write(0, &json)?;
        writer.flush()
    }

    /// Bytes that are there.
    pub async fn bytes(&self) -> u64 {
        let mut bytes = 0;
        for part in &self.record.files {
            bytes += self.folder.file(&part.name).await.map_or(0, |file| file.size() as u64);
        }
        bytes
    }

    /// One of its files.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    pub async fn file(&self, part: &Part) -> Result<File, AppError> {
        self.folder.file(&part.name).await.map_err(|refused| {
            let message = format!("{} of the kept model {} cannot be read: {refused}", part.name, self.key);
            error::error(Problem::Model, message, "Delete it here and load it again.")
        })
    }

    /// The files that are there.
    ///
    /// # Errors
    /// When one is missing or cannot be read.
    async fn files(&self) -> Result<Vec<Readable>, AppError> {
        let mut files = Vec::new();
        for part in self.record.files.iter().filter(|part| !part.absent) {
            files.push(Readable::of(part.name.clone(), self.file(part).await?.into())?);
        }
        Ok(files)
    }
}

async fn read(folder: &Folder) -> Option<Record> {
    let file = folder.file(RECORD).await.ok()?;
    serde_json::from_slice(&Readable::of(RECORD, file.into()).ok()?.whole().ok()?).ok()
}

/// The files of a model that is kept whole.
///
/// # Errors
/// When there is none of that key, or a part of it is missing.
pub async fn complete(scope: &Scope, key: &str) -> Result<Vec<Readable>, AppError> {
    let place = Place::existing(scope, key).await?;
    if !place.record.is_complete() {
        let message = format!("only a part of {} is there", place.record.name);
        return Err(error::error(
            Problem::BadRequest,
            message,
            "Load it: the download goes on where it was.",
        ));
    }
    place.files().await
}

/// What this browser keeps.
pub async fn list(scope: &Scope) -> Kept {
    let quota = quota(scope).await;
    match models(scope).await {
        Ok(models) => Kept { models, quota, unavailable: None },
        Err(refused) => Kept { models: Vec::new(), quota, unavailable: Some(refused.to_string()) },
    }
}

async fn models(scope: &Scope) -> Result<Vec<KeptModel>, Refused> {
    let folder = Folder::root(scope).await?.folder(MODELS).await?;
    let mut models = Vec::new();
    for key in folder.names().await? {
        let Ok(folder) = folder.existing(&key).await else { continue };
        // A folder that does not say what it is can still be deleted.
        let unknown = Record { name: key.clone(), ..Record::default() };
        let place = Place { record: read(&folder).await.unwrap_or(unknown), folder, key: key.clone() };
        models.push(KeptModel {
            bytes: place.bytes().await,
            size: place.record.size(),
            sha256: place.record.sha256(),
            complete: place.record.is_complete(),
            name: place.record.name,
            address: place.record.address,
            modified: place.record.modified,
            key,
        });
    }
    models.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.key.cmp(&b.key)));
    Ok(models)
}

/// Deletes a model, or what is there of it. One that is not there is no error: that is what was wanted.
///
/// # Errors
/// When another page uses it.
pub async fn delete(scope: &Scope, key: &str) -> Result<(), AppError> {
    let removed = async { Folder::root(scope).await?.folder(MODELS).await?.remove(key).await };
    match removed.await {
        Ok(()) | Err(Refused::Missing) => Ok(()),
        Err(refused) => {
            let message = format!("{key} cannot be deleted: {refused}");
            let remedy = "Close other tabs of this site that load it, and delete it again.";
            Err(error::error(Problem::BadRequest, message, remedy))
        }
    }
}

/// Bytes that this site may use, and uses.
pub async fn quota(scope: &Scope) -> Option<(u64, u64)> {
    let estimate = JsFuture::from(scope.storage()?.estimate().ok()?).await.ok()?;
    let estimate = estimate.unchecked_into::<StorageEstimate>();
    Some((estimate.get_quota()? as u64, estimate.get_usage()? as u64))
}

/// That there is no room for `more` bytes, and what could go.
///
/// How much is left is said only where it is less than that: browsers promise more than they give.
pub async fn no_room(scope: &Scope, more: Option<u64>) -> String {
    let kept = list(scope).await;
    let size = more.map_or_else(|| "more".to_owned(), gigabytes);
    let message = match kept.quota {
        Some((quota, used)) if more.is_some_and(|more| more > quota.saturating_sub(used)) => {
            let left = gigabytes(quota.saturating_sub(used));
            format!(
                "this browser lets the page keep {}, and {left} are left; {size} are needed",
                gigabytes(quota)
            )
        }
        _ => format!("this browser gives this page no room for {size}"),
    };
    let others: Vec<String> = kept
        .models
        .iter()
        .filter(|model| model.bytes > 0)
        .map(|model| format!("{} ({})", model.name, gigabytes(model.bytes)))
        .collect();
    match others.as_slice() {
        [] => format!("{message}. Free room on this device to have it kept."),
        others => format!("{message}. To have it kept, delete what you do not need: {}.", others.join(", ")),
    }
}

/// Nothing can be kept here.
pub fn unavailable(refused: &Refused) -> AppError {
    let message = format!("nothing is kept in this browser: {refused}");
    error::error(Problem::Unreachable, message, "Leave the private window, or choose a file from disk.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_folder() {
        assert_eq!(plain("Qwen3-0.6B-Q8_0.gguf"), "Qwen3-0.6B-Q8_0.gguf");
        assert_eq!(plain("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(plain("ein Modell ü.gguf"), "ein_Modell__.gguf");
        assert_eq!(plain(""), "model");
        assert_eq!(plain(&"x".repeat(500)).len(), 120);
    }

    #[test]
    fn two_models_of_one_name_have_two_keys() {
        let record = |address: &str| Record::of_address(&Address::of(address).unwrap());
        let (a, b) = (record("https://a.org/m.gguf"), record("https://b.org/m.gguf"));
        assert_ne!(a.key(), b.key());
        assert!(a.key().starts_with("m.gguf-"), "{}", a.key());
        assert_eq!(a.key(), record("https://a.org/m.gguf").key());
    }

    #[test]
    fn a_model_is_complete_with_its_last_file() {
        let mut record = Record::of_address(&Address::of("https://a.org/m.safetensors").unwrap());
        assert_eq!(record.files.len(), 4);
        for (bytes, part) in (1..).zip(&mut record.files) {
            (part.size, part.sha256) = (Some(bytes), Some(bytes.to_string()));
        }
        assert!(record.is_complete());
        assert_eq!((record.size(), record.sha256().as_deref()), (Some(10), Some("4")));
        let settings = &mut record.files[2];
        (settings.absent, settings.size, settings.sha256) = (true, None, None);
        assert_eq!((record.is_complete(), record.size()), (true, Some(7)));
        record.files[3].sha256 = None;
        assert_eq!((record.is_complete(), record.sha256()), (false, None));
    }
}
