//! A question's run as a trace file, and a file's question asked again.

use engine::kernels::Compute;
use engine::qwen::interventions::Interventions;
use engine::trace::language::{Given, record};
use engine::trace::{self, Trace};
use engine::worldmodel::adapter::fingerprint_of;
use engine::worldmodel::ask::{self, Settings};
use engine::worldmodel::selection;
use protocol::AppError;
use protocol::asking::{Choice, Granted, Question, Says, Weights};
use protocol::language::{Intervention, LanguageProgress, Part, Replacement, TextOf};
use protocol::trace::{Replayed, not_opened};

use super::asking::failed;
use super::errand::Errand;
use super::error;
use super::session::Session;
use super::switched::Switched;
use crate::traces;

/// A question as it was answered: what a trace of it is made of.
#[derive(Clone)]
pub struct Answered {
    /// The question.
    pub text: String,
    /// How it was asked.
    pub settings: Settings,
    /// What each term of a score counted; `None` for a model without taps.
    pub weights: Option<selection::Weights>,
    /// What came of it.
    pub asked: ask::Asked,
}

/// The last answers, of which the page may want a file.
#[derive(Default)]
pub struct LastAnswers {
    /// With nothing replaced.
    pub plain: Option<Answered>,
    /// With something replaced.
    pub changed: Option<Answered>,
}

impl Answered {
    /// The whole text.
    pub fn tokens(&self) -> Vec<u32> {
        self.asked.tokens.iter().map(|(token, _)| *token).collect()
    }

    /// The same without what no file holds: the attention and the second choices of each token of a program.
    pub fn for_a_file(&self) -> Self {
        let mut answered = self.clone();
        for candidate in &mut answered.asked.candidates {
            candidate.written.heads.clear();
            candidate.written.others.clear();
        }
        answered
    }
}

impl<C: Compute> Session<C> {
    /// A question's run as a file's text.
    ///
    /// # Errors
    /// When no question was answered so, somebody stops it, or the device fails.
    pub async fn write_trace(&mut self, of: TextOf, errand: &Errand<'_>) -> Result<String, AppError> {
        let last = if of == TextOf::Changed { &self.last.changed } else { &self.last.plain };
        let answered = last.clone().ok_or_else(|| {
            not_opened("this model has answered no question since it was loaded", "Ask it once more.")
        })?;
        let name = self.name.clone();
        traces::write(&self.trace(&name, &answered, errand).await?)
    }

    /// A question's run, by a model of this name.
    async fn trace(
        &mut self,
        name: &str,
        answered: &Answered,
        errand: &Errand<'_>,
    ) -> Result<Trace, AppError> {
        // The caches take in the text once more, for its logits.
        self.forget(0);
        let Answered { text, settings, weights, asked } = answered;
        let given = Given { name, question: text, settings, weights: weights.as_ref() };
        let (mut said, of) = (0, asked.tokens.len());
        let go_on = async || {
            said += 1;
            errand.tell_now_and_then(LanguageProgress::Reading { tokens: said, of });
            !errand.is_to_stop().await
        };
        let trace = record(&mut self.decoder, &self.tokenizer, given, asked, go_on).await;
        self.forget(0);
        trace.map_err(|failure| failed(&failure))
    }

    /// Asks a file's question again, as it was asked, and compares. The text is looked at from then on as if a person had asked.
    ///
    /// # Errors
    /// When the file is of another model, or what it says is not to be had of this one; when somebody stops it, or the device fails.
    pub async fn replay(&mut self, file: &Trace, errand: &Errand<'_>) -> Result<Replayed, AppError> {
        let trace::Input::Question(wanted) = &file.run.input else {
            return Err(not_opened("the file is no question's", "Open it in the X-ray of the machines."));
        };
        self.is_of_this(file).await?;
        let weights = trace::language::weights(wanted);
        if weights.is_some() != self.adapted.is_some() {
            let message = match self.adapted {
                Some(_) => "the file is of this model without its taps",
                None => "the file is of this model with taps",
            };
            return Err(not_opened(message, "Load the model as it was, with its taps or without."));
        }
        let shape = self.adapted.as_ref().map_or((0, 0), |adapted| adapted.shape());
        let settings = trace::language::settings(wanted, &self.model.config, shape).map_err(|reason| {
            let remedy = "The file was changed or damaged: export the run once more.";
            not_opened(format!("line 1, question: {reason}"), remedy)
        })?;
        let begin = errand.scope.seconds();
        let question = self.question(wanted);
        let replaced = replaced(wanted);
        let head_dim = self.model.config.head_dim;
        let as_it_is = Settings {
            interventions: Interventions::new(Vec::new(), head_dim),
            gates: Vec::new(),
            ..settings.clone()
        };
        let nothing = Switched::default();
        let plain = self.answer_so(&wanted.text, as_it_is, weights.clone(), &nothing, (errand, true)).await?;
        let mut run = plain.for_a_file();
        let as_it_was = plain.clone();
        let mut with_parts = None;
        let asked = self.shown_answer(question.clone(), plain.asked, errand.scope.seconds() - begin);
        let mut changed = None;
        if !replaced.is_empty() {
            let begin = errand.scope.seconds();
            let switched =
                Switched::known(replaced.clone(), settings.interventions.clone(), settings.gates.clone());
            let other = self.answer_so(&wanted.text, settings, weights, &switched, (errand, false)).await?;
            run = other.for_a_file();
            with_parts = Some((other.clone(), switched));
            let question = Question { interventions: replaced, ..question.clone() };
            changed = Some(self.shown_answer(question, other.asked, errand.scope.seconds() - begin));
        }
        let again = self.trace(&file.run.model.name, &run, errand).await?;
        // Not before: what is stopped or fails leaves the question that is shown.
        self.remember(&question, &as_it_was);
        if let Some((other, switched)) = with_parts {
            self.remember_changed(&other, switched);
        }
        Ok(Replayed { asked, changed, difference: traces::compared(file, again) })
    }

    /// Whether a file's run was computed with these weights.
    async fn is_of_this(&mut self, file: &Trace) -> Result<(), AppError> {
        let (compute, weights) = self.decoder.parts();
        let gains = compute.read_gain(&weights.norm).await.map_err(|failure| error::compute(&failure))?;
        let fingerprint = fingerprint_of(&gains);
        let model = &file.run.model;
        if model.fingerprint == fingerprint {
            return Ok(());
        }
        let message = format!(
            "line 1: the file is of another model or version: {} with the fingerprint {}; the one that is loaded, {}, has {fingerprint}",
            model.name, model.fingerprint, self.name
        );
        Err(not_opened(message, "Load the model that wrote it under Models, and open the file again."))
    }

    /// A file's question as the page asks it, with nothing replaced.
    fn question(&self, wanted: &trace::Question) -> Question {
        let trained = self.adapted.as_ref().map(|adapted| adapted.weights());
        let weights = trace::language::weights(wanted).filter(|weights| Some(weights) != trained.as_ref());
        let granted = wanted.granted.iter().map(|grant| Granted {
            name: grant.name.clone(),
            says: match (grant.says.as_str(), grant.says.as_i64()) {
                (Some(text), _) => Says::Text(text.to_owned()),
                (None, number) => Says::Number(number.unwrap_or_default()),
            },
        });
        Question {
            text: wanted.text.clone(),
            alone: wanted.alone,
            choice: match wanted.rule {
                trace::Rule::Trained => Choice::Trained,
                trace::Rule::Original => Choice::Original,
                trace::Rule::Tap(tap) => Choice::Tap(tap),
            },
            weights: weights.map(|weights| Weights { terms: weights.terms, taps: weights.taps }),
            granted: granted.collect(),
            interventions: Vec::new(),
        }
    }
}

/// What a file says is replaced, in the page's words: several values that differ are a mean's.
fn replaced(wanted: &trace::Question) -> Vec<Intervention> {
    let parts = wanted.interventions.iter().filter_map(|one| {
        let part = match one.part.as_str() {
            trace::language::HEAD => Part::Head(one.index),
            trace::language::NEURON => Part::Neuron(one.index),
            trace::language::DIMENSION => Part::Dimension(one.index),
            _ => return None,
        };
        let with = match one.values.split_first() {
            None => Replacement::Zero,
            Some((first, rest)) if rest.iter().all(|value| value == first) => Replacement::Value(*first),
            Some(_) => Replacement::Mean,
        };
        Some(Intervention { layer: one.layer, part, with, position: one.position })
    });
    let gates = wanted.gates.iter().map(|gate| Intervention {
        layer: gate.tap,
        part: Part::Gate(gate.layer),
        with: if gate.to == 0.0 { Replacement::Zero } else { Replacement::Value(gate.to) },
        position: None,
    });
    parts.chain(gates).collect()
}
