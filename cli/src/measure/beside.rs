//! Another language model, asked the same by its chat.

use anyhow::Result;
use engine::kernels::Compute;
use engine::qwen::generate::Generation;
use engine::qwen::sampling::{Sampler, Sampling};
use engine::qwen::{Decoder, DecoderError};
use engine::tokenizer::chat::{ChatOptions, ChatTemplate, Message, Role};
use engine::tokenizer::{Shown, TextStream, Tokenizer};
use engine::worldmodel::measure::judge_reply;

use super::Shared;
use crate::language::{Errand, Loaded};
use crate::{Status, report};

/// Tokens that an answer has at most.
pub const TOKENS: usize = 64;

/// Lets it answer the questions that everybody answers.
pub struct Beside<'a> {
    pub shared: &'a mut [Shared],
}

impl Errand for Beside<'_> {
    fn run<C: Compute>(self, loaded: Loaded<C>) -> Result<Status> {
        let Loaded { mut decoder, tokenizer, .. } = loaded;
        let template = ChatTemplate::of(&tokenizer)?;
        for shared in self.shared {
            let messages = vec![Message::new(Role::User, &shared.example.question)];
            // Thinking would need many more tokens than there are.
            let how = ChatOptions { thinking: false, ..ChatOptions::default() };
            let prompt = tokenizer.encode_prompt(&template.render(&tokenizer, &messages, how)?)?;
            shared.beside = Some(match pollster::block_on(reply(&mut decoder, &tokenizer, prompt)) {
                Ok(reply) => judge_reply(&shared.example, &reply),
                Err(error) => {
                    report::problem(&format!("{}: {error:#}", shared.example.question));
                    false
                }
            });
        }
        Ok(Status::Done)
    }
}

/// The likeliest answer.
async fn reply<C: Compute>(
    decoder: &mut Decoder<C>,
    tokenizer: &Tokenizer,
    prompt: Vec<u32>,
) -> Result<String> {
    decoder.truncate(0);
    let mut generation =
        Generation::new(prompt, tokenizer.ends().to_vec(), Sampler::new(Sampling::default())?);
    while generation.prefill(decoder, &mut ())? > 0 {}
    let mut stream = TextStream::new(Shown::WithoutSpecial);
    let mut text = String::new();
    for _ in 0..TOKENS {
        match generation.next(decoder, &mut ()).await {
            Ok(Some(token)) => text += &stream.push(tokenizer, token),
            Ok(None) => break,
            Err(DecoderError::ContextFull { .. }) if !text.is_empty() => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(text + &stream.finish())
}
