//! Where a download goes: a kept file, or, where the browser keeps none, a `Blob` outside this module's memory.

use js_sys::{Array, Uint8Array};
use web_sys::Blob;

use super::browser::words;
use super::opfs::{Refused, Writer};

/// Bytes that wait to become a part of the `Blob`, which the browser may put on disk.
const PENDING: u64 = 32 << 20;
/// Bytes of a kept file that are read at once.
const AT_ONCE: usize = 4 << 20;

/// Where a download goes.
pub enum Sink {
    /// A kept file.
    Kept(Writer),
    /// A file that is gone with the worker.
    Held(Held),
}

/// A file in pieces.
#[derive(Default)]
pub struct Held {
    blob: Option<Blob>,
    pieces: Array,
    pending: u64,
    len: u64,
}

impl Sink {
    /// Bytes there are.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn len(&self) -> Result<u64, Refused> {
        match self {
            Self::Kept(writer) => writer.len(),
            Self::Held(held) => Ok(held.len),
        }
    }

    /// There is no room left: moves what is there to where nothing is kept.
    ///
    /// # Errors
    /// When nothing was kept before, or the browser refuses.
    pub fn hold(&mut self) -> Result<(), Refused> {
        let Self::Kept(writer) = &*self else { return Err(Refused::Full) };
        let mut held = Held::default();
        loop {
            let bytes = self.some(held.len)?;
            if bytes.is_empty() {
                break;
            }
            held.add(&bytes)?;
        }
        writer.truncate(0)?;
        *self = Self::Held(held);
        Ok(())
    }

    /// Throws away what is there.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn clear(&mut self) -> Result<(), Refused> {
        match self {
            Self::Kept(writer) => writer.truncate(0),
            Self::Held(held) => {
                *held = Held::default();
                Ok(())
            }
        }
    }

    /// Adds bytes behind the `at` that are there.
    ///
    /// # Errors
    /// When there is no room, or the browser refuses.
    pub fn add(&mut self, at: u64, bytes: &[u8]) -> Result<(), Refused> {
        match self {
            Self::Kept(writer) => writer.write(at, bytes),
            Self::Held(held) => held.add(bytes),
        }
    }

    /// Some bytes of those that are there, from a place on; empty at the end.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn some(&self, at: u64) -> Result<Vec<u8>, Refused> {
        match self {
            Self::Kept(writer) => {
                let mut bytes = vec![0; AT_ONCE];
                let read = writer.read(at, &mut bytes)?;
                bytes.truncate(read);
                Ok(bytes)
            }
            // Nothing is gone on from.
            Self::Held(_) => Ok(Vec::new()),
        }
    }

    /// Makes sure that what was written stays; gives the file back where it is not kept.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn finish(self) -> Result<Option<Blob>, Refused> {
        match self {
            Self::Kept(writer) => writer.flush().map(|()| None),
            Self::Held(mut held) => {
                held.gather()?;
                Ok(held.blob)
            }
        }
    }
}

impl Held {
    fn add(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.pieces.push(&Uint8Array::from(bytes));
        self.pending += bytes.len() as u64;
        self.len += bytes.len() as u64;
        if self.pending > PENDING { self.gather() } else { Ok(()) }
    }

    fn gather(&mut self) -> Result<(), Refused> {
        let pieces = std::mem::take(&mut self.pieces);
        self.pending = 0;
        if let Some(blob) = self.blob.take() {
            pieces.unshift(&blob);
        }
        let blob = Blob::new_with_buffer_source_sequence(&pieces);
        self.blob = Some(blob.map_err(|error| Refused::Other(words(&error)))?);
        Ok(())
    }
}
