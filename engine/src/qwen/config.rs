//! The shape of a decoder, and where files say it.

use serde_json::Value;

use super::rope::{self, Scaling};
use crate::kernels::{AttentionShape, Rotation};
use crate::weights::Metadata;

/// A family of decoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Qwen3: queries and keys are normed.
    Qwen3,
    /// Llama and whatever is built like it.
    Llama,
}

impl Architecture {
    /// Its name, as files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qwen3 => "qwen3",
            Self::Llama => "llama",
        }
    }

    fn by_name(name: &str) -> Result<Self, ConfigError> {
        [Self::Qwen3, Self::Llama]
            .into_iter()
            .find(|architecture| architecture.name() == name)
            .ok_or_else(|| ConfigError::Architecture(name.to_owned()))
    }
}

/// The shape of a decoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Its family.
    pub architecture: Architecture,
    /// Layers.
    pub layers: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// Query heads of a layer.
    pub heads: usize,
    /// Key and value heads of a layer; each serves `heads / kv_heads` query heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Neurons of a layer.
    pub ffn: usize,
    /// Tokens the model knows.
    pub vocabulary: usize,
    /// Positions it was made for.
    pub context: usize,
    /// What is added to a mean square before its root is taken.
    pub epsilon: f32,
    /// Base of the rotary embedding's wavelengths.
    pub rope_base: f32,
    /// How they are stretched.
    pub scaling: Scaling,
    /// Whether the embedding is the output matrix too, where the file says so; else that matrix is there or not.
    pub tied: Option<bool>,
    /// Whether rotated pairs are neighbours; see [`Rotation::neighbours`].
    pub neighbours: bool,
}

/// A shape that cannot be read, or that no decoder here has.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// Another architecture.
    #[error("the architecture `{0}` is not supported")]
    Architecture(String),
    /// Something that must be there is not, or is of another kind.
    #[error("`{key}` is missing, or not {expected}")]
    Missing {
        /// Its key.
        key: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A value that makes no decoder.
    #[error("`{key}` is {value}; it must be {must}")]
    Value {
        /// Its key.
        key: String,
        /// What the file says.
        value: String,
        /// What it must be.
        must: &'static str,
    },
    /// A value of a decoder that is not built here.
    #[error("`{key}` is {value}, which is not supported")]
    Unsupported {
        /// Its key.
        key: String,
        /// What the file says.
        value: String,
    },
    /// A tensor that no decoder here computes with.
    #[error("the tensor `{0}` is not supported")]
    Tensor(String),
    /// Safetensors without the file that says what they are.
    #[error("config.json is missing: the shape of a model in safetensors stands there")]
    NoFile,
}

impl ConfigError {
    /// What would help, if there is something to say.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Architecture(_) => {
                Some("supported are qwen3 and llama (Llama 2 and 3, SmolLM2, TinyLlama)")
            }
            Self::NoFile => Some("choose it together with the .safetensors files"),
            Self::Missing { .. } | Self::Value { .. } => {
                Some("the file is damaged, or of an unusual model: fetch it again, or try another one")
            }
            Self::Tensor(_) => {
                Some("the model is built otherwise than it says; without it the answers were wrong")
            }
            Self::Unsupported { .. } => None,
        }
    }
}

impl Config {
    /// The shape that a GGUF file's metadata gives. `vocabulary` is the number of rows of its embedding, which the
    /// metadata may leave out.
    ///
    /// # Errors
    /// Names the key that is missing, senseless or not supported.
    pub fn from_gguf(metadata: &Metadata, vocabulary: usize) -> Result<Self, ConfigError> {
        let key = "general.architecture";
        let missing = || ConfigError::Missing { key: key.to_owned(), expected: "a text" };
        let architecture = Architecture::by_name(metadata.text(key).ok_or_else(missing)?)?;
        let file = Gguf { metadata, prefix: architecture.name() };
        let hidden = file.count("embedding_length")?;
        let heads = file.count("attention.head_count")?;
        let config = Self {
            architecture,
            layers: file.count("block_count")?,
            hidden,
            heads,
            kv_heads: file.count_or("attention.head_count_kv", heads)?,
            head_dim: file.count_or("attention.key_length", hidden / heads.max(1))?,
            ffn: file.count("feed_forward_length")?,
            vocabulary,
            context: file.count("context_length")?,
            epsilon: file.float("attention.layer_norm_rms_epsilon")?,
            rope_base: file.float_or("rope.freq_base", 10_000.0),
            scaling: file.scaling()?,
            tied: None,
            // GGUF's converter reorders the rows of Llama's queries and keys, so that pairs are neighbours.
            neighbours: architecture == Architecture::Llama,
        };
        let turned = file.count_or("rope.dimension_count", config.head_dim)?;
        if turned != config.head_dim {
            return Err(unsupported(&file.key("rope.dimension_count"), turned));
        }
        config.checked()
    }

    /// The shape that `config.json` beside safetensors gives.
    ///
    /// # Errors
    /// Names the key that is missing, senseless or not supported.
    pub fn from_json(root: &Value) -> Result<Self, ConfigError> {
        let file = Json(root);
        let named = root.get("model_type").and_then(Value::as_str);
        let missing = || ConfigError::Missing { key: "model_type".to_owned(), expected: "a text" };
        let architecture = Architecture::by_name(named.ok_or_else(missing)?)?;
        for key in ["attention_bias", "mlp_bias", "use_sliding_window"] {
            if root.get(key).and_then(Value::as_bool) == Some(true) {
                return Err(unsupported(key, true));
            }
        }
        match root.get("hidden_act").and_then(Value::as_str) {
            None | Some("silu") => {}
            Some(other) => return Err(unsupported("hidden_act", other)),
        }
        let (hidden, heads) = (file.count("hidden_size")?, file.count("num_attention_heads")?);
        let context = file.count("max_position_embeddings")?;
        Self {
            architecture,
            layers: file.count("num_hidden_layers")?,
            hidden,
            heads,
            kv_heads: file.count_or("num_key_value_heads", heads)?,
            head_dim: file.count_or("head_dim", hidden / heads.max(1))?,
            ffn: file.count("intermediate_size")?,
            vocabulary: file.count("vocab_size")?,
            context,
            epsilon: file.float("rms_norm_eps")?,
            rope_base: file.rope_base(),
            scaling: file.scaling(context)?,
            tied: root.get("tie_word_embeddings").and_then(Value::as_bool),
            neighbours: false,
        }
        .checked()
    }

    /// The shape of one layer's attention.
    pub fn attention(&self) -> AttentionShape {
        AttentionShape { heads: self.heads, kv_heads: self.kv_heads, head_dim: self.head_dim }
    }

    /// How positions turn queries and keys.
    pub fn rotation(&self) -> Rotation {
        let (frequencies, magnitude) = rope::frequencies(self.rope_base, self.head_dim, &self.scaling);
        Rotation { head_dim: self.head_dim, frequencies, magnitude, neighbours: self.neighbours }
    }

    /// Numbers a position takes in the caches of all layers.
    pub fn cache_values(&self) -> usize {
        2 * self.layers * self.kv_heads * self.head_dim
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let must = |holds: bool, key: &str, value: usize, must: &'static str| {
            let error = || ConfigError::Value { key: key.to_owned(), value: value.to_string(), must };
            if holds { Ok(()) } else { Err(error()) }
        };
        // Beyond any model there is; products of these then fit into 64 bits.
        let sane = 1..=1 << 24;
        for (key, value) in [
            ("layers", self.layers),
            ("hidden size", self.hidden),
            ("attention heads", self.heads),
            ("key/value heads", self.kv_heads),
            ("head width", self.head_dim),
            ("feed-forward width", self.ffn),
            ("vocabulary", self.vocabulary),
            ("context length", self.context),
        ] {
            must(sane.contains(&value), key, value, "from 1 to 16,777,216")?;
        }
        must(self.layers <= 1024, "layers", self.layers, "1,024 at most")?;
        must(
            self.head_dim.is_multiple_of(2),
            "head width",
            self.head_dim,
            "even: heads are turned pair by pair",
        )?;
        let grouped = self.heads.is_multiple_of(self.kv_heads);
        must(grouped, "attention heads", self.heads, "a multiple of the key/value heads")?;
        for (key, value) in [("norm epsilon", self.epsilon), ("rope base", self.rope_base)] {
            if !(value.is_finite() && value > 0.0) {
                let (key, value) = (key.to_owned(), value.to_string());
                return Err(ConfigError::Value { key, value, must: "above 0" });
            }
        }
        self.scaling.check()?;
        Ok(self)
    }
}

fn unsupported(key: &str, value: impl ToString) -> ConfigError {
    ConfigError::Unsupported { key: key.to_owned(), value: value.to_string() }
}

/// GGUF metadata under an architecture's prefix.
struct Gguf<'a> {
    metadata: &'a Metadata,
    prefix: &'static str,
}

impl Gguf<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    fn count(&self, name: &str) -> Result<usize, ConfigError> {
        let key = self.key(name);
        let value = self.metadata.integer(&key).and_then(|value| usize::try_from(value).ok());
        value.ok_or(ConfigError::Missing { key, expected: "a count" })
    }

    fn count_or(&self, name: &str, default: usize) -> Result<usize, ConfigError> {
        match self.metadata.get(&self.key(name)) {
            Some(_) => self.count(name),
            None => Ok(default),
        }
    }

    fn float(&self, name: &str) -> Result<f32, ConfigError> {
        let key = self.key(name);
        let value = self.metadata.float(&key);
        value.map(|value| value as f32).ok_or(ConfigError::Missing { key, expected: "a number" })
    }

    fn float_or(&self, name: &str, default: f32) -> f32 {
        self.float(name).unwrap_or(default)
    }

    fn scaling(&self) -> Result<Scaling, ConfigError> {
        let kind = self.metadata.text(&self.key("rope.scaling.type")).unwrap_or("none");
        let factor = self.float_or("rope.scaling.factor", 1.0);
        match kind {
            "none" => Ok(Scaling::None),
            "linear" => Ok(Scaling::Linear { factor }),
            "yarn" => Ok(Scaling::Yarn {
                factor,
                beta_fast: self.float_or("rope.scaling.yarn_beta_fast", 32.0),
                beta_slow: self.float_or("rope.scaling.yarn_beta_slow", 1.0),
                original_context: self.count("rope.scaling.original_context_length")?,
                attention_factor: None,
            }),
            other => Err(unsupported(&self.key("rope.scaling.type"), other)),
        }
    }
}

/// `config.json`.
struct Json<'a>(&'a Value);

impl Json<'_> {
    fn count(&self, key: &str) -> Result<usize, ConfigError> {
        let value = self.0.get(key).and_then(Value::as_u64).and_then(|value| usize::try_from(value).ok());
        value.ok_or_else(|| ConfigError::Missing { key: key.to_owned(), expected: "a count" })
    }

    fn count_or(&self, key: &str, default: usize) -> Result<usize, ConfigError> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(default),
            Some(_) => self.count(key),
        }
    }

    fn float(&self, key: &str) -> Result<f32, ConfigError> {
        let value = self.0.get(key).and_then(Value::as_f64);
        let missing = || ConfigError::Missing { key: key.to_owned(), expected: "a number" };
        value.map(|value| value as f32).ok_or_else(missing)
    }

    /// Where the angles' settings stand: older files have them at the top and call the stretching `rope_scaling`.
    fn rope(&self) -> Option<Json<'_>> {
        ["rope_parameters", "rope_scaling"]
            .into_iter()
            .find_map(|key| self.0.get(key).filter(|value| value.is_object()))
            .map(Json)
    }

    fn rope_base(&self) -> f32 {
        let inside = self.rope().and_then(|rope| rope.float("rope_theta").ok());
        inside.or_else(|| self.float("rope_theta").ok()).unwrap_or(10_000.0)
    }

    fn scaling(&self, context: usize) -> Result<Scaling, ConfigError> {
        let Some(rope) = self.rope() else { return Ok(Scaling::None) };
        let kind = ["rope_type", "type"].into_iter().find_map(|key| rope.0.get(key)?.as_str());
        let original = || rope.count_or("original_max_position_embeddings", context);
        match kind.unwrap_or("default") {
            "default" => Ok(Scaling::None),
            "linear" => Ok(Scaling::Linear { factor: rope.float("factor")? }),
            "llama3" => Ok(Scaling::Llama3 {
                factor: rope.float("factor")?,
                low_frequency_factor: rope.float("low_freq_factor")?,
                high_frequency_factor: rope.float("high_freq_factor")?,
                original_context: original()?,
            }),
            "yarn" => Ok(Scaling::Yarn {
                factor: rope.float("factor")?,
                beta_fast: rope.float("beta_fast").unwrap_or(32.0),
                beta_slow: rope.float("beta_slow").unwrap_or(1.0),
                original_context: original()?,
                attention_factor: rope.float("attention_factor").ok(),
            }),
            other => Err(unsupported("rope_scaling.rope_type", other)),
        }
    }
}
