//! Whole files, read back.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Mutex;

use engine::weights::blocks::quantize;
use engine::weights::{
    Checkpoint, Encoding, Format, Matrix, ReadAt, ReadError, TensorError, WeightsError, WeightsFile,
};

use crate::{allocations, bits, data, text};

/// A file on disk: what the command line has.
struct FileSource {
    file: Mutex<File>,
    len: u64,
}

impl ReadAt for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let mut file = self.file.lock().unwrap();
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(into))
            .map_err(|error| ReadError::System(error.to_string()))
    }
}

fn file(name: &str) -> WeightsFile {
    WeightsFile::new(name.rsplit('/').next().unwrap(), data(name))
}

fn open(name: &str) -> Checkpoint {
    Checkpoint::open(vec![file(name)], None, None).unwrap()
}

fn sharded(parts: &[&str]) -> Result<Checkpoint, WeightsError> {
    let files = parts.iter().map(|part| file(&format!("sharded/model-{part}-of-00002.safetensors")));
    let index = text("sharded/model.safetensors.index.json");
    let config = text("sharded/config.json");
    Checkpoint::open(files.collect(), Some(&index), Some(&config))
}

/// The numbers that `make.py` puts in each tensor of its safetensors files.
fn exact(count: usize) -> Vec<f32> {
    (0..count).map(|index| ((index % 61) as f32 - 30.0) / 8.0).collect()
}

fn decoded(matrix: &Matrix) -> Vec<f32> {
    let mut all = vec![0.0; matrix.rows() * matrix.columns()];
    for (number, row) in all.chunks_mut(matrix.columns()).enumerate() {
        matrix.dequantize_row(number, row).unwrap();
    }
    all
}

#[test]
fn gguf_says_what_it_is() {
    let checkpoint = open("every_encoding.gguf");
    assert_eq!(checkpoint.format(), Format::Gguf(3));
    assert_eq!(checkpoint.tensors().len(), Encoding::ALL.len() + 1);
    let metadata = checkpoint.metadata();
    assert_eq!(metadata.text("general.architecture"), Some("qwen3"));
    assert_eq!(metadata.integer("qwen3.block_count"), Some(2));
    assert_eq!(metadata.float("qwen3.rope.freq_base"), Some(1e6));
    let tokens = metadata.strings("tokenizer.ggml.tokens").unwrap();
    assert_eq!(tokens.iter().collect::<Vec<_>>(), ["<|endoftext|>", "Ġde", "🙂", ""]);
    let types = metadata.integers("tokenizer.ggml.token_type").unwrap();
    assert_eq!(types.collect::<Vec<_>>(), [3, 1, 1, 1]);
    assert_eq!(metadata.get("tokenizer.ggml.merges").unwrap().to_string(), "2 texts");
}

#[test]
fn every_type_of_value_is_read() {
    let checkpoint = open("small.gguf");
    let metadata = checkpoint.metadata();
    let integers = [
        ("a.u8", 255),
        ("a.i8", -128),
        ("a.u16", 65535),
        ("a.i16", -32768),
        ("a.u32", 4294967295),
        ("a.i32", -2147483648),
        ("a.i64", i64::MIN),
    ];
    for (key, value) in integers {
        assert_eq!(metadata.integer(key), Some(value), "{key}");
    }
    assert_eq!(metadata.get("a.u64").unwrap().to_string(), u64::MAX.to_string());
    assert_eq!((metadata.float("a.f32"), metadata.float("a.f64")), (Some(0.5), Some(0.1)));
    assert_eq!((metadata.flag("a.flag"), metadata.text("a.text")), (Some(true), Some("naïve 文字")));
    let texts = metadata.strings("a.texts").unwrap();
    assert_eq!(texts.iter().collect::<Vec<_>>(), ["", "one", "två"]);
    assert_eq!(metadata.integers("a.integers").unwrap().collect::<Vec<_>>(), [1, -2, 3]);
    assert_eq!(metadata.floats("a.floats").unwrap().collect::<Vec<_>>(), [0.25, -0.5]);
    assert_eq!(checkpoint.vector("norm.weight", 5).unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0]);
    let half = checkpoint.matrix("half.weight", 2, 3, None).unwrap();
    assert_eq!(decoded(&half), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn version_2_differs_in_its_number_only() {
    let mut bytes = data("every_encoding.gguf");
    bytes[4] = 2;
    let checkpoint = Checkpoint::open(vec![WeightsFile::new("old.gguf", bytes)], None, None).unwrap();
    assert_eq!(checkpoint.format(), Format::Gguf(2));
    assert_eq!(checkpoint.tensors(), open("every_encoding.gguf").tensors());
}

#[test]
fn a_matrix_of_every_encoding_is_read_back() {
    let path = format!("{}/tests/weights/data/every_encoding.gguf", env!("CARGO_MANIFEST_DIR"));
    let source = File::open(path).unwrap();
    let len = source.metadata().unwrap().len();
    let source = FileSource { file: Mutex::new(source), len };
    let checkpoint = Checkpoint::open(vec![WeightsFile::new("e.gguf", source)], None, None).unwrap();
    let reference = open("every_encoding.safetensors");
    for encoding in Encoding::ALL {
        let name = format!("blk.0.{}.weight", encoding.name().to_lowercase());
        let matrix = checkpoint.matrix(&name, 3, 256, None).unwrap();
        assert_eq!((matrix.encoding(), matrix.rows(), matrix.columns()), (encoding, 3, 256));
        let expected = reference.matrix(&name, 3, 256, None).unwrap();
        assert_eq!(bits(&decoded(&matrix)), bits(&decoded(&expected)), "{name}");
    }
    let norm = "output_norm.weight";
    assert_eq!(checkpoint.vector(norm, 7).unwrap(), reference.vector(norm, 7).unwrap());
}

#[test]
fn safetensors_are_the_same_in_one_file_and_in_two() {
    for checkpoint in [open("single.safetensors"), sharded(&["00001", "00002"]).unwrap()] {
        let embedding = checkpoint.matrix("model.embed_tokens.weight", 5, 64, None).unwrap();
        assert_eq!(embedding.encoding(), Encoding::BF16);
        assert_eq!(decoded(&embedding), exact(5 * 64));
        let up = checkpoint.matrix("model.layers.0.mlp.up_proj.weight", 7, 32, None).unwrap();
        assert_eq!((up.encoding(), decoded(&up)), (Encoding::F16, exact(7 * 32)));
        let query = checkpoint.matrix("model.layers.0.self_attn.q_proj.weight", 4, 96, None).unwrap();
        assert_eq!((query.encoding(), decoded(&query)), (Encoding::F32, exact(4 * 96)));
        assert_eq!(checkpoint.vector("model.norm.weight", 64).unwrap(), exact(64));
        assert_eq!(checkpoint.metadata().text("format"), Some("pt"));
    }
    let both = sharded(&["00002", "00001"]).unwrap();
    assert_eq!(both.format().to_string(), "safetensors in 2 files");
    assert_eq!(both.config().unwrap()["hidden_size"], 64);
}

#[test]
fn the_header_is_read_as_the_crate_reads_it() {
    for name in ["single.safetensors", "every_encoding.safetensors"] {
        let bytes = data(name);
        let reference = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let checkpoint = open(name);
        for tensor in checkpoint.tensors() {
            let expected = reference.tensor(&tensor.name).unwrap();
            assert_eq!(tensor.shape, expected.shape());
            assert_eq!(tensor.encoding.name(), expected.dtype().to_string());
            let start = usize::try_from(tensor.offset).unwrap();
            assert_eq!(&bytes[start..start + tensor.bytes as usize], expected.data());
        }
    }
}

#[test]
fn what_is_quantized_on_load_is_what_its_rows_make() {
    let checkpoint = open("single.safetensors");
    for encoding in [Encoding::Q8_0, Encoding::Q4_0, Encoding::F32, Encoding::BF16] {
        let name = "model.layers.0.self_attn.q_proj.weight";
        let matrix = checkpoint.matrix(name, 4, 96, Some(encoding)).unwrap();
        let mut expected = Vec::new();
        quantize(encoding, &exact(4 * 96), &mut expected).unwrap();
        let found: Vec<u8> = matrix.shards().flat_map(|(_, bytes)| bytes.to_vec()).collect();
        assert_eq!(found, expected, "{encoding}");
        assert_eq!(matrix, Matrix::from_f32(4, 96, encoding, &exact(4 * 96)).unwrap());
    }
}

/// 96 MiB of 16-bit floats that take no memory: each is the number of its row, modulo 128.
struct Rows {
    header: Vec<u8>,
}

impl Rows {
    const COUNT: usize = 24 << 10;
    const COLUMNS: usize = 2048;

    fn new() -> Self {
        let bytes = Self::COUNT * Self::COLUMNS * 2;
        let shape = [Self::COUNT, Self::COLUMNS];
        let json =
            format!("{{\"big\":{{\"dtype\":\"F16\",\"shape\":{shape:?},\"data_offsets\":[0,{bytes}]}}}}");
        let mut header = (json.len() as u64).to_le_bytes().to_vec();
        header.extend(json.bytes());
        Self { header }
    }
}

impl ReadAt for Rows {
    fn len(&self) -> u64 {
        (self.header.len() + Self::COUNT * Self::COLUMNS * 2) as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        if (offset as usize) < self.header.len() {
            return self.header.read_at(offset, into);
        }
        assert!(into.len() <= 4 << 20, "reads are a few MiB at a time");
        let start = offset as usize - self.header.len();
        for (number, row) in into.chunks_mut(Self::COLUMNS * 2).enumerate() {
            let row_number = start / (Self::COLUMNS * 2) + number;
            let value = half::f16::from_f32((row_number % 128) as f32).to_le_bytes();
            row.chunks_mut(2).for_each(|weight| weight.copy_from_slice(&value));
        }
        Ok(())
    }
}

#[test]
fn a_large_matrix_is_converted_without_a_second_copy() {
    let checkpoint = Checkpoint::open(vec![WeightsFile::new("big", Rows::new())], None, None).unwrap();
    for keep in [None, Some(Encoding::Q8_0), Some(Encoding::Q4_0)] {
        let (matrix, peak) =
            allocations::peak(|| checkpoint.matrix("big", Rows::COUNT, Rows::COLUMNS, keep).unwrap());
        let extra = peak as u64 - matrix.bytes();
        assert!(extra < 8 << 20, "{matrix:?} took {extra} bytes more than it has");
        let mut row = vec![0.0; Rows::COLUMNS];
        for number in [0, 1, 127, 128, 9_000, Rows::COUNT - 1] {
            matrix.dequantize_row(number, &mut row).unwrap();
            let expected = (number % 128) as f32;
            assert!(row.iter().all(|weight| (weight - expected).abs() < 0.05), "row {number}");
        }
    }
}

#[test]
fn what_is_missing_or_misshapen_is_named() {
    let checkpoint = open("single.safetensors");
    let error = checkpoint.vector("model.nrom.weight", 64).unwrap_err();
    assert_eq!(error.to_string(), "the tensor `model.nrom.weight` is missing");
    assert!(error.help().is_some());
    let error = checkpoint.vector("model.norm.weight", 63).unwrap_err();
    assert_eq!(error.to_string(), "the tensor `model.norm.weight` has the shape [64]; expected is [63]");
    let error = checkpoint.matrix("model.embed_tokens.weight", 64, 5, None).unwrap_err();
    assert!(matches!(error, TensorError::Shape { .. }));
    let error = checkpoint.vector("model.layers.0.position_ids", 4).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tensor `model.layers.0.position_ids` is stored as I64, which cannot be read"
    );
    let error =
        checkpoint.matrix("model.layers.0.mlp.up_proj.weight", 7, 32, Some(Encoding::Q6K)).unwrap_err();
    assert!(error.to_string().contains("up_proj"), "{error}");
    let error = open("small.gguf").matrix("half.weight", 2, 3, Some(Encoding::Q8_0)).unwrap_err();
    assert!(error.to_string().contains("`half.weight`: rows of 3 do not make whole blocks"), "{error}");
    assert_eq!(error.help().unwrap(), "keep this tensor as it is stored");
}

#[test]
fn files_that_do_not_belong_together_are_named() {
    let error = sharded(&["00001"]).unwrap_err();
    assert_eq!(error.to_string(), "a file of the model was not given: `model-00002-of-00002.safetensors`");
    assert!(error.help().is_some());
    let alone = vec![file("sharded/model-00002-of-00002.safetensors")];
    let error = Checkpoint::open(alone, None, None).unwrap_err();
    assert_eq!(error.to_string(), "a file of the model was not given: `model-00001-of-00002.safetensors`");

    let with_index = |weights: &str| {
        let index = format!("{{\"weight_map\":{weights}}}");
        let error = Checkpoint::open(vec![file("single.safetensors")], Some(&index), None).unwrap_err();
        (error.to_string(), error.help())
    };
    let (error, help) = with_index(r#"{"model.norm.bias":"single.safetensors"}"#);
    assert_eq!(
        error,
        "the index says that `single.safetensors` holds the tensor `model.norm.bias`, and it does not"
    );
    assert!(help.is_some());
    let (error, help) = with_index(r#"{"a":"single.safetensors","a/b":"../single.safetensors"}"#);
    assert_eq!(error, "the index: names \"../single.safetensors\", which is no file's plain name");
    assert!(help.is_some());
    let (error, _) = with_index("[]");
    assert!(error.starts_with("the index: invalid type: sequence, expected a map"), "{error}");
    let moved = text("sharded/model.safetensors.index.json").replace("00002-of", "00001-of");
    let both = ["00001", "00002"].map(|part| file(&format!("sharded/model-{part}-of-00002.safetensors")));
    let error = Checkpoint::open(both.into(), Some(&moved), None).unwrap_err().to_string();
    assert!(error.contains("is in `model-00002-of-00002.safetensors`; the index says"), "{error}");

    let parts = ["00001", "00002"].map(|part| file(&format!("sharded/model-{part}-of-00002.safetensors")));
    let twice = parts.into_iter().chain([file("single.safetensors")]).collect();
    let error = Checkpoint::open(twice, None, None).unwrap_err();
    assert!(matches!(error, WeightsError::Safetensors(_)) && error.to_string().contains("is there twice"));

    let two = vec![file("single.safetensors"), file("small.gguf")];
    let error = Checkpoint::open(two, None, None).unwrap_err();
    assert_eq!(error.to_string(), "`small.gguf` is GGUF, which is one file; 2 were given");

    assert!(matches!(Checkpoint::open(vec![], None, None), Err(WeightsError::NoFile)));
    let error = Checkpoint::open(vec![file("small.gguf")], None, Some("[1]")).unwrap_err();
    assert_eq!(error.to_string(), "config.json: is no JSON object");
    let deep = "{\"a\":".repeat(10_000);
    let error = Checkpoint::open(vec![file("small.gguf")], None, Some(&deep)).unwrap_err();
    assert!(error.to_string().starts_with("config.json: recursion limit"), "{error}");
}
