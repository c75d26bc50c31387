//! The browser's private files (OPFS): folders, files, and a file open for writing.

use js_sys::{IteratorNext, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemRemoveOptions,
    FileSystemSyncAccessHandle,
};

use super::browser::{kind, words};
use crate::scope::Scope;

/// What the browser refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such file or folder.
    Missing,
    /// This site may not use more room.
    Full,
    /// Another page of this site writes the file.
    InUse,
    /// Something else, in the browser's words.
    Other(String),
}

impl Refused {
    fn of(error: &JsValue) -> Self {
        match kind(error).as_str() {
            "NotFoundError" => Self::Missing,
            "QuotaExceededError" => Self::Full,
            "NoModificationAllowedError" | "InvalidStateError" => Self::InUse,
            _ => Self::Other(words(error)),
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no such file",
            Self::Full => "there is no room left",
            Self::InUse => "another page uses the file",
            Self::Other(words) => words,
        })
    }
}

/// A folder.
#[derive(Clone)]
pub struct Folder(FileSystemDirectoryHandle);

impl Folder {
    /// The folder of everything that this site keeps.
    ///
    /// # Errors
    /// When this browser keeps no files, in a private window for instance.
    pub async fn root(scope: &Scope) -> Result<Self, Refused> {
        let none = || Refused::Other("this browser keeps no files for a page".to_owned());
        let storage = scope.storage().ok_or_else(none)?;
        if !Reflect::has(&storage, &JsValue::from_str("getDirectory")).unwrap_or(false) {
            return Err(none());
        }
        Ok(Self(done(&storage.get_directory()).await?))
    }

    /// A folder in it, made where there is none.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn folder(&self, name: &str) -> Result<Self, Refused> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        Ok(Self(done(&self.0.get_directory_handle_with_options(name, &options)).await?))
    }

    /// A folder in it, if there is one.
    ///
    /// # Errors
    /// When there is none, or the browser refuses.
    pub async fn existing(&self, name: &str) -> Result<Self, Refused> {
        Ok(Self(done(&self.0.get_directory_handle(name)).await?))
    }

    /// The names of what is in it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn names(&self) -> Result<Vec<String>, Refused> {
        let names = self.0.keys();
        let mut found = Vec::new();
        loop {
            let next = names.next().map_err(|error| Refused::of(&error))?;
            let next = JsFuture::from(next).await.map_err(|error| Refused::of(&error))?;
            let next = next.unchecked_into::<IteratorNext>();
            if next.done() {
                return Ok(found);
            }
            found.extend(next.value().as_string());
        }
    }

    /// A file, to be read.
    ///
    /// # Errors
    /// When there is none, or the browser refuses.
    pub async fn file(&self, name: &str) -> Result<File, Refused> {
        let handle: FileSystemFileHandle = done(&self.0.get_file_handle(name)).await?;
        done(&handle.get_file()).await
    }

    /// A file, to be written; made where there is none.
    ///
    /// # Errors
    /// When another page writes it, or the browser refuses.
    pub async fn writer(&self, name: &str) -> Result<Writer, Refused> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let handle: FileSystemFileHandle = done(&self.0.get_file_handle_with_options(name, &options)).await?;
        // Not in every browser's private window.
        if !Reflect::has(&handle, &JsValue::from_str("createSyncAccessHandle")).unwrap_or(false) {
            return Err(Refused::Other("this browser does not let a page write files".to_owned()));
        }
        Ok(Writer(done(&handle.create_sync_access_handle()).await?))
    }

    /// Deletes a file, or a folder with all that is in it.
    ///
    /// # Errors
    /// When there is none, another page uses it, or the browser refuses.
    pub async fn remove(&self, name: &str) -> Result<(), Refused> {
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        let removed = JsFuture::from(self.0.remove_entry_with_options(name, &options)).await;
        removed.map(drop).map_err(|error| Refused::of(&error))
    }
}

/// What a promise of the browser comes to.
async fn done<T: JsCast>(promise: &Promise) -> Result<T, Refused> {
    let value = JsFuture::from(promise.clone()).await.map_err(|error| Refused::of(&error))?;
    Ok(value.unchecked_into())
}

/// A file open for writing; nobody else can open it meanwhile.
pub struct Writer(FileSystemSyncAccessHandle);

impl Writer {
    /// Bytes there are.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn len(&self) -> Result<u64, Refused> {
        self.0.get_size().map(|bytes| bytes as u64).map_err(|error| Refused::of(&error))
    }

    /// Keeps the first bytes only.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn truncate(&self, bytes: u64) -> Result<(), Refused> {
        self.0.truncate_with_f64(bytes as f64).map_err(|error| Refused::of(&error))
    }

    /// Fills `into` from a place on; says how many bytes there were.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, Refused> {
        let read = self.0.read_with_u8_array_and_options(into, &place(at));
        read.map(|bytes| bytes as usize).map_err(|error| Refused::of(&error))
    }

    /// Writes bytes at a place.
    ///
    /// # Errors
    /// When there is no room, or the browser refuses.
    pub fn write(&self, at: u64, bytes: &[u8]) -> Result<(), Refused> {
        let written = self.0.write_with_u8_array_and_options(bytes, &place(at));
        match written.map_err(|error| Refused::of(&error))? as usize {
            all if all == bytes.len() => Ok(()),
            // Fewer are written when the room ends in the middle.
            _ => Err(Refused::Full),
        }
    }

    /// Makes sure that what was written stays.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn flush(&self) -> Result<(), Refused> {
        self.0.flush().map_err(|error| Refused::of(&error))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn place(at: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(at as f64);
    options
}
