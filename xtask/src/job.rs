//! Running another program: with its output on the terminal, or kept until it fails.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// How many of the last lines of a failed quiet program are shown.
const SHOWN_LINES: usize = 150;

/// One program to run.
pub struct Job {
    command: Command,
    quiet: bool,
}

/// What a program printed, and whether it succeeded.
pub struct Printed {
    /// Whether the exit status was zero.
    pub success: bool,
    /// Standard output and standard error, in the order they came.
    pub text: String,
}

impl Job {
    /// A program by name or path.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        // `cargo run` gives its child variables that would make a nested cargo rebuild things,
        // and a library path that belongs to another compiler than the one for the web.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let from_cargo = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_");
            if from_cargo || ["CARGO", "CARGO_BIN_NAME", "LD_LIBRARY_PATH"].contains(&text.as_ref()) {
                command.env_remove(&name);
            }
        }
        Self { command, quiet: false }
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Several environment variables.
    pub fn envs(mut self, variables: &[(&str, &str)]) -> Self {
        self.command.envs(variables.iter().copied());
        self
    }

    /// The folder to run in.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Whether to keep the output back unless the program fails.
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.quiet = quiet;
        self
    }

    /// Runs the program; an error when it cannot start or does not succeed.
    pub fn run(mut self) -> Result<()> {
        if self.quiet {
            let shown = self.shown();
            let printed = self.capture()?;
            if !printed.success {
                bail!("`{shown}` failed:\n{}", last_lines(&printed.text));
            }
            return Ok(());
        }
        let status = self.command.stdin(Stdio::null()).status().with_context(|| self.cannot_start())?;
        if !status.success() {
            bail!("`{}` failed: {status}", self.shown());
        }
        Ok(())
    }

    /// Runs the program and keeps what it printed, whether or not it succeeds.
    pub fn capture(mut self) -> Result<Printed> {
        let (mut reader, writer) = std::io::pipe()?;
        self.command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = self.command.spawn().with_context(|| self.cannot_start())?;
        drop(self.command); // It holds the writing end, and reading ends only when nobody does.
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        let success = child.wait()?.success();
        Ok(Printed { success, text: String::from_utf8_lossy(&bytes).into_owned() })
    }

    /// Runs the program and returns its standard output; an error when it does not succeed.
    pub fn output(mut self) -> Result<String> {
        let output = self.command.stdin(Stdio::null()).output().with_context(|| self.cannot_start())?;
        if !output.status.success() {
            bail!("`{}` failed:\n{}", self.shown(), last_lines(&String::from_utf8_lossy(&output.stderr)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs the program only to learn whether it succeeds.
    pub fn succeeds(self) -> bool {
        self.capture().is_ok_and(|printed| printed.success)
    }

    fn cannot_start(&self) -> String {
        format!("cannot start `{}`: is it installed and on PATH?", self.shown())
    }

    fn shown(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}

/// An error and its causes, one a line; without the stack, which tells a user nothing.
pub fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The end of a long output, which is where the reason usually stands.
pub fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(SHOWN_LINES);
    let mut shown = lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n");
    if skipped > 0 {
        shown.insert_str(0, &format!("… {skipped} lines before\n"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_lines_and_counts_the_others() {
        let text: String = (0..SHOWN_LINES + 2).map(|line| format!("{line}\n")).collect();
        let shown = last_lines(&text);
        assert!(shown.starts_with("… 2 lines before\n2\n"));
        assert_eq!(last_lines("one\ntwo"), "one\ntwo");
    }

    #[test]
    fn an_unknown_program_says_so() {
        let error = Job::new("worldmodel-no-such-program").run().unwrap_err();
        assert!(error.to_string().contains("is it installed"));
    }
}
