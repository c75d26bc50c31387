//! What goes wrong with a language model, as the page is told it: what kind of thing, in which words, and what to do.

use engine::kernels::ComputeError;
use engine::qwen::sampling::SamplingError;
use engine::qwen::{DecoderError, LoadError};
use engine::tokenizer::TokenizerError;
use engine::tokenizer::chat::ChatError;
use engine::weights::{MatrixError, TensorError, WeightsError};
use engine::worldmodel::adapter::AdapterError;
use protocol::{AppError, Problem};

/// An error of any kind.
pub fn error(problem: Problem, message: impl Into<String>, remedy: impl Into<String>) -> AppError {
    AppError { problem, message: message.into(), remedy: remedy.into() }
}

/// Somebody stopped a load.
pub fn cancelled() -> AppError {
    error(Problem::Cancelled, "stopped", "What was downloaded stays; `Load` goes on from there.")
}

/// Somebody stopped what a loaded model was asked.
pub fn stopped() -> AppError {
    error(Problem::Cancelled, "stopped", "Ask again.")
}

/// What went wrong when a loaded model was asked something: nothing is downloaded then.
pub fn asked(failure: AppError) -> AppError {
    if failure.problem == Problem::Cancelled { stopped() } else { failure }
}

/// A graphics device whose operations are not the processor's.
#[cfg_attr(not(feature = "gpu"), allow(dead_code, reason = "there is no graphics device"))]
pub fn differs(device: &str, operations: usize, failures: &[String]) -> AppError {
    let first: Vec<&str> = failures.iter().map(String::as_str).take(3).collect();
    let message = format!(
        "{device} gives other numbers than the processor in {} of {operations} operations: {}",
        failures.len(),
        first.join("; ")
    );
    error(
        Problem::DeviceMissing,
        message,
        "Load the model on the CPU: its numbers are what others are compared with.",
    )
}

/// There is no model yet.
pub fn no_model() -> AppError {
    error(Problem::BadRequest, "no language model is loaded", "Load one first.")
}

/// Weights that are not opened.
pub fn weights(failure: &WeightsError) -> AppError {
    error(Problem::Model, failure.to_string(), sentence(failure.help()))
}

/// A model that is not loaded.
pub fn load(failure: &LoadError) -> AppError {
    match failure {
        LoadError::Compute(failure) => compute(failure),
        LoadError::Tensor(TensorError::Matrix { error: MatrixError::OutOfMemory { .. }, .. }) => {
            error(Problem::NoRoom, failure.to_string(), sentence(failure.help()))
        }
        _ => error(Problem::Model, failure.to_string(), sentence(failure.help())),
    }
}

/// Taps that cannot be used.
pub fn adapter(failure: &AdapterError) -> AppError {
    let remedy = "Choose the adapter.json and adapter.safetensors that were made for this very model.";
    error(Problem::Model, failure.to_string(), remedy)
}

/// A tokenizer that cannot be built.
pub fn tokenizer(failure: &TokenizerError) -> AppError {
    let remedy = match failure {
        TokenizerError::Missing => "Choose the tokenizer.json together with the .safetensors files.",
        TokenizerError::UnsupportedModel(_)
        | TokenizerError::UnsupportedPreTokenizer(_)
        | TokenizerError::NotByteLevel(_) => "Try a model of the Qwen3, Llama 3 or SmolLM2 family.",
        _ => "The file is damaged, or of an unusual model: fetch it again, or try another one.",
    };
    error(Problem::Model, failure.to_string(), remedy)
}

/// A text that is not tokenized.
pub fn text(failure: &TokenizerError) -> AppError {
    error(Problem::BadRequest, failure.to_string(), "Shorten the text.")
}

/// A chat that is not made into a prompt.
pub fn chat(failure: &ChatError) -> AppError {
    let remedy = match failure {
        ChatError::NoTemplate | ChatError::NeedsClock => "Give it a plain text to go on from instead.",
        ChatError::Refused(_) => "Change the messages as it says, or give it a plain text instead.",
        ChatError::Template { .. } | ChatError::TooMuch(_) => {
            "The file's template is of no use here: give it a plain text instead."
        }
        ChatError::NoGuard => "Take out one of these characters.",
    };
    error(Problem::BadRequest, failure.to_string(), remedy)
}

/// Settings that mean nothing.
pub fn sampling(failure: &SamplingError) -> AppError {
    error(Problem::BadRequest, failure.to_string(), "Put it back into its range.")
}

/// A pass that was not made.
pub fn decoder(failure: &DecoderError) -> AppError {
    match failure {
        DecoderError::ContextFull { .. } => error(
            Problem::BadRequest,
            failure.to_string(),
            "Begin a new chat, shorten the text, or load the model with a longer context.",
        ),
        DecoderError::Compute(failure) => compute(failure),
    }
}

/// A device that did not compute.
pub fn compute(failure: &ComputeError) -> AppError {
    let (problem, remedy) = match failure {
        ComputeError::NoSuchToken { .. } => {
            (Problem::BadRequest, "The tokenizer does not belong to these weights: take both from one place.")
        }
        ComputeError::NoRoom { .. } => {
            (Problem::NoRoom, "Take a smaller model or quantization, or a shorter context.")
        }
        ComputeError::NotNumbers => (
            Problem::Model,
            "The weights or their settings are damaged, or this device computes them wrongly: fetch the file again, or \
             try the CPU.",
        ),
        ComputeError::Device { .. } => (Problem::DeviceLost, "Go on with the CPU; the text stays."),
    };
    error(problem, failure.to_string(), remedy)
}

/// The engine's short help as a sentence of the page.
fn sentence(help: Option<String>) -> String {
    let help = help.unwrap_or_else(|| "try another file, or fetch this one again".to_owned());
    let mut letters = help.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_help_becomes_a_sentence() {
        assert_eq!(sentence(Some("fetch it again".to_owned())), "Fetch it again.");
        assert_eq!(sentence(Some("Done.".to_owned())), "Done.");
        assert!(weights(&WeightsError::NoFile).remedy.starts_with("Choose a .gguf"));
    }

    #[test]
    fn a_device_that_computes_otherwise_is_as_good_as_none() {
        let differs = differs("GPU", 40, &["logits: number 3 is 1, the CPU says 2".to_owned()]);
        assert_eq!(differs.problem, Problem::DeviceMissing);
        assert_eq!(
            differs.message,
            "GPU gives other numbers than the processor in 1 of 40 operations: logits: number 3 is 1, the CPU says 2"
        );
    }

    #[test]
    fn a_lost_device_and_a_full_one_are_told_apart() {
        let lost = ComputeError::Device { device: "GPU".to_owned(), reason: "gone".to_owned() };
        assert_eq!(compute(&lost).problem, Problem::DeviceLost);
        let full = ComputeError::NoRoom { device: "GPU".to_owned(), what: "x".to_owned(), bytes: 3 };
        assert_eq!(load(&LoadError::Compute(full)).problem, Problem::NoRoom);
    }
}
