//! What is typed: the line, the text, and how they become the program.

use engine::interpreter::classic::asm;
use engine::interpreter::classic::program::OpenLoops;
use engine::source::SourceError;
use leptos::prelude::*;

use crate::session::Session;

/// A handle to what is typed.
#[derive(Clone, Copy)]
pub struct Typing {
    /// Program, draft, history.
    pub session: Session,
    /// Whether Enter was pressed on the line as it stands: then its end is judged, too.
    pub tried: RwSignal<bool>,
    /// The line's errors, places counted from the line's start.
    pub line_errors: Memo<Vec<SourceError>>,
    /// The line of the history that the arrow keys have reached, counted from the newest.
    recalled: RwSignal<Option<usize>>,
    /// The line as it was before the arrow keys: going back down ends there.
    unfinished: StoredValue<String>,
}

impl Typing {
    /// The handle for a session.
    pub fn new(session: Session) -> Self {
        let line_errors = Memo::new(move |_| {
            session.program.with(|program| session.draft.with(|line| errors_of(program, line)))
        });
        let unfinished = StoredValue::new(String::new());
        Self { session, tried: RwSignal::new(false), line_errors, recalled: RwSignal::new(None), unfinished }
    }

    /// The errors to show: a word that is still being typed is not wrong yet.
    pub fn shown_errors(self) -> Vec<SourceError> {
        let end = self.session.draft.with(|line| line.trim_end().len());
        let tried = self.tried.get();
        self.line_errors
            .with(|errors| errors.iter().filter(|error| tried || error.span.end < end).cloned().collect())
    }

    /// The line as it is typed.
    pub fn set_line(self, line: String) {
        self.tried.set(false);
        self.recalled.set(None);
        self.session.draft.set(line);
    }

    /// Adds the line to the program and runs it; a line with errors stays where it is.
    pub fn enter(self) {
        let line = self.session.draft.get_untracked();
        if line.trim().is_empty() {
            self.session.draft.set(String::new());
            return;
        }
        if self.line_errors.with_untracked(|errors| !errors.is_empty()) {
            self.tried.set(true);
            return;
        }
        self.session.entered.update(|entered| {
            if entered.last() != Some(&line) {
                entered.push(line.clone());
            }
        });
        self.set_line(String::new());
        self.session.set_program(joined(&self.session.program.get_untracked(), &line));
    }

    /// Takes pasted lines: into the program when they fit, else into the text editor, where nothing is lost.
    pub fn paste(self, line_with_paste: String) {
        let program = self.session.program.get_untracked();
        let whole = joined(&program, &line_with_paste);
        self.set_line(String::new());
        if errors_of(&program, &line_with_paste).is_empty() {
            self.session.set_program(whole);
        } else {
            self.session.editor.set(Some(whole));
        }
    }

    /// Opens the program in the text editor.
    pub fn edit(self) {
        self.session.editor.set(Some(self.session.program.get_untracked()));
    }

    /// Makes the text editor's text the program.
    pub fn run_edited(self) {
        // What becomes the program need not be kept beside it.
        if let Some(text) = self.session.editor.try_update(Option::take).flatten() {
            self.session.set_program(text);
        }
    }

    /// Closes the text editor. A program that could not be run goes, too: it came with its text.
    pub fn discard_edited(self) {
        if self.session.is_refused() {
            self.session.undo();
        } else {
            self.session.editor.set(None);
        }
    }

    /// Whether there is something to undo (tracked). The text editor has an undo of its own.
    pub fn can_undo(self) -> bool {
        self.session.editor.with(Option::is_none)
            && (self.session.history.with(|history| !history.is_empty())
                || self.session.program.with(|program| !program.trim().is_empty()))
    }

    /// Goes to an older (`true`) or newer line of the history.
    pub fn recall(self, older: bool) {
        let count = self.session.entered.with_untracked(Vec::len);
        let reached = match (self.recalled.get_untracked(), older) {
            (None, true) if count > 0 => Some(0),
            (Some(back), true) => Some((back + 1).min(count.saturating_sub(1))),
            (Some(back), false) => back.checked_sub(1),
            (None, _) => return,
        };
        if self.recalled.get_untracked().is_none() {
            self.unfinished.set_value(self.session.draft.get_untracked());
        }
        let line = reached.and_then(|back| {
            self.session.entered.with_untracked(|entered| entered.iter().rev().nth(back).cloned())
        });
        self.set_line(line.unwrap_or_else(|| self.unfinished.get_value()));
        self.recalled.set(reached);
    }
}

/// A program with one more line.
fn joined(program: &str, line: &str) -> String {
    let gap = if program.is_empty() || program.ends_with('\n') { "" } else { "\n" };
    format!("{program}{gap}{}\n", line.trim_end())
}

/// The errors that a line would bring into a program, places counted from the line's start.
fn errors_of(program: &str, line: &str) -> Vec<SourceError> {
    let whole = joined(program, line);
    let Err(mut errors) = asm::assemble(&whole, OpenLoops::Allow) else { return Vec::new() };
    let offset = whole.len() - line.trim_end().len() - 1;
    let lines_before = whole.get(..offset).unwrap_or_default().matches('\n').count();
    for error in &mut errors {
        error.span.start = error.span.start.saturating_sub(offset);
        error.span.end = error.span.end.saturating_sub(offset);
        error.span.line = error.span.line.saturating_sub(lines_before);
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_judged_in_its_program() {
        assert_eq!(errors_of("loop\n", "end_loop"), []);
        let errors = errors_of("i32.const 1\n", "  i32.ad ");
        assert_eq!(errors.len(), 1);
        assert_eq!((errors[0].span.line, errors[0].span.start, errors[0].span.end), (1, 2, 8));
    }

    #[test]
    fn lines_are_joined_by_one_newline() {
        assert_eq!(joined("", "halt"), "halt\n");
        assert_eq!(joined("loop", "end_loop  "), "loop\nend_loop\n");
    }
}
