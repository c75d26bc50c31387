//! What is learned is what runs: the modules that learn beside the engine that computes, on the same weights.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use burn::tensor::{Int, Tensor, TensorData};

use super::*;
use crate::kernels::Compute;
use crate::kernels::cpu::Cpu;
use crate::qwen::decoder::Logits;
use crate::qwen::hooks::{Hook, Recorder};
use crate::qwen::{Decoder, LoadOptions, Loader};
use crate::weights::{Checkpoint, Encoding, WeightsFile};
use crate::worldmodel::nano;
use crate::worldmodel::program::vocabulary::Token;
use crate::worldmodel::taps::{Memory, TapConfig, Taps};

const TEXT: [u32; 12] = [1, 7, 3, 3, 9, 20, 11, 2, 5, 8, 13, 21];

fn shape() -> Shape {
    let mut decoder = nano::decoder(24);
    (decoder.layers, decoder.hidden, decoder.ffn) = (4, 32, 48);
    (decoder.heads, decoder.kv_heads, decoder.head_dim) = (4, 2, 16);
    let taps = TapConfig {
        behind: vec![1, 3],
        width: 24,
        heads: 2,
        layers: 2,
        ffn: 40,
        vocabulary: 30,
        operands: 5,
        rope_base: 10_000.0,
    };
    Shape { decoder, taps }
}

/// Two texts with programs, and one without.
fn samples() -> Vec<Sample> {
    let program = |ids: &[u16]| ids.iter().map(|&id| Token(id)).collect();
    let sample = |text: &[u32], memory, program| Sample {
        tokens: text.to_vec(),
        learned: (0..text.len()).map(|at| at > 4).collect(),
        operands: (0..text.len()).map(|at| if at % 3 == 1 { (at / 3 + 1) as u8 } else { 0 }).collect(),
        memory,
        program,
    };
    vec![
        sample(&TEXT, 8, program(&[2, 5, 9, 12, 3])),
        sample(&TEXT[2..10], 6, program(&[2, 7, 3])),
        sample(&TEXT[..7], 0, Vec::new()),
    ]
}

/// A model whose gates are open: at 0 nothing of the text would pass.
fn trained() -> Trainer {
    let mut trainer = Trainer::new(shape(), 3, processor());
    for _ in 0..30 {
        trainer.step(&samples(), 0.01);
    }
    trainer
}

fn checkpoint(tensors: &[export::Named], config: Option<&str>) -> Checkpoint {
    let bytes = export::safetensors(tensors, export::Precision::F32).unwrap();
    Checkpoint::safetensors(vec![WeightsFile::new("model.safetensors", bytes)], None, config).unwrap()
}

fn loaded(trainer: &Trainer) -> (Decoder<Cpu>, Taps<Cpu>) {
    let Shape { decoder, taps } = shape();
    let config = export::config(&decoder, 0).to_string();
    let text = checkpoint(&export::text(trainer.learner()).unwrap(), Some(&config));
    let mut compute = Cpu;
    let mut loader = Loader::new(&text, LoadOptions::default()).unwrap();
    while loader.step(&text, &mut compute).unwrap() {}
    let model = Arc::new(loader.finish().unwrap());
    let file = checkpoint(&export::taps(&trainer.learner().taps).unwrap(), None);
    let taps = Taps::load(&file, taps, decoder.hidden, &mut compute).unwrap();
    (Decoder::new(compute, model, 64), taps)
}

fn close(ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len());
    let largest = theirs.iter().fold(1.0_f32, |most, value| most.max(value.abs()));
    for (at, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= 1e-4 * largest, "value {at}: {a} in the engine, {b} in training");
    }
}

#[test]
fn the_engine_computes_what_training_computed() {
    let trainer = trained();
    let (mut decoder, taps) = loaded(&trainer);
    let Shape { decoder: config, taps: tap_config } = shape();

    let tokens: Vec<i64> = TEXT.iter().map(|&token| i64::from(token)).collect();
    let device = processor();
    let tensor = Tensor::<2, Int>::from_data(TensorData::new(tokens, [1, TEXT.len()]), &device);
    let learner = trainer.learner();
    let streams = learner.decoder.forward(&config, tensor, &tap_config.behind);
    let rows = streams.last.reshape([TEXT.len(), config.hidden]);
    let expected = learner.decoder.logits(rows).into_data().try_to_vec::<f32>().unwrap();

    let mut recorder = Recorder::new(tap_config.behind.iter().map(|layer| (layer - 1, Hook::ResidPost)), []);
    let logits = decoder.forward(&TEXT, Logits::All, &mut recorder).unwrap().unwrap();
    close(&pollster::block_on(decoder.compute().read(&logits)).unwrap(), &expected);

    // Each tap writes something; training must find every token it wrote the likeliest, with its probability.
    let streams: Vec<_> =
        tap_config.behind.iter().map(|layer| recorder.rows[&(layer - 1, Hook::ResidPost)].clone()).collect();
    let operands = &samples()[0].operands;
    let compute = decoder.compute();
    let mut memory = Memory::new(&taps, compute);
    // In two parts, as a text that is still being written comes.
    let (first, second): (Vec<_>, Vec<_>) = streams
        .iter()
        .map(|stream| {
            let (head, tail) = stream.values().split_at(7 * config.hidden);
            (compute.rows(head.to_vec(), config.hidden), compute.rows(tail.to_vec(), config.hidden))
        })
        .unzip();
    memory.extend(&taps, compute, &first, &operands[..7]).unwrap();
    memory.extend(&taps, compute, &second, &operands[7..]).unwrap();
    for tap in 0..2 {
        let written =
            pollster::block_on(taps.write(compute, &memory, tap, (9, &[]), async |_| true)).unwrap();
        let sample = Sample {
            tokens: TEXT.to_vec(),
            learned: vec![true; TEXT.len()],
            operands: operands.clone(),
            memory: TEXT.len(),
            program: written.tokens.clone(),
        };
        let programs = Batch::new(&[&sample], 1, &device).programs.remove(0).unwrap();
        let stream = learner
            .decoder
            .forward(
                &config,
                Tensor::from_data(
                    TensorData::new(
                        TEXT.iter().map(|&token| i64::from(token)).collect::<Vec<_>>(),
                        [1, TEXT.len()],
                    ),
                    &device,
                ),
                &tap_config.behind,
            )
            .behind
            .remove(tap);
        let states = learner.taps.forward(
            &tap_config,
            &learner.taps.taps[tap],
            programs.inputs,
            stream,
            programs.operands,
            programs.unseen,
        );
        let logits = learner.taps.logits(states.reshape([written.tokens.len() + 1, tap_config.width]));
        let probabilities =
            burn::tensor::activation::softmax(logits, 1).into_data().try_to_vec::<f32>().unwrap();
        let rows: Vec<&[f32]> = probabilities.chunks(tap_config.vocabulary).collect();
        assert!(!written.tokens.is_empty());
        for (at, token) in written.tokens.iter().enumerate() {
            let likeliest = rows[at].iter().copied().fold(0.0, f32::max);
            assert!((rows[at][usize::from(token.0)] - likeliest).abs() < 1e-6, "tap {tap}, token {at}");
            close(&[written.probabilities[at]], &[likeliest]);
        }
        for attention in &written.attention {
            assert!((attention.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }
}

#[test]
fn learning_makes_the_loss_small() {
    let mut trainer = Trainer::new(shape(), 1, processor());
    let first = trainer.step(&samples(), 0.01);
    for _ in 0..150 {
        trainer.step(&samples(), 0.01);
    }
    let last = trainer.score(&samples());
    assert!(first.text_loss > Some(2.0), "{first:?}");
    assert!(
        last.text_loss < Some(0.1) && last.tap_losses.iter().flatten().all(|loss| *loss < 0.1),
        "{last:?}"
    );
    assert!(
        last.text_right > Some(0.99) && last.taps_right.iter().flatten().all(|right| *right > 0.99),
        "{last:?}"
    );
}

#[test]
fn a_run_that_was_stopped_goes_on_as_if_it_had_not_been() {
    let mut through = Trainer::new(shape(), 5, processor());
    for _ in 0..6 {
        through.step(&samples(), 0.01);
    }
    let mut first = Trainer::new(shape(), 5, processor());
    for _ in 0..3 {
        first.step(&samples(), 0.01);
    }
    let snapshot = first.snapshot().unwrap();
    let mut second = Trainer::new(shape(), 99, processor());
    second.restore(snapshot).unwrap();
    for _ in 0..3 {
        second.step(&samples(), 0.01);
    }
    assert_eq!(export::text(through.learner()).unwrap(), export::text(second.learner()).unwrap());
    assert_eq!(export::taps(&through.learner().taps).unwrap(), export::taps(&second.learner().taps).unwrap());
}

#[test]
fn damaged_snapshots_are_refused() {
    let mut trainer = Trainer::new(shape(), 5, processor());
    let parts = trainer.snapshot().unwrap().parts;
    let cut = parts.iter().map(|(name, bytes)| (name.clone(), bytes[..bytes.len() / 2].to_vec()));
    assert!(trainer.restore(Snapshot::new(cut)).is_err());
    assert!(trainer.restore(Snapshot::new([])).is_err());
}

/// The text stream as GGUF, with 32-bit weights, computes what the safetensors do, and has the same vocabulary.
#[test]
fn a_bundle_is_the_same_model() {
    let trainer = trained();
    let (mut decoder, _) = loaded(&trainer);
    let words = ["one and one is two", "two and two is four", "what is two and four"];
    let json = learn_vocabulary(words.iter().map(|text| (*text).to_owned()), 320).unwrap();
    let label = bundle::Label { name: "tiny", licence: "Apache-2.0", end: 0 };
    let tensors = export::text(trainer.learner()).unwrap();
    let file = bundle::gguf(&shape().decoder, &tensors, json.as_bytes(), Encoding::F32, label).unwrap();
    let checkpoint = Checkpoint::gguf(WeightsFile::new("tiny.gguf", file), None).unwrap();
    let mut loader = Loader::new(&checkpoint, LoadOptions::default()).unwrap();
    let mut compute = Cpu;
    while loader.step(&checkpoint, &mut compute).unwrap() {}
    let mut bundled = Decoder::new(compute, Arc::new(loader.finish().unwrap()), 64);
    let logits = |decoder: &mut Decoder<Cpu>| {
        let rows = decoder.forward(&TEXT, Logits::All, &mut ()).unwrap().unwrap();
        rows.values().to_vec()
    };
    assert_eq!(logits(&mut bundled), logits(&mut decoder));

    let ours = crate::tokenizer::Tokenizer::from_json(json.as_bytes()).unwrap();
    let theirs = crate::qwen::vocabulary::tokenizer(&checkpoint, None, None).unwrap();
    for text in ["what is two and 12?", "<think>2<a>", "Ünïcode 3.5 — four"] {
        for special in [crate::tokenizer::Special::Parse, crate::tokenizer::Special::AsText] {
            assert_eq!(
                theirs.encode(text, special, false).unwrap(),
                ours.encode(text, special, false).unwrap(),
                "{text}"
            );
        }
    }
}

#[test]
fn a_quantized_bundle_is_small_and_close() {
    let trainer = trained();
    let json = learn_vocabulary(["one two".to_owned()].into_iter(), 310).unwrap();
    let label = bundle::Label { name: "tiny", licence: "Apache-2.0", end: 0 };
    let tensors = export::text(trainer.learner()).unwrap();
    let bytes =
        |encoding| bundle::gguf(&shape().decoder, &tensors, json.as_bytes(), encoding, label).unwrap().len();
    assert!(bytes(Encoding::Q8_0) * 2 < bytes(Encoding::F32));
}
