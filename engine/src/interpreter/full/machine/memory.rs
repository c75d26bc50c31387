//! The memory: what was never written to takes no room, as in a trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::interpreter::full::program::MEMORY_PAGE;
use crate::interpreter::full::trap::Trap;

/// Bytes by address; what was never written is 0.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// How many pages it has.
    pub pages: u32,
    /// Stretches of [`STRETCH`] bytes. Copies of a memory share them until one writes.
    written: BTreeMap<u64, Arc<[u8; STRETCH as usize]>>,
}

const STRETCH: u64 = 4_096;

impl Memory {
    /// So many pages of zeros.
    pub const fn new(pages: u32) -> Self {
        Self { pages, written: BTreeMap::new() }
    }

    /// The bytes from an address and an offset on.
    ///
    /// # Errors
    /// When the memory ends before.
    pub fn read<const WIDTH: usize>(&self, address: u32, offset: u32) -> Result<[u8; WIDTH], Trap> {
        let start = self.check(address, offset, WIDTH)?;
        Ok(std::array::from_fn(|at| self.byte(start + at as u64)))
    }

    /// Writes bytes from an address and an offset on.
    ///
    /// # Errors
    /// When the memory ends before; then nothing is written.
    pub fn write(&mut self, address: u32, offset: u32, bytes: &[u8]) -> Result<(), Trap> {
        let start = self.check(address, offset, bytes.len())?;
        for (at, byte) in (start..).zip(bytes) {
            let stretch = self.written.entry(at / STRETCH);
            let stretch = stretch.or_insert_with(|| Arc::new([0; STRETCH as usize]));
            if let Some(cell) = Arc::make_mut(stretch).get_mut((at % STRETCH) as usize) {
                *cell = *byte;
            }
        }
        Ok(())
    }

    /// All bytes that are not 0, by address.
    pub fn not_zero(&self) -> impl Iterator<Item = (u64, u8)> {
        let stretches = self.written.iter().map(|(stretch, bytes)| (stretch * STRETCH, bytes));
        let bytes = stretches.flat_map(|(start, bytes)| (start..).zip(bytes.iter().copied()));
        bytes.filter(|(_, byte)| *byte != 0)
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.written.len() * STRETCH as usize
    }

    /// The byte at an address; 0 where none was written.
    pub fn byte(&self, address: u64) -> u8 {
        let stretch = self.written.get(&(address / STRETCH));
        stretch.and_then(|stretch| stretch.get((address % STRETCH) as usize)).copied().unwrap_or(0)
    }

    /// Where an access begins. In 64 bits: neither the address nor the memory's end fits into 32.
    fn check(&self, address: u32, offset: u32, width: usize) -> Result<u64, Trap> {
        let start = u64::from(address) + u64::from(offset);
        let end = u64::from(self.pages) * MEMORY_PAGE;
        if start + width as u64 > end { Err(Trap::MemoryOutOfBounds) } else { Ok(start) }
    }
}
