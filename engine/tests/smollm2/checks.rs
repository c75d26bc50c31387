//! What SmolLM2-135M-Instruct must compute, natively and in WebAssembly.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "the helpers of a test fail as the test does"
)]

use std::sync::Arc;

use engine::kernels::cpu::Cpu;
use engine::qwen::decoder::Logits;
use engine::qwen::hooks::{Hook, Recorder};
use engine::qwen::interventions::{Intervention, Interventions, Part};
use engine::qwen::sampling::highest;
use engine::qwen::{Decoder, LoadOptions, Loader, Model, vocabulary};
use engine::tokenizer::{Shown, Special};
use engine::weights::{Checkpoint, WeightsFile};
use safetensors::SafeTensors;
use serde_json::Value;

/// Positions of a text at which the likeliest token must be llama.cpp's.
const SHARE: f64 = 0.99;

// Compiled in: there are no files in WebAssembly. `make.py` makes them.
const GREEDY_Q4_1: &str = include_str!("greedy_q4_1.json");
const GREEDY_F32: &str = include_str!("greedy_f32.json");
const HIDDEN: &[u8] = include_bytes!("hidden.safetensors");

/// Whether a check holds; if not, why.
pub type Checked = Result<(), Box<dyn std::error::Error>>;

/// The model, and texts that llama.cpp wrote with it.
pub struct Fixture {
    checkpoint: Vec<u8>,
    model: Arc<Model<Cpu>>,
    cases: Vec<Case>,
}

/// Texts that llama.cpp wrote.
struct Greedy {
    /// Of all positions, how many tokens it chooses again when it reads the text in one pass.
    again: usize,
    cases: Vec<Case>,
}

struct Case {
    prompt: String,
    tokens: Vec<u32>,
    answer: Vec<u32>,
}

impl Fixture {
    /// The model, from the bytes of its file.
    pub fn new(bytes: Vec<u8>) -> Self {
        let checkpoint = open(bytes.clone());
        let mut loader = Loader::new(&checkpoint, LoadOptions::default()).unwrap();
        while loader.step(&checkpoint, &mut Cpu).unwrap() {}
        let cases = Greedy::read(GREEDY_Q4_1).cases;
        Self { checkpoint: bytes, model: Arc::new(loader.finish().unwrap()), cases }
    }

    fn decoder(&self) -> Decoder<Cpu> {
        Decoder::new(Cpu, Arc::clone(&self.model), usize::MAX)
    }
}

impl Greedy {
    fn read(json: &str) -> Self {
        let value: Value = serde_json::from_str(json).unwrap();
        let cases: Vec<Case> = value["cases"].as_array().unwrap().iter().map(Case::read).collect();
        assert_eq!(cases.len(), 20);
        Self { again: value["again"].as_u64().unwrap() as usize, cases }
    }
}

impl Case {
    fn read(value: &Value) -> Self {
        let ids = |key: &str| -> Vec<u32> {
            value[key].as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
        };
        let prompt = value["prompt"].as_str().unwrap().to_owned();
        Self { prompt, tokens: ids("tokens"), answer: ids("answer") }
    }

    fn whole(&self) -> Vec<u32> {
        [self.tokens.as_slice(), self.answer.as_slice()].concat()
    }
}

fn open(bytes: Vec<u8>) -> Checkpoint {
    Checkpoint::open(vec![WeightsFile::new("smollm2.gguf", bytes)], None, None).unwrap()
}

/// Where llama.cpp computes with the same numbers, in 32 bits.
pub fn as_llama_cpp(fixture: &Fixture) -> Checked {
    let (same, all) = agreement(fixture, &Greedy::read(GREEDY_F32))?;
    if (same as f64) < SHARE * all as f64 {
        return Err(format!("only {same} of {all} positions have the same token").into());
    }
    Ok(())
}

/// Where llama.cpp rounds activations to 8 bits, its own choice depends on how many tokens a pass has, where two are
/// nearly as likely; nobody can agree with it more often than it does itself.
pub fn as_llama_cpp_rounded(fixture: &Fixture) -> Checked {
    let greedy = Greedy::read(GREEDY_Q4_1);
    let (same, all) = agreement(fixture, &greedy)?;
    if same < greedy.again {
        return Err(format!(
            "{same} of {all} positions have the same token; llama.cpp itself {}",
            greedy.again
        )
        .into());
    }
    Ok(())
}

/// Reads the texts, and says at each of their tokens what it would have said itself: how often that is the same, and
/// how often it was asked.
fn agreement(fixture: &Fixture, greedy: &Greedy) -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let (mut same, mut all) = (0, 0);
    let vocabulary = fixture.model.config.vocabulary;
    for case in &greedy.cases {
        let whole = case.whole();
        let mut decoder = fixture.decoder();
        let (first, rest) = whole.split_at(case.tokens.len() - 1);
        decoder.forward(first, Logits::None, &mut ())?;
        let mut answered = Vec::new();
        for chunk in rest.chunks(64) {
            let logits = decoder.forward(chunk, Logits::All, &mut ())?.unwrap();
            answered.extend(logits.values().chunks(vocabulary).map(|logits| highest(logits).unwrap()));
        }
        // The last logits speak of a token that llama.cpp was not asked for.
        answered.pop();
        same += answered.iter().zip(&case.answer).filter(|(ours, theirs)| ours == theirs).count();
        all += case.answer.len();
    }
    assert_eq!(all, 20 * 128);
    Ok((same, all))
}

/// The residual stream at some positions, before and behind every layer, and the last logits.
pub fn as_transformers(fixture: &Fixture) -> Checked {
    let expected = SafeTensors::deserialize(HIDDEN)?;
    let words = |name: &str| -> Vec<[u8; 4]> {
        expected.tensor(name).unwrap().data().chunks_exact(4).map(|word| word.try_into().unwrap()).collect()
    };
    let floats = |name: &str| words(name).into_iter().map(f32::from_le_bytes).collect::<Vec<_>>();
    let at: Vec<usize> = words("at").into_iter().map(|word| u32::from_le_bytes(word) as usize).collect();
    let mut decoder = fixture.decoder();
    let layers = fixture.model.config.layers;
    let points = (0..layers).map(|layer| (layer, Hook::ResidPost)).chain([(0, Hook::ResidPre)]);
    let mut recorder = Recorder::<Cpu>::new(points, []);
    let logits = decoder.forward(&fixture.cases[0].whole(), Logits::Last, &mut recorder)?.unwrap();
    for behind in 0..=layers {
        let point = if behind == 0 { (0, Hook::ResidPre) } else { (behind - 1, Hook::ResidPost) };
        let rows = &recorder.rows[&point];
        let ours: Vec<f32> = at.iter().flat_map(|&position| rows.row(position)).copied().collect();
        close(&format!("hidden.{behind}"), &ours, &floats(&format!("hidden.{behind}")), 1e-3);
    }
    close("the last logits", logits.values(), &floats("logits"), 1e-3);
    Ok(())
}

/// Our tokenizer splits the prompts as llama.cpp does.
pub fn same_prompts(fixture: &Fixture) -> Checked {
    let tokenizer = vocabulary::tokenizer(&open(fixture.checkpoint.clone()), None, None)?;
    for case in &fixture.cases {
        assert_eq!(tokenizer.encode(&case.prompt, Special::Parse, false)?, case.tokens, "{:?}", case.prompt);
        assert_eq!(tokenizer.decode(&case.tokens, Shown::All), case.prompt);
    }
    Ok(())
}

/// Hooks that only look change nothing; hooks that meddle do.
pub fn ablation(fixture: &Fixture) -> Checked {
    let tokens = fixture.cases[0].tokens.as_slice();
    let plain = fixture.decoder().forward(tokens, Logits::Last, &mut ())?.unwrap();
    let mut recorder = Recorder::<Cpu>::whole(0..fixture.model.config.layers);
    let watched = fixture.decoder().forward(tokens, Logits::Last, &mut recorder)?.unwrap();
    assert_eq!(plain, watched);
    let head_dim = fixture.model.config.head_dim;
    let zero = engine::kernels::Replacement::Zero;
    let off = Intervention { layer: 3, part: Part::Head(2), position: None, with: zero };
    let mut ablation = Interventions::new(vec![off], head_dim);
    let mut both = (&mut ablation, Recorder::<Cpu>::new([(3, Hook::Z), (4, Hook::Z)], []));
    let changed = fixture.decoder().forward(tokens, Logits::Last, &mut both)?.unwrap();
    assert_ne!(plain, changed);
    let z = both.1.rows[&(3, Hook::Z)].row(tokens.len() - 1);
    assert!(z[2 * head_dim..3 * head_dim].iter().all(|value| *value == 0.0));
    assert!(z[..2 * head_dim].iter().any(|value| *value != 0.0));
    Ok(())
}

fn close(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let largest = theirs.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let difference =
        ours.iter().zip(theirs).fold(0.0_f32, |difference, (a, b)| difference.max((a - b).abs()));
    assert!(difference <= tolerance * largest, "{what} differs by {difference}, the largest is {largest}");
}
