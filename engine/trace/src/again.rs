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
                Some(if self.is_cancelled() { self.written() } else { max_tokens })
            }
            Input::Question(_) => None,
        }
    }

    /// How many tokens the model wrote.
    fn written(&self) -> usize {
        self.tokens.iter().filter(|token| token.by == By::Model).count()
    }

    /// The run made again where the model may write no more than so many tokens, as it would have been with as many as in this run: one
    /// that came to its end before both limits is the same with either.
    #[must_use]
    pub fn limited_as_this_one(&self, mut again: Self) -> Self {
        let written = again.written();
        if let (
            Input::Classic { max_tokens: limit, .. } | Input::Full { max_tokens: limit, .. },
            Input::Classic { max_tokens, .. } | Input::Full { max_tokens, .. },
        ) = (&self.run.input, &mut again.run.input)
            && written < (*limit).min(*max_tokens)
        {
            *max_tokens = *limit;
        }
        again
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
