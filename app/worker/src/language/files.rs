//! The parts of a model among files, wherever they are, and a model opened from them.

use engine::qwen::vocabulary;
use engine::tokenizer::Tokenizer;
use engine::weights::{Checkpoint, ReadAt, ReadError, WeightsError, WeightsFile};
use engine::worldmodel::adapter::AdapterConfig;
use js_sys::Uint8Array;
use protocol::{AppError, Problem};
use web_sys::{Blob, File, FileReaderSync};

use super::browser::words;
use super::error;

/// Bytes of a file that is read as a whole: the largest tokenizer.json is a tenth of it.
const MAX_WHOLE: u64 = 128 << 20;

/// What a file of a model is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Weights: .gguf, .safetensors, or anything unknown (its first bytes tell).
    Weights,
    /// model.safetensors.index.json
    Index,
    /// config.json
    Config,
    /// tokenizer.json
    Tokenizer,
    /// tokenizer_config.json
    TokenizerConfig,
    /// adapter.safetensors: the taps of a WorldModel
    Taps,
    /// adapter.json: what they are
    Adapter,
    /// A file that lies beside models and is not needed.
    Other,
}

impl Role {
    /// The role of a file of that name.
    pub fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "config.json" => Self::Config,
            "tokenizer.json" => Self::Tokenizer,
            "tokenizer_config.json" => Self::TokenizerConfig,
            "adapter.safetensors" => Self::Taps,
            "adapter.json" => Self::Adapter,
            _ if name.ends_with(".safetensors.index.json") => Self::Index,
            _ if [".json", ".txt", ".md", ".jinja", ".gitattributes"]
                .iter()
                .any(|end| name.ends_with(end)) =>
            {
                Self::Other
            }
            _ => Self::Weights,
        }
    }
}

/// A file that can be read.
pub struct Readable {
    /// Its name, without folders.
    pub name: String,
    /// Its bytes.
    pub source: Box<dyn ReadAt>,
}

impl Readable {
    /// A file of the browser's.
    ///
    /// # Errors
    /// When this browser reads no files in a worker.
    pub fn of(name: impl Into<String>, blob: Blob) -> Result<Self, AppError> {
        let reader = FileReaderSync::new().map_err(|failure| {
            let message = format!("this browser does not read files in a worker: {}", words(&failure));
            error::error(Problem::Unreachable, message, "Use a recent Chrome, Edge, Firefox or Safari.")
        })?;
        Ok(Self { name: name.into(), source: Box::new(Browsed { blob, reader }) })
    }

    /// The files that a person chose.
    ///
    /// # Errors
    /// As [`Readable::of`], and when there are none.
    pub fn chosen(files: &[File]) -> Result<Vec<Self>, AppError> {
        if files.is_empty() {
            return Err(error::weights(&WeightsError::NoFile));
        }
        files.iter().map(|file| Self::of(file.name(), Blob::from(file.clone()))).collect()
    }

    /// All its bytes.
    ///
    /// # Errors
    /// When it is too large for that, or cannot be read.
    pub fn whole(&self) -> Result<Vec<u8>, AppError> {
        let len = self.source.len();
        if len > MAX_WHOLE {
            let message = format!("{} has {len} bytes; at most {MAX_WHOLE} can be its size", self.name);
            return Err(error::error(
                Problem::Model,
                message,
                "Take the file that lies beside the model's weights.",
            ));
        }
        let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
        self.source.read_at(0, &mut bytes).map_err(|failure| self.unreadable(failure))?;
        Ok(bytes)
    }

    fn text(&self) -> Result<String, AppError> {
        String::from_utf8(self.whole()?).map_err(|_| {
            let message = format!("{} is not UTF-8", self.name);
            error::error(Problem::Model, message, "Take the file that lies beside the model's weights.")
        })
    }

    /// It cannot be read.
    pub fn unreadable(&self, failure: ReadError) -> AppError {
        error::weights(&WeightsError::Read { file: self.name.clone(), error: failure })
    }
}

/// A model whose headers are read.
pub struct Opened {
    /// The weights.
    pub checkpoint: Checkpoint,
    /// The tokenizer that belongs to them.
    pub tokenizer: Tokenizer,
    /// Name of the first file of weights.
    pub name: String,
    /// The taps that lie beside it.
    pub adapter: Option<Adapter>,
}

/// What makes a decoder a WorldModel.
pub struct Adapter {
    /// What the taps are.
    pub config: AdapterConfig,
    /// Their weights.
    pub weights: Checkpoint,
}

/// Opens a model: one .gguf, or .safetensors with what lies beside them.
///
/// # Errors
/// When a part is missing, broken, or of a kind that is not supported.
pub fn open(files: Vec<Readable>) -> Result<Opened, AppError> {
    let mut weights = Vec::new();
    let (mut index, mut config, mut json, mut settings) = (None, None, None, None);
    let mut of_adapter = Vec::new();
    for file in files {
        match Role::of(&file.name) {
            Role::Weights => weights.push(WeightsFile { name: file.name, source: file.source }),
            Role::Index => index = Some(file.text()?),
            Role::Config => config = Some(file.text()?),
            Role::Tokenizer => json = Some(file.whole()?),
            Role::TokenizerConfig => settings = Some(file.whole()?),
            Role::Taps | Role::Adapter => of_adapter.push(file),
            Role::Other => {}
        }
    }
    let name = weights.first().map(|file| file.name.clone()).unwrap_or_default();
    let checkpoint = Checkpoint::open(weights, index.as_deref(), config.as_deref())
        .map_err(|failure| error::weights(&failure))?;
    let tokenizer = vocabulary::tokenizer(&checkpoint, json.as_deref(), settings.as_deref())
        .map_err(|failure| error::tokenizer(&failure))?;
    let (taps, json) = taps_among(of_adapter)?;
    let adapter = open_adapter(taps, json, &checkpoint)?;
    Ok(Opened { checkpoint, tokenizer, name, adapter })
}

/// The two parts of an adapter among files.
///
/// # Errors
/// When one cannot be read.
pub fn taps_among(files: Vec<Readable>) -> Result<(Option<WeightsFile>, Option<Vec<u8>>), AppError> {
    let (mut taps, mut adapter) = (None, None);
    for file in files {
        match Role::of(&file.name) {
            Role::Taps => taps = Some(WeightsFile { name: file.name, source: file.source }),
            Role::Adapter => adapter = Some(file.whole()?),
            _ => {}
        }
    }
    Ok((taps, adapter))
}

/// The taps of a model, if there are any.
///
/// # Errors
/// When half of them is missing, they cannot be read, or they belong to another model.
pub fn open_adapter(
    taps: Option<WeightsFile>,
    json: Option<Vec<u8>>,
    base: &Checkpoint,
) -> Result<Option<Adapter>, AppError> {
    let (taps, json) = match (taps, json) {
        (Some(taps), Some(json)) => (taps, json),
        (None, None) => return Ok(None),
        (half, _) => {
            let (there, missing) = if half.is_some() {
                ("adapter.safetensors", "adapter.json")
            } else {
                ("adapter.json", "adapter.safetensors")
            };
            let message = format!("{there} is there without {missing}: an adapter is both");
            return Err(error::error(
                Problem::Model,
                message,
                format!("Choose {missing} as well, or neither."),
            ));
        }
    };
    let config = AdapterConfig::read(&json).map_err(|failure| error::adapter(&failure))?;
    config.check_base(base).map_err(|failure| error::adapter(&failure))?;
    let weights = Checkpoint::open(vec![taps], None, None).map_err(|failure| error::weights(&failure))?;
    Ok(Some(Adapter { config, weights }))
}

/// A file of the browser's, read piece by piece.
struct Browsed {
    blob: Blob,
    reader: FileReaderSync,
}

impl ReadAt for Browsed {
    fn len(&self) -> u64 {
        self.blob.size() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let wanted = into.len() as u64;
        let end = offset.saturating_add(wanted);
        if end > self.len() {
            return Err(ReadError::Outside { offset, wanted, len: self.len() });
        }
        let system = |failure| ReadError::System(words(&failure));
        let piece = self.blob.slice_with_f64_and_f64(offset as f64, end as f64).map_err(system)?;
        let bytes = Uint8Array::new(&self.reader.read_as_array_buffer(&piece).map_err(system)?.into());
        // A file that was cut after it was chosen gives fewer bytes than its size promises.
        if bytes.length() as usize != into.len() {
            return Err(ReadError::System("the file changed after it was chosen".to_owned()));
        }
        bytes.copy_to(into);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_parts_of_a_model() {
        assert_eq!(Role::of("config.json"), Role::Config);
        assert_eq!(Role::of("tokenizer.json"), Role::Tokenizer);
        assert_eq!(Role::of("tokenizer_config.json"), Role::TokenizerConfig);
        assert_eq!(Role::of("model.safetensors.index.json"), Role::Index);
        assert_eq!(Role::of("model-00001-of-00002.SafeTensors"), Role::Weights);
        assert_eq!(Role::of("generation_config.json"), Role::Other);
        assert_eq!(Role::of("model.bin"), Role::Weights);
        assert_eq!(Role::of("adapter.safetensors"), Role::Taps);
        assert_eq!(Role::of("adapter.json"), Role::Adapter);
    }
}
