//! `worldmodel bench --model` and `--size`: how fast a language model is here.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use engine::kernels::Compute;
use engine::kernels::cpu::Cpu;
use engine::qwen::decoder::Logits;
use engine::qwen::generate::CHUNK;
use engine::qwen::{Decoder, random};
use engine::weights::{Encoding, Matrix};
use serde::Serialize;

use super::{ComputeOptions, Errand, Loaded, with_model};
use crate::engines::Device;
use crate::{Status, report};

/// Tokens of the prompt.
const PROMPT: usize = 256;
/// Tokens added to it.
const ADDED: usize = 128;

/// What was measured.
#[derive(Serialize)]
struct Measured {
    /// What computed.
    device: String,
    /// Bytes of the weights.
    bytes: u64,
    /// Seconds from opening the file to the first pass.
    load_s: f64,
    /// Tokens of the prompt a second.
    prefill_tokens_per_s: f64,
    /// Seconds from the prompt to the first token.
    first_token_s: f64,
    /// Tokens added a second.
    decode_tokens_per_s: f64,
    /// Dispatches to the graphics device a token added; 0 on the processor.
    dispatches: usize,
    /// The most memory the process had, in bytes; `null` where the system does not say.
    peak_memory: Option<u64>,
}

/// A size of model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// Qwen3-0.6B.
    #[value(name = "0.6b")]
    Qwen3,
}

/// Measures a model.
pub fn run(model: &Path, options: &ComputeOptions, json: bool) -> Result<Status> {
    with_model(model, options, Measurement { json })
}

/// Measures random weights.
pub fn run_random(size: Size, encoding: Encoding, options: &ComputeOptions, json: bool) -> Result<Status> {
    ensure!(options.device() == Device::Cpu, "random weights run on the CPU only; leave out --device gpu");
    options.set_threads()?;
    let start = Instant::now();
    let config = match size {
        Size::Qwen3 => random::qwen3_0_6b(),
    };
    let model = random::model(&mut Cpu, config, encoding)?;
    let layers = model.layers.iter().flat_map(|layer| {
        [&layer.q, &layer.k, &layer.v, &layer.o, &layer.gate, &layer.up, &layer.down].map(Matrix::bytes)
    });
    let bytes = layers.sum::<u64>() + model.embedding.bytes();
    let decoder = Decoder::new(Cpu, Arc::new(model), options.context.unwrap_or(usize::MAX));
    print(&pollster::block_on(measure(decoder, bytes, start.elapsed().as_secs_f64()))?, json)
}

/// What is to be measured.
struct Measurement {
    json: bool,
}

impl Errand for Measurement {
    fn run<C: Compute>(self, loaded: Loaded<C>) -> Result<Status> {
        print(&pollster::block_on(measure(loaded.decoder, loaded.bytes, loaded.seconds))?, self.json)
    }
}

fn print(measured: &Measured, json: bool) -> Result<Status> {
    if json {
        report::json(measured)?;
    } else {
        report::line(&measured.to_string());
    }
    Ok(Status::Done)
}

async fn measure<C: Compute>(mut decoder: Decoder<C>, bytes: u64, load_s: f64) -> Result<Measured> {
    let vocabulary = decoder.model().config.vocabulary as u32;
    // Any tokens do: how long a pass takes does not depend on which.
    let prompt: Vec<u32> = (0..PROMPT as u32).map(|at| (100 + 7 * at) % vocabulary).collect();
    // The first passes find the weights in no cache of the processor, threads that are not there yet, and kernels that
    // are not compiled.
    for warming in [prompt.get(..CHUNK).unwrap_or(&prompt), &[0]] {
        decoder.forward(warming, Logits::Last, &mut ())?;
    }
    likeliest(&mut decoder, &[0]).await?;
    decoder.truncate(0);
    let start = Instant::now();
    let mut next = None;
    for (at, chunk) in prompt.chunks(CHUNK).enumerate() {
        if (at + 1) * CHUNK < prompt.len() {
            decoder.forward(chunk, Logits::None, &mut ())?;
        } else {
            next = likeliest(&mut decoder, chunk).await?;
        }
    }
    let first = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let before = decoder.compute().dispatches();
    for _ in 0..ADDED {
        let Some(token) = next else { break };
        next = likeliest(&mut decoder, &[token]).await?;
    }
    Ok(Measured {
        device: decoder.compute().name(),
        bytes,
        load_s,
        prefill_tokens_per_s: PROMPT as f64 / first,
        first_token_s: first,
        decode_tokens_per_s: ADDED as f64 / start.elapsed().as_secs_f64(),
        dispatches: (decoder.compute().dispatches() - before) / ADDED,
        peak_memory: peak_memory(),
    })
}

/// Takes in tokens, and says which the model thinks likeliest behind them.
async fn likeliest<C: Compute>(decoder: &mut Decoder<C>, tokens: &[u32]) -> Result<Option<u32>> {
    let Some(logits) = decoder.forward(tokens, Logits::Last, &mut ())? else { return Ok(None) };
    let top = decoder.compute().top(&logits, 1).await?;
    Ok(top.first().and_then(|top| top.largest.first()).map(|(token, _)| *token))
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        writeln!(
            f,
            "{}; {:.0} MiB of weights, loaded in {:.2} s",
            self.device,
            mib(self.bytes),
            self.load_s
        )?;
        writeln!(
            f,
            "prefill  {:8.1} tokens/s, {PROMPT} tokens, the first answer after {:.2} s",
            self.prefill_tokens_per_s, self.first_token_s
        )?;
        write!(f, "decode   {:8.1} tokens/s, {ADDED} tokens", self.decode_tokens_per_s)?;
        if self.dispatches > 0 {
            write!(f, "\nGPU      {:8} dispatches a token", self.dispatches)?;
        }
        match self.peak_memory {
            Some(bytes) => write!(f, "\nmemory   {:8.0} MiB at most", mib(bytes)),
            None => Ok(()),
        }
    }
}

/// The largest resident set so far, where Linux says it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
