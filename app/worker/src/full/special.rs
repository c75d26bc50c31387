//! The last run once more, on a machine that has the program in its weights.

use engine::interpreter::full::compile::special::specialise;
use engine::interpreter::full::engine::FullEngine;
use engine::interpreter::full::recording::Recording;
use engine::interpreter::full::run;
use engine::interpreter::model::Transformer;
use protocol::machine::{Size, Specialised};
use protocol::{AppError, Response};

use super::{Errand, failed};
use crate::rest::Rest;

/// Compiles the program of a run into weights, has those write its trace from a prompt without instructions, and compares.
///
/// # Errors
/// When the program cannot be compiled so, or the engine fails.
pub async fn run(
    general: &Transformer,
    recording: &Recording,
    errand: &Errand<'_>,
) -> Result<Specialised, AppError> {
    let (program, stub, last) = (recording.program(), recording.stub(), recording.run());
    let model = specialise(program, stub).map_err(|error| failed(&error))?;
    let mut engine = FullEngine::special(&model).map_err(|error| failed(&error))?;
    let rest = Rest::new(errand.scope);
    let go_on = async |tokens: usize| {
        if tokens.is_multiple_of(64) && rest.when_due().await {
            errand.scope.post(errand.id, Response::Progress { tokens });
        }
        !(errand.is_cancelled)()
    };
    let begun = run::begin_special(stub);
    let prompt_tokens = begun.len();
    let written = run::write(&mut engine, begun, last.trace().len(), go_on).await;
    let written = written.map_err(|error| failed(&error))?;
    let same = written.trace().zip(last.trace()).take_while(|(ours, theirs)| ours == theirs).count();
    Ok(Specialised {
        instructions: (program.code.len() + stub.records.len()) as u32,
        general: size(general, last.prompt_tokens),
        special: size(&model, prompt_tokens),
        tokens: written.trace().len() as u32,
        of: last.trace().len() as u32,
        same: same as u32,
        seconds: rest.worked(),
    })
}

fn size(model: &Transformer, prompt_tokens: usize) -> Size {
    let tensors = model.tensors();
    let weights = tensors.iter().flat_map(|(_, matrix)| matrix.data());
    Size {
        prompt_tokens: prompt_tokens as u32,
        layers: model.blocks.len() as u32,
        heads: model.blocks.iter().map(|block| block.heads.len() as u32).sum(),
        neurons: model.card.layers.iter().map(|layer| layer.neurons.len() as u32).sum(),
        parameters: model.card.parameters as u32,
        not_zero: weights.filter(|weight| **weight != 0.0).count() as u32,
    }
}
