//! A question: asking it, what happens meanwhile, and what came of it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::asking::{Asked, Asking as Progress, Choice, Origin, Question, Story, Weights};
use protocol::language::{LanguageProgress, LanguageRequest, LanguageResponse};

use super::Language;
use super::host;
use crate::client::unexpected;

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
    /// Which of them was chosen.
    pub chosen: Option<usize>,
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
    /// A question waits for the model to be there.
    pub waits: RwSignal<bool>,
    /// What the sender of a link had granted; only said, never granted by the link itself.
    pub wanted_grants: RwSignal<Vec<String>>,
    /// The token of a program that a link points at, once the answer is there.
    pub point: StoredValue<Option<(usize, usize)>>,
    /// Position and layer that a link wants looked at, once the answer is there.
    pub look: StoredValue<Option<(usize, usize)>>,
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
            failure: RwSignal::new(None),
            weights: RwSignal::new(None),
            rule: RwSignal::default(),
            pointed: RwSignal::new(None),
            head: RwSignal::new(None),
            story: RwSignal::new(None),
            waits: RwSignal::new(false),
            wanted_grants: RwSignal::default(),
            point: StoredValue::new(None),
            look: StoredValue::new(None),
            newest: StoredValue::new(0),
        }
    }

    /// Whether an answer is coming (tracked).
    pub fn is_busy(self) -> bool {
        self.coming.with(Option::is_some)
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
        self.asking.weights.get().unwrap_or_else(|| {
            self.source.loaded.with(|loaded| {
                let world = loaded.as_ref().and_then(|loaded| loaded.world.as_ref());
                world.map(|world| world.weights.clone()).unwrap_or_default()
            })
        })
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
        self.ask_with(asking.draft.get_untracked(), asking.choice());
    }

    /// Asks another question.
    pub fn ask_this(self, question: &str) {
        self.asking.draft.set(question.to_owned());
        self.ask_draft();
    }

    /// Decides again by other weights or another rule. The table changes at once; where the choice does, the model goes on
    /// from there anew.
    pub fn decide(self, rule: Rule) {
        let asking = self.asking;
        asking.rule.set(rule);
        let Some(asked) = asking.asked.get_untracked().filter(|asked| !asked.candidates.is_empty()) else {
            return;
        };
        let wanted = untrack(|| self.wanted(&asked));
        if wanted != asked.chosen && asking.coming.with_untracked(Option::is_none) {
            let choice = wanted.map_or(Choice::Trained, Choice::Tap);
            self.ask_with(asked.question.text.clone(), choice);
        }
    }

    /// Which program the rule and the weights choose now (tracked).
    pub fn wanted(self, asked: &Asked) -> Option<usize> {
        match self.asking.rule.get() {
            Rule::Original => asked.by_original,
            Rule::Tap(tap) => Some(tap),
            Rule::Weights => {
                let terms: Vec<[f32; 5]> = asked.candidates.iter().map(|candidate| candidate.terms).collect();
                self.weights().choose(&terms)
            }
        }
    }

    fn ask_with(self, text: String, choice: Choice) {
        let asking = self.asking;
        let number = asking.newest.try_update_value(|newest| {
            *newest = newest.wrapping_add(1);
            *newest
        });
        let is_newest = move || asking.newest.try_get_value() == number;
        if asking.coming.with_untracked(Option::is_some) {
            self.cancel();
        }
        asking.failure.set(None);
        asking.pointed.set(None);
        let taps = self.source.loaded.with_untracked(|loaded| {
            loaded.as_ref().and_then(|loaded| loaded.world.as_ref()).map_or(0, |world| world.layers.len())
        });
        asking.coming.set(Some(Coming {
            question: text.clone(),
            programs: vec![Vec::new(); taps],
            ..Coming::default()
        }));
        let on_progress = move |progress: LanguageProgress| {
            let LanguageProgress::Asking(progress) = progress else { return };
            if is_newest() {
                asking.coming.update(|coming| {
                    if let Some(coming) = coming {
                        coming.take(progress);
                    }
                });
            }
        };
        let question =
            Question { text, alone: false, choice, granted: host::granted(&asking.granted.get_untracked()) };
        spawn_local(async move {
            let request = LanguageRequest::Ask(question);
            let answer = self.ask(None, request, Vec::new(), Some(Box::new(on_progress))).await;
            if !is_newest() {
                return;
            }
            asking.coming.set(None);
            match answer {
                Ok(LanguageResponse::Asked(asked)) => {
                    let tokens = asked.tokens.iter().map(|(text, _)| text.clone()).collect();
                    let question = asked.tokens.iter().take_while(|(_, origin)| *origin == Origin::Question);
                    self.inside.read(tokens, question.count());
                    if let Some((at, layer)) = asking.look.try_update_value(Option::take).flatten() {
                        self.inside.look_at(at);
                        self.inside.layer.set(layer);
                    }
                    asking.asked.set(Some(Arc::from(asked)));
                    asking.pointed.set(asking.point.try_update_value(Option::take).flatten());
                    // The sliders may have moved meanwhile.
                    self.decide(asking.rule.get_untracked());
                }
                Ok(_) => asking.failure.set(Some(unexpected())),
                Err(error) => asking.failure.set(Some(error)),
            }
        });
    }

    /// Asks the same question again, without tools.
    pub fn ask_alone(self) {
        let asking = self.asking;
        let Some(asked) = asking.asked.get_untracked() else { return };
        let question = Question { alone: true, ..asked.question.clone() };
        spawn_local(async move {
            let answer = self.ask(None, LanguageRequest::Ask(question.clone()), Vec::new(), None).await;
            let is_same = asking.asked.with_untracked(|asked| {
                asked.as_ref().is_some_and(|asked| asked.question.text == question.text)
            });
            match answer {
                Ok(LanguageResponse::Asked(alone)) if is_same => asking.alone.set(Some(Arc::from(alone))),
                Ok(LanguageResponse::Asked(_)) => {}
                Ok(_) => asking.failure.set(Some(unexpected())),
                Err(error) => asking.failure.set(Some(error)),
            }
        });
    }

    /// Has the published system's answer computed.
    pub fn tell_story(self) {
        spawn_local(async move {
            match self.ask(None, LanguageRequest::Story, Vec::new(), None).await {
                Ok(LanguageResponse::Story(story)) => self.asking.story.set(Some(Arc::from(story))),
                Ok(_) => self.asking.failure.set(Some(unexpected())),
                Err(error) => self.asking.failure.set(Some(error)),
            }
        });
    }
}

impl Coming {
    fn take(&mut self, progress: Progress) {
        match progress {
            Progress::Token(text, origin) => self.tokens.push((text, origin)),
            Progress::Wat(tap, text) => {
                if let Some(program) = self.programs.get_mut(tap) {
                    program.push(text);
                }
            }
            Progress::Chosen(chosen) => self.chosen = chosen,
        }
    }
}
