//! The decoder against `transformers`: every folder of `tests/qwen` is a random model with what it must compute.
//!
//! `tests/qwen/make.py` makes them, and says what the tensors are.

#![cfg(feature = "language")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail as the test does"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::kernels::Compute;
use engine::kernels::cpu::Cpu;
use engine::qwen::decoder::Logits;
use engine::qwen::hooks::{Hook, Recorder};
use engine::qwen::sampling::highest;
use engine::qwen::{Decoder, LoadOptions, Loader, Model};
use engine::weights::{Checkpoint, Encoding, WeightsFile};
use libtest_mimic::{Arguments, Trial};
use pollster::block_on;
use safetensors::SafeTensors;

/// Largest difference from the reference, relative to the largest number compared with.
const TOLERANCE: f32 = 1e-4;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for folder in cases() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let case = folder.clone();
        trials.push(Trial::test(format!("{name}::as transformers"), move || {
            as_transformers(&case);
            Ok(())
        }));
        let case = folder.clone();
        trials.push(Trial::test(format!("{name}::in pieces"), move || {
            in_pieces(&case);
            Ok(())
        }));
        trials.push(Trial::test(format!("{name}::quantized on load"), move || {
            quantized(&folder);
            Ok(())
        }));
    }
    assert!(trials.len() >= 18, "the cases are not where they should be");
    libtest_mimic::run(&arguments, trials).exit();
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/qwen");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.join("expected.safetensors").is_file()).collect()
}

/// All logits, hidden states and patterns, computed in one pass, and the tokens of the highest logits.
fn as_transformers(folder: &Path) {
    let expected = Expected::read(folder);
    let mut decoder = Decoder::new(Cpu, load(folder, None), usize::MAX);
    let layers = decoder.model().config.layers;
    let mut recorder = Recorder::<Cpu>::whole(0..layers);
    let logits = decoder.forward(&expected.tokens, Logits::All, &mut recorder).unwrap().unwrap();
    let logits = rows(&logits, &expected.at);
    close("logits", &logits, &expected.tensors["logits"], TOLERANCE);
    let vocabulary = decoder.model().config.vocabulary;
    for (ours, theirs) in logits.chunks(vocabulary).zip(expected.tensors["logits"].chunks(vocabulary)) {
        assert_eq!(highest(ours), highest(theirs));
    }
    for layer in 0..layers {
        let before = rows(&recorder.rows[&(layer, Hook::ResidPre)], &expected.at);
        close("the stream before a layer", &before, &expected.tensors[&format!("hidden.{layer}")], TOLERANCE);
        let behind = rows(&recorder.rows[&(layer, Hook::ResidPost)], &expected.at);
        let theirs = &expected.tensors[&format!("hidden.{}", layer + 1)];
        close("the stream behind a layer", &behind, theirs, TOLERANCE);
        if let Some(theirs) = expected.tensors.get(&format!("pattern.{layer}")) {
            close("the pattern", recorder.patterns[&layer].values(), theirs, TOLERANCE);
        }
    }
}

/// The same text in passes of many lengths, the last token by itself: the cache must make no difference.
fn in_pieces(folder: &Path) {
    let expected = Expected::read(folder);
    let mut decoder = Decoder::new(Cpu, load(folder, None), usize::MAX);
    let (last, before) = expected.tokens.split_last().unwrap();
    let mut rest = before;
    for length in [1, 2, 3, 7, 64].into_iter().cycle() {
        let (piece, behind) = rest.split_at(length.min(rest.len()));
        if piece.is_empty() {
            break;
        }
        assert!(decoder.forward(piece, Logits::None, &mut ()).unwrap().is_none());
        rest = behind;
    }
    // What was taken in by mistake is forgotten without a trace.
    decoder.forward(&[1, 2, 3], Logits::None, &mut ()).unwrap();
    decoder.truncate(before.len());
    let logits = decoder.forward(&[*last], Logits::Last, &mut ()).unwrap().unwrap();
    let theirs = &expected.tensors["logits"];
    let vocabulary = decoder.model().config.vocabulary;
    close("logits", logits.values(), &theirs[theirs.len() - vocabulary..], TOLERANCE);
    let read = block_on(decoder.compute().read(&logits)).unwrap();
    assert_eq!(read, logits.values());
}

/// Eight bits a weight change the logits little.
fn quantized(folder: &Path) {
    let expected = Expected::read(folder);
    let mut decoder = Decoder::new(Cpu, load(folder, Some(Encoding::Q8_0)), usize::MAX);
    let logits = decoder.forward(&expected.tokens, Logits::All, &mut ()).unwrap().unwrap();
    close("logits", &rows(&logits, &expected.at), &expected.tensors["logits"], 0.1);
}

struct Expected {
    tokens: Vec<u32>,
    at: Vec<usize>,
    tensors: BTreeMap<String, Vec<f32>>,
}

impl Expected {
    fn read(folder: &Path) -> Self {
        let bytes = std::fs::read(folder.join("expected.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let words = |name: &str| -> Vec<[u8; 4]> {
            file.tensor(name).unwrap().data().chunks_exact(4).map(|word| word.try_into().unwrap()).collect()
        };
        let integers = |name| words(name).into_iter().map(u32::from_le_bytes).collect::<Vec<_>>();
        let floats = |name: &str| words(name).into_iter().map(f32::from_le_bytes).collect();
        let names = file.names().into_iter().filter(|name| !["tokens", "at"].contains(name));
        Self {
            tokens: integers("tokens"),
            at: integers("at").into_iter().map(|at| at as usize).collect(),
            tensors: names.map(|name| (name.to_owned(), floats(name))).collect(),
        }
    }
}

fn load(folder: &Path, quantize: Option<Encoding>) -> Arc<Model<Cpu>> {
    let weights = std::fs::read(folder.join("model.safetensors")).unwrap();
    let config = std::fs::read_to_string(folder.join("config.json")).unwrap();
    let file = WeightsFile::new("model.safetensors", weights);
    let checkpoint = Checkpoint::open(vec![file], None, Some(&config)).unwrap();
    let mut loader = Loader::new(&checkpoint, LoadOptions { quantize }).unwrap();
    while loader.step(&checkpoint, &mut Cpu).unwrap() {}
    Arc::new(loader.finish().unwrap())
}

/// Some rows, one after the other.
fn rows(all: &engine::kernels::cpu::Rows, at: &[usize]) -> Vec<f32> {
    at.iter().flat_map(|&position| all.row(position)).copied().collect()
}

fn close(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let largest = theirs.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let difference =
        ours.iter().zip(theirs).fold(0.0_f32, |difference, (a, b)| difference.max((a - b).abs()));
    assert!(difference <= tolerance * largest, "{what} differ by {difference}, the largest is {largest}");
}
