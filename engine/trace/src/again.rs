//! A file's run, made again.

use crate::{By, Input, Trace};

impl Trace {
    /// Whether somebody stopped the run before its end.
    pub fn is_cancelled(&self) -> bool {
        self.end.machine.as_ref().is_some_and(|end| end.cancelled)
    }

    /// How many tokens the model may write when a machine's run is made again: one that was stopped by hand is computed as far as it
    /// came. `None` for a question.
    pub fn max_tokens(&self) -> Option<usize> {
        match self.run.input {
            Input::Classic { max_tokens, .. } | Input::Full { max_tokens, .. } => {
                let written = || self.tokens.iter().filter(|token| token.by == By::Model).count();
                Some(if self.is_cancelled() { written() } else { max_tokens })
            }
            Input::Question(_) => None,
        }
    }

    /// The run made again with so many tokens, as it would have been if somebody had stopped it there, where somebody stopped this one.
    #[must_use]
    pub fn stopped_as_this_one(&self, mut again: Self) -> Self {
        if self.is_cancelled()
            && let Some(end) = &mut again.end.machine
        {
            (end.cancelled, end.trap) = (true, None);
            again.run.input.clone_from(&self.run.input);
        }
        again
    }
}
