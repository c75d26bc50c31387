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
    /// What a reader should know: sizes, the output of what failed.
    pub note: String,
    /// Why nothing was run; such a step has neither passed nor failed.
    pub not_run: Option<String>,
}

impl Count {
    /// One check that passed.
    pub fn check() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// Nothing was run, and why.
    pub fn skipped(why: &str) -> Self {
        Self { not_run: Some(why.to_owned()), ..Self::default() }
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
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Runs one step; true when nothing in it failed. A step that cannot run to its end counts as one failure.
    pub fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result<Count>) -> bool {
        println!("--- {name}");
        let start = Instant::now();
        let broken = |error| Count { failed: 1, note: chain(&error), ..Count::default() };
        let count = run().unwrap_or_else(broken);
        if !count.note.is_empty() {
            println!("{}", count.note.trim_end());
        }
        if let Some(why) = &count.not_run {
            println!("not run: {why}");
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
        println!("\n{}", self.table());
        self.total(|count| count.failed) == 0 && self.total(|count| count.passed) > 0
    }

    /// A line for each step, one for each that was not run, and the totals.
    fn table(&self) -> String {
        let mut lines = vec![format!("{:<24}{:>9}{:>9}{:>9}", "step", "seconds", "passed", "failed")];
        lines.extend(self.rows.iter().map(|Row { name, seconds, count }| {
            let Count { passed, failed, .. } = count;
            format!("{name:<24}{:>9.1}{passed:>9}{failed:>9}", seconds.as_secs_f64())
        }));
        lines.push(String::new());
        let not_run =
            |row: &Row| row.count.not_run.as_ref().map(|why| format!("{} not run: {why}", row.name));
        lines.extend(self.rows.iter().filter_map(not_run));
        let (passed, failed) = (self.total(|count| count.passed), self.total(|count| count.failed));
        lines.push(format!("{passed} passed, {failed} failed"));
        lines.join("\n")
    }

    fn total(&self, number: impl Fn(&Count) -> u64) -> u64 {
        self.rows.iter().map(|row| number(&row.count)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_breaks_off_fails_and_the_next_one_runs() {
        let mut report = Report::default();
        assert!(!report.step("first", || anyhow::bail!("broken")));
        assert!(report.step("second", || Ok(Count::check())));
        assert!(!report.finish());
    }

    #[test]
    fn what_was_not_run_stands_before_the_closing_line() {
        let mut report = Report::default();
        assert!(report.step("advisories", || Ok(Count::skipped("no network"))));
        assert!(report.step("format", || Ok(Count::check())));
        assert!(report.table().ends_with("\nadvisories not run: no network\n1 passed, 0 failed"));
        assert!(report.finish());
    }

    #[test]
    fn no_test_at_all_is_no_success() {
        assert!(!Report::default().finish());
    }
}
