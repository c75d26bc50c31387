//! A wording and its fillings as a question, with the place of each operand in it.

use fastrand::Rng;

use super::lexicon::{Lexicon, list_of};
use super::quantity::{Dress, Quantity};
use super::slots::{Filling, Fillings, filling};
use super::spoken::Language;
use super::wording::{Piece, Slot};

/// An operand in a question.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub slot: String,
    pub start: usize,
    pub end: usize,
}

/// The row of a list of words that each slot of an example shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    rows: Vec<(String, usize)>,
}

impl Rows {
    /// Whether the question shows a row of a slot.
    pub(super) fn has(&self, slot: &str) -> bool {
        self.rows.iter().any(|(known, _)| known == slot)
    }

    /// The row of a slot: drawn when it is first asked for, and another than its list's other slots have.
    fn of(&mut self, slot: &str, lexicon: &Lexicon, rng: &mut Rng) -> usize {
        if let Some((_, row)) = self.rows.iter().find(|(known, _)| known == slot) {
            return *row;
        }
        let list = list_of(slot);
        let taken: Vec<usize> =
            self.rows.iter().filter(|(known, _)| list_of(known) == list).map(|(_, row)| *row).collect();
        let row = lexicon.draw(rng, &taken);
        self.rows.push((slot.to_owned(), row));
        row
    }
}

/// Everything that slots are filled from.
pub(super) struct Context<'a> {
    pub lexicons: &'a [Lexicon],
    pub fillings: &'a Fillings,
    pub language: Language,
    /// What was computed, for replies.
    pub result: Option<&'a str>,
    /// Operands as they stand in the question, for replies.
    pub spelled: &'a [(String, String)],
    /// What numbers may be written with.
    pub dress: Dress,
}

/// A text and the operands in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Rendered {
    pub text: String,
    pub marks: Vec<Mark>,
}

impl Rendered {
    fn mark(&mut self, slot: &str, start: usize, end: usize) {
        self.marks.push(Mark { slot: slot.to_owned(), start, end });
    }
}

/// Fills the pieces of a wording. `None` for a slot that nothing fills.
pub(super) fn render(
    pieces: &[Piece<'_>],
    context: &Context<'_>,
    rows: &mut Rows,
    rng: &mut Rng,
) -> Option<Rendered> {
    let mut rendered = Rendered::default();
    let mut before: Option<&Slot> = None;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                // What a choice leaves out takes its space along.
                if rendered.text.ends_with(' ')
                    && text.starts_with([' ', '?', '.', ','])
                    && !text.starts_with("..")
                {
                    rendered.text.pop();
                }
                let ordinal = before
                    .and_then(|slot| ordinal(slot, context))
                    .and_then(|end| Some((end, text.strip_prefix("th")?)));
                match ordinal {
                    Some((end, rest)) if !rest.starts_with(|c: char| c.is_alphabetic()) => {
                        rendered.text.push_str(end);
                        rendered.text.push_str(rest);
                    }
                    _ => rendered.text.push_str(text),
                }
                before = None;
            }
            Piece::Slot(slot) => {
                let dress = dress(context.dress, &rendered.text, pieces.get(index + 1));
                fill(slot, &Context { dress, ..*context }, rows, rng, &mut rendered)?;
                before = Some(slot);
            }
        }
    }
    Some(rendered)
}

/// The end of an ordinal: 21st, 32nd, 13th.
fn ordinal(slot: &Slot, context: &Context<'_>) -> Option<&'static str> {
    let Some(Filling::Number(quantity)) = filling(context.fillings, &slot.name) else { return None };
    if quantity.places > 0 {
        return None;
    }
    let plain = quantity.plain();
    let last: i64 = plain.get(plain.len().saturating_sub(2)..)?.parse().ok()?;
    Some(match (last % 10, last) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    })
}

/// What a number may be written with between its neighbours: `{a}x`, `{n}th`, `1/{d}`, `{p}%` are digits, `f({x})` has no comma.
fn dress(dress: Dress, before: &str, next: Option<&Piece<'_>>) -> Dress {
    let glued_before = before.ends_with(|c: char| "([{/^$€£√|=+-*".contains(c));
    let glued_behind = matches!(next, Some(Piece::Text(text)) if text.starts_with(|c: char| c.is_ascii_alphabetic() || "/%°²³^!*|".contains(c)));
    Dress {
        words: dress.words && !glued_before && !glued_behind,
        groups: dress.groups && !before.ends_with(['(', '[', '{']) && !glued_behind_exponent(next),
    }
}

fn glued_behind_exponent(next: Option<&Piece<'_>>) -> bool {
    matches!(next, Some(Piece::Text(text)) if text.starts_with(['^', '!']))
}

fn fill(
    slot: &Slot,
    context: &Context<'_>,
    rows: &mut Rows,
    rng: &mut Rng,
    rendered: &mut Rendered,
) -> Option<()> {
    let start = rendered.text.len();
    if slot.name == "result" {
        rendered.text.push_str(context.result?);
        return Some(());
    }
    if let Some((_, spelled)) = context.spelled.iter().find(|(name, _)| *name == slot.name) {
        rendered.text.push_str(spelled);
        return Some(());
    }
    match filling(context.fillings, &slot.name) {
        Some(Filling::Number(quantity)) => {
            rendered.text.push_str(&quantity.written(rng, context.language, context.dress));
            rendered.mark(&slot.name, start, rendered.text.len());
        }
        Some(Filling::List(quantities)) => {
            let (before, text, behind) = list(quantities, rng, context.language);
            rendered.text.push_str(before);
            let from = rendered.text.len();
            rendered.text.push_str(&text);
            rendered.mark(&slot.name, from, rendered.text.len());
            rendered.text.push_str(behind);
        }
        Some(Filling::Chain(chain)) => {
            let (text, spans) = chain.written(rng, context.language, context.dress);
            rendered.text.push_str(&text);
            for (from, to) in spans {
                rendered.mark(&slot.name, start + from, start + to);
            }
        }
        Some(Filling::Text(text)) => {
            rendered.text.push_str(text);
            rendered.mark(&slot.name, start, rendered.text.len());
        }
        None => {
            let lexicon = context.lexicons.iter().find(|lexicon| lexicon.name == list_of(&slot.name))?;
            let row = rows.of(&slot.name, lexicon, rng);
            let single = slot.count.as_deref().is_some_and(|count| is_one(count, context));
            let column = if single { Some("one") } else { slot.column.as_deref() };
            let cell = lexicon.cell(row, column)?;
            // "a umbrella" is none.
            let vowel = cell.starts_with(['a', 'e', 'i', 'o', 'u']) && !cell.starts_with("uni");
            let article = rendered.text.ends_with(" a ")
                || matches!(rendered.text.as_str(), "a " | "A ")
                || rendered.text.ends_with(" A ");
            if vowel && article {
                rendered.text.pop();
                rendered.text.push_str("n ");
            }
            if slot.capital {
                rendered.text.push_str(&capitalized(cell));
            } else {
                rendered.text.push_str(cell);
            }
        }
    }
    Some(())
}

fn is_one(count: &str, context: &Context<'_>) -> bool {
    if count == "result" {
        return context.result == Some("1");
    }
    matches!(filling(context.fillings, count), Some(Filling::Number(quantity)) if quantity.places == 0 && quantity.more == 0 && quantity.units == 1)
}

/// With a capital letter at the beginning.
pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A list as people write it: what stands before, the numbers, and what stands behind.
fn list(quantities: &[Quantity], rng: &mut Rng, language: Language) -> (&'static str, String, &'static str) {
    let numbers: Vec<String> =
        quantities.iter().map(|quantity| quantity.written(rng, language, Dress::PLAIN)).collect();
    let (last, rest) = match numbers.split_last() {
        Some((last, rest)) => (last.clone(), rest.join(", ")),
        None => return ("", String::new(), ""),
    };
    let style = rng.u32(..100);
    if language == Language::Chinese {
        return match style {
            0..40 => ("", numbers.join("、"), ""),
            40..60 => ("", numbers.join("，"), ""),
            60..80 => ("[", numbers.join(", "), "]"),
            _ => (
                "",
                format!(
                    "{}和{last}",
                    numbers.split_last().map(|(_, rest)| rest.join("、")).unwrap_or_default()
                ),
                "",
            ),
        };
    }
    let and = if language == Language::Russian { "и" } else { "and" };
    match style {
        0..28 => ("[", numbers.join(", "), "]"),
        28..36 => ("[", numbers.join(","), "]"),
        36..62 => ("", numbers.join(", "), ""),
        62..78 => ("", format!("{rest} {and} {last}"), ""),
        78..82 if language == Language::English => ("", format!("{rest}, and {last}"), ""),
        82..88 => ("", numbers.join(" "), ""),
        88..91 => ("", numbers.join("; "), ""),
        91..94 => ("(", numbers.join(", "), ")"),
        94..96 => ("{", numbers.join(", "), "}"),
        _ => ("[", numbers.join(" "), "]"),
    }
}
