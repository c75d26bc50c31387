//! Nano's tokenizer: byte-level BPE, learned from the questions and answers it will read and write.

use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, TokenizerBuilder, TokenizerImpl};

use fastrand::Rng;

use crate::worldmodel::data::{Families, Mix, Split};
use crate::worldmodel::numbers::LETTERS;
use crate::worldmodel::transcript::{MARKS, letter_mark};

type Library =
    TokenizerImpl<BPE, tokenizers::NormalizerWrapper, Sequence, tokenizers::PostProcessorWrapper, ByteLevel>;

/// The library refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the vocabulary cannot be learned: {0}")]
pub struct VocabularyError(String);

/// Learns a vocabulary of so many tokens, marks among them, and gives its `tokenizer.json`. Digits stay apart, as a number is
/// read and copied digit by digit.
///
/// # Errors
/// When the library fails.
pub fn learn(texts: impl Iterator<Item = String> + Send, size: usize) -> Result<String, VocabularyError> {
    let refused = |error: tokenizers::Error| VocabularyError(error.to_string());
    let bytes = ByteLevel::new(false, false, true);
    let mut library: Library = TokenizerBuilder::default()
        .with_model(BPE::default())
        .with_pre_tokenizer(Some(Sequence::new(vec![Digits::new(true).into(), bytes.into()])))
        .with_decoder(Some(bytes))
        .build()
        .map_err(refused)?;
    let letters = (0..LETTERS).filter_map(letter_mark);
    let marks = MARKS.map(str::to_owned).into_iter().chain(letters);
    let mut trainer = BpeTrainerBuilder::new()
        .show_progress(false)
        .vocab_size(size)
        .min_frequency(2)
        .special_tokens(marks.map(|mark| AddedToken::from(mark, true)).collect())
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build();
    library.train(&mut trainer, texts).map_err(refused)?;
    library.to_string(false).map_err(refused)
}

/// Questions whose words make the vocabulary.
const QUESTIONS: usize = 30_000;

/// Texts to learn a vocabulary from: what the model reads and writes of many questions.
pub fn texts(families: &Families, seed: u64) -> Vec<String> {
    let mut rng = Rng::with_seed(seed);
    let drawn = (0..QUESTIONS).filter_map(|_| families.example(&mut rng, &Mix::default(), Split::Train));
    drawn
        .flat_map(|example| {
            let plan = example.plan.map(|plan| plan.to_string().replace(' ', "")).unwrap_or_default();
            // A mark is a token by itself: no other crosses it.
            let pieces =
                plan.split_inclusive('>').flat_map(|piece| piece.split('<')).filter(|piece| !is_mark(piece));
            let mut texts: Vec<String> = pieces.map(str::to_owned).collect();
            texts.extend([example.question.to_lowercase(), example.reply]);
            texts
        })
        .collect()
}

/// What is left of a mark such as `<a>` once the plan was cut at `<` and behind `>`.
fn is_mark(piece: &str) -> bool {
    piece.is_empty() || piece.strip_suffix('>').is_some_and(|name| name.chars().all(char::is_alphanumeric))
}
