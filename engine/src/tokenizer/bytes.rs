//! The alphabet of byte-level BPE, and the bytes behind every token.
//!
//! Such a vocabulary is written in 256 printable characters, one for each byte: bytes that are printable in
//! Latin-1 stand for themselves, the other 68 for U+0100 and up, in order (GPT-2, Radford et al. 2019).

/// The byte that a character of the alphabet stands for.
pub(super) fn byte_of(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF) => u8::try_from(code).ok(),
        code @ 0x100..=0x120 => u8::try_from(code - 0x100).ok(),
        code @ 0x121..=0x142 => u8::try_from(code - 0x121 + 0x7F).ok(),
        0x143 => Some(0xAD),
        _ => None,
    }
}

/// The character that stands for a byte.
pub(super) fn character_of(byte: u8) -> char {
    let code = u32::from(byte);
    let code = match byte {
        0x00..=0x20 => code + 0x100,
        0x7F..=0xA0 => code - 0x7F + 0x121,
        0xAD => 0x143,
        _ => code,
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The bytes of every token, one after another: a vocabulary of 150,000 tokens is two allocations, not 150,000.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    bytes: Vec<u8>,
    /// Where each token ends in `bytes`; it begins where the one before ends.
    ends: Vec<usize>,
}

impl Pieces {
    /// Appends an ordinary token, written in the alphabet. A character outside it stands for its own UTF-8
    /// bytes, as in the reference.
    pub(super) fn push_encoded(&mut self, token: &str) {
        let start = self.bytes.len();
        for character in token.chars() {
            let Some(byte) = byte_of(character) else {
                self.bytes.truncate(start);
                self.bytes.extend_from_slice(token.as_bytes());
                break;
            };
            self.bytes.push(byte);
        }
        self.ends.push(self.bytes.len());
    }

    /// Appends a token that is text as it stands.
    pub(super) fn push_text(&mut self, token: &str) {
        self.bytes.extend_from_slice(token.as_bytes());
        self.ends.push(self.bytes.len());
    }

    /// The bytes of a token; `None` when there is no such id.
    pub(super) fn get(&self, id: u32) -> Option<&[u8]> {
        let index = usize::try_from(id).ok()?;
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(start..end)
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_character_of_its_own() {
        let mut characters: Vec<char> = (0..=255).map(character_of).collect();
        assert!((0..=255).all(|byte| byte_of(character_of(byte)) == Some(byte)));
        characters.sort_unstable();
        characters.dedup();
        assert_eq!(characters.len(), 256);
        assert_eq!((character_of(b' '), character_of(b'\n'), character_of(b'a')), ('Ġ', 'Ċ', 'a'));
    }

    #[test]
    fn pieces_are_found_by_id() {
        let mut pieces = Pieces::default();
        pieces.push_encoded("Ġa");
        pieces.push_text("");
        pieces.push_text("Ġ");
        pieces.push_encoded("a世");
        assert_eq!(pieces.get(0), Some(b" a".as_slice()));
        assert_eq!(pieces.get(1), Some(b"".as_slice()));
        assert_eq!(pieces.get(2), Some("Ġ".as_bytes()));
        assert_eq!(pieces.get(3), Some("a世".as_bytes()));
        assert_eq!((pieces.get(4), pieces.len()), (None, 4));
    }
}
