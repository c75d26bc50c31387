//! Text from tokens that arrive one by one.

use super::{Shown, Tokenizer};

/// Gathers tokens and gives whole characters.
///
/// A character can be spread over several tokens (most emoji are). Its text comes with the token that completes
/// it; bytes that cannot become a character come as U+FFFD as soon as that is certain. All texts together are
/// what [`Tokenizer::decode`] gives for all ids.
///
/// ```no_run
/// # use engine::tokenizer::{Shown, TextStream, Tokenizer};
/// # fn example(tokenizer: &Tokenizer, answer: &[u32]) {
/// let mut stream = TextStream::new(Shown::WithoutSpecial);
/// let mut text: String = answer.iter().map(|id| stream.push(tokenizer, *id)).collect();
/// text += &stream.finish();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TextStream {
    shown: Shown,
    /// The beginning of a character: at most three bytes between two calls.
    pending: Vec<u8>,
}

impl TextStream {
    /// A stream at its beginning.
    pub fn new(shown: Shown) -> Self {
        Self { shown, pending: Vec::new() }
    }

    /// The text that this token completes; often its own, empty while a character is incomplete. An id that names
    /// no token adds nothing.
    pub fn push(&mut self, tokenizer: &Tokenizer, id: u32) -> String {
        if self.shown == Shown::WithoutSpecial && tokenizer.is_special(id) {
            return String::new();
        }
        self.push_bytes(tokenizer.bytes_of(id).unwrap_or_default())
    }

    /// What is left at the end: U+FFFD if the last character is incomplete, else nothing.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.pending)).into_owned()
    }

    fn push_bytes(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut taken = 0;
        let mut chunks = self.pending.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            taken += chunk.valid().len();
            if chunk.invalid().is_empty() || (chunks.peek().is_none() && is_beginning(chunk.invalid())) {
                break;
            }
            text.push(char::REPLACEMENT_CHARACTER);
            taken += chunk.invalid().len();
        }
        self.pending.drain(..taken);
        text
    }
}

/// Whether more bytes can make these one character.
fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pushed(parts: &[Vec<u8>]) -> (Vec<String>, String) {
        let mut stream = TextStream::new(Shown::All);
        let texts = parts.iter().map(|part| stream.push_bytes(part)).collect();
        let end = stream.finish();
        (texts, end)
    }

    #[test]
    fn a_character_comes_with_its_last_byte() {
        let bytes: Vec<Vec<u8>> = "é👩‍💻".bytes().map(|byte| vec![byte]).collect();
        let (texts, end) = pushed(&bytes);
        let visible: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        assert_eq!(visible, ["é", "👩", "\u{200d}", "💻"]);
        assert_eq!(end, "");
    }

    #[test]
    fn an_incomplete_end_is_one_replacement_character() {
        assert_eq!(pushed(&[b"a\xF0\x9F".to_vec()]), (vec!["a".to_owned()], "\u{fffd}".to_owned()));
    }

    #[test]
    fn what_cannot_become_a_character_does_not_wait() {
        let (texts, end) = pushed(&[b"\xFF".to_vec(), b"\xE2\x28".to_vec(), b"\xE2".to_vec(), b"a".to_vec()]);
        assert_eq!(texts, ["\u{fffd}", "\u{fffd}(", "", "\u{fffd}a"]);
        assert_eq!(end, "");
    }

    proptest! {
        #[test]
        fn all_texts_together_are_the_decoded_bytes(parts in proptest::collection::vec(any::<Vec<u8>>(), 0..8)) {
            let (texts, end) = pushed(&parts);
            prop_assert_eq!(texts.concat() + &end, String::from_utf8_lossy(&parts.concat()).into_owned());
        }

        #[test]
        fn text_cut_anywhere_never_shows_a_replacement(text in "\\PC{0,12}", cuts in proptest::collection::vec(1_usize..4, 48)) {
            let mut rest = text.as_bytes();
            let mut parts = vec![];
            for cut in cuts {
                let (part, tail) = rest.split_at(cut.min(rest.len()));
                parts.push(part.to_vec());
                rest = tail;
            }
            parts.push(rest.to_vec());
            let (texts, end) = pushed(&parts);
            prop_assert_eq!((texts.concat(), end), (text.clone(), String::new()));
        }
    }
}
