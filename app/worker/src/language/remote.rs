//! The headers of a model on another host: only the blocks that hold them are fetched.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use engine::weights::safetensors::Index;
use engine::weights::{ReadAt, ReadError};
use protocol::{AppError, Problem};

use super::address::{Address, Wanted};
use super::errand::Errand;
use super::error;
use super::fetch::Asked;
use super::files::{Opened, Readable, Role, open};
use super::resume::{self, There, Verdict, judge_part};

/// Bytes fetched at once.
const BLOCK: u64 = 4 << 20;
/// Blocks of one file at most: no header is longer.
const MOST: usize = 24;

/// Opens a model whose files lie at an address, by their first bytes.
///
/// # Errors
/// When a file cannot be had in parts, or the model is none that is supported.
pub async fn open_remote(address: &Address, errand: &Errand<'_>) -> Result<Opened, AppError> {
    let mut files: Vec<Rc<Remote>> = Vec::new();
    let mut wanted = address.wanted();
    let mut at = 0;
    while let Some(one) = wanted.get(at).cloned() {
        at += 1;
        let remote = Rc::new(Remote::new(&one));
        match remote.fetch(0, errand).await {
            Ok(()) => {}
            Err(error) if one.optional && error.problem == Problem::Unreachable => continue,
            Err(error) => return Err(error),
        }
        if Role::of(&one.name) == Role::Index {
            let bytes = whole(&remote, errand).await?;
            let text = String::from_utf8(bytes).unwrap_or_default();
            let index = Index::parse(&text)
                .map_err(|failure| error::weights(&engine::weights::WeightsError::Safetensors(failure)))?;
            let beside =
                |name: &str| Wanted { name: name.to_owned(), address: address.beside(name), optional: false };
            wanted.extend(index.files().into_iter().map(beside));
        }
        files.push(remote);
    }
    loop {
        let opened = open(files.iter().map(|file| file.readable()).collect());
        // Where a byte was missing, the failure is only that.
        let missing = files.iter().find_map(|file| Some((file, file.missing.take()?)));
        match missing {
            Some((file, block)) => file.fetch(block, errand).await?,
            None => return opened,
        }
    }
}

/// All bytes of a small file.
async fn whole(remote: &Rc<Remote>, errand: &Errand<'_>) -> Result<Vec<u8>, AppError> {
    loop {
        let read = remote.readable().whole();
        match remote.missing.take() {
            Some(block) => remote.fetch(block, errand).await?,
            None => return read,
        }
    }
}

/// A file on another host, of which some blocks are here.
struct Remote {
    name: String,
    address: String,
    size: Cell<u64>,
    blocks: RefCell<BTreeMap<u64, Vec<u8>>>,
    /// A block that was asked for and is not here.
    missing: Cell<Option<u64>>,
}

impl Remote {
    fn new(wanted: &Wanted) -> Self {
        Self {
            name: wanted.name.clone(),
            address: wanted.address.clone(),
            size: Cell::new(0),
            blocks: RefCell::default(),
            missing: Cell::new(None),
        }
    }

    fn readable(self: &Rc<Self>) -> Readable {
        Readable { name: self.name.clone(), source: Box::new(Shared(Rc::clone(self))) }
    }

    /// Fetches a block.
    async fn fetch(&self, block: u64, errand: &Errand<'_>) -> Result<(), AppError> {
        let too_long = || {
            let message = format!("the header of {} does not end", self.name);
            error::error(Problem::Model, message, "The file is damaged: take another one.")
        };
        if self.blocks.borrow().len() >= MOST {
            return Err(too_long());
        }
        let from = block * BLOCK;
        let range = format!("bytes={from}-{}", from + BLOCK - 1);
        let asked = Asked::with_range(errand, &self.address, Some(&range)).await?;
        let answer = asked.head();
        let there = There { bytes: from, ..There::default() };
        let size = match judge_part(&there, &answer) {
            // Of a part, what `judge` adds up is the whole only where the host says the range.
            Verdict::Write { from: start, size } if start == from && answer.status == 206 => {
                match size.filter(|_| answer.range.is_some()) {
                    Some(size) => Some(size),
                    None => {
                        Some(Asked::size(errand, &self.address).await?.ok_or_else(|| self.not_in_parts())?)
                    }
                }
            }
            // The whole file: good where that is little.
            Verdict::Write { from: 0, size } if block == 0 => {
                let is_large = size.is_none_or(|size| size > BLOCK);
                if Role::of(&self.name) == Role::Weights && is_large {
                    return Err(self.not_in_parts());
                }
                None
            }
            Verdict::Status(status) => return Err(resume::refused(status, &self.address)),
            Verdict::WebPage => return Err(resume::web_page(&self.address)),
            _ => return Err(self.not_in_parts()),
        };
        let ended_early = |bytes| resume::ended_early(&self.address, from + bytes, size);
        // Of a whole file one byte more than may be, to see that it is too long; of a part never more than was asked for.
        let longest = MOST as u64 * BLOCK;
        let most = if size.is_some() { BLOCK } else { longest + 1 };
        let bytes = asked.first(errand, most as usize).await?.map_err(|_| ended_early(0))?;
        let arrived = bytes.len() as u64;
        match size {
            None if arrived > longest => return Err(too_long()),
            // Else the same block would be asked for again and again.
            Some(size) if arrived < BLOCK.min(size.saturating_sub(from)) => return Err(ended_early(arrived)),
            _ => {}
        }
        self.size.set(size.unwrap_or(bytes.len() as u64));
        for (number, piece) in (block..).zip(bytes.chunks(BLOCK as usize)) {
            self.blocks.borrow_mut().insert(number, piece.to_vec());
        }
        errand.go_on().await
    }

    fn not_in_parts(&self) -> AppError {
        let message = format!(
            "the host of {} does not send parts of it, so its header cannot be read alone",
            self.name
        );
        error::error(Problem::Unreachable, message, "Load it: then the whole file is fetched.")
    }

    /// The part of `into` that one block fills, from `offset` on; how much that was.
    fn fill(&self, offset: u64, into: &mut [u8]) -> Result<usize, ReadError> {
        let block = offset / BLOCK;
        let blocks = self.blocks.borrow();
        let found = blocks.get(&block).and_then(|bytes| bytes.get((offset % BLOCK) as usize..));
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            self.missing.set(Some(block));
            return Err(ReadError::System("not fetched yet".to_owned()));
        };
        let count = found.len().min(into.len());
        for (to, from) in into.iter_mut().zip(found) {
            *to = *from;
        }
        Ok(count)
    }
}

/// A [`Remote`] as a file that is read.
struct Shared(Rc<Remote>);

impl ReadAt for Shared {
    fn len(&self) -> u64 {
        self.0.size.get()
    }

    fn read_at(&self, mut offset: u64, mut into: &mut [u8]) -> Result<(), ReadError> {
        let wanted = into.len() as u64;
        if offset.saturating_add(wanted) > self.len() {
            return Err(ReadError::Outside { offset, wanted, len: self.len() });
        }
        while !into.is_empty() {
            let filled = self.0.fill(offset, into)?;
            offset += filled as u64;
            into = into.get_mut(filled..).unwrap_or_default();
        }
        Ok(())
    }
}
