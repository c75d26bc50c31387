//! What a person pastes as an address, as the addresses of a model's files.

use protocol::{AppError, Problem};

use super::error;

/// Hosts whose pages about a file have the file itself beside them, under "resolve" in place of "blob".
const HUBS: [&str; 4] = ["huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com"];

/// The address of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// A file that a model consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Whether the model works without it.
    pub optional: bool,
}

impl Address {
    /// The file's own address by whatever address of it somebody pasted: a hub's page about a file becomes the file.
    ///
    /// # Errors
    /// When it is no address, or one that a page cannot read from.
    pub fn of(pasted: &str) -> Result<Self, AppError> {
        let pasted = pasted.trim();
        let unreachable =
            |message: String, remedy: &str| Err(error::error(Problem::Unreachable, message, remedy));
        let (scheme, rest) = match pasted.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            // "huggingface.co/…", as address bars show it.
            None => ("https".to_owned(), pasted),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.to_ascii_lowercase();
        // This machine: the only one that is asked without encryption.
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let is_here = name == "localhost" || name == "127.0.0.1";
        let is_address = host.contains('.') || is_here;
        if !is_address || host.contains(char::is_whitespace) {
            let message = format!("`{pasted}` is no address");
            return unreachable(
                message,
                "Paste the whole address of a .gguf or .safetensors file, https:// included.",
            );
        }
        if scheme != "https" && !(scheme == "http" && is_here) {
            let message = format!("`{scheme}` is no way for this page to read a file");
            return unreachable(
                message,
                "Take an address that begins with https://, or download the file and choose it.",
            );
        }
        if HUBS.contains(&host.as_str()) {
            return Self::on_hub(&host, path);
        }
        Ok(Self(format!("{scheme}://{host}/{path}")))
    }

    fn on_hub(host: &str, path: &str) -> Result<Self, AppError> {
        // What is asked for beside the path ("?download=true") changes nothing for a program.
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [owner, name, "blob" | "resolve" | "raw", revision, file @ ..] if !file.is_empty() => {
                Ok(Self(format!("https://{host}/{owner}/{name}/resolve/{revision}/{}", file.join("/"))))
            }
            _ => {
                let message = format!("`{host}/{path}` is a page, not a file");
                let remedy =
                    "Open \"Files and versions\" there and copy the address of a .gguf or .safetensors file.";
                Err(error::error(Problem::Unreachable, message, remedy))
            }
        }
    }

    /// It as a text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("model")
    }

    /// The address of another file in the same folder.
    pub fn beside(&self, name: &str) -> String {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
        format!("{folder}/{name}")
    }

    /// The files of the model whose weights are here, small ones first: an error then comes soon.
    ///
    /// Of safetensors in several files only the index is named; it names the weights.
    pub fn wanted(&self) -> Vec<Wanted> {
        let name = self.name();
        let this = Wanted { name: name.to_owned(), address: self.0.clone(), optional: false };
        let lower = name.to_ascii_lowercase();
        let beside =
            |name: &str, optional| Wanted { name: name.to_owned(), address: self.beside(name), optional };
        let weights = if lower.ends_with(".safetensors.index.json") {
            this
        } else if lower.ends_with(".safetensors") {
            index_of(name).map_or(this, |index| beside(&index, false))
        } else {
            return vec![this];
        };
        let described = [("config.json", false), ("tokenizer.json", false), ("tokenizer_config.json", true)];
        described.map(|(name, optional)| beside(name, optional)).into_iter().chain([weights]).collect()
    }
}

/// The index of a file that is one of several: `model-00001-of-00003.safetensors` has `model.safetensors.index.json`.
fn index_of(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let (rest, count) = stem.rsplit_once("-of-")?;
    let (model, number) = rest.rsplit_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(count) && is_number(number)).then(|| format!("{model}.{ending}.index.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(pasted: &str) -> String {
        Address::of(pasted).unwrap().text().to_owned()
    }

    #[test]
    fn a_page_about_a_file_becomes_the_file() {
        let file_itself = "https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf";
        for pasted in [
            "https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/blob/main/Qwen3-0.6B-Q8_0.gguf",
            "  huggingface.co/Qwen/Qwen3-0.6B-GGUF/blob/main/Qwen3-0.6B-Q8_0.gguf ",
            "HTTPS://HuggingFace.co/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf?download=true#x",
            "https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/raw/main/Qwen3-0.6B-Q8_0.gguf",
        ] {
            assert_eq!(file(pasted), file_itself, "{pasted}");
        }
        let in_folder = file("https://hf.co/a/b/blob/refs%2Fpr%2F1/q4/m.gguf");
        assert_eq!(in_folder, "https://hf.co/a/b/resolve/refs%2Fpr%2F1/q4/m.gguf");
    }

    #[test]
    fn other_hosts_are_left_alone() {
        let blob = "https://example.org/a/b/blob/main/m.gguf?sig=1";
        assert_eq!(file(blob), blob);
        assert_eq!(Address::of(blob).unwrap().name(), "m.gguf");
        for here in ["http://127.0.0.1:8080/m.gguf", "http://localhost/m.gguf", "http://localhost:1/m.gguf"] {
            assert_eq!(file(here), here);
        }
    }

    #[test]
    fn what_is_no_file_is_refused_in_words() {
        let refused = |pasted: &str| Address::of(pasted).unwrap_err();
        assert!(
            refused("https://huggingface.co/Qwen/Qwen3-0.6B-GGUF").message.contains("a page, not a file")
        );
        assert!(
            refused("https://huggingface.co/Qwen/Qwen3-0.6B/tree/main").remedy.contains("Files and versions")
        );
        assert!(refused("http://example.org/m.gguf").remedy.contains("https://"));
        assert!(refused("http://localhost.example.org/m.gguf").remedy.contains("https://"));
        assert!(refused("http://127.0.0.1.example.org/m.gguf").remedy.contains("https://"));
        assert!(refused("ftp://example.org/m.gguf").message.contains("`ftp`"));
        for text in ["", "a model please", "Qwen3"] {
            assert!(refused(text).message.contains("no address"), "{text}");
        }
    }

    #[test]
    fn safetensors_come_with_what_describes_them() {
        let names = |pasted: &str| -> Vec<String> {
            Address::of(pasted).unwrap().wanted().into_iter().map(|wanted| wanted.name).collect()
        };
        assert_eq!(names("https://example.org/m.gguf"), ["m.gguf"]);
        let beside = ["config.json", "tokenizer.json", "tokenizer_config.json"];
        let one = names("https://example.org/a/model.safetensors");
        assert_eq!((&one[..3], one[3].as_str()), (&beside.map(str::to_owned)[..], "model.safetensors"));
        let several = names("https://example.org/a/model-00002-of-00003.safetensors");
        assert_eq!(several[3], "model.safetensors.index.json");
        let index = Address::of("https://example.org/a/model.safetensors.index.json").unwrap();
        assert_eq!(index.wanted()[0].address, "https://example.org/a/config.json");
        assert_eq!(index.wanted().len(), 4);
    }
}
