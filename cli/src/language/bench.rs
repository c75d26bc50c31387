//! `worldmodel bench --model`: how fast a language model is here.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use engine::qwen::decoder::Logits;
use engine::qwen::generate::CHUNK;
use engine::qwen::sampling::highest;
use serde::Serialize;

use super::{ComputeOptions, load};
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
    /// The most memory the process had, in bytes; `null` where the system does not say.
    peak_memory: Option<u64>,
}

/// Runs the command.
pub fn run(model: &Path, options: &ComputeOptions, json: bool) -> Result<Status> {
    let loaded = load(model, options)?;
    let vocabulary = loaded.model.config.vocabulary as u32;
    // Any tokens do: how long a pass takes does not depend on which.
    let prompt: Vec<u32> = (0..PROMPT as u32).map(|at| (100 + 7 * at) % vocabulary).collect();
    let mut decoder = loaded.decoder();
    // The first pass finds the weights in no cache of the processor, and threads that are not there yet.
    decoder.forward(&[0], Logits::Last, &mut ())?;
    decoder.truncate(0);
    let start = Instant::now();
    let mut next = None;
    for (at, chunk) in prompt.chunks(CHUNK).enumerate() {
        let last = (at + 1) * CHUNK >= prompt.len();
        let logits = decoder.forward(chunk, if last { Logits::Last } else { Logits::None }, &mut ())?;
        next = logits.and_then(|logits| highest(logits.values()));
    }
    let first = start.elapsed().as_secs_f64();
    let start = Instant::now();
    for _ in 0..ADDED {
        let Some(token) = next else { break };
        let logits = decoder.forward(&[token], Logits::Last, &mut ())?;
        next = logits.and_then(|logits| highest(logits.values()));
    }
    let measured = Measured {
        device: engine::kernels::Compute::name(decoder.compute()),
        bytes: loaded.bytes,
        load_s: loaded.seconds,
        prefill_tokens_per_s: PROMPT as f64 / first,
        first_token_s: first,
        decode_tokens_per_s: ADDED as f64 / start.elapsed().as_secs_f64(),
        peak_memory: peak_memory(),
    };
    if json {
        report::json(&measured)?;
    } else {
        report::line(&measured.to_string());
    }
    Ok(Status::Done)
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
