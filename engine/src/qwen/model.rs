//! A decoder's weights, and how they come from a checkpoint.

use std::collections::HashSet;

use super::config::{Architecture, Config, ConfigError};
use super::rope::Scaling;
use crate::kernels::{Compute, ComputeError};
use crate::weights::{Checkpoint, Encoding, Format, TensorError, WeightsError};

/// The weights of a decoder, on a device.
pub struct Model<C: Compute> {
    /// Its shape.
    pub config: Config,
    /// A row for each token, `[vocabulary, hidden]`.
    pub embedding: C::Weight,
    /// The layers, first to last.
    pub layers: Vec<Layer<C>>,
    /// Gain of the norm before the output matrix, `[hidden]`.
    pub norm: C::Gain,
    /// The output matrix, `[vocabulary, hidden]`; `None` where the embedding is used again (tied).
    pub output: Option<C::Weight>,
}

/// One layer.
pub struct Layer<C: Compute> {
    /// Gain of the norm before attention, `[hidden]`.
    pub attention_norm: C::Gain,
    /// `[heads · head_dim, hidden]`
    pub q: C::Weight,
    /// `[kv_heads · head_dim, hidden]`
    pub k: C::Weight,
    /// `[kv_heads · head_dim, hidden]`
    pub v: C::Weight,
    /// Gains of the norms of each query's and each key's head, `[head_dim]`; Llama has none.
    pub head_norms: Option<(C::Gain, C::Gain)>,
    /// `[hidden, heads · head_dim]`
    pub o: C::Weight,
    /// Gain of the norm before the FFN, `[hidden]`.
    pub ffn_norm: C::Gain,
    /// `[ffn, hidden]`
    pub gate: C::Weight,
    /// `[ffn, hidden]`
    pub up: C::Weight,
    /// `[hidden, ffn]`
    pub down: C::Weight,
}

/// What may be changed while loading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Quantizes matrices that the file holds as floats; those whose rows are no whole blocks stay as they are.
    pub quantize: Option<Encoding>,
}

/// Why a model cannot be loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// Its shape.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its file.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// One of its tensors.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// The device.
    #[error(transparent)]
    Compute(#[from] ComputeError),
}

impl LoadError {
    /// What would help, if there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.help().map(str::to_owned),
            Self::Weights(error) => error.help(),
            Self::Tensor(error) => error.help(),
            Self::Compute(_) => None,
        }
    }
}

/// Loads a model, a layer at a time, so that whoever waits can be told and can stop.
pub struct Loader<C: Compute> {
    names: Names,
    options: LoadOptions,
    config: Config,
    tied: bool,
    embedding: Option<C::Weight>,
    layers: Vec<Layer<C>>,
    last: Option<(C::Gain, Option<C::Weight>)>,
}

impl<C: Compute> Loader<C> {
    /// Reads the shape; no weights yet.
    ///
    /// # Errors
    /// When the file's shape is senseless or not supported.
    pub fn new(checkpoint: &Checkpoint, options: LoadOptions) -> Result<Self, LoadError> {
        let names = Names { gguf: matches!(checkpoint.format(), Format::Gguf(_)) };
        let config = read_config(checkpoint, names)?;
        let tied = config.tied.unwrap_or(checkpoint.tensor(names.output()).is_none());
        nothing_unknown(checkpoint, names, &config)?;
        Ok(Self { names, options, config, tied, embedding: None, layers: Vec::new(), last: None })
    }

    /// The model's shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What a device's self-test needs to know: the model's widths, and the forms its matrices will have.
    #[cfg(feature = "gpu-kernels")]
    pub fn shape(&self, checkpoint: &Checkpoint) -> crate::kernels::gpu::self_test::Shape {
        use crate::kernels::gpu::self_test::{Forms, Shape};
        let Config { hidden, ffn, vocabulary, architecture, neighbours, .. } = self.config;
        let attention = self.config.attention();
        let form = |name: &str| {
            let tensor = checkpoint.tensor(name)?;
            let columns = tensor.shape.last().copied().unwrap_or(0);
            Some(self.converted(tensor.encoding, columns).unwrap_or(tensor.encoding))
        };
        let mut layers = Vec::new();
        for layer in 0..self.config.layers {
            let of = |part| form(&self.names.of_layer(layer, part));
            let forms = || {
                Some(Forms {
                    qkv: [of(Part::Q)?, of(Part::K)?, of(Part::V)?],
                    o: of(Part::O)?,
                    gate_up: [of(Part::Gate)?, of(Part::Up)?],
                    down: of(Part::Down)?,
                })
            };
            // Of a layer that is not what its shape says, the load will tell.
            let queries = attention.heads * attention.head_dim;
            let forms = forms().filter(|forms| forms.fit(hidden, queries, ffn));
            layers.extend(forms.filter(|forms| !layers.contains(forms)));
        }
        let mut tables: Vec<Encoding> =
            [self.names.embedding(), self.names.output()].into_iter().filter_map(form).collect();
        tables.dedup();
        Shape {
            hidden,
            ffn,
            attention,
            vocabulary,
            head_norm: architecture == Architecture::Qwen3,
            neighbours,
            layers,
            tables,
        }
    }

    /// What a matrix of so many columns is brought to, if it is not left as it is.
    fn converted(&self, stored: Encoding, columns: usize) -> Option<Encoding> {
        let fits = |wanted: &Encoding| stored.is_float() && columns.is_multiple_of(wanted.block_weights());
        self.options.quantize.filter(fits)
    }

    /// Parts loaded, and parts there are. A part is a layer, the embedding, or what is behind the last layer.
    pub fn progress(&self) -> (usize, usize) {
        let ends = usize::from(self.embedding.is_some()) + usize::from(self.last.is_some());
        (self.layers.len() + ends, self.config.layers + 2)
    }

    /// Loads the next part; false when there is none.
    ///
    /// # Errors
    /// When a tensor is missing, misshapen or cannot be read, or the device has no room.
    pub fn step(&mut self, checkpoint: &Checkpoint, compute: &mut C) -> Result<bool, LoadError> {
        let Config { hidden, vocabulary, layers, .. } = self.config;
        if self.embedding.is_none() {
            let table = self.matrix(checkpoint, compute, self.names.embedding(), vocabulary, hidden)?;
            self.embedding = Some(table);
        } else if self.layers.len() < layers {
            let layer = self.layer(checkpoint, compute, self.layers.len())?;
            self.layers.push(layer);
        } else if self.last.is_none() {
            let norm = compute.gain(checkpoint.vector(self.names.norm(), hidden)?);
            let output = match self.tied {
                true => None,
                false => Some(self.matrix(checkpoint, compute, self.names.output(), vocabulary, hidden)?),
            };
            self.last = Some((norm, output));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// The model, once [`Loader::step`] has loaded all of it.
    pub fn finish(self) -> Option<Model<C>> {
        let (norm, output) = self.last?;
        Some(Model { config: self.config, embedding: self.embedding?, layers: self.layers, norm, output })
    }

    fn layer(&self, checkpoint: &Checkpoint, compute: &mut C, at: usize) -> Result<Layer<C>, LoadError> {
        let Config { hidden, ffn, heads, kv_heads, head_dim, architecture, .. } = self.config;
        let (queries, keys) = (heads * head_dim, kv_heads * head_dim);
        let gain = |compute: &mut C, part, len| -> Result<C::Gain, LoadError> {
            Ok(compute.gain(checkpoint.vector(&self.names.of_layer(at, part), len)?))
        };
        let attention_norm = gain(compute, Part::AttentionNorm, hidden)?;
        let ffn_norm = gain(compute, Part::FfnNorm, hidden)?;
        let head_norms = match architecture {
            Architecture::Qwen3 => {
                Some((gain(compute, Part::QNorm, head_dim)?, gain(compute, Part::KNorm, head_dim)?))
            }
            Architecture::Llama => None,
        };
        let mut matrix = |part, rows, columns| {
            self.matrix(checkpoint, compute, &self.names.of_layer(at, part), rows, columns)
        };
        Ok(Layer {
            attention_norm,
            q: matrix(Part::Q, queries, hidden)?,
            k: matrix(Part::K, keys, hidden)?,
            v: matrix(Part::V, keys, hidden)?,
            head_norms,
            o: matrix(Part::O, hidden, queries)?,
            ffn_norm,
            gate: matrix(Part::Gate, ffn, hidden)?,
            up: matrix(Part::Up, ffn, hidden)?,
            down: matrix(Part::Down, hidden, ffn)?,
        })
    }

    fn matrix(
        &self,
        checkpoint: &Checkpoint,
        compute: &mut C,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<C::Weight, LoadError> {
        let stored = checkpoint.tensor(name).map(|tensor| tensor.encoding);
        let convert = stored.and_then(|stored| self.converted(stored, columns));
        let matrix = checkpoint.matrix(name, rows, columns, convert)?;
        Ok(compute.weight(matrix)?)
    }
}

/// The shape, from wherever this kind of file has it.
fn read_config(checkpoint: &Checkpoint, names: Names) -> Result<Config, LoadError> {
    if !names.gguf {
        return Ok(Config::from_json(checkpoint.config().ok_or(ConfigError::NoFile)?)?);
    }
    let embedding = checkpoint.tensor(names.embedding()).and_then(|tensor| tensor.shape.first().copied());
    let mut config = Config::from_gguf(checkpoint.metadata(), embedding.unwrap_or(0))?;
    if checkpoint.tensor(ROPE_DIVISORS).is_some() {
        config.scaling = Scaling::Divisors(checkpoint.vector(ROPE_DIVISORS, config.head_dim / 2)?);
        config.scaling.check()?;
    }
    Ok(config)
}

/// Checks that every tensor of a layer is one that is computed with, and that there are no biases: a decoder that leaves
/// some out gives wrong answers, and no error.
fn nothing_unknown(checkpoint: &Checkpoint, names: Names, config: &Config) -> Result<(), ConfigError> {
    let parts = Part::ALL.into_iter().filter(|part| {
        config.architecture == Architecture::Qwen3 || !matches!(part, Part::QNorm | Part::KNorm)
    });
    let known: HashSet<String> =
        parts.flat_map(|part| (0..config.layers).map(move |layer| names.of_layer(layer, part))).collect();
    // Angles that older converters wrote down: the shape says the same.
    let is_buffer =
        |name: &str| name.ends_with(".rotary_emb.inv_freq") || name.ends_with(".attn_rot_embd.weight");
    let is_unknown = |name: &str| {
        let of_layer = name.starts_with(names.layers()) && !known.contains(name) && !is_buffer(name);
        of_layer || name.ends_with(".bias")
    };
    match checkpoint.tensors().iter().find(|tensor| is_unknown(&tensor.name)) {
        Some(tensor) => Err(ConfigError::Tensor(tensor.name.clone())),
        None => Ok(()),
    }
}

/// What GGUF files of Llama 3 say of the rotary embedding.
const ROPE_DIVISORS: &str = "rope_freqs.weight";

/// A tensor of a layer.
#[derive(Clone, Copy)]
enum Part {
    AttentionNorm,
    Q,
    K,
    V,
    QNorm,
    KNorm,
    O,
    FfnNorm,
    Gate,
    Up,
    Down,
}

impl Part {
    const ALL: [Self; 11] = [
        Self::AttentionNorm,
        Self::Q,
        Self::K,
        Self::V,
        Self::QNorm,
        Self::KNorm,
        Self::O,
        Self::FfnNorm,
        Self::Gate,
        Self::Up,
        Self::Down,
    ];
}

/// How a kind of file names its tensors.
#[derive(Clone, Copy)]
struct Names {
    gguf: bool,
}

impl Names {
    const fn embedding(self) -> &'static str {
        if self.gguf { "token_embd.weight" } else { "model.embed_tokens.weight" }
    }

    const fn norm(self) -> &'static str {
        if self.gguf { "output_norm.weight" } else { "model.norm.weight" }
    }

    const fn output(self) -> &'static str {
        if self.gguf { "output.weight" } else { "lm_head.weight" }
    }

    /// What the names of all layers' tensors begin with.
    const fn layers(self) -> &'static str {
        if self.gguf { "blk." } else { "model.layers." }
    }

    fn of_layer(self, layer: usize, part: Part) -> String {
        let (gguf, transformers) = match part {
            Part::AttentionNorm => ("attn_norm", "input_layernorm"),
            Part::Q => ("attn_q", "self_attn.q_proj"),
            Part::K => ("attn_k", "self_attn.k_proj"),
            Part::V => ("attn_v", "self_attn.v_proj"),
            Part::QNorm => ("attn_q_norm", "self_attn.q_norm"),
            Part::KNorm => ("attn_k_norm", "self_attn.k_norm"),
            Part::O => ("attn_output", "self_attn.o_proj"),
            Part::FfnNorm => ("ffn_norm", "post_attention_layernorm"),
            Part::Gate => ("ffn_gate", "mlp.gate_proj"),
            Part::Up => ("ffn_up", "mlp.up_proj"),
            Part::Down => ("ffn_down", "mlp.down_proj"),
        };
        if self.gguf {
            format!("blk.{layer}.{gguf}.weight")
        } else {
            format!("model.layers.{layer}.{transformers}.weight")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cpu::Cpu;
    use crate::weights::WeightsFile;

    /// A file with one tensor, of a Llama of one layer.
    fn opened(tensor: &str, more: &str) -> Result<(), LoadError> {
        let header = format!(r#"{{"{tensor}":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}}"#);
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend([0; 8]);
        let config = format!(
            r#"{{"model_type":"llama","num_hidden_layers":1,"hidden_size":4,"num_attention_heads":2,
                "intermediate_size":8,"vocab_size":3,"max_position_embeddings":16,"rms_norm_eps":1e-5{more}}}"#
        );
        let file = WeightsFile::new("model.safetensors", bytes);
        let checkpoint = Checkpoint::open(vec![file], None, Some(&config)).unwrap();
        Loader::<Cpu>::new(&checkpoint, LoadOptions::default()).map(drop)
    }

    #[test]
    fn tensors_that_would_be_left_out_are_refused() {
        for known in [
            "model.layers.0.mlp.up_proj.weight",
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            "score.weight",
        ] {
            assert_eq!(opened(known, ""), Ok(()), "{known}");
        }
        for unknown in [
            "model.layers.0.self_attn.q_proj.bias",
            // Llama norms no heads, and this one has one layer.
            "model.layers.0.self_attn.q_norm.weight",
            "model.layers.1.mlp.up_proj.weight",
            "model.layers.0.mlp.experts.0.up_proj.weight",
            "lm_head.bias",
        ] {
            let refused = ConfigError::Tensor(unknown.to_owned());
            assert_eq!(opened(unknown, ""), Err(LoadError::Config(refused)));
        }
    }

    #[test]
    fn factors_that_make_no_angles_are_refused() {
        let scaled = |factor: &str| {
            let rope = format!(r#","rope_scaling":{{"type":"linear","factor":{factor}}}"#);
            opened("model.norm.weight", &rope)
        };
        assert_eq!(scaled("2.0"), Ok(()));
        for factor in ["0.0", "-1.0", "1e300"] {
            let refused = scaled(factor).unwrap_err().to_string();
            assert!(refused.contains("it must be above 0"), "{refused}");
        }
    }
}
