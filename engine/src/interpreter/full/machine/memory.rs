//! The memory: pages are there once something is written to them, as in a trace.

use std::collections::BTreeMap;

use crate::interpreter::full::program::MEMORY_PAGE;
use crate::interpreter::full::trap::Trap;

/// Bytes by address; what was never written is 0.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// How many pages it has.
    pub pages: u32,
    written: BTreeMap<usize, Box<[u8]>>,
}

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
        Ok(std::array::from_fn(|at| self.byte(start + at)))
    }

    /// Writes bytes from an address and an offset on.
    ///
    /// # Errors
    /// When the memory ends before; then nothing is written.
    pub fn write(&mut self, address: u32, offset: u32, bytes: &[u8]) -> Result<(), Trap> {
        let start = self.check(address, offset, bytes.len())?;
        for (at, byte) in bytes.iter().enumerate() {
            let (page, within) = ((start + at) / MEMORY_PAGE, (start + at) % MEMORY_PAGE);
            let page = self.written.entry(page).or_insert_with(|| vec![0; MEMORY_PAGE].into_boxed_slice());
            if let Some(cell) = page.get_mut(within) {
                *cell = *byte;
            }
        }
        Ok(())
    }

    /// The byte at an address; 0 where none was written.
    pub fn byte(&self, address: usize) -> u8 {
        let page = self.written.get(&(address / MEMORY_PAGE));
        page.and_then(|page| page.get(address % MEMORY_PAGE)).copied().unwrap_or(0)
    }

    fn check(&self, address: u32, offset: u32, width: usize) -> Result<usize, Trap> {
        let start = address as usize + offset as usize;
        if start + width > self.pages as usize * MEMORY_PAGE {
            Err(Trap::MemoryOutOfBounds)
        } else {
            Ok(start)
        }
    }
}
