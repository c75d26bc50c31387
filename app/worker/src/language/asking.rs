//! A question, answered with programs: the engine's answer as the page shows it.

use engine::kernels::Compute;
use engine::sandbox::Grant;
use engine::worldmodel::adapter::{AdapterConfig, Base};
use engine::worldmodel::answer::{Answer, Failure};
use engine::worldmodel::ask::{self, AskError, Event, Prompted, Settings, Source, WorldModel};
use engine::worldmodel::measure::judge::declines;
use engine::worldmodel::numbers::Operands;
use engine::worldmodel::original::{self, Operation};
use engine::worldmodel::program::Token;
use engine::worldmodel::selection::{self, Selection};
use engine::worldmodel::taps::{Taps, trained_gate};
use engine::worldmodel::{published, reply};
use protocol::asking::{
    Asked, Asking, Candidate, Choice, Judged, Origin, Question, Says, Story, WatToken, Way, Weights, World,
};
use protocol::language::{LanguageProgress, Replacement};
use protocol::{AppError, Problem};

use super::card::parameters;
use super::errand::Errand;
use super::error;
use super::files::Adapter;
use super::session::Session;
use super::switched::Switched;
use super::traced::{Answered, LastAnswers};

/// The taps of a loaded model.
pub struct Adapted<C: Compute> {
    base: Base,
    taps: Taps<C>,
    selection: Selection,
}

impl<C: Compute> Adapted<C> {
    /// Taps, how they came to their decoder, and how their candidates are chosen.
    pub const fn new(base: Base, taps: Taps<C>, selection: Selection) -> Self {
        Self { base, taps, selection }
    }

    /// What decides between candidates, as trained.
    pub fn weights(&self) -> selection::Weights {
        self.selection.weights.clone()
    }

    /// Taps, and layers of each.
    pub fn shape(&self) -> (usize, usize) {
        (self.taps.taps.len(), self.taps.config.layers)
    }
}

impl<C: Compute> Session<C> {
    /// Answers a question. A look speaks of this text from now on, unless it was answered without tools; of one that was answered
    /// with something replaced only where it says so.
    ///
    /// # Errors
    /// When the model has neither taps nor a chat template, the question is empty or too long, a part to be replaced is not there,
    /// somebody stops it, or the device fails.
    pub async fn ask(&mut self, question: Question, errand: &Errand<'_>) -> Result<Asked, AppError> {
        let begin = errand.scope.seconds();
        let switched = self.switched_for(&question, errand).await?;
        let answered = self.answer(&question, &switched, (errand, true)).await?;
        if !question.interventions.is_empty() {
            self.remember_changed(&answered, switched);
        } else if !question.alone {
            // Beside an answer with programs, that one stays what is looked at.
            self.remember(&question, &answered);
        }
        Ok(self.shown_answer(question, answered.asked, errand.scope.seconds() - begin))
    }

    /// This answer is looked at from now on.
    pub(super) fn remember(&mut self, question: &Question, answered: &Answered) {
        let text = answered.tokens();
        self.chat.clone_from(&text);
        self.plain = Some((question.clone(), text));
        self.last = LastAnswers { plain: Some(answered.for_a_file()), changed: None };
    }

    /// This answer, with something replaced, is looked at where that one is wanted.
    pub(super) fn remember_changed(&mut self, answered: &Answered, switched: Switched) {
        self.changed = Some((answered.tokens(), switched));
        self.last.changed = Some(answered.for_a_file());
    }

    /// What is replaced for a question. Means are taken over its text as it is answered with nothing replaced; if that is not known,
    /// it is answered so first.
    async fn switched_for(&mut self, question: &Question, errand: &Errand<'_>) -> Result<Switched, AppError> {
        let wanted = &question.interventions;
        if wanted.is_empty() {
            return Ok(Switched::default());
        }
        let mut over = Vec::new();
        if wanted.iter().any(|one| one.with == Replacement::Mean) {
            let plain = Question { interventions: Vec::new(), ..question.clone() };
            let known = self.plain.as_ref().filter(|(known, _)| *known == plain);
            over = match known {
                Some((_, text)) => text.clone(),
                None => {
                    let text = self.answer(&plain, &Switched::default(), (errand, false)).await?.tokens();
                    self.plain = Some((plain, text.clone()));
                    text
                }
            };
        }
        let found = Switched::find(self, wanted, &over, errand).await?;
        found.ok_or_else(error::stopped)
    }

    /// The engine's answer, with something replaced; told as it comes if `tells`.
    async fn answer(
        &mut self,
        question: &Question,
        switched: &Switched,
        told: (&Errand<'_>, bool),
    ) -> Result<Answered, AppError> {
        let settings = Settings {
            interventions: switched.hooks.clone(),
            gates: switched.gates.clone(),
            ..settings(question)
        };
        let weights = self.adapted.as_ref().map(|adapted| {
            let given = question.weights.clone();
            given.map_or_else(
                || adapted.weights(),
                |Weights { terms, taps }| selection::Weights { terms, taps },
            )
        });
        self.answer_so(&question.text, settings, weights, switched, told).await
    }

    /// The same, asked in this very way.
    pub(super) async fn answer_so(
        &mut self,
        text: &str,
        settings: Settings,
        weights: Option<selection::Weights>,
        switched: &Switched,
        (errand, tells): (&Errand<'_>, bool),
    ) -> Result<Answered, AppError> {
        self.switch_to(switched.clone());
        self.forget(0);
        let Self { decoder, tokenizer, adapted, .. } = self;
        let shown = |token: u32| {
            tokenizer.token_text(token).map_or_else(|| format!("<{token}>"), |text| text.into_owned())
        };
        let each = async |event: Event| {
            let told = match event {
                Event::Token(token, source) => Asking::Token(shown(token), origin(source)),
                Event::Wat(tap, token) => Asking::Wat(tap, token.to_string()),
                Event::Chosen(chosen) => Asking::Chosen(chosen),
                Event::Attempt(attempt, token) => Asking::Wat(attempt, shown(token)),
            };
            if tells {
                errand.tell(LanguageProgress::Asking(told));
            }
            !errand.is_to_stop().await
        };
        let asked = match adapted {
            Some(Adapted { base, taps, selection }) => {
                let mut selection = selection.clone();
                if let Some(weights) = &weights {
                    selection.weights = weights.clone();
                }
                let mut model = WorldModel { base: *base, decoder, taps, tokenizer, selection: &selection };
                model.ask(text, &settings, each).await
            }
            None => Prompted { decoder, tokenizer }.ask(text, &settings, each).await,
        };
        // The taps have asked for more than the caches' tokens: what follows takes them in anew.
        self.forget(0);
        let asked = asked.map_err(|failure| failed(&failure))?;
        Ok(Answered { text: text.to_owned(), settings, weights, asked })
    }

    /// What decides between so many candidates.
    fn weights(&self, candidates: usize) -> Weights {
        let weights = match &self.adapted {
            Some(adapted) => adapted.selection.weights.clone(),
            None => Selection::untrained(candidates).weights,
        };
        Weights { terms: weights.terms, taps: weights.taps }
    }

    /// An answer as the page shows it.
    pub(super) fn shown_answer(&self, question: Question, asked: ask::Asked, seconds: f64) -> Asked {
        let result = asked.result().cloned();
        let declines = asked.computes_nothing() && asked.ended && declines(&question.text, &asked.reply);
        let parts = reply::parts(asked.reply.trim(), result.as_ref().and_then(|result| result.as_ref().ok()));
        Asked {
            operands: operands(&asked.operands),
            tokens: asked
                .tokens
                .iter()
                .map(|(token, source)| (self.shown(*token), origin(*source)))
                .collect(),
            plan: asked.plan,
            way: match asked.way {
                ask::Way::Planned => Way::Planned,
                ask::Way::Frozen => Way::Frozen,
                ask::Way::Prompted => Way::Prompted,
            },
            weights: self.weights(asked.candidates.len()),
            candidates: asked.candidates.into_iter().map(candidate).collect(),
            chosen: asked.chosen,
            by_original: asked.by_original,
            result: result.map(|result| told(&result)),
            reply: parts.into_iter().map(|part| (part.text, part.computed)).collect(),
            ended: asked.ended,
            declines,
            seconds,
            question,
        }
    }
}

/// What the page is told of an adapter.
pub fn world(adapter: &Adapter) -> World {
    let Adapter { config, weights: tensors } = adapter;
    let taps = &config.taps;
    let gates = |tap| (0..taps.layers).filter_map(|layer| trained_gate(tensors, tap, layer).ok()).collect();
    World {
        layers: taps.behind.clone(),
        tap_heads: (taps.layers, taps.heads),
        gates: (0..taps.behind.len()).map(gates).collect(),
        parameters: tensors.tensors().iter().map(parameters).fold(0, u64::saturating_add),
        training: training(config),
    }
}

/// How it was trained, as its adapter says.
fn training(config: &AdapterConfig) -> Vec<(String, String)> {
    let of = |name: &str, pointer: &str| {
        let value = config.training.pointer(pointer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((name.to_owned(), text))
    };
    [
        of("steps", "/steps"),
        of("planned steps", "/planned"),
        of("samples", "/samples"),
        of("seed", "/settings/seed"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The published system's answer to 12 × 11.
pub fn story() -> Story {
    let (programs, chosen) = published::twelve_by_eleven();
    let candidates = programs.into_iter().map(|one| Candidate {
        layer: one.judged.layer,
        tokens: Vec::new(),
        operation: Operation::of(&one.wat).name().to_owned(),
        wat_as_run: one.wat.clone(),
        wat: one.wat,
        result: told(&one.answer),
        fuel: one.fuel,
        calls: Vec::new(),
        terms: [0.0; 5],
        original: judged(&one.judged),
    });
    Story { question: published::QUESTION.to_owned(), candidates: candidates.collect(), chosen }
}

fn settings(question: &Question) -> Settings {
    let granted = question.granted.iter().map(|grant| match &grant.says {
        Says::Text(text) => Grant::text(&grant.name, text),
        Says::Number(number) => Grant::integer(&grant.name, *number),
    });
    let choice = match question.choice {
        Choice::Trained => ask::Choice::Trained,
        Choice::Original => ask::Choice::Original,
        Choice::Tap(tap) => ask::Choice::Tap(tap),
    };
    Settings { granted: granted.collect(), alone: question.alone, choice, ..Settings::default() }
}

const fn origin(source: Source) -> Origin {
    match source {
        Source::Question => Origin::Question,
        Source::Model => Origin::Model,
        Source::Computed => Origin::Computed,
    }
}

fn told(result: &Result<Answer, Failure>) -> Result<String, String> {
    result.as_ref().map(ToString::to_string).map_err(ToString::to_string)
}

/// What was found in a question, by the names that a plan has for it.
fn operands(operands: &Operands) -> Vec<(String, String)> {
    let lettered = operands.numbers.iter().enumerate();
    let lettered =
        lettered.filter_map(|(at, number)| Some((Operands::letter(at)?.to_string(), number.spelled.clone())));
    let list: Vec<&str> = operands.list().map(|number| number.spelled.as_str()).collect();
    let list = (!list.is_empty()).then(|| ("list".to_owned(), list.join(", ")));
    let texts = operands.texts.iter().zip(["text", "text2"]);
    lettered.chain(list).chain(texts.map(|(text, name)| (name.to_owned(), text.value.clone()))).collect()
}

fn candidate(candidate: ask::Candidate) -> Candidate {
    let ask::Candidate { layer, written, outcome, terms, original, .. } = candidate;
    let named = |likeliest: Vec<(Token, f32)>| -> Vec<(String, f32)> {
        likeliest.into_iter().map(|(token, probability)| (token.to_string(), probability)).collect()
    };
    let texts = written.tokens.iter().copied().chain(written.ended.then_some(Token::END));
    let tokens = texts.zip(written.others).zip(written.heads).map(|((token, likeliest), heads)| WatToken {
        text: token.to_string(),
        likeliest: named(likeliest),
        heads,
    });
    Candidate {
        layer,
        tokens: tokens.collect(),
        operation: Operation::of(&outcome.wat).name().to_owned(),
        result: told(&outcome.answer),
        fuel: outcome.fuel,
        calls: outcome.host_calls.into_iter().map(|call| (call.name, call.count)).collect(),
        wat: outcome.wat,
        wat_as_run: outcome.wat_as_run,
        terms: terms.values(),
        original: judged(&original),
    }
}

fn judged(judged: &original::Judged) -> Judged {
    let original::Before { layer, keyword, export, numbers, total, .. } = judged.before;
    Judged {
        before: [layer, keyword, export, numbers],
        before_total: total,
        runs: judged.runs,
        after: judged.after.map(|after| [after.keyword, after.layer, after.reasonable]),
    }
}

/// What went wrong while a question was answered.
pub fn failed(failure: &AskError) -> AppError {
    match failure {
        AskError::Stopped => error::stopped(),
        AskError::Compute(failure) => error::compute(failure),
        AskError::Decoder(failure) => error::decoder(failure),
        AskError::Sampling(failure) => error::error(Problem::BadRequest, failure.to_string(), "Ask again."),
        AskError::Empty => error::error(Problem::BadRequest, "the question is empty", "Type one."),
        AskError::Transcript(failure) => error::error(
            Problem::Model,
            failure.to_string(),
            "Load a model that chats, or one with its adapter.",
        ),
    }
}
