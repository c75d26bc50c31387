//! What a frozen base holds of questions, in a run's folder: two files for every 256 of them.
//!
//! The questions depend on the seed and their numbers alone. A pair is there once its second file is, so that a run that was
//! killed makes only the last ones again.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use engine::kernels::Compute;
use engine::worldmodel::data::Families;
use engine::worldmodel::train::{Cached, Question, Recording, Shard};

use super::folder::Folder;
use super::sitting::bar;
use crate::Status;
use crate::language::{Errand, Loaded};
use crate::report;

/// Questions in a pair of files.
const SHARD: u64 = 256;

/// The cache of a run.
pub struct Cache<'a> {
    /// The run's folder.
    pub folder: &'a Folder,
    /// Behind which layers the taps sit.
    pub behind: &'a [usize],
    /// Width of the base's stream.
    pub hidden: usize,
    /// Questions it shall have.
    pub wanted: u64,
}

/// Where a question's streams are.
pub struct Entry {
    /// What is known of it besides.
    pub question: Question,
    shard: u64,
    offset: u64,
}

impl Cache<'_> {
    fn shards(&self) -> u64 {
        self.wanted.div_ceil(SHARD)
    }

    fn has(&self, shard: u64) -> bool {
        self.folder.path(&known(shard)).exists()
    }

    /// Whether all questions are there.
    pub fn is_full(&self) -> bool {
        (0..self.shards()).all(|shard| self.has(shard))
    }

    /// All questions, first to last.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for shard in 0..self.shards() {
            let path = self.folder.path(&known(shard));
            let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let questions: Shard = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged: delete it to make it again", path.display()))?;
            let mut offset = 0;
            for question in questions.questions {
                let size = question.bytes(self.behind.len(), self.hidden) as u64;
                entries.push(Entry { question, shard, offset });
                offset += size;
            }
        }
        Ok(entries)
    }

    /// What the base holds of a question.
    pub fn read(&self, entry: &Entry) -> Result<Cached> {
        let path = self.folder.path(&streams(entry.shard));
        let unreadable = || format!("{} cannot be read: delete the cache to make it again", path.display());
        let mut bytes = vec![0; entry.question.bytes(self.behind.len(), self.hidden)];
        let mut file = File::open(&path).with_context(unreadable)?;
        file.seek(SeekFrom::Start(entry.offset)).with_context(unreadable)?;
        file.read_exact(&mut bytes).with_context(unreadable)?;
        Ok(Cached::read(&entry.question, &bytes, self.behind.len(), self.hidden)?)
    }
}

fn known(shard: u64) -> String {
    format!("cache/{shard:06}.json")
}

fn streams(shard: u64) -> String {
    format!("cache/{shard:06}.f16")
}

/// Makes what is missing of a cache, with the base that is loaded for it.
pub struct Fill<'a> {
    /// The cache.
    pub cache: &'a Cache<'a>,
    /// Where questions come from.
    pub families: &'a Families,
    /// Decides which.
    pub seed: u64,
    /// When somebody wants it to stop.
    pub stop: &'a AtomicBool,
    /// When it has to stop.
    pub until: Option<Instant>,
}

impl Errand for Fill<'_> {
    fn run<C: Compute>(self, loaded: Loaded<C>) -> Result<Status> {
        let Self { cache, families, seed, stop, until } = self;
        std::fs::create_dir_all(cache.folder.path("cache")).context("the cache cannot be made")?;
        let mut recording = Recording::new(loaded.decoder, &loaded.tokenizer, cache.behind)?;
        let missing: Vec<u64> = (0..cache.shards()).filter(|&shard| !cache.has(shard)).collect();
        let there = cache.wanted.saturating_sub(missing.len() as u64 * SHARD);
        let bar = bar(cache.wanted, there);
        bar.set_message("questions the base has read");
        let start = Instant::now();
        let mut positions = 0;
        for shard in missing {
            let (mut questions, mut bytes) = (Vec::new(), Vec::new());
            for number in shard * SHARD..((shard + 1) * SHARD).min(cache.wanted) {
                if stop.load(Ordering::SeqCst) || until.is_some_and(|until| Instant::now() >= until) {
                    bar.abandon();
                    return Ok(Status::Stopped);
                }
                let Some((asking, example)) = recording.draw(families, seed, number)? else {
                    bail!("the questions give none that is short enough: is there a family in --questions?");
                };
                let cached = pollster::block_on(recording.record(&asking, &example.program))?;
                positions += cached.sample.memory;
                bytes.extend(cached.bytes());
                questions.push(cached.question());
                bar.inc(1);
            }
            cache.folder.write(&streams(shard), &bytes)?;
            cache.folder.write(&known(shard), &serde_json::to_vec(&Shard { questions })?)?;
            if bar.is_hidden() {
                let seconds = start.elapsed().as_secs_f64();
                report::line(&format!(
                    "the base has read {} of {} questions ({seconds:.0} s, {positions} positions)",
                    ((shard + 1) * SHARD).min(cache.wanted),
                    cache.wanted
                ));
            }
        }
        bar.abandon();
        Ok(Status::Done)
    }
}
