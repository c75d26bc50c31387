//! A program text in colour, its errors underlined.

use crate::live::Listed;
use engine::interpreter::classic::asm::{TokenKind, lex};
use engine::interpreter::classic::isa::Op;
use leptos::prelude::*;

/// Bytes of a text; one error's place.
type Range = std::ops::Range<usize>;

/// The class of a token's colour.
const fn class(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Mnemonic(op) => op_class(op),
        TokenKind::Number => "t-number",
        TokenKind::Comment => "t-comment",
        TokenKind::Unknown => "t-unknown",
    }
}

const fn op_class(op: Op) -> &'static str {
    match op {
        Op::Loop | Op::EndLoop | Op::BrIf | Op::Halt => "t-control",
        Op::Output => "t-output",
        _ => "t-op",
    }
}

/// A stretch of the text with its classes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    class: &'static str,
    wrong: bool,
}

/// Cuts a text where a token or an error begins or ends.
fn pieces(text: &str, errors: &[Range]) -> Vec<Piece> {
    let tokens = lex(text);
    // Tokens come in order; the errors' few places are put between them.
    let mut cuts: Vec<usize> = tokens.iter().flat_map(|t| [t.span.start, t.span.end]).collect();
    for cut in errors.iter().flat_map(|range| [range.start, range.end]).chain([0, text.len()]) {
        cuts.insert(cuts.partition_point(|&before| before < cut), cut);
    }
    cuts.retain(|&cut| text.is_char_boundary(cut));
    cuts.dedup();
    let mut tokens = tokens.iter().peekable();
    let mut pieces = Vec::new();
    for pair in cuts.windows(2) {
        let &[start, end] = pair else { continue };
        while tokens.next_if(|token| token.span.end <= start).is_some() {}
        let token = tokens.peek().filter(|token| token.span.start <= start);
        pieces.push(Piece {
            text: text.get(start..end).unwrap_or_default().to_owned(),
            class: token.map_or("", |token| class(token.kind)),
            wrong: errors.iter().any(|range| range.start <= start && end <= range.end),
        });
    }
    pieces
}

/// The text in colour.
pub fn highlighted(text: &str, errors: &[Range]) -> AnyView {
    pieces(text, errors)
        .into_iter()
        .map(|Piece { text, class, wrong }| view! { <span class=class class:wrong=wrong>{text}</span> })
        .listed()
        .into_any()
}

/// A program without errors in colour, for other routes.
pub fn highlighted_program(text: &str) -> AnyView {
    highlighted(text, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_text() {
        for text in ["", "i32.const 3", " i32.ad é (; x\n;; y", "\n\n"] {
            let whole: String = pieces(text, &[1..2, 0..100]).into_iter().map(|piece| piece.text).collect();
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn an_error_is_underlined_exactly() {
        let wrong: Vec<_> = pieces("i32.const 256", std::slice::from_ref(&(10..13)))
            .into_iter()
            .filter(|p| p.wrong)
            .collect();
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].text, "256");
    }
}
