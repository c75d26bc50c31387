//! The files of `assets/questions`.

use super::family::Family;
use super::lexicon::{Lexicon, list_of};
use super::split::fnv;
use super::{Counters, Families, FamilyError, GENERATOR, Published, Stage};

impl Families {
    /// Reads all files, each with its name from `assets/questions` on and its text, in any order.
    ///
    /// # Errors
    /// The first line of a file that means nothing, or a slot that nothing fills.
    pub fn read<N: AsRef<str>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, FamilyError> {
        let mut files: Vec<(String, String)> = files
            .into_iter()
            .map(|(name, text)| (name.as_ref().replace('\\', "/"), text.as_ref().to_owned()))
            .collect();
        files.sort();
        let mut families = Vec::new();
        let mut lexicons = Vec::new();
        let mut published = Vec::new();
        for (name, text) in &files {
            let wrong =
                |line, message: &str| FamilyError { file: name.clone(), line, message: message.to_owned() };
            let Some(path) = name.strip_suffix(".txt") else { continue };
            if path == "published" {
                for (index, line) in text.lines().enumerate() {
                    if line.trim().is_empty() || line.starts_with('#') {
                        continue;
                    }
                    let (question, answer) = line
                        .split_once("=>")
                        .ok_or_else(|| wrong(index + 1, "a published question is `question => answer`"))?;
                    published.push(Published {
                        question: question.trim().to_owned(),
                        answer: answer.trim().to_owned(),
                    });
                }
            } else if let Some(list) = path.strip_prefix("lists/") {
                lexicons.push(Lexicon::read(list, text)?);
            } else {
                let folder = path.split('/').next().unwrap_or("");
                let stage = Stage::ALL.into_iter().find(|stage| stage.name() == folder);
                let stage = stage.ok_or_else(|| wrong(0, "the folder is no stage"))?;
                families.push(Family::read(path, stage, text)?);
            }
        }
        for family in &families {
            check_slots(family, &lexicons)?;
        }
        let bytes = files.iter().flat_map(|(name, text)| [name.as_bytes(), &[0], text.as_bytes(), &[0]]);
        let hash = fnv(bytes.flatten().copied().chain(GENERATOR.to_le_bytes()));
        let plain_published = published.iter().map(|published| plain(&published.question)).collect();
        Ok(Self { families, lexicons, published, plain_published, hash, counters: Counters::default() })
    }
}

/// Whether everything that a family shows is there to be shown.
fn check_slots(family: &Family, lexicons: &[Lexicon]) -> Result<(), FamilyError> {
    let error = |message: String| FamilyError { file: format!("{}.txt", family.name), line: 0, message };
    let is_filled = |name: &str| family.slots.iter().any(|slot| slot.name == name);
    let questions = family.train.iter().chain(&family.held_out).map(|sentence| (sentence, false));
    let answers = family.answers.iter().map(|(_, sentence)| (sentence, true));
    for (sentence, is_answer) in questions.chain(answers) {
        for slot in sentence.wording.slots() {
            let lexicon = lexicons.iter().find(|lexicon| lexicon.name == list_of(&slot.name));
            let known = is_filled(&slot.name)
                || (is_answer && slot.name == "result" && family.plan.is_some())
                || lexicon.is_some_and(|lexicon| {
                    let columns = [slot.column.as_deref(), slot.count.as_ref().map(|_| "one")];
                    lexicon.len() > 0
                        && columns.into_iter().flatten().all(|column| lexicon.has_column(column))
                });
            if !known {
                return Err(error(format!("nothing fills {{{}}} in `{}`", slot.name, sentence.source)));
            }
        }
    }
    for slot in &family.slots {
        for list in slot.lists() {
            if !lexicons.iter().any(|lexicon| lexicon.name == list) {
                return Err(error(format!("there is no list `{list}`")));
            }
        }
    }
    Ok(())
}

/// A question as it is compared: lower case, single spaces, no mark at the end.
pub(super) fn plain(question: &str) -> String {
    let lower = question.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ").trim_end_matches(['.', '?', '!', '。', '？']).trim().to_owned()
}
