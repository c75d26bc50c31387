//! Taps on a base of random weights that stays as it is: trained on a few families, asked, stopped and resumed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::kernels::cpu::Cpu;
use crate::weights::{Checkpoint, WeightsFile};
use crate::worldmodel::adapter::{AdapterConfig, AdapterError, Base, words};
use crate::worldmodel::answer::Answer;
use crate::worldmodel::ask::tests::{decoder, tokenizer};
use crate::worldmodel::ask::{Asked, Settings, Source, Way, WorldModel};
use crate::worldmodel::data::Families;
use crate::worldmodel::nano;
use crate::worldmodel::program::Token;
use crate::worldmodel::selection::Selection;
use crate::worldmodel::taps::{Gate, TapConfig};

const HIDDEN: usize = 64;

fn config() -> TapConfig {
    TapConfig { behind: vec![1, 2, 3], width: 48, heads: 2, layers: 2, ffn: 96, ..nano::taps() }
}

fn families() -> Families {
    let family = |operator: &str, word: &str| {
        format!(
            "numbers: x = 2..999\nnumbers: y = 2..999\nplan: {{x}} {operator} {{y}}\nanswer: It is {{result}}.\n\n\
             train:\nWhat is {{x}} {word} {{y}}?\nTell me {{x}} {word} {{y}}.\n\nheld-out:\nSay {{x}} {word} {{y}}\n"
        )
    };
    let none =
        "plan: none\nanswer: Hello.\n\ntrain:\nHello!\nHi there\nHow are you?\n\nheld-out:\nGood day\n";
    let files = [
        ("arithmetic/add.txt", family("+", "plus")),
        ("arithmetic/multiply.txt", family("*", "times")),
        ("none/greeting.txt", none.to_owned()),
    ];
    Families::read(files.iter().map(|(name, text)| (*name, text.as_str()))).unwrap()
}

fn cached(count: u64) -> Vec<Cached> {
    let (tokenizer, families, behind) = (tokenizer(), families(), config().behind);
    let mut recording = Recording::new(decoder(), &tokenizer, &behind).unwrap();
    let of = |number| {
        let (asking, example) = recording.draw(&families, 7, number).unwrap().unwrap();
        pollster::block_on(recording.record(&asking, &example.program)).unwrap()
    };
    (0..count).map(of).collect()
}

fn trained(cached: &[Cached], steps: u64) -> TapTrainer {
    let mut trainer = TapTrainer::new(config(), HIDDEN, 3, processor(), cached);
    run(&mut trainer, cached, 0..steps, steps);
    trainer
}

fn run(trainer: &mut TapTrainer, cached: &[Cached], steps: std::ops::Range<u64>, of: u64) {
    let lengths = cached.iter().map(|one| (one.sample.memory, one.sample.program.len())).collect();
    let passes = Passes::new(lengths, 5, 12);
    let rate = Rate { level: 4e-3, warm_up: 20, cool_down: 100 };
    for step in steps {
        let batch = &passes.pool(step / POOL)[(step % POOL) as usize];
        let samples: Vec<Cached> = batch.iter().map(|&at| cached[at].clone()).collect();
        trainer.step(&samples, rate.at(step, of));
    }
}

fn adapter() -> AdapterConfig {
    AdapterConfig {
        kind: Base::Frozen,
        base: "random".to_owned(),
        hidden: HIDDEN,
        layers: 4,
        fingerprint: String::new(),
        training: serde_json::Value::Null,
        taps: config(),
        vocabulary: words(),
        selection: Selection::untrained(3),
    }
}

fn weights(trainer: &TapTrainer) -> Checkpoint {
    let tensors = export::taps(trainer.taps()).unwrap();
    let bytes = export::safetensors(&tensors, export::Precision::F16).unwrap();
    Checkpoint::safetensors(vec![WeightsFile::new("adapter.safetensors", bytes)], None, None).unwrap()
}

#[test]
fn taps_on_a_frozen_base_answer_what_they_were_not_trained_on() {
    let cached = cached(360);
    let mut trainer = TapTrainer::new(config(), HIDDEN, 3, processor(), &cached[..64]);
    let before = export::taps(trainer.taps()).unwrap();
    run(&mut trainer, &cached, 0..260, 260);
    for (new, trained) in before.iter().zip(export::taps(trainer.taps()).unwrap()) {
        assert!(new.values != trained.values, "{} does not learn", new.name);
    }
    let (mut decoder, tokenizer) = (decoder(), tokenizer());
    let shape = decoder.model().config.clone();
    let taps = adapter().load(&weights(&trainer), &shape, decoder.compute()).unwrap();
    let selection = adapter().selection;
    let mut ask = |question: &str, settings: Settings| -> Asked {
        let mut model = WorldModel {
            base: Base::Frozen,
            decoder: &mut decoder,
            taps: &taps,
            tokenizer: &tokenizer,
            selection: &selection,
        };
        pollster::block_on(model.ask(question, &settings, async |_| true)).unwrap()
    };
    let brief = || Settings { tokens: 3, ..Settings::default() };
    // With every gate closed a tap has read nothing: whatever is asked, it writes the same.
    let layers = taps.config.layers;
    let gates = |to: &dyn Fn(usize, usize) -> f32| -> Settings {
        let all = (0..3).flat_map(|tap| (0..layers).map(move |layer| (tap, layer)));
        let gates = all.map(|(tap, layer)| Gate { tap, layer, to: to(tap, layer) }).collect();
        Settings { gates, ..brief() }
    };
    let programs = |asked: &Asked| -> Vec<Vec<Token>> {
        asked.candidates.iter().map(|candidate| candidate.written.tokens.clone()).collect()
    };
    let (add, multiply) = ("What is 605 plus 1213?", "What is 31 times 17?");
    let blind = ask(add, gates(&|_, _| 0.0));
    assert_eq!(programs(&blind), programs(&ask(multiply, gates(&|_, _| 0.0))));
    assert_ne!(programs(&blind), programs(&ask(add, brief())));
    // As wide open as they were trained, they change nothing.
    let trained = |tap: usize, layer: usize| taps.taps[tap].layers[layer].gate;
    assert_eq!(programs(&ask(add, gates(&trained))), programs(&ask(add, brief())));
    for (question, answer) in [
        ("What is 605 plus 1213?", 1818),
        ("Tell me 123 times 45678901.", 123 * 45_678_901),
        ("Tell me 7 plus 12345678901234.", 12_345_678_901_241),
        ("What is 31 times 17?", 527),
    ] {
        let asked = ask(question, brief());
        assert_eq!(asked.result(), Some(&Ok(Answer::Integer(answer))), "{question}");
        assert_eq!((asked.way, asked.candidates.len()), (Way::Frozen, 3));
        let computed: Vec<u32> = asked
            .tokens
            .iter()
            .filter(|(_, source)| *source == Source::Computed)
            .map(|(token, _)| *token)
            .collect();
        let computed = tokenizer.decode(&computed, crate::tokenizer::Shown::All);
        assert_eq!(computed, format!("<computed>{answer}</computed>\nThe answer is"));
        assert!(asked.reply.starts_with("The answer is"), "{}", asked.reply);
        let positions = asked.tokens.iter().filter(|(_, source)| *source == Source::Question).count();
        for attention in asked.candidates.iter().flat_map(|candidate| &candidate.written.attention) {
            assert_eq!(attention.len(), positions);
        }
    }
    // An empty program of all taps: the base answers by itself.
    let asked = ask("How are you?", brief());
    assert!(asked.computes_nothing() && asked.candidates.len() == 3);
    assert!(asked.tokens.iter().all(|(_, source)| *source != Source::Computed));
    assert!(asked.tokens.last().is_some_and(|(_, source)| *source == Source::Model) || asked.ended);
    // Without tools, and without an answer.
    let asked = ask("What is 31 times 17?", Settings { alone: true, ..brief() });
    assert!(asked.candidates.is_empty() && asked.chosen.is_none());
    let asked = ask("What is 31 times 17?", Settings { reply: false, ..brief() });
    assert_eq!((asked.result(), asked.reply.as_str()), (Some(&Ok(Answer::Integer(527))), ""));
    let overflow = ask("What is 9223372036854775807 times 17?", brief());
    assert!(matches!(overflow.result(), Some(Err(crate::worldmodel::answer::Failure::Overflow))));
}

#[test]
fn taps_that_were_stopped_go_on_as_if_they_had_not_been() {
    let cached = cached(40);
    let through = trained(&cached, 8);
    let mut first = TapTrainer::new(config(), HIDDEN, 3, processor(), &cached);
    run(&mut first, &cached, 0..4, 8);
    let mut second = TapTrainer::new(config(), HIDDEN, 99, processor(), &cached[..3]);
    second.restore(first.snapshot().unwrap()).unwrap();
    run(&mut second, &cached, 4..8, 8);
    for (one, other) in export::taps(through.taps()).unwrap().iter().zip(export::taps(second.taps()).unwrap())
    {
        assert!(*one == other, "{}", one.name);
    }
    let nano =
        Trainer::new(Shape { decoder: nano::tiny_decoder(300), taps: nano::tiny_taps() }, 1, processor());
    assert!(second.restore(nano.snapshot().unwrap()).is_err());
}

#[test]
fn a_cached_question_is_read_as_it_was_written() {
    for cached in cached(4) {
        let bytes: Vec<u8> = cached.bytes().collect();
        let question = cached.question();
        assert_eq!(bytes.len(), question.bytes(3, HIDDEN));
        assert_eq!(Cached::read(&question, &bytes, 3, HIDDEN).unwrap(), cached);
        let cut = Cached::read(&question, &bytes[1..], 3, HIDDEN);
        assert!(matches!(cut, Err(CacheError::Size { .. })), "{cut:?}");
    }
}

#[test]
fn an_adapter_of_another_base_is_refused() {
    let cached = cached(4);
    let trainer = TapTrainer::new(config(), HIDDEN, 3, processor(), &cached);
    let mut other = decoder().model().config.clone();
    other.layers = 5;
    let refused = adapter().load(&weights(&trainer), &other, &mut Cpu).map(drop).unwrap_err();
    assert!(matches!(refused, AdapterError::Base { .. }), "{refused}");
    let text = refused.to_string();
    assert!(text.contains("random") && text.contains("5 layers"), "{text}");
}
