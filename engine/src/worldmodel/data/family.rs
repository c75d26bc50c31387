//! One family of questions, as its file has it.

use super::slots::SlotSpec;
use super::spoken::Language;
use super::wording::Wording;
use super::{FamilyError, Set, Stage};

/// A sentence and the language it is in.
#[derive(Clone, Debug)]
pub(super) struct Sentence {
    pub wording: Wording,
    pub language: Language,
    /// As the file has it.
    pub source: String,
}

/// When an answer fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    Yes,
    No,
}

/// Questions of one kind.
#[derive(Clone, Debug)]
pub(super) struct Family {
    /// `stage/name`.
    pub name: String,
    pub stage: Stage,
    pub set: Set,
    /// How often it is drawn, beside others of its stage.
    pub weight: u32,
    pub slots: Vec<SlotSpec>,
    /// The plan with slots; nothing where there is nothing to compute.
    pub plan: Option<String>,
    /// Comparisons that must hold, with slots and `{result}`.
    pub conditions: Vec<String>,
    pub answers: Vec<(When, Sentence)>,
    pub train: Vec<Sentence>,
    pub held_out: Vec<Sentence>,
}

enum Section {
    Keys,
    Train,
    HeldOut,
}

impl Family {
    /// Reads a file.
    ///
    /// # Errors
    /// The first line that means nothing, or what is missing.
    pub(super) fn read(name: &str, stage: Stage, text: &str) -> Result<Self, FamilyError> {
        let mut family = Self {
            name: name.to_owned(),
            stage,
            set: Set::of_stage(stage),
            weight: 10,
            slots: Vec::new(),
            plan: None,
            conditions: Vec::new(),
            answers: Vec::new(),
            train: Vec::new(),
            held_out: Vec::new(),
        };
        let mut section = Section::Keys;
        let mut said = false;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let wrong =
                |message: String| FamilyError { file: format!("{name}.txt"), line: index + 1, message };
            match line {
                "" => continue,
                _ if line.starts_with('#') => continue,
                "train:" => section = Section::Train,
                "held-out:" => section = Section::HeldOut,
                _ => match section {
                    Section::Train => family.train.push(Sentence::parse(line).map_err(wrong)?),
                    Section::HeldOut => family.held_out.push(Sentence::parse(line).map_err(wrong)?),
                    Section::Keys => {
                        said = said || line.starts_with("plan:");
                        family.key(line).map_err(wrong)?;
                    }
                },
            }
        }
        let missing = |what: &str| FamilyError {
            file: format!("{name}.txt"),
            line: text.lines().count(),
            message: format!("there is no `{what}`"),
        };
        match () {
            () if !said => Err(missing("plan:")),
            () if family.answers.is_empty() => Err(missing("answer:")),
            () if family.train.is_empty() => Err(missing("train:")),
            () if family.held_out.is_empty() => Err(missing("held-out:")),
            () => Ok(family),
        }
    }

    /// Whether questions show a slot; others only help to fill it.
    pub(super) fn shows(&self, slot: &str) -> bool {
        let first = self.train.first().or_else(|| self.held_out.first());
        first.is_some_and(|sentence| sentence.wording.slots().iter().any(|shown| shown.name == slot))
    }

    fn key(&mut self, line: &str) -> Result<(), String> {
        let (key, value) = line.split_once(':').ok_or("a line before `train:` is `key: value`")?;
        let value = value.trim();
        match key.trim() {
            "set" => self.set = Set::from_name(value).ok_or_else(|| format!("`{value}` is no set"))?,
            "weight" => self.weight = value.parse().map_err(|_| format!("`{value}` is no weight"))?,
            "numbers" | "texts" => self.slots.push(SlotSpec::parse(value)?),
            "where" => self.conditions.push(value.to_owned()),
            "plan" => self.plan = (value != "none").then(|| value.to_owned()),
            "answer" => self.answers.push((When::Always, Sentence::parse(value)?)),
            "answer yes" => self.answers.push((When::Yes, Sentence::parse(value)?)),
            "answer no" => self.answers.push((When::No, Sentence::parse(value)?)),
            other => return Err(format!("`{other}` is no key")),
        }
        Ok(())
    }
}

impl Sentence {
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        Ok(Self { wording: Wording::parse(line)?, language: Language::of(line), source: line.to_owned() })
    }
}
