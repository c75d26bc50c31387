//! `model.safetensors.index.json`: which file holds which tensor.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Deserialize;

use super::{MAX_FILES, MAX_JSON_BYTES, SafetensorsError};

/// Which file holds which tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// File of each tensor.
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Json {
    weight_map: BTreeMap<String, String>,
}

impl Index {
    /// Reads the text of an index. Names of files are checked to be plain names, so that they may be looked up in the
    /// index's folder.
    ///
    /// # Errors
    /// When it is no index, too large, or names a file outside its folder.
    pub fn parse(text: &str) -> Result<Self, SafetensorsError> {
        if text.len() > MAX_JSON_BYTES {
            let what = "bytes of index".to_owned();
            let (found, limit) = (text.len() as u64, MAX_JSON_BYTES as u64);
            return Err(SafetensorsError::Limit { what, found, limit });
        }
        let json: Json =
            serde_json::from_str(text).map_err(|error| SafetensorsError::Index(error.to_string()))?;
        let index = Self { files: json.weight_map };
        let files = index.files();
        if let Some(name) = files.iter().find(|name| !is_plain(name)) {
            let start: String = name.chars().take(128).collect();
            return Err(SafetensorsError::Index(format!("names {start:?}, which is no file's plain name")));
        }
        if files.len() > MAX_FILES {
            let (found, limit) = (files.len() as u64, MAX_FILES as u64);
            return Err(SafetensorsError::Limit { what: "files in the index".to_owned(), found, limit });
        }
        Ok(index)
    }

    /// The files it names, each once, by name.
    pub fn files(&self) -> BTreeSet<&str> {
        self.files.values().map(String::as_str).collect()
    }

    /// The file that holds a tensor.
    pub fn file_of(&self, tensor: &str) -> Option<&str> {
        self.files.get(tensor).map(String::as_str)
    }

    /// Checks that every file it names is among those given.
    pub(super) fn check_files<'a>(
        &self,
        given: impl Iterator<Item = &'a str>,
    ) -> Result<(), SafetensorsError> {
        let given: HashSet<&str> = given.collect();
        let missing: Vec<String> =
            self.files().into_iter().filter(|name| !given.contains(name)).map(str::to_owned).collect();
        if missing.is_empty() { Ok(()) } else { Err(SafetensorsError::MissingFiles { missing }) }
    }

    /// The error for the first tensor it names that is not among those found.
    pub(super) fn first_missing(&self, found: &HashSet<String>) -> Option<SafetensorsError> {
        let (tensor, file) = self.files.iter().find(|(tensor, _)| !found.contains(*tensor))?;
        Some(SafetensorsError::MissingTensor { tensor: tensor.clone(), file: file.clone() })
    }
}

/// Checks that none is missing of files whose names count them, as in `model-00001-of-00003.safetensors`: what an index
/// would say, where it was not given.
pub(super) fn check_count<'a>(given: impl Iterator<Item = &'a str>) -> Result<(), SafetensorsError> {
    let given: BTreeSet<&str> = given.collect();
    let counted = given.iter().find_map(|name| {
        let (stem, ending) = name.rsplit_once('.')?;
        let (first, count) = stem.rsplit_once("-of-")?;
        let (model, number) = first.rsplit_once('-')?;
        let _number: usize = number.parse().ok()?;
        let files: usize = count.parse().ok().filter(|files| *files <= MAX_FILES)?;
        Some((model, number.len(), files, count, ending))
    });
    let Some((model, width, files, count, ending)) = counted else { return Ok(()) };
    let names = (1..=files).map(|number| format!("{model}-{number:0width$}-of-{count}.{ending}"));
    let missing: Vec<String> = names.filter(|name| !given.contains(name.as_str())).collect();
    if missing.is_empty() { Ok(()) } else { Err(SafetensorsError::MissingFiles { missing }) }
}

/// Whether it is the name of a file in the same folder, on any system.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_once_and_must_all_be_there() {
        let index =
            Index::parse(r#"{"metadata":{"total_size":8},"weight_map":{"a":"1.st","b":"2.st","c":"1.st"}}"#)
                .unwrap();
        assert_eq!(index.files().into_iter().collect::<Vec<_>>(), ["1.st", "2.st"]);
        assert_eq!((index.file_of("b"), index.file_of("d")), (Some("2.st"), None));
        let error = index.check_files(["1.st"].into_iter()).unwrap_err();
        assert_eq!(error.to_string(), "a file of the model was not given: `2.st`");
        assert!(index.check_files(["2.st", "1.st", "3.st"].into_iter()).is_ok());
    }

    #[test]
    fn files_that_count_themselves_must_all_be_there() {
        let missing =
            |names: &[&str]| check_count(names.iter().copied()).err().map(|error| error.to_string());
        assert_eq!(missing(&["model.safetensors"]), None);
        assert_eq!(missing(&["a-00002-of-00002.safetensors", "a-00001-of-00002.safetensors"]), None);
        assert_eq!(missing(&["state-of-the-art.safetensors", "a-1-of-99999.safetensors"]), None);
        let expected = "2 files of the model were not given: `m-00001-of-00003.st`, `m-00003-of-00003.st`";
        assert_eq!(missing(&["m-00002-of-00003.st"]).as_deref(), Some(expected));
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        for name in ["../x", "/etc/passwd", "a/b", "c:x", "..", "", "a\\\\b"] {
            let text = format!("{{\"weight_map\":{{\"a\":\"{name}\"}}}}");
            assert!(matches!(Index::parse(&text), Err(SafetensorsError::Index(_))), "{name}");
        }
    }
}
