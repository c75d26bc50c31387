//! `worldmodel generate`: a text and what a model adds to it.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use engine::kernels::Compute;
use engine::qwen::DecoderError;
use engine::qwen::generate::{Generation, StopText};
use engine::qwen::sampling::{Sampler, Sampling};
use engine::tokenizer::chat::{ChatOptions, ChatTemplate, Message, Role};
use engine::tokenizer::{Shown, Special, TextStream, Tokenizer};
use serde::Serialize;

use super::{ComputeOptions, Errand, Loaded, with_model};
use crate::{Status, report};

/// Options of `worldmodel generate`.
#[derive(Args)]
pub struct Options {
    /// The text to go on from; `-` reads standard input.
    #[arg(allow_hyphen_values = true)]
    prompt: String,
    /// The model: a .gguf file, a .safetensors file, or a folder of .safetensors with config.json and tokenizer.json.
    #[arg(long, value_name = "PATH")]
    model: PathBuf,
    #[command(flatten)]
    compute: ComputeOptions,
    /// Tokens to add at most.
    #[arg(long, value_name = "N", default_value_t = 128)]
    tokens: usize,
    /// Makes the prompt a user's message, by the model's own chat template.
    #[arg(long)]
    chat: bool,
    /// The chat's system message.
    #[arg(long, value_name = "TEXT", requires = "chat")]
    system: Option<String>,
    /// Asks the model (Qwen3) to answer without thinking first.
    #[arg(long, requires = "chat")]
    no_think: bool,
    /// 0 takes the likeliest token each time; higher is more varied.
    #[arg(long, value_name = "T", default_value_t = 0.0)]
    temperature: f32,
    /// Draws from the N likeliest tokens only; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 0)]
    top_k: usize,
    /// Draws from the fewest tokens that have this much of the probability.
    #[arg(long, value_name = "P", default_value_t = 1.0)]
    top_p: f32,
    /// Makes tokens of the last 64 less likely; 1 does nothing.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    repetition_penalty: f32,
    /// The same seed gives the same text.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Ends at this text, which is left out; may be given several times.
    #[arg(long, value_name = "TEXT")]
    stop: Vec<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The result, as JSON.
#[derive(Serialize)]
struct Outcome {
    /// What the model added.
    text: String,
    /// The prompt's tokens.
    prompt_tokens: Vec<u32>,
    /// The tokens added.
    tokens: Vec<u32>,
    /// Tokens of the prompt a second.
    prefill_tokens_per_s: f64,
    /// Tokens added a second.
    decode_tokens_per_s: f64,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    let sampler = Sampler::new(Sampling {
        temperature: options.temperature,
        top_k: options.top_k,
        top_p: options.top_p,
        repetition_penalty: options.repetition_penalty,
        seed: options.seed,
        ..Sampling::default()
    })?;
    let text = match options.prompt.as_str() {
        "-" => std::io::read_to_string(std::io::stdin()).context("standard input")?,
        prompt => prompt.to_owned(),
    };
    with_model(&options.model, &options.compute, Completion { options, text, sampler })
}

/// A text to be completed.
struct Completion<'a> {
    options: &'a Options,
    text: String,
    sampler: Sampler,
}

impl Errand for Completion<'_> {
    fn run<C: Compute>(self, loaded: Loaded<C>) -> Result<Status> {
        let prompt = prompt_tokens(self.options, &self.text, &loaded.tokenizer)?;
        if prompt.is_empty() {
            bail!("the prompt has no tokens: there is nothing to go on from");
        }
        let outcome = pollster::block_on(complete(self.options, loaded, self.sampler, prompt))?;
        if self.options.json {
            report::json(&outcome)?;
        } else {
            report::line("");
        }
        Ok(Status::Done)
    }
}

fn prompt_tokens(options: &Options, text: &str, tokenizer: &Tokenizer) -> Result<Vec<u32>> {
    if !options.chat {
        return Ok(tokenizer.encode(text, Special::AsText, true)?);
    }
    let system = options.system.iter().map(|text| Message::new(Role::System, text));
    let messages: Vec<Message> = system.chain([Message::new(Role::User, text)]).collect();
    let how = ChatOptions { thinking: !options.no_think, ..ChatOptions::default() };
    Ok(tokenizer.encode_prompt(&ChatTemplate::of(tokenizer)?.render(tokenizer, &messages, how)?)?)
}

async fn complete<C: Compute>(
    options: &Options,
    loaded: Loaded<C>,
    sampler: Sampler,
    prompt: Vec<u32>,
) -> Result<Outcome> {
    let Loaded { mut decoder, tokenizer, .. } = loaded;
    let mut generation = Generation::new(prompt.clone(), tokenizer.ends().to_vec(), sampler);
    let start = Instant::now();
    while generation.prefill(&mut decoder, &mut ())? > 0 {}
    let prefilled = Instant::now();
    let mut stream = TextStream::new(Shown::WithoutSpecial);
    let mut stops = StopText::new(options.stop.clone());
    let mut outcome = Outcome {
        text: String::new(),
        prompt_tokens: prompt,
        tokens: Vec::new(),
        prefill_tokens_per_s: 0.0,
        decode_tokens_per_s: 0.0,
    };
    let mut stopped = false;
    while outcome.tokens.len() < options.tokens && !stopped {
        let token = match generation.next(&mut decoder, &mut ()).await {
            Ok(token) => token,
            // What was written until then is the result.
            Err(DecoderError::ContextFull { .. }) if !outcome.tokens.is_empty() => {
                report::problem(&format!("the context of {} tokens is full", decoder.context()));
                break;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(token) = token else { break };
        outcome.tokens.push(token);
        let piece;
        (piece, stopped) = stops.push(&stream.push(&tokenizer, token));
        show(options, &mut outcome.text, &piece);
    }
    if !stopped {
        let (mut rest, found) = stops.push(&stream.finish());
        if !found {
            rest.push_str(&stops.finish());
        }
        show(options, &mut outcome.text, &rest);
    }
    let per_second = |count: usize, seconds: f64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
    let prefill = prefilled.duration_since(start).as_secs_f64();
    // The last token of the prompt is taken in when the first is drawn.
    outcome.prefill_tokens_per_s = per_second(outcome.prompt_tokens.len() - 1, prefill);
    outcome.decode_tokens_per_s = per_second(outcome.tokens.len(), prefilled.elapsed().as_secs_f64());
    Ok(outcome)
}

/// Adds a piece to the text, and to the screen as it arrives.
fn show(options: &Options, text: &mut String, piece: &str) {
    text.push_str(piece);
    if !options.json {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(piece.as_bytes()).and_then(|()| out.flush());
    }
}
