//! Questions that a language model answered.

use serde_json::{Value, json};

use super::{AnswerEnd, By, Candidate, End, Gate, Granted, Input, Intervention, Likely};
use super::{Model, Question, Rule, Run, Token, Trace};
use crate::kernels::{Compute, Replacement};
use crate::qwen::decoder::Logits;
use crate::qwen::interventions::{self, Interventions, Part};
use crate::qwen::{Config, Decoder};
use crate::sandbox::{Grant, Told};
use crate::tokenizer::Tokenizer;
use crate::worldmodel::adapter::fingerprint_of;
use crate::worldmodel::answer::Answer;
use crate::worldmodel::ask::{self, AskError, Asked, Choice, Settings, Source};
use crate::worldmodel::program;
use crate::worldmodel::selection::Weights;
use crate::worldmodel::taps;

/// Tokens of the highest logits that are kept of each position at which the model said one.
const TOP: usize = 5;

/// What was asked, and how.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// What the model is called.
    pub name: &'a str,
    /// The question.
    pub question: &'a str,
    /// How it was asked.
    pub settings: &'a Settings,
    /// What each term of a score counts; `None` for a model without taps.
    pub weights: Option<&'a Weights>,
}

/// The name of a file of weights without the ending of its format: the model's name, points and all.
pub fn without_ending(file: &str) -> &str {
    let ending = [".gguf", ".safetensors"].into_iter().find_map(|ending| file.strip_suffix(ending));
    ending.unwrap_or(file)
}

/// An answered question as a trace. The text is computed once more, for its logits; `go_on` is asked at each token that the model
/// said, and on `false` there is no trace.
///
/// # Errors
/// When the device fails, or `go_on` says so.
pub async fn record<C: Compute>(
    decoder: &mut Decoder<C>,
    tokenizer: &Tokenizer,
    given: Given<'_>,
    asked: &Asked,
    go_on: impl AsyncFnMut() -> bool,
) -> Result<Trace, AskError> {
    let engine = decoder.compute().name();
    let (compute, weights) = decoder.parts();
    let gains = compute.read_gain(&weights.norm).await?;
    let model = Model { name: given.name.to_owned(), fingerprint: fingerprint_of(&gains) };
    let tokens = tokens(decoder, tokenizer, given.settings, asked, go_on).await?;
    let candidates = asked.candidates.iter().enumerate().map(|(index, one)| candidate(index, one));
    let result = asked.result().and_then(|result| result.as_ref().ok());
    let answer = AnswerEnd {
        way: asked.way.name().to_owned(),
        plan: asked.plan.clone(),
        order: asked.order.clone(),
        chosen: asked.chosen,
        by_original: asked.by_original,
        value: result.map_or(Value::Null, Answer::json),
        reply: asked.reply.clone(),
        ended: asked.ended,
    };
    Ok(Trace {
        run: Run::new(model, engine, Input::Question(Box::new(question(&given)))),
        end: End { tokens: tokens.len(), machine: None, answer: Some(answer) },
        tokens,
        candidates: candidates.collect(),
    })
}

/// The text, with the logits that the model's own tokens were chosen by.
async fn tokens<C: Compute>(
    decoder: &mut Decoder<C>,
    tokenizer: &Tokenizer,
    settings: &Settings,
    asked: &Asked,
    mut go_on: impl AsyncFnMut() -> bool,
) -> Result<Vec<Token>, AskError> {
    let text = |token: u32| {
        tokenizer.token_text(token).map_or_else(|| format!("<{token}>"), |text| text.into_owned())
    };
    let mut hooks: Interventions = settings.interventions.clone();
    decoder.truncate(0);
    let mut tokens = Vec::with_capacity(asked.tokens.len());
    let mut unread = Vec::new();
    for (position, &(id, source)) in asked.tokens.iter().enumerate() {
        let by = match source {
            Source::Question => By::Host,
            Source::Model => By::Model,
            Source::Computed => By::Computed,
        };
        let mut token = Token::new(position, id, text(id), by);
        if by == By::Model && !unread.is_empty() {
            if !go_on().await {
                return Err(AskError::Stopped);
            }
            let logits = decoder.forward(&unread, Logits::Last, &mut hooks)?;
            unread.clear();
            if let Some(logits) = logits {
                let top = decoder.compute().top(&logits, TOP).await?.pop().unwrap_or_default();
                let likely = top.largest.into_iter().map(|(id, logit)| Likely { id, text: text(id), logit });
                token.top = likely.collect();
            }
        }
        unread.push(id);
        tokens.push(token);
    }
    decoder.truncate(0);
    Ok(tokens)
}

fn candidate(index: usize, one: &ask::Candidate) -> Candidate {
    let ask::Candidate { layer, written, outcome, terms, score, original } = one;
    let tokens = written.tokens.iter().chain(written.ended.then_some(&program::Token::END));
    Candidate {
        index,
        layer: *layer,
        tokens: tokens.map(ToString::to_string).collect(),
        probabilities: written.probabilities.clone(),
        wat: outcome.wat.clone(),
        wat_as_run: outcome.wat_as_run.clone(),
        value: outcome.answer.as_ref().map_or(Value::Null, Answer::json),
        error: outcome.answer.as_ref().err().map(ToString::to_string),
        fuel: outcome.fuel,
        host_calls: outcome.host_calls.iter().map(|call| (call.name.clone(), call.count)).collect(),
        terms: terms.values().to_vec(),
        tap: score.tap,
        score: score.total,
        original: json!({ "before": original.before, "runs": original.runs, "after": original.after }),
    }
}

fn question(given: &Given<'_>) -> Question {
    let Given { question, settings, weights, .. } = given;
    let granted = settings.granted.iter().map(|grant| Granted {
        name: grant.name.clone(),
        says: match &grant.value {
            Told::Text(text) => json!(text),
            Told::Integer(value) => json!(value),
        },
    });
    let replaced = settings.interventions.list.iter().map(|one| {
        let (part, index) = match one.part {
            Part::Head(index) => (HEAD, index),
            Part::Neuron(index) => (NEURON, index),
            Part::Dimension(index) => (DIMENSION, index),
        };
        let values = match &one.with {
            Replacement::Zero => Vec::new(),
            Replacement::Values(values) => values.clone(),
        };
        Intervention { layer: one.layer, part: part.to_owned(), index, position: one.position, values }
    });
    let gates = settings.gates.iter().map(|gate| Gate { tap: gate.tap, layer: gate.layer, to: gate.to });
    Question {
        text: (*question).to_owned(),
        alone: settings.alone,
        rule: match settings.choice {
            Choice::Trained => Rule::Trained,
            Choice::Original => Rule::Original,
            Choice::Tap(tap) => Rule::Tap(tap),
        },
        tokens: settings.tokens,
        program_tokens: settings.program_tokens,
        samples: settings.samples,
        seed: settings.seed,
        weights: weights.map(|weights| weights.terms.to_vec()).unwrap_or_default(),
        tap_weights: weights.map(|weights| weights.taps.clone()).unwrap_or_default(),
        granted: granted.collect(),
        interventions: replaced.collect(),
        gates: gates.collect(),
    }
}

/// A head, as an intervention names its part.
pub const HEAD: &str = "head";
/// A neuron.
pub const NEURON: &str = "neuron";
/// A dimension of the residual stream.
pub const DIMENSION: &str = "dimension";

/// How a question is asked again, of a model of this shape, with so many taps of so many layers.
///
/// # Errors
/// What in it the model does not have.
pub fn settings(question: &Question, config: &Config, taps: (usize, usize)) -> Result<Settings, String> {
    let granted = question.granted.iter().map(|grant| match &grant.says {
        Value::String(text) => Ok(Grant::text(&grant.name, text)),
        says => match says.as_i64() {
            Some(value) => Ok(Grant::integer(&grant.name, value)),
            None => Err(format!("`{}` says neither a text nor an integer", grant.name)),
        },
    });
    let replaced = question.interventions.iter().map(|one| intervention(one, config));
    let gates = question.gates.iter().map(|gate| {
            let Gate { tap, layer, to } = *gate;
            if tap < taps.0 && layer < taps.1 {
                return Ok(taps::Gate { tap, layer, to });
            }
            let (count, layers) = taps;
            Err(format!(
                "the gate of layer {layer} of tap {tap} was opened otherwise, and the model has {count} taps of {layers} layers"
            ))
        });
    Ok(Settings {
        granted: granted.collect::<Result<_, _>>()?,
        tokens: question.tokens,
        program_tokens: question.program_tokens,
        alone: question.alone,
        choice: match question.rule {
            Rule::Trained => Choice::Trained,
            Rule::Original => Choice::Original,
            Rule::Tap(tap) => Choice::Tap(tap),
        },
        samples: question.samples,
        seed: question.seed,
        interventions: Interventions::new(replaced.collect::<Result<_, _>>()?, config.head_dim),
        gates: gates.collect::<Result<_, _>>()?,
        ..Settings::default()
    })
}

/// What a question's scores count, if the model had taps.
pub fn weights(question: &Question) -> Option<Weights> {
    let terms = question.weights.as_slice().try_into().ok()?;
    Some(Weights { terms, taps: question.tap_weights.clone() })
}

/// What a file says was replaced, of a model of this shape.
fn intervention(one: &Intervention, config: &Config) -> Result<interventions::Intervention, String> {
    let Intervention { layer, index, position, .. } = *one;
    let (part, count, width) = match one.part.as_str() {
        HEAD => (Part::Head(index), config.heads, config.head_dim),
        NEURON => (Part::Neuron(index), config.ffn, 1),
        DIMENSION => (Part::Dimension(index), config.hidden, 1),
        other => return Err(format!("`{other}` is no part that can be replaced")),
    };
    let name = &one.part;
    if layer >= config.layers || index >= count {
        let layers = config.layers;
        return Err(format!(
            "{name} {index} of layer {layer} was replaced, and the model has {layers} layers with {count} of that kind"
        ));
    }
    let with = match one.values.len() {
        0 => Replacement::Zero,
        values if values == width => Replacement::Values(one.values.clone()),
        values => {
            return Err(format!(
                "{values} values stand for {name} {index} of layer {layer}, which has {width}"
            ));
        }
    };
    Ok(interventions::Intervention { layer, part, position, with })
}
