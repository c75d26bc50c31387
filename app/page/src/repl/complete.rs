//! Completion of mnemonics.

use engine::interpreter::classic::isa::{Op, Operand};

/// Where a completion would go, and what it could be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it could become, the likeliest first.
    pub ops: Vec<Op>,
}

/// The completions of the word in front of the caret.
pub fn complete(line: &str, caret: usize) -> Completion {
    let before = line.get(..caret).unwrap_or(line);
    let start = before.rfind(char::is_whitespace).map_or(0, |space| {
        space + before.get(space..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    });
    let word = before.get(start..).unwrap_or_default();
    let is_word = word.starts_with(|first: char| first.is_ascii_alphabetic());
    if !is_word || before.contains(";;") {
        return Completion::default();
    }
    let rank = |op: &Op| {
        let name = op.mnemonic();
        // "add" finds i32.add: what follows the dot counts as a beginning, too.
        let short = name.split_once('.').map_or(name, |(_, short)| short);
        match () {
            () if name.starts_with(word) => Some(0),
            () if short.starts_with(word) => Some(1),
            () if name.contains(word) => Some(2),
            () => None,
        }
    };
    let of_rank = |wanted| Op::ALL.into_iter().filter(move |op| rank(op) == Some(wanted));
    let ops: Vec<Op> = (0..3).flat_map(of_rank).collect();
    // What is complete needs no completion.
    if let [only] = ops.as_slice()
        && only.mnemonic() == word
    {
        return Completion::default();
    }
    Completion { start, end: before.len(), ops }
}

/// The line with a completion put in, and where the caret goes.
pub fn completed(line: &str, completion: &Completion, op: Op) -> (String, usize) {
    let head = line.get(..completion.start).unwrap_or_default();
    let tail = line.get(completion.end..).unwrap_or_default();
    let takes_operand = !matches!(op.operand(), Operand::None | Operand::Label);
    let space = if takes_operand && !tail.starts_with(' ') { " " } else { "" };
    let text = format!("{head}{}{space}", op.mnemonic());
    let caret = text.len();
    (text + tail, caret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<&'static str> {
        complete(line, line.len()).ops.into_iter().map(Op::mnemonic).collect()
    }

    #[test]
    fn beginnings_come_first() {
        assert_eq!(names("fd_"), ["fd_open", "fd_read", "fd_write", "fd_close"]);
        assert_eq!(names("add"), ["i32.add"]);
        let beginnings = ["local.get", "local.set", "local.tee", "loop"];
        assert_eq!(
            names("i32.const 3 lo"),
            [&beginnings[..], &["i32.load", "fd_close", "end_loop"]].concat()
        );
        assert!(names("loop").contains(&"end_loop"));
    }

    #[test]
    fn numbers_comments_and_whole_words_have_none() {
        for line in ["", "3", "i32.const ", ";; add", "halt"] {
            assert!(names(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn an_operation_that_needs_an_operand_leaves_room_for_it() {
        let completion = complete("con", 3);
        assert_eq!(completed("con", &completion, Op::Const), ("i32.const ".to_owned(), 10));
        let completion = complete("é add 3", 6);
        assert_eq!(completed("é add 3", &completion, Op::Add), ("é i32.add 3".to_owned(), 10));
    }
}
