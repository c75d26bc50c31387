//! A question in a share link: what was asked, by what it was decided, and what is looked at. The answer is not in it:
//! the same model writes the same answer again.
//!
//! Records between [`RECORD`]s, the first its version. The form of version 1 is frozen; a test keeps one. A question to a model of one's
//! own has one record more, its name, one in which something is replaced yet another, what, and one in which more is looked at than a token
//! and a layer a third, that: pages that do not know them leave them unread.

use engine::xray::Site;
use leptos::prelude::*;
use protocol::asking::Weights;
use protocol::language::{Intervention, Replacement};

use crate::language::asking::Rule;
use crate::language::further::Further;
use crate::language::worlds::Worlds;
use crate::language::{Language, interventions};

/// Ends a record. A character that no keyboard types; from a question it is left out.
const RECORD: char = '\u{1e}';
const VERSION: &str = "ask1";
/// Records that every link has.
const ALWAYS: usize = 6;
/// Characters of a model's name that are read.
const LONGEST_NAME: usize = 100;

/// What a link says of a question.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shared {
    question: String,
    rule: Rule,
    /// The weights, if they were changed.
    weights: Option<Weights>,
    granted: Vec<String>,
    /// Whether the inside is shown; position and layer looked at.
    inside: (bool, usize, usize),
    /// The token of a program that is pointed at, and the head.
    pointed: Option<(usize, usize)>,
    head: Option<usize>,
    /// The name of the model; `None` for the page's own.
    model: Option<String>,
    /// What is replaced in it, and whether the question was asked so.
    off: (Vec<Intervention>, bool),
    /// What else of the inside is looked at.
    further: Further,
}

impl Shared {
    fn write(&self) -> String {
        let rule = match self.rule {
            Rule::Weights => "w".to_owned(),
            Rule::Original => "o".to_owned(),
            Rule::Tap(tap) => tap.to_string(),
        };
        let weights = self.weights.as_ref().map(|weights| {
            let all = weights.terms.iter().chain(&weights.taps);
            all.map(|weight| weight.to_bits().to_string()).collect::<Vec<_>>().join(" ")
        });
        let (open, at, layer) = self.inside;
        let number =
            |number: Option<usize>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let (tap, token) = self.pointed.unzip();
        let looked = [
            usize::from(open).to_string(),
            at.to_string(),
            layer.to_string(),
            number(tap),
            number(token),
            number(self.head),
        ];
        let plain = |text: &str| text.chars().filter(|letter| *letter != RECORD).collect::<String>();
        let mut records = vec![
            VERSION.to_owned(),
            plain(&self.question),
            rule,
            weights.unwrap_or_default(),
            self.granted.join(" "),
            looked.join(" "),
        ];
        let (off, asked_so) = &self.off;
        records.push(self.model.as_deref().map(plain).unwrap_or_default());
        records.push(match off.is_empty() {
            true => String::new(),
            false => format!("{} {}", usize::from(*asked_so), interventions::write(off)),
        });
        records.push(plain(&self.further.write()));
        // Each says by its place what it is; what nothing follows need not be there.
        while records.len() > ALWAYS && records.last().is_some_and(String::is_empty) {
            records.pop();
        }
        records.join(&RECORD.to_string())
    }

    /// The same, without what only the model knows that was asked.
    fn of_any_model(self) -> Self {
        let Self { question, granted, rule, .. } = self;
        let rule = if rule == Rule::Original { rule } else { Rule::Weights };
        Self { question, granted, rule, ..Self::default() }
    }

    fn read(text: &str) -> Option<Self> {
        let mut records = text.split(RECORD);
        if records.next() != Some(VERSION) {
            return None;
        }
        let question = records.next()?.to_owned();
        let rule = match records.next()? {
            "w" => Rule::Weights,
            "o" => Rule::Original,
            tap => Rule::Tap(tap.parse().ok()?),
        };
        let bits = records.next()?.split(' ').filter(|word| !word.is_empty());
        let weights: Vec<f32> =
            bits.map(|word| word.parse().map(f32::from_bits)).collect::<Result<_, _>>().ok()?;
        let weights = match weights.split_first_chunk::<5>() {
            Some((terms, taps)) if weights.iter().all(|weight| weight.is_finite()) => {
                Some(Weights { terms: *terms, taps: taps.to_vec() })
            }
            _ => None,
        };
        let granted = records.next()?.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let looked: Vec<Option<usize>> = records.next()?.split(' ').map(|word| word.parse().ok()).collect();
        let model = records.next().filter(|name| !name.is_empty());
        let model = model.map(|name| name.chars().take(LONGEST_NAME).collect());
        let off = records.next().and_then(|record| record.split_once(' '));
        let off = off.map(|(asked_so, off)| (interventions::read(off), asked_so == "1"));
        let number = |place: usize| looked.get(place).copied().flatten();
        Some(Self {
            question,
            rule,
            weights,
            granted,
            inside: (number(0)? == 1, number(1)?, number(2)?),
            pointed: number(3).zip(number(4)),
            head: number(5),
            model,
            off: off.unwrap_or_default(),
            further: records.next().map(Further::read).unwrap_or_default(),
        })
    }
}

/// The question that a link would hold.
pub fn question(language: Language) -> String {
    let asking = language.asking;
    let asked = asking.asked.get_untracked();
    asked.map_or_else(|| asking.draft.get_untracked(), |asked| asked.question.text.clone())
}

/// The question as a link's text; empty where nothing was asked.
pub fn share(worlds: Worlds, language: Language) -> String {
    let (asking, inside) = (language.asking, language.inside);
    let question = question(language);
    if question.trim().is_empty() {
        return String::new();
    }
    let shared = Shared {
        question,
        rule: asking.rule.get_untracked(),
        weights: asking.weights.get_untracked(),
        granted: asking.granted.get_untracked(),
        inside: (inside.open.get_untracked(), inside.at.get_untracked(), inside.layer.get_untracked()),
        pointed: asking.pointed.get_untracked(),
        head: asking.head.get_untracked(),
        model: untrack(|| worlds.asks_own().then(|| worlds.own_name()).flatten()),
        off: (inside.off.get_untracked(), asking.changed.with_untracked(Option::is_some)),
        further: Further::of(inside),
    };
    shared.write()
}

/// Shows a link's question, and asks it; false where the link holds none.
pub fn open(worlds: Worlds, text: &str, selection: Option<Site>) -> bool {
    let Some(shared) = Shared::read(text) else {
        worlds.turn_to(None);
        return text.is_empty();
    };
    let is_same_model = worlds.turn_to(shared.model.clone());
    let language = untrack(|| worlds.current());
    let (asking, inside) = (language.asking, language.inside);
    // A link grants nothing: what programs may ask of this browser, the person here decides. It is only said what they had.
    asking.wanted_grants.set(shared.granted.clone());
    // Another model's weights, taps, layers and tokens say nothing of this one's.
    let shared = if is_same_model { shared } else { shared.of_any_model() };
    asking.weights.set(shared.weights);
    asking.rule.set(shared.rule);
    asking.head.set(shared.head);
    asking.draft.set(shared.question);
    let (open, at, layer) = shared.inside;
    inside.open.set(open);
    asking.look.set_value(Some((at, layer)));
    asking.point.set_value(shared.pointed);
    inside.select.set_value(selection);
    inside.further.set_value(Some(shared.further));
    let (off, asked_so) = shared.off;
    inside.mean.set(off.first().is_some_and(|one| one.with == Replacement::Mean));
    asking.change.set_value(asked_so && !off.is_empty());
    inside.off.set(off);
    language.ask_now();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Shared {
        Shared {
            question: "What is 12 * 11?".to_owned(),
            rule: Rule::Original,
            weights: Some(Weights { terms: [0.5, 0.25, 2.0, 4.0, -1.0], taps: vec![0.0, 0.0, 1.5] }),
            granted: vec!["date".to_owned(), "time".to_owned()],
            inside: (true, 12, 7),
            pointed: Some((1, 3)),
            head: None,
            model: None,
            off: (Vec::new(), false),
            further: Further::default(),
        }
    }

    /// Version 1, as the page wrote it on 2026-11-21. It must be read for ever.
    const VERSION_1: &str = "ask1\u{1e}What is 12 * 11?\u{1e}o\u{1e}\
        1056964608 1048576000 1073741824 1082130432 3212836864 0 0 1069547520\u{1e}date time\u{1e}1 12 7 1 3 -";

    #[test]
    fn a_question_of_version_1_is_read() {
        assert_eq!(Shared::read(VERSION_1), Some(sample()));
        assert_eq!(sample().write(), VERSION_1);
    }

    #[test]
    fn a_model_of_ones_own_is_one_record_more() {
        let own = Shared { model: Some("SmolLM2\u{1e} 135M".to_owned()), ..sample() };
        let text = own.write();
        assert_eq!(text, format!("{VERSION_1}\u{1e}SmolLM2 135M"));
        assert_eq!(Shared::read(&text), Some(Shared { model: Some("SmolLM2 135M".to_owned()), ..sample() }));
    }

    #[test]
    fn what_is_replaced_is_a_record_more() {
        let off = interventions::read("h3.2z g0.1v1056964608");
        let changed = Shared { off: (off, true), ..sample() };
        let text = changed.write();
        assert_eq!(text, format!("{VERSION_1}\u{1e}\u{1e}1 h3.2z g0.1v1056964608"));
        assert_eq!(Shared::read(&text), Some(changed));
    }

    #[test]
    fn what_else_is_looked_at_is_a_record_more() {
        let further = Further { head: Some(2), followed: Some(9), ..Further::default() };
        let looked = Shared { further, ..sample() };
        let text = looked.write();
        assert_eq!(text, format!("{VERSION_1}\u{1e}\u{1e}\u{1e}h2 f9"));
        assert_eq!(Shared::read(&text), Some(looked));
    }

    #[test]
    fn what_is_no_question_is_refused() {
        for text in
            ["", "ask2", "ask1", "ask1\u{1e}q", "ask1\u{1e}q\u{1e}x\u{1e}\u{1e}\u{1e}0 0 0", "chat1\u{1e}"]
        {
            assert_eq!(Shared::read(text), None, "{text}");
        }
        let plain = Shared { question: "a\u{1e}b".to_owned(), ..Shared::default() };
        assert_eq!(Shared::read(&plain.write()).unwrap().question, "ab");
    }
}
