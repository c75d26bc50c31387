//! One example of a family: filled, written, read back, planned, computed.

use fastrand::Rng;

use super::family::{Family, Sentence, When};
use super::host::{self, Computed};
use super::quantity::Dress;
use super::render::{Context, Mark, Rendered, Rows, capitalized, render};
use super::slots::{Filling, Fillings};
use super::split::{Split, Tuple};
use super::spoil::spoil;
use super::spoken::Language;
use super::wording::Piece;
use super::{Example, Families, Stage, cannot};
use crate::worldmodel::answer::Answer;
use crate::worldmodel::expression::{Given, Plan, parse};
use crate::worldmodel::numbers::Operands;

/// Why something drawn is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rejected {
    /// The slots cannot be filled so, or the numbers belong to another split, or a condition does not hold.
    Drawn,
    /// There is no result: it is too large, or divides by zero.
    NoResult,
    /// The question is one of the published ones.
    Published,
    /// A bug: the operands found in the question are not those put in.
    Operands(String),
    /// A bug: the plan says nothing.
    Plan(String),
    /// A bug: the program gives something else than the plan is worth.
    Program(String),
}

impl Families {
    pub(super) fn draw(&self, family: &Family, rng: &mut Rng, split: Split) -> Result<Example, Rejected> {
        let mut fillings = self.fillings(family, rng)?;
        let spoiled = spoil(family, &mut fillings, rng);
        if !Tuple::of(fillings.iter().filter(|(name, _)| family.shows(name))).belongs(split) {
            return Err(Rejected::Drawn);
        }
        let sentences = if split == Split::HeldOutWordings { &family.held_out } else { &family.train };
        let sentence = sentences.get(rng.usize(..sentences.len().max(1))).ok_or(Rejected::Drawn)?;
        let mut rows = Rows::default();
        let often = rng.u32(..4) > 0;
        // In Russian stories numbers are declined, which nobody does here.
        let words = often && !(sentence.language == Language::Russian && family.stage != Stage::Arithmetic);
        let dress = Dress { words, groups: often };
        let mut context = Context {
            lexicons: &self.lexicons,
            fillings: &fillings,
            language: sentence.language,
            result: None,
            spelled: &[],
            dress,
        };
        let unfilled = || Rejected::Plan(format!("a slot of `{}` is not filled", sentence.source));
        let pieces = sentence.wording.draw(rng);
        let starts_plainly = matches!(pieces.first(), Some(Piece::Text(text)) if !text.starts_with("I "));
        let mut rendered = render(&pieces, &context, &mut rows, rng).ok_or_else(unfilled)?;
        self.dress(&mut rendered, sentence.language, starts_plainly, rng);
        if self.is_published(&rendered.text) {
            return Err(Rejected::Published);
        }
        let operands = Operands::find(&rendered.text);
        let spelled = spelled(&rendered);
        let mut computed = Computed::default();
        let mut plan = None;
        if let Some(text) = &family.plan {
            let text = plan_text(text, &fillings, &rendered, &operands)?;
            let parsed = parse(&text).map_err(|error| Rejected::Plan(format!("`{text}`: {error}")))?;
            computed = host::compute(&parsed, &Given::from(&operands), rng)?;
            plan = Some(parsed);
        }
        let Computed { program, outcome, granted } = computed;
        let (answer, failure) = match outcome {
            None => (None, None),
            Some(Ok(answer)) => (Some(answer), None),
            Some(Err(failure)) if spoiled => (None, Some(failure)),
            Some(Err(_)) => return Err(Rejected::NoResult),
        };
        let reply = if let Some(failure) = &failure {
            cannot(failure)
        } else {
            for condition in &family.conditions {
                if !holds(condition, &fillings, answer.as_ref())? {
                    return Err(Rejected::Drawn);
                }
            }
            let result = answer.as_ref().map(ToString::to_string);
            context.result = result.as_deref();
            context.spelled = &spelled;
            self.reply(family, sentence.language, &context, &mut rows, rng).ok_or_else(unfilled)?
        };
        Ok(Example {
            family: family.name.clone(),
            stage: family.stage,
            set: family.set,
            language: sentence.language,
            question: rendered.text,
            operands,
            plan,
            program,
            answer,
            failure,
            granted,
            reply,
        })
    }

    fn fillings(&self, family: &Family, rng: &mut Rng) -> Result<Fillings, Rejected> {
        let mut fillings: Fillings = Vec::new();
        let texts = |list: &str, rng: &mut Rng| {
            let lexicon = self.lexicons.iter().find(|lexicon| lexicon.name == list)?;
            lexicon.cell(lexicon.draw(rng, &[]), None).map(str::to_owned)
        };
        for slot in &family.slots {
            let filling = slot.draw(rng, &fillings, &texts).ok_or(Rejected::Drawn)?;
            fillings.push((slot.name.clone(), filling));
        }
        Ok(fillings)
    }

    /// A greeting before, thanks behind, a missing full stop: now and then.
    fn dress(&self, rendered: &mut Rendered, language: Language, starts_plainly: bool, rng: &mut Rng) {
        rendered.text =
            if rng.u32(..100) < 88 { capital_start(&rendered.text) } else { rendered.text.clone() };
        // "whats", as people type it.
        if rendered.text.starts_with("What's ") && rng.u32(..4) == 0 {
            rendered.text.remove("What".len());
            for mark in &mut rendered.marks {
                mark.start -= 1;
                mark.end -= 1;
            }
        }
        let bare = rng.u32(..100) < 12 && rendered.text.ends_with(['.', '?', '!', '。', '？', '！']);
        if bare {
            rendered.text.pop();
        }
        let suffix = match language {
            Language::English => "",
            Language::Russian => "_russian",
            Language::Chinese => "_chinese",
        };
        let phrase = |kind: &str, rng: &mut Rng| {
            let name = format!("{kind}{suffix}");
            let lexicon = self.lexicons.iter().find(|lexicon| lexicon.name == name)?;
            lexicon.cell(lexicon.draw(rng, &[]), None).map(str::to_owned)
        };
        if !bare
            && rng.u32(..100) < 6
            && let Some(thanks) = phrase("after", rng)
        {
            if language != Language::Chinese {
                rendered.text.push(' ');
            }
            rendered.text.push_str(&thanks);
        }
        if rng.u32(..100) < 9
            && let Some(greeting) = phrase("before", rng)
        {
            let greeting = if language == Language::Chinese { greeting } else { format!("{greeting} ") };
            // "Okay, please …", but "Okay, Anna …".
            if starts_plainly && greeting.trim_end().ends_with(',') && !rendered.text.starts_with("I ") {
                rendered.text = small_start(&rendered.text);
            }
            rendered.text.insert_str(0, &greeting);
            for mark in &mut rendered.marks {
                mark.start += greeting.len();
                mark.end += greeting.len();
            }
        }
    }

    fn reply(
        &self,
        family: &Family,
        language: Language,
        context: &Context<'_>,
        rows: &mut Rows,
        rng: &mut Rng,
    ) -> Option<String> {
        let wanted = match context.result {
            Some("yes") => When::Yes,
            Some("no") => When::No,
            _ => When::Always,
        };
        // Nobody is named who is not in the question.
        let asked = |sentence: &Sentence| {
            let mut slots = sentence.wording.slots().into_iter();
            slots.all(|slot| {
                let operand = context.spelled.iter().any(|(name, _)| *name == slot.name);
                slot.name == "result" || operand || rows.has(&slot.name)
            })
        };
        let fitting = |same: bool| -> Vec<&Sentence> {
            let fits = |(when, sentence): &&(When, Sentence)| {
                (*when == When::Always || *when == wanted)
                    && (!same || sentence.language == language)
                    && asked(sentence)
            };
            family.answers.iter().filter(fits).map(|(_, sentence)| sentence).collect()
        };
        let own = fitting(true);
        let choices = if own.is_empty() { fitting(false) } else { own };
        let Some(sentence) = choices.get(rng.usize(..choices.len().max(1))) else {
            return context.result.map(str::to_owned);
        };
        let context = Context { dress: Dress::PLAIN, ..*context };
        let reply = render(&sentence.wording.draw(rng), &context, rows, rng)?.text;
        Some(reply.strip_prefix("1 are ").map(|rest| format!("1 is {rest}")).unwrap_or(reply))
    }
}

/// A capital letter at the start, if it has as many bytes.
fn capital_start(text: &str) -> String {
    let capital = capitalized(text);
    if capital.len() == text.len() { capital } else { text.to_owned() }
}

/// A small letter at the start, if it has as many bytes.
fn small_start(text: &str) -> String {
    let mut chars = text.chars();
    let small: String =
        chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect());
    if small.len() == text.len() { small } else { text.to_owned() }
}

/// Each slot's first appearance.
fn spelled(rendered: &Rendered) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for mark in &rendered.marks {
        if !found.iter().any(|(slot, _)| *slot == mark.slot)
            && let Some(text) = rendered.text.get(mark.start..mark.end)
        {
            found.push((mark.slot.clone(), text.to_owned()));
        }
    }
    // A chain has a mark for each number: all of it is what was asked.
    for (slot, text) in &mut found {
        let of = |mark: &&Mark| mark.slot == *slot;
        let end = rendered.marks.iter().filter(of).map(|mark| mark.end).max();
        let first = rendered.marks.iter().find(of);
        if let Some((first, end)) = first.zip(end)
            && end > first.end
            && let Some(whole) = rendered.text.get(first.start..end)
        {
            whole.clone_into(text);
        }
    }
    found
}

/// The plan with letters, `list` and `text` for its slots.
fn plan_text(
    plan: &str,
    fillings: &Fillings,
    rendered: &Rendered,
    operands: &Operands,
) -> Result<String, Rejected> {
    let lost = |slot: &str| Rejected::Operands(format!("{{{slot}}} is not found in `{}`", rendered.text));
    substitute(plan, |slot| {
        let (_, filling) = fillings.iter().find(|(name, _)| name == slot).ok_or_else(|| lost(slot))?;
        let marks: Vec<&Mark> = rendered.marks.iter().filter(|mark| mark.slot == slot).collect();
        let first = marks.first().ok_or_else(|| lost(slot))?;
        let letter = |mark: &Mark, value| {
            let index = operands.numbers.iter().position(|number| number.span == (mark.start..mark.end))?;
            let same = operands.numbers.get(index).is_some_and(|number| number.value == value);
            if same { Operands::letter(index).map(|letter| format!("<{letter}>")) } else { None }
        };
        match filling {
            Filling::Number(quantity) => letter(first, quantity.value()).ok_or_else(|| lost(slot)),
            Filling::Chain(chain) => {
                let letters: Option<Vec<String>> = marks
                    .iter()
                    .zip(chain.numbers())
                    .map(|(mark, number)| letter(mark, number.value()))
                    .collect();
                letters.map(|letters| format!("({})", chain.plan(&letters))).ok_or_else(|| lost(slot))
            }
            Filling::List(quantities) => {
                let starts = operands.list().next().is_some_and(|number| number.span.start == first.start);
                let same = operands
                    .list()
                    .map(|number| number.value)
                    .eq(quantities.iter().map(|quantity| quantity.value()));
                if starts && same { Ok("list".to_owned()) } else { Err(lost(slot)) }
            }
            Filling::Text(text) => {
                let found = operands
                    .texts
                    .iter()
                    .take(2)
                    .position(|found| found.value == *text && found.span.start == first.start);
                match found {
                    Some(0) => Ok("text".to_owned()),
                    Some(_) => Ok("text2".to_owned()),
                    None => Err(lost(slot)),
                }
            }
        }
    })
}

/// Whether a condition holds, `{x} > {result}`: the numbers themselves are put in.
fn holds(condition: &str, fillings: &Fillings, answer: Option<&Answer>) -> Result<bool, Rejected> {
    let mut given = Given::default();
    let text = substitute(condition, |slot| {
        let value = match (slot, answer) {
            ("result", Some(Answer::Integer(value))) => crate::worldmodel::numbers::Value::Integer(*value),
            ("result", Some(Answer::Decimal(value))) => crate::worldmodel::numbers::Value::Decimal(*value),
            _ => match fillings.iter().find(|(name, _)| name == slot) {
                Some((_, Filling::Number(quantity))) => quantity.value(),
                _ => return Err(Rejected::Plan(format!("`{condition}`: {{{slot}}} is no number"))),
            },
        };
        given.numbers.push(value);
        let letter = Operands::letter(given.numbers.len() - 1).unwrap_or('a');
        Ok(format!("<{letter}>"))
    })?;
    let plan: Plan = parse(&text).map_err(|error| Rejected::Plan(format!("`{condition}`: {error}")))?;
    let answer = crate::worldmodel::expression::evaluate(&plan, &given);
    Ok(answer == Ok(Answer::yes(true)))
}

/// A text with its `{slots}` replaced.
fn substitute(text: &str, mut by: impl FnMut(&str) -> Result<String, Rejected>) -> Result<String, Rejected> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (slot, behind) = behind
            .split_once('}')
            .ok_or_else(|| Rejected::Plan(format!("`{text}`: a slot is not closed")))?;
        result.push_str(before);
        result.push_str(&by(slot)?);
        rest = behind;
    }
    result.push_str(rest);
    Ok(result)
}
