//! The values that a tour's text names, as they are on the screen.

use protocol::asking::Asked;

use crate::xray::extra::Extra;
use crate::xray::format::{number, pair};
use crate::xray::state::Scene;

/// A value of a position of a run. A name in capitals is a dimension behind the layer; `before NAME` is what it held in front of it.
///
/// | name | value |
/// |---|---|
/// | `token`, `answer` | the token there, and the one that the model answers |
/// | `word` | the answer as the machine writes it |
/// | `about`, `host` | what stands there, and what the host did |
/// | `query`, `found`, `winner` | of the open head: query, result, position of the winning key |
/// | `gate`, `value`, `product` | of the open neuron |
pub fn in_run(name: &str, scene: &Scene, layer: usize, extra: Extra) -> Option<String> {
    let capture = &scene.capture;
    let values = capture.layers.get(layer)?;
    let head = || values.heads.get(extra.head?);
    let neuron = |of: &[f32]| of.get(extra.neuron?).copied().map(number);
    let place = || scene.place(capture.position);
    let dim = |name: &str, of: &[f32]| {
        let dim = scene.card.dims.iter().position(|part| part.label == name)?;
        of.get(dim).copied().map(number)
    };
    match name {
        "token" => Some(capture.token.to_string()),
        "answer" => Some(capture.argmax.to_string()),
        "about" => place().map(|place| place.about.clone()),
        "host" => place().map(|place| place.host.join("; ")),
        "query" => head().map(|head| pair(&head.q)),
        "found" => head().map(|head| pair(&head.z)),
        "winner" => head()?.winner.map(|winner| winner.to_string()),
        "gate" => neuron(&values.pre),
        "value" => neuron(&values.pre_linear),
        "product" => neuron(&values.post),
        _ => match name.strip_prefix("before ") {
            Some(name) => dim(name, &values.resid_pre),
            None => dim(name, &values.resid_post),
        },
    }
}

/// A value of an answer.
///
/// | name | value |
/// |---|---|
/// | `operands` | what was found in the question |
/// | `plan`, `result`, `reply` | what the model wrote, what was put in, what it said |
/// | `layers`, `chosen`, `original` | the taps' layers, whose program was chosen, whose the published rule chooses |
/// | `program T`, `ran T`, `op T` | tap T's program, what it came to, what the published rule takes it for |
/// | `token T P`, `likely T P` | token P of tap T's program, and its probability |
pub fn in_answer(name: &str, asked: &Asked) -> Option<String> {
    let layer = |tap: Option<usize>| asked.candidates.get(tap?).map(|one| one.layer.to_string());
    let mut words = name.split(' ');
    let word = words.next().unwrap_or_default();
    let mut next = || words.next().and_then(|word| word.parse::<usize>().ok());
    let mut candidate = || asked.candidates.get(next()?);
    match word {
        "operands" => {
            let all: Vec<String> =
                asked.operands.iter().map(|(name, value)| format!("<{name}> = {value}")).collect();
            Some(all.join(", "))
        }
        "plan" => Some(asked.plan.clone()),
        "result" => asked.result.as_ref().map(|result| result.clone().unwrap_or_else(|failure| failure)),
        "reply" => Some(asked.reply.iter().map(|(text, _)| text.as_str()).collect()),
        "layers" => {
            let all: Vec<String> = asked.candidates.iter().map(|one| one.layer.to_string()).collect();
            Some(all.join(", "))
        }
        "chosen" => layer(asked.chosen),
        "original" => layer(asked.by_original),
        "program" => {
            let one = candidate()?;
            Some(one.tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" "))
        }
        "ran" => candidate().map(|one| one.result.clone().unwrap_or_else(|failure| failure)),
        "op" => candidate().map(|one| one.operation.clone()),
        "token" => {
            let one = candidate()?;
            Some(one.tokens.get(next()?)?.text.clone())
        }
        "likely" => {
            let one = candidate()?;
            let (_, probability) = one.tokens.get(next()?)?.likeliest.first()?;
            Some(crate::language::units::percent(*probability))
        }
        _ => None,
    }
}
