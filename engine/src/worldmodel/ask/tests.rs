//! The three ways of asking, on models of random weights.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use super::*;
use crate::kernels::cpu::Cpu;
use crate::qwen::random;
use crate::qwen::{Architecture, Config};
use crate::tokenizer::GgufVocabulary;
use crate::weights::Encoding;
use crate::worldmodel::nano;

/// Bytes, and the tokens of a chat.
pub(crate) fn tokenizer() -> Tokenizer {
    let alphabet = (0_u8..=255).map(|byte| match byte {
        0x00..=0x20 => char::from_u32(0x100 + u32::from(byte)).unwrap(),
        0x7F..=0xA0 => char::from_u32(0x121 + u32::from(byte - 0x7F)).unwrap(),
        0xAD => '\u{143}',
        _ => char::from(byte),
    });
    let mut tokens: Vec<String> = alphabet.map(String::from).collect();
    tokens.extend(["<|im_start|>", "<|im_end|>"].map(str::to_owned));
    let mut token_types = vec![1; 256];
    token_types.extend([3, 3]);
    let template = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    Tokenizer::from_gguf(GgufVocabulary {
        model: "gpt2".to_owned(),
        pre: Some("gpt-2".to_owned()),
        tokens,
        token_types,
        eos: Some(257),
        chat_template: Some(template.to_owned()),
        ..GgufVocabulary::default()
    })
    .unwrap()
}

/// A Qwen3 of random weights.
pub(crate) fn decoder() -> Decoder<Cpu> {
    let config = Config {
        architecture: Architecture::Qwen3,
        layers: 4,
        hidden: 64,
        heads: 4,
        kv_heads: 2,
        head_dim: 16,
        ffn: 96,
        vocabulary: 258,
        context: 2048,
        ..nano::decoder(258)
    };
    let mut compute = Cpu;
    let model = random::model(&mut compute, config, Encoding::F32).unwrap();
    Decoder::new(compute, Arc::new(model), 2048)
}

#[test]
fn a_model_without_taps_is_asked_several_times_and_then_answers_by_itself() {
    let (mut decoder, tokenizer) = (decoder(), tokenizer());
    let mut model = Prompted { decoder: &mut decoder, tokenizer: &tokenizer };
    let settings = Settings { tokens: 5, program_tokens: 8, samples: 3, ..Settings::default() };
    let mut attempts = Vec::new();
    let asked = pollster::block_on(model.ask("What is 2 + 3?", &settings, async |event| {
        if let Event::Attempt(number, token) = event {
            attempts.push((number, token));
        }
        true
    }))
    .unwrap();
    // Random weights write no program.
    assert_eq!((asked.way, asked.candidates.len()), (Way::Prompted, 3));
    assert!(asked.computes_nothing() && asked.tokens.iter().any(|(_, source)| *source == Source::Model));
    assert_eq!(attempts.iter().map(|(number, _)| *number).max(), Some(2));
    let of = |wanted: usize| -> Vec<u32> {
        attempts.iter().filter(|(number, _)| *number == wanted).map(|(_, token)| *token).collect()
    };
    assert_ne!(of(0), of(1));
    let mut again = Vec::new();
    let listen = async |event| {
        if let Event::Attempt(number, token) = event {
            again.push((number, token));
        }
        true
    };
    pollster::block_on(model.ask("What is 2 + 3?", &settings, listen)).unwrap();
    assert_eq!(again, attempts);
    assert_eq!(pollster::block_on(model.ask(" ", &settings, async |_| true)), Err(AskError::Empty));
    let stopped = pollster::block_on(model.ask("What is 2 + 3?", &settings, async |_| false));
    assert_eq!(stopped, Err(AskError::Stopped));
}

#[test]
fn the_first_layers_alone_hold_what_they_hold_in_the_whole() {
    use crate::qwen::decoder::Logits;
    use crate::worldmodel::taps::streams;
    let (mut whole, mut part) = (decoder(), decoder().first_layers(2));
    let tokens = [5, 9, 100, 3, 257];
    let (of_whole, _) = streams(&mut whole, &[1, 2], &tokens, Logits::None, &mut ()).unwrap();
    let (of_part, _) = streams(&mut part, &[1, 2], &tokens, Logits::None, &mut ()).unwrap();
    for (whole, part) in of_whole.iter().zip(&of_part) {
        assert_eq!(whole.values(), part.values());
    }
    assert_eq!(part.seen(), tokens.len());
    let (missing, _) = streams(&mut part, &[3], &tokens, Logits::None, &mut ()).unwrap();
    assert!(missing.is_empty());
}
