//! Reading a header from front to back.

use super::super::source::ReadAt;
use super::{GgufError, MAX_HEADER_BYTES};

/// Bytes fetched from the source at once: a header is many small reads.
const BUFFER_BYTES: usize = 64 << 10;

/// A place in a file that moves on, and knows what it is reading.
pub(super) struct Cursor<'a> {
    source: &'a dyn ReadAt,
    position: u64,
    /// Bytes of the file from `buffer_start` on.
    buffer: Vec<u8>,
    buffer_start: u64,
    reading: String,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a dyn ReadAt) -> Self {
        Self { source, position: 0, buffer: Vec::new(), buffer_start: 0, reading: String::new() }
    }

    /// Says what comes next, for errors: "the version".
    pub(super) fn reading(&mut self, what: impl Into<String>) {
        self.reading = what.into();
    }

    /// What is being read.
    pub(super) fn what(&self) -> String {
        self.reading.clone()
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Bytes left that a header may have.
    fn left(&self) -> u64 {
        self.source.len().min(MAX_HEADER_BYTES).saturating_sub(self.position)
    }

    /// Checks a number that the file claims before anything is made of it: `count` things that take `smallest` bytes
    /// each at least.
    pub(super) fn expect(&self, what: &str, count: u64, smallest: u64, limit: u64) -> Result<(), GgufError> {
        if count > limit {
            return Err(GgufError::Limit { what: what.to_owned(), found: count, limit });
        }
        if count.saturating_mul(smallest) > self.left() {
            let left = self.source.len().saturating_sub(self.position);
            if count.saturating_mul(smallest) <= left {
                return Err(self.header_too_long());
            }
            return Err(GgufError::Claim { what: what.to_owned(), found: count, left });
        }
        Ok(())
    }

    fn header_too_long(&self) -> GgufError {
        GgufError::Limit {
            what: format!("bytes of header, with {}", self.reading),
            found: self.source.len(),
            limit: MAX_HEADER_BYTES,
        }
    }

    /// Fills `into` and moves on.
    pub(super) fn fill(&mut self, mut into: &mut [u8]) -> Result<(), GgufError> {
        if into.len() as u64 > self.left() {
            let len = self.source.len();
            return Err(if into.len() as u64 > len.saturating_sub(self.position) {
                GgufError::Truncated { reading: self.what(), len }
            } else {
                self.header_too_long()
            });
        }
        while !into.is_empty() {
            let start = usize::try_from(self.position - self.buffer_start).unwrap_or(usize::MAX);
            let there = self.buffer.get(start..).unwrap_or_default();
            if there.is_empty() {
                self.refill()?;
                continue;
            }
            let count = there.len().min(into.len());
            let (now, later) = into.split_at_mut(count);
            now.copy_from_slice(there.get(..count).unwrap_or_default());
            self.position += count as u64;
            into = later;
        }
        Ok(())
    }

    /// Fetches what lies ahead. At least a byte does, or nobody would ask.
    fn refill(&mut self) -> Result<(), GgufError> {
        let ahead = usize::try_from(self.left()).unwrap_or(usize::MAX).min(BUFFER_BYTES);
        self.buffer.resize(ahead, 0);
        self.buffer_start = self.position;
        if let Err(error) = self.source.read_at(self.position, &mut self.buffer) {
            self.buffer.clear();
            return Err(GgufError::Read { reading: self.what(), error });
        }
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// So many bytes, in `into`, which is emptied before. The caller has checked the number with
    /// [`Cursor::expect`].
    pub(super) fn bytes(&mut self, count: u64, into: &mut Vec<u8>) -> Result<(), GgufError> {
        into.clear();
        into.resize(usize::try_from(count).unwrap_or(usize::MAX), 0);
        self.fill(into)
    }

    /// A text: its length, then its bytes, with `scratch` as the place to read them to.
    pub(super) fn text<'s>(&mut self, limit: u64, scratch: &'s mut Vec<u8>) -> Result<&'s str, GgufError> {
        let length = self.u64()?;
        self.expect("bytes of text", length, 1, limit).map_err(|error| self.inside(error))?;
        self.bytes(length, scratch)?;
        std::str::from_utf8(scratch).map_err(|_| GgufError::Text(self.what()))
    }

    /// The error, saying where.
    pub(super) fn inside(&self, error: GgufError) -> GgufError {
        let add = |what: String| format!("{what} in {}", self.reading);
        match error {
            GgufError::Limit { what, found, limit } => GgufError::Limit { what: add(what), found, limit },
            GgufError::Claim { what, found, left } => GgufError::Claim { what: add(what), found, left },
            other => other,
        }
    }
}
