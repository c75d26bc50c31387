//! What a model thinks before it answers, told apart from the answer.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Where in a message the thinking ends and the answer begins, in bytes; none where nothing was thought. Some
/// templates write the opening tag themselves: then only the closing one is in the message.
fn end(text: &str) -> Option<usize> {
    match text.find(CLOSE) {
        Some(place) => Some(place + CLOSE.len()),
        None if text.trim_start().starts_with(OPEN) => Some(text.len()),
        None => None,
    }
}

/// What was thought, and the answer.
pub fn split(text: &str) -> (Option<&str>, &str) {
    let Some(end) = end(text) else { return (None, text.trim_start()) };
    let (thought, answer) = text.split_at_checked(end).unwrap_or((text, ""));
    let thought = thought.trim_start();
    let thought = thought.strip_prefix(OPEN).unwrap_or(thought);
    let thought = thought.strip_suffix(CLOSE).unwrap_or(thought).trim();
    ((!thought.is_empty()).then_some(thought), answer.trim_start())
}

/// Whether the thinking still goes on in a message that is being written.
pub fn goes_on(text: &str) -> bool {
    text.trim_start().starts_with(OPEN) && !text.contains(CLOSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_is_told_apart() {
        assert_eq!(split("Four."), (None, "Four."));
        assert_eq!(split("<think>\nTwo and two\n</think>\n\nFour."), (Some("Two and two"), "Four."));
        assert_eq!(split("Two and two</think>Four."), (Some("Two and two"), "Four."));
        assert_eq!(split("<think>\n\n</think>\n\nFour."), (None, "Four."));
        assert_eq!(split("<think>Two and"), (Some("Two and"), ""));
        assert!(goes_on("<think>Two") && !goes_on("<think>Two</think>") && !goes_on("Two"));
    }
}
