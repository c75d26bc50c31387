//! Where bytes come from: a file, a browser's file handle, a buffer.

/// Something of a fixed length that can be read at any place, without waiting for anybody.
///
/// Natively a file; in a web worker a `FileReaderSync` or an OPFS handle; in tests a `Vec<u8>`.
pub trait ReadAt {
    /// Bytes there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `into` with the bytes that start at `offset`.
    ///
    /// # Errors
    /// When there are fewer bytes than that, or the system cannot read them. `into` then holds anything.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError>;
}

/// Bytes that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// They lie behind the end.
    #[error("bytes {offset} to {} were asked for, and there are {len}", offset.saturating_add(*wanted))]
    Outside {
        /// The first byte asked for.
        offset: u64,
        /// Bytes asked for.
        wanted: u64,
        /// Bytes there are.
        len: u64,
    },
    /// The system refused; in its words.
    #[error("{0}")]
    System(String),
}

impl ReadAt for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let found = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(into.len())?))
            .ok_or(ReadError::Outside { offset, wanted: into.len() as u64, len: ReadAt::len(self) })?;
        into.copy_from_slice(found);
        Ok(())
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        self.as_slice().read_at(offset, into)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        (**self).read_at(offset, into)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Box<T> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        (**self).read_at(offset, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_read_anywhere_inside_and_nowhere_outside() {
        let bytes = vec![1_u8, 2, 3, 4];
        let mut two = [0; 2];
        bytes.read_at(2, &mut two).unwrap();
        assert_eq!(two, [3, 4]);
        assert_eq!(bytes.read_at(3, &mut two), Err(ReadError::Outside { offset: 3, wanted: 2, len: 4 }));
        assert!(bytes.read_at(u64::MAX, &mut two).is_err());
        assert_eq!(bytes.read_at(4, &mut []), Ok(()));
    }
}
