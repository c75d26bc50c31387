//! Runs the built command.

#![allow(dead_code, reason = "each test program compiles this module for itself, and none needs all of it")]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the command printed, and its exit status.
pub struct Printed {
    /// The exit status; −1 if it was killed.
    pub status: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
}

impl Printed {
    /// The output as one JSON object; `null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.output).unwrap_or_default()
    }

    /// Why the program was stopped, from the JSON; empty if it was not.
    pub fn trap(&self) -> String {
        let json = self.json();
        json.get("trap").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }
}

/// Runs `worldmodel` with arguments and standard input.
pub fn worldmodel(arguments: &[&OsStr], input: &str) -> Printed {
    worldmodel_in(Path::new("."), arguments, input)
}

/// The same in a folder.
pub fn worldmodel_in(folder: &Path, arguments: &[&OsStr], input: &str) -> Printed {
    let run = || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_worldmodel"))
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read its input closes it.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    };
    match run() {
        Ok(done) => Printed {
            status: done.status.code().unwrap_or(-1),
            output: String::from_utf8_lossy(&done.stdout).into_owned(),
            errors: String::from_utf8_lossy(&done.stderr).into_owned(),
        },
        Err(error) => Printed { status: -1, output: String::new(), errors: error.to_string() },
    }
}

/// A folder that cargo gives to tests.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// A program file.
pub fn program(name: &str, text: &str) -> PathBuf {
    let file = folder().join(name);
    // If it cannot be written, the command says that it cannot be read.
    let _ = std::fs::write(&file, text);
    file
}
