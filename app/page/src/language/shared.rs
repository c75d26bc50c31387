//! The chat in a share link: its messages, how answers are written, what is looked at, and which model it was.
//!
//! A link has a place for what a route wants to say in its own words (`protocol::share::View::extra`), and this is
//! that text: records between [`RECORD`]s, fields between [`FIELD`]s, the first record its version. Numbers with a
//! fraction are written by their bits, which are exact. The form of version 1 is frozen; a test keeps one.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::language::{ChatOptions, ChatRole, Intervention, Part, Replacement};

use super::Language;
use super::further::Further;
use super::interventions;
use super::talk::Turn;

/// Ends a record. Characters that no keyboard types; from a message they are left out.
const RECORD: char = '\u{1e}';
/// Ends a field.
const FIELD: char = '\u{1f}';
const VERSION: &str = "chat1";
/// Begins what is replaced, where numbers do not tell it.
const WORDS: &str = "!";
/// Begins what else of the inside is looked at.
const FURTHER: &str = "?";

/// What a link says of a chat.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shared {
    /// The model's name, and where it can be had, as far as that is known.
    model: (String, String),
    settings: ChatOptions,
    system: String,
    /// Whether the inside is shown; position and layer looked at.
    inside: (bool, usize, usize),
    off: Vec<Intervention>,
    /// What else of the inside is looked at.
    further: Further,
    turns: Vec<(ChatRole, String)>,
}

impl Shared {
    fn write(&self) -> String {
        let ChatOptions {
            tokens, temperature, top_k, top_p, repetition_penalty, seed, thinking, stops, ..
        } = &self.settings;
        let numbers = [
            *tokens as u64,
            u64::from(temperature.to_bits()),
            *top_k as u64,
            u64::from(top_p.to_bits()),
            u64::from(repetition_penalty.to_bits()),
            *seed,
            u64::from(*thinking),
        ];
        let (open, at, layer) = self.inside;
        let mut inside = vec![u64::from(open), at as u64, layer as u64];
        let numbers_of_off: Option<Vec<[u64; 4]>> = self.off.iter().map(as_numbers).collect();
        let has_words = numbers_of_off.is_none();
        inside.extend(numbers_of_off.unwrap_or_default().concat());
        let mut text = VERSION.to_owned();
        let mut record = |fields: &[&str]| {
            for (place, field) in fields.iter().enumerate() {
                text.push(if place == 0 { RECORD } else { FIELD });
                text.extend(field.chars().filter(|letter| *letter != RECORD && *letter != FIELD));
            }
        };
        record(&[&self.model.0, &self.model.1]);
        record(&[&listed(&numbers)]);
        record(&[&self.system]);
        record(&[&listed(&inside)]);
        // The first is empty: a record without fields would not be one.
        let mut all = vec![""];
        all.extend(stops.iter().map(String::as_str));
        record(&all);
        for (role, said) in &self.turns {
            record(&[if *role == ChatRole::User { "u" } else { "a" }, said]);
        }
        if has_words {
            // A record of one field: pages that do not know it leave it unread.
            record(&[&format!("{WORDS}{}", interventions::write(&self.off))]);
        }
        let further = self.further.write();
        if !further.is_empty() {
            record(&[&format!("{FURTHER}{further}")]);
        }
        text
    }

    fn read(text: &str) -> Option<Self> {
        let mut records = text.split(RECORD);
        if records.next() != Some(VERSION) {
            return None;
        }
        let (name, address) = records.next()?.split_once(FIELD)?;
        let numbers = numbers(records.next()?);
        let number = |place: usize| numbers.get(place).copied();
        let float = |place: usize| Some(f32::from_bits(u32::try_from(number(place)?).ok()?));
        let count = |place: usize| usize::try_from(number(place)?).ok();
        let system = records.next()?.to_owned();
        let inside = self::numbers(records.next()?);
        let place = |place: usize| inside.get(place).and_then(|number| usize::try_from(*number).ok());
        let off = (3..inside.len()).step_by(4).map_while(|start| {
            let number = place(start + 2)?;
            let part = if place(start + 1)? == 0 { Part::Head(number) } else { Part::Neuron(number) };
            let with = if place(start + 3)? == 1 { Replacement::Mean } else { Replacement::Zero };
            Some(Intervention { layer: place(start)?, part, with, position: None })
        });
        let stops = records.next()?.split(FIELD).skip(1).map(str::to_owned).collect();
        let words = records.clone().find_map(|record| record.strip_prefix(WORDS));
        let further = records.clone().find_map(|record| record.strip_prefix(FURTHER));
        let turns = records.filter_map(|record| {
            let (role, said) = record.split_once(FIELD)?;
            Some((if role == "u" { ChatRole::User } else { ChatRole::Assistant }, said.to_owned()))
        });
        Some(Self {
            model: (name.to_owned(), address.to_owned()),
            settings: ChatOptions {
                tokens: count(0)?,
                temperature: float(1)?,
                top_k: count(2)?,
                top_p: float(3)?,
                repetition_penalty: float(4)?,
                seed: number(5)?,
                thinking: number(6)? == 1,
                stops,
                ..ChatOptions::default()
            },
            system,
            inside: (place(0)? == 1, place(1)?, place(2)?),
            off: words.map_or_else(|| off.collect(), interventions::read),
            further: further.map(Further::read).unwrap_or_default(),
            turns: turns.collect(),
        })
    }
}

/// What is replaced as the first links had it: layer, kind, number, and whether by the mean; `None` for what they did not know.
fn as_numbers(one: &Intervention) -> Option<[u64; 4]> {
    let (kind, number) = match one.part {
        Part::Head(head) => (0, head),
        Part::Neuron(neuron) => (1, neuron),
        Part::Dimension(_) | Part::Gate(_) => return None,
    };
    let mean = match one.with {
        Replacement::Zero => 0,
        Replacement::Mean => 1,
        Replacement::Value(_) => return None,
    };
    one.position.is_none().then_some([one.layer as u64, kind, number as u64, mean])
}

/// An address as strangers may see it: none where it may hold the key to a file ("?token=…").
fn public(address: String) -> String {
    if address.contains(['?', '@']) { String::new() } else { address }
}

fn listed(numbers: &[u64]) -> String {
    let mut text = String::new();
    for number in numbers {
        text.push_str(&number.to_string());
        text.push(' ');
    }
    text.trim_end().to_owned()
}

fn numbers(text: &str) -> Vec<u64> {
    text.split(' ').filter_map(|number| number.parse().ok()).collect()
}

impl Language {
    /// The chat as a link's text; empty where there is nothing to say.
    pub fn share(self) -> String {
        let (talk, inside) = (self.talk, self.inside);
        let turns = talk.turns.get_untracked();
        if turns.is_empty() && talk.system.with_untracked(String::is_empty) {
            return String::new();
        }
        let loaded = self.source.loaded.get_untracked();
        let address = loaded.as_ref().and_then(|loaded| {
            let key = loaded.key.as_ref()?;
            let kept = self.source.kept.get_untracked()?;
            kept.models.into_iter().find(|model| model.key == *key)?.address
        });
        let model = match loaded {
            Some(loaded) => (loaded.card.name.clone(), address.unwrap_or_default()),
            None => talk.from_link.get_untracked().unwrap_or_default(),
        };
        let shared = Shared {
            model: (model.0, public(model.1)),
            settings: talk.settings.get_untracked(),
            system: talk.system.get_untracked(),
            inside: (inside.open.get_untracked(), inside.at.get_untracked(), inside.layer.get_untracked()),
            off: inside.off.get_untracked(),
            further: Further::of(inside),
            turns: turns.iter().map(|turn| (turn.role, turn.text.clone())).collect(),
        };
        shared.write()
    }

    /// Shows a link's chat; false where the link holds none.
    pub fn open_shared(self, text: &str) -> bool {
        let Some(shared) = Shared::read(text) else { return text.is_empty() };
        if self.talk.writing.with_untracked(Option::is_some) {
            self.cancel();
            self.talk.writing.set(None);
        }
        self.new_chat();
        // A question that waits for a model would take what this link wants looked at.
        self.asking.waits.set(false);
        let (talk, inside) = (self.talk, self.inside);
        let turns = shared.turns.into_iter().map(|(role, said)| Arc::new(Turn::new(role, said)));
        talk.turns.set(turns.collect());
        talk.settings.set(shared.settings);
        talk.system.set(shared.system);
        talk.from_link.set(Some(shared.model));
        let (open, at, layer) = shared.inside;
        inside.open.set(open);
        inside.at.set(at);
        inside.layer.set(layer);
        inside.mean.set(shared.off.first().is_some_and(|one| one.with == Replacement::Mean));
        inside.off.set(shared.off);
        inside.further.set_value(Some(shared.further));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Shared {
        Shared {
            model: ("SmolLM2 135M".to_owned(), "https://example.org/a.gguf".to_owned()),
            settings: ChatOptions {
                tokens: 64,
                temperature: 0.7,
                top_k: 40,
                top_p: 0.95,
                seed: u64::MAX,
                thinking: false,
                stops: vec!["\n\n".to_owned(), "END".to_owned()],
                ..ChatOptions::default()
            },
            system: "Be brief.".to_owned(),
            inside: (true, 31, 4),
            off: vec![
                Intervention { layer: 3, part: Part::Head(2), with: Replacement::Mean, position: None },
                Intervention { layer: 5, part: Part::Neuron(1_000), with: Replacement::Zero, position: None },
            ],
            further: Further::default(),
            turns: vec![
                (ChatRole::User, "What is 2 + 2?\nSay it 🙂".to_owned()),
                (ChatRole::Assistant, "<think>\n\n</think>4".to_owned()),
            ],
        }
    }

    /// Version 1, as the page wrote it on 2026-11-21. It must be read for ever.
    const VERSION_1: &str = "chat1\u{1e}SmolLM2 135M\u{1f}https://example.org/a.gguf\u{1e}\
        64 1060320051 40 1064514355 1065353216 18446744073709551615 0\u{1e}Be brief.\u{1e}\
        1 31 4 3 0 2 1 5 1 1000 0\u{1e}\u{1f}\n\n\u{1f}END\u{1e}u\u{1f}What is 2 + 2?\nSay it 🙂\u{1e}\
        a\u{1f}<think>\n\n</think>4";

    #[test]
    fn a_chat_of_version_1_is_read() {
        assert_eq!(Shared::read(VERSION_1), Some(sample()));
        assert_eq!(sample().write(), VERSION_1);
    }

    #[test]
    fn a_signed_address_is_nobodys_business() {
        assert_eq!(public("https://a.org/m.gguf".to_owned()), "https://a.org/m.gguf");
        assert_eq!(public("https://a.org/m.gguf?sig=1".to_owned()), "");
        assert_eq!(public("https://me:secret@a.org/m.gguf".to_owned()), "");
    }

    #[test]
    fn what_else_is_looked_at_is_a_record_more() {
        let further = Further { followed: Some(9), ..Further::default() };
        let looked = Shared { further, ..sample() };
        assert_eq!(looked.write(), format!("{VERSION_1}\u{1e}?f9"));
        assert_eq!(Shared::read(&looked.write()), Some(looked));
    }

    #[test]
    fn separators_in_a_message_do_no_harm() {
        let said = format!("a{RECORD}b{FIELD}c");
        let shared = Shared { turns: vec![(ChatRole::User, said)], ..Shared::default() };
        let read = Shared::read(&shared.write()).unwrap();
        assert_eq!(read.turns, [(ChatRole::User, "abc".to_owned())]);
    }

    #[test]
    fn what_numbers_cannot_tell_is_a_record_more() {
        let off = interventions::read("h3.2z@4 d5.7v1056964608");
        let shared = Shared { off, ..sample() };
        let text = shared.write();
        assert!(text.ends_with("\u{1e}!h3.2z@4 d5.7v1056964608"));
        assert_eq!(Shared::read(&text), Some(shared));
    }

    #[test]
    fn what_is_no_chat_is_refused() {
        for text in [
            "",
            "head=1",
            "chat2",
            "chat1",
            "chat1\u{1e}name",
            "chat1\u{1e}a\u{1f}b\u{1e}x\u{1e}\u{1e}\u{1e}",
        ] {
            assert_eq!(Shared::read(text), None, "{text}");
        }
    }
}
