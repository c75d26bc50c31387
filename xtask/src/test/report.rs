//! Counting and timing the steps of `cargo xtask test`.

use crate::job::chain;
use anyhow::Result;
use std::time::{Duration, Instant};

/// What one step found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// What a reader should know: sizes, what was left out and why, the output of what failed.
    pub note: String,
}

impl Count {
    /// One check that passed.
    pub fn check() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// Nothing was run, and why.
    pub fn skipped(why: &str) -> Self {
        Self::default().note(format!("not run: {why}"))
    }

    /// The same with a note.
    pub fn note(self, note: String) -> Self {
        Self { note, ..self }
    }
}

/// One line of the table at the end.
struct Row {
    name: &'static str,
    seconds: Duration,
    count: Count,
}

/// The steps so far.
pub struct Report<'a> {
    only: Option<&'a str>,
    rows: Vec<Row>,
}

impl<'a> Report<'a> {
    /// An empty report; `only` chooses steps by a part of their name.
    pub fn new(only: Option<&'a str>) -> Self {
        Self { only, rows: Vec::new() }
    }

    /// Runs one step; true when nothing in it failed. A step that cannot run to its end counts as one failure.
    pub fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result<Count>) -> bool {
        if self.only.is_some_and(|only| !name.contains(only)) {
            return true;
        }
        println!("--- {name}");
        let start = Instant::now();
        let count = run().unwrap_or_else(|error| Count { passed: 0, failed: 1, note: chain(&error) });
        if !count.note.is_empty() {
            println!("{}", count.note.trim_end());
        }
        let fine = count.failed == 0;
        if !fine {
            println!("{name} FAILED");
        }
        self.rows.push(Row { name, seconds: start.elapsed(), count });
        fine
    }

    /// Prints the table and the closing line; true when nothing failed and something passed.
    pub fn finish(self) -> bool {
        println!("\n{:<24}{:>9}{:>9}{:>9}", "step", "seconds", "passed", "failed");
        for Row { name, seconds, count } in &self.rows {
            let Count { passed, failed, .. } = count;
            println!("{name:<24}{:>9.1}{passed:>9}{failed:>9}", seconds.as_secs_f64());
        }
        let passed: u64 = self.rows.iter().map(|row| row.count.passed).sum();
        let failed: u64 = self.rows.iter().map(|row| row.count.failed).sum();
        println!("\n{passed} passed, {failed} failed");
        failed == 0 && passed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_breaks_off_fails_and_the_next_one_runs() {
        let mut report = Report::new(None);
        assert!(!report.step("first", || anyhow::bail!("broken")));
        assert!(report.step("second", || Ok(Count::check())));
        assert!(!report.finish());
    }

    #[test]
    fn only_chooses_by_name() {
        let mut report = Report::new(Some("clip"));
        assert!(report.step("format", || anyhow::bail!("must not run")));
        assert!(report.step("clippy", || Ok(Count::check())));
        assert!(report.finish());
    }

    #[test]
    fn no_test_at_all_is_no_success() {
        assert!(!Report::new(None).finish());
    }
}
