//! A question: asking it, what happens meanwhile, and what came of it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::asking::{
    Asked, Asking as Progress, Choice, Granted, OnFull, Origin, Question, Story, Weights,
};
use protocol::language::{LanguageProgress, LanguageRequest, LanguageResponse};

use super::Language;
use super::changed::{Parting, tokens_of};
use super::host;
use crate::client::unexpected;
use crate::focus;

/// By what a program is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// The weights, as the sliders have them.
    #[default]
    Weights,
    /// The published system's rule.
    Original,
    /// A person took the program of this tap.
    Tap(usize),
}

/// An answer as it comes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coming {
    /// The question.
    pub question: String,
    /// The text so far, behind the question.
    pub tokens: Vec<(String, Origin)>,
    /// The programs so far.
    pub programs: Vec<Vec<String>>,
}

/// A question and its answer; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Asking {
    /// The question as it is typed.
    pub draft: RwSignal<String>,
    /// Functions of the host that programs may call, by name.
    pub granted: RwSignal<Vec<String>>,
    /// The answer that is coming.
    pub coming: RwSignal<Option<Coming>>,
    /// The last answer.
    pub asked: RwSignal<Option<Arc<Asked>>>,
    /// What the model said to the same question without tools.
    pub alone: RwSignal<Option<Arc<Asked>>>,
    /// Whether that is being asked.
    pub asks_alone: RwSignal<bool>,
    /// Why there is no answer.
    pub failure: RwSignal<Option<AppError>>,
    /// The weights as the sliders have them; `None` for the trained ones.
    pub weights: RwSignal<Option<Weights>>,
    /// By what a program is chosen.
    pub rule: RwSignal<Rule>,
    /// The token of a program that somebody points at: its tap and its place.
    pub pointed: RwSignal<Option<(usize, usize)>>,
    /// The head of the taps whose attention is shown; `None` for all together.
    pub head: RwSignal<Option<usize>>,
    /// The published system's answer to 12 × 11, once it was asked for.
    pub story: RwSignal<Option<Arc<Story>>>,
    /// Why it could not be.
    pub story_failure: RwSignal<Option<AppError>>,
    /// A question waits for the model to be there.
    pub waits: RwSignal<bool>,
    /// What the sender of a link had granted; only said, never granted by the link itself.
    pub wanted_grants: RwSignal<Vec<String>>,
    /// The token of a program that a link points at, once the answer is there.
    pub point: StoredValue<Option<(usize, usize)>>,
    /// Position and layer that a link wants looked at, once the answer is there.
    pub look: StoredValue<Option<(usize, usize)>>,
    /// The same question answered with something replaced.
    pub changed: RwSignal<Option<Arc<Asked>>>,
    /// Whether that is being asked.
    pub asks_changed: RwSignal<bool>,
    /// Where the two texts part: what was likeliest next there, in each.
    pub parting: RwSignal<Option<Parting>>,
    /// Whether a link wants it asked, once the answer is there.
    pub change: StoredValue<bool>,
    /// Number of the newest question: an older one may still be told of.
    newest: StoredValue<u32>,
}

impl Asking {
    /// Nothing was asked.
    pub fn new() -> Self {
        Self {
            draft: RwSignal::default(),
            granted: RwSignal::default(),
            coming: RwSignal::new(None),
            asked: RwSignal::new(None),
            alone: RwSignal::new(None),
            asks_alone: RwSignal::new(false),
            failure: RwSignal::new(None),
            weights: RwSignal::new(None),
            rule: RwSignal::default(),
            pointed: RwSignal::new(None),
            head: RwSignal::new(None),
            story: RwSignal::new(None),
            story_failure: RwSignal::new(None),
            waits: RwSignal::new(false),
            wanted_grants: RwSignal::default(),
            point: StoredValue::new(None),
            look: StoredValue::new(None),
            changed: RwSignal::new(None),
            asks_changed: RwSignal::new(false),
            parting: RwSignal::new(None),
            change: StoredValue::new(false),
            newest: StoredValue::new(0),
        }
    }

    /// Whether an answer is coming (tracked).
    pub fn is_busy(self) -> bool {
        self.coming.with(Option::is_some) || self.asks_changed.get()
    }

    /// Whether the answer that is coming is to another question than the one that is shown (tracked). One that is decided
    /// again stays as it is until it is there.
    pub fn is_new(self) -> bool {
        self.coming.with(|coming| {
            coming.as_ref().is_some_and(|coming| {
                self.asked
                    .with(|asked| asked.as_ref().is_none_or(|asked| asked.question.text != coming.question))
            })
        })
    }

    /// Where a token of the shown answer's text comes from, or of the changed one's (tracked).
    pub fn origin(self, token: usize, of_changed: bool) -> Option<Origin> {
        let of = if of_changed { self.changed } else { self.asked };
        of.with(|asked| asked.as_ref()?.tokens.get(token).map(|(_, origin)| *origin))
    }

    /// What is under way for the question that is shown is wanted no more.
    pub(super) fn is_newer(self) {
        self.newest.update_value(|newest| *newest = newest.wrapping_add(1));
    }

    /// Whether nothing was asked since now.
    pub(super) fn is_newest_now(self) -> impl Fn() -> bool + Copy {
        let number = self.newest.get_value();
        move || self.newest.try_get_value() == Some(number)
    }

    /// Takes what a model tells while it answers, as long as its question is the newest.
    pub(super) fn takes(self, is_newest: impl Fn() -> bool + 'static) -> impl Fn(LanguageProgress) + 'static {
        move |progress| {
            let LanguageProgress::Asking(progress) = progress else { return };
            if is_newest() {
                self.coming.update(|coming| {
                    if let Some(coming) = coming {
                        coming.take(progress);
                    }
                });
            }
        }
    }

    /// How the next question is to be answered.
    fn choice(self) -> Choice {
        match self.rule.get_untracked() {
            Rule::Original => Choice::Original,
            Rule::Tap(tap) => Choice::Tap(tap),
            Rule::Weights => Choice::Trained,
        }
    }
}

impl Language {
    /// The weights that decide (tracked).
    pub fn weights(self) -> Weights {
        self.asking.weights.get().unwrap_or_else(|| self.trained_weights())
    }

    /// The same as the shown answer's model brought them (tracked).
    pub fn trained_weights(self) -> Weights {
        self.asking.asked.with(|asked| asked.as_ref().map(|asked| asked.weights.clone()).unwrap_or_default())
    }

    /// Asks what is typed, as soon as the model is there.
    pub fn ask_draft(self) {
        let asking = self.asking;
        if asking.draft.with_untracked(|draft| draft.trim().is_empty()) {
            return;
        }
        // What a person took of another question's programs says nothing of this one's.
        if matches!(asking.rule.get_untracked(), Rule::Tap(_)) {
            asking.rule.set(Rule::Weights);
        }
        // Nor does what a link wanted looked at.
        asking.wanted_grants.set(Vec::new());
        asking.point.set_value(None);
        asking.look.set_value(None);
        self.inside.forget_the_link();
        asking.change.set_value(false);
        self.ask_now();
    }

    /// The same, by whatever decides now: what waits for the model, or a link asks.
    pub fn ask_now(self) {
        let asking = self.asking;
        if self.source.loaded.with_untracked(Option::is_none) {
            asking.waits.set(true);
            return;
        }
        asking.alone.set(None);
        let granted = host::granted(&asking.granted.get_untracked());
        self.ask_with(asking.draft.get_untracked(), granted, false);
    }

    /// Asks what waits as soon as a model is there, however it came.
    pub(super) fn ask_when_it_is_there(self) {
        let asking = self.asking;
        Effect::new(move |_| {
            if self.source.loaded.with(Option::is_some) && asking.waits.get() {
                asking.waits.set(false);
                self.ask_now();
            }
        });
    }

    /// Asks another question.
    pub fn ask_this(self, question: &str) {
        self.asking.draft.set(question.to_owned());
        self.ask_draft();
    }

    /// Decides again by other weights or another rule. The table changes at once; where the choice does, the model goes on
    /// from there anew, with the same grants.
    pub fn decide(self, rule: Rule) {
        let asking = self.asking;
        asking.rule.set(rule);
        let Some(asked) = asking.asked.get_untracked().filter(|asked| !asked.candidates.is_empty()) else {
            return;
        };
        let is_idle = asking.coming.with_untracked(Option::is_none) && untrack(|| self.source.is_ready());
        if is_idle && untrack(|| self.wanted(&asked)) != asked.chosen {
            self.ask_with(asked.question.text.clone(), asked.question.granted.clone(), true);
        }
    }

    /// Which program the rule and the weights choose now (tracked).
    pub fn wanted(self, asked: &Asked) -> Option<usize> {
        match self.asking.rule.get() {
            Rule::Original => asked.by_original,
            Rule::Tap(tap) => Some(tap).filter(|tap| *tap < asked.candidates.len()),
            Rule::Weights => {
                let terms: Vec<[f32; 5]> = asked.candidates.iter().map(|candidate| candidate.terms).collect();
                self.weights().choose(&terms)
            }
        }
    }

    /// Asks; `again` says that the question which is shown is decided anew: then what is opened and pointed at stays.
    fn ask_with(self, text: String, granted: Vec<Granted>, again: bool) {
        let asking = self.asking;
        asking.is_newer();
        let is_newest = asking.is_newest_now();
        let asks_beside = asking.asks_alone.get_untracked() || asking.asks_changed.get_untracked();
        if asking.coming.with_untracked(Option::is_some) || asks_beside {
            self.cancel();
        }
        asking.failure.set(None);
        let taps = self.source.loaded.with_untracked(|loaded| {
            loaded.as_ref().and_then(|loaded| loaded.world.as_ref()).map_or(0, |world| world.layers.len())
        });
        asking.coming.set(Some(Coming {
            question: text.clone(),
            tokens: Vec::new(),
            programs: vec![Vec::new(); taps],
        }));
        let on_progress = asking.takes(is_newest);
        let decided = (asking.rule.get_untracked(), asking.weights.get_untracked());
        let weights = decided.1.clone();
        let choice = asking.choice();
        let question = Question { text, choice, weights, granted, ..Question::default() };
        spawn_local(async move {
            let request = LanguageRequest::Ask(question);
            let answer = self.ask(None, request, Vec::new(), Some(Box::new(on_progress))).await;
            if !is_newest() {
                return;
            }
            asking.coming.set(None);
            match answer {
                Ok(LanguageResponse::Asked(asked)) => {
                    self.show(asked, again);
                    // The sliders may have moved meanwhile.
                    let now = (asking.rule.get_untracked(), asking.weights.get_untracked());
                    if now != decided {
                        self.decide(now.0);
                    }
                }
                other => {
                    // Another question's answer must not stand under this one.
                    if !again {
                        asking.asked.set(None);
                        self.inside.forget();
                    }
                    asking.failure.set(Some(other.err().unwrap_or_else(unexpected)));
                }
            }
        });
    }

    pub(super) fn show(self, asked: Box<Asked>, again: bool) {
        let asking = self.asking;
        // What was replaced, was so in another answer.
        asking.changed.set(None);
        asking.parting.set(None);
        let (tokens, first) = tokens_of(&asked);
        self.inside.read_question(tokens, first, again);
        if let Some((at, layer)) = asking.look.try_update_value(Option::take).flatten() {
            self.inside.look_at(at);
            self.inside.layer.set(layer);
        }
        asking.asked.set(Some(Arc::from(asked)));
        if !again {
            asking.pointed.set(asking.point.try_update_value(Option::take).flatten());
        }
        if asking.change.try_update_value(std::mem::take).unwrap_or_default() {
            self.ask_changed();
        }
    }

    /// Asks the same question again, without tools.
    pub fn ask_alone(self) {
        let asking = self.asking;
        let Some(asked) = asking.asked.get_untracked() else { return };
        if asking.asks_alone.get_untracked()
            || asking.asks_changed.get_untracked()
            || !untrack(|| self.source.is_ready())
        {
            return;
        }
        let held = focus::held();
        asking.asks_alone.set(true);
        let question = Question { alone: true, interventions: Vec::new(), ..asked.question.clone() };
        spawn_local(async move {
            let answer = self.ask(None, LanguageRequest::Ask(question.clone()), Vec::new(), None).await;
            asking.asks_alone.set(false);
            let is_same = asking.asked.with_untracked(|asked| {
                asked.as_ref().is_some_and(|asked| asked.question.text == question.text)
            });
            match answer {
                // Somebody has asked something else since.
                _ if !is_same => {}
                Ok(LanguageResponse::Asked(alone)) => {
                    asking.alone.set(Some(Arc::from(alone)));
                    held.hand_to("ask-alone");
                }
                other => asking.failure.set(Some(other.err().unwrap_or_else(unexpected))),
            }
        });
    }

    /// Has the transformer that executes WebAssembly run a program.
    ///
    /// # Errors
    /// When the worker cannot.
    pub async fn run_on_full(self, wat: String) -> Result<OnFull, AppError> {
        match self.ask(None, LanguageRequest::OnFull { wat }, Vec::new(), None).await {
            Ok(LanguageResponse::OnFull(run)) => Ok(*run),
            other => Err(other.err().unwrap_or_else(unexpected)),
        }
    }

    /// Has the published system's answer computed.
    pub fn tell_story(self) {
        let asking = self.asking;
        let held = focus::held();
        spawn_local(async move {
            match self.ask(None, LanguageRequest::Story, Vec::new(), None).await {
                Ok(LanguageResponse::Story(story)) => {
                    asking.story_failure.set(None);
                    asking.story.set(Some(Arc::from(story)));
                    held.hand_to("story-next");
                }
                other => {
                    asking.story_failure.set(Some(other.err().unwrap_or_else(unexpected)));
                    held.hand_to("story-tell");
                }
            }
        });
    }
}

impl Coming {
    pub(super) fn take(&mut self, progress: Progress) {
        match progress {
            Progress::Token(text, origin) => self.tokens.push((text, origin)),
            Progress::Wat(tap, text) => {
                // A model without taps makes attempts, one after the other.
                if self.programs.len() <= tap {
                    self.programs.resize_with(tap + 1, Vec::new);
                }
                if let Some(program) = self.programs.get_mut(tap) {
                    program.push(text);
                }
            }
            Progress::Chosen(_) => {}
        }
    }
}
