//! Token ids and prompts against the Python libraries', on this machine. `README.md` says what the fixtures are
//! and which environment variables name the tokenizers; tests that lack theirs count as ignored.

mod checks;
mod gguf;

use libtest_mimic::{Arguments, Failed, Trial};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

const SMOLLM2: &str = "WORLDMODEL_SMOLLM2_GGUF";
const QWEN3: &str = "WORLDMODEL_QWEN3_TOKENIZER";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::test("chats_by_template", || Ok(checks::chats_by_template()?)),
        Trial::test("chats_built_in", || Ok(checks::chats_built_in()?)),
        trial("smollm2_golden_ids", SMOLLM2, |path| {
            let tokenizer = gguf::tokenizer(&fs::read(path)?)?;
            Ok(checks::golden(&tokenizer, &checks::SMOLLM2)?)
        }),
        trial("smollm2_prompts", SMOLLM2, |path| {
            let tokenizer = gguf::tokenizer(&fs::read(path)?)?;
            Ok(checks::prompts(&tokenizer, &checks::SMOLLM2)?)
        }),
        trial("qwen3_golden_ids", QWEN3, |path| Ok(checks::golden(&qwen3(path)?, &checks::QWEN3)?)),
        trial("qwen3_prompts", QWEN3, |path| Ok(checks::prompts(&qwen3(path)?, &checks::QWEN3)?)),
        trial("qwen3_golden_ids_from_gguf_metadata", QWEN3, |path| {
            let tokenizer = checks::through_gguf(&fs::read(path)?)?;
            checks::golden(&tokenizer, &checks::QWEN3)?;
            Ok(checks::prompts(&tokenizer, &checks::QWEN3)?)
        }),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test that needs the file that an environment variable names.
fn trial(
    name: &str,
    variable: &'static str,
    run: impl FnOnce(PathBuf) -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let path = env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    let absent = path.is_none();
    let trial = Trial::test(name, move || run(path.ok_or_else(|| format!("{variable} is not set"))?));
    if absent { trial.with_kind(format!("needs {variable}")).with_ignored_flag(true) } else { trial }
}

fn qwen3(path: PathBuf) -> Result<engine::tokenizer::Tokenizer, Failed> {
    let config = fs::read(path.with_file_name("tokenizer_config.json"))?;
    Ok(engine::tokenizer::Tokenizer::from_json(&fs::read(path)?)?.with_config(&config)?)
}
