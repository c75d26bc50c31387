//! What helps against the mistakes people make in modules.

use crate::source::{SourceError, Span};

/// A text that is not even the beginning of a module, or that of a component.
pub fn not_a_module(text: &str) -> Option<SourceError> {
    let lexer = wast::lexer::Lexer::new(text);
    let mut tokens = lexer.iter(0).map_while(Result::ok).filter(|token| {
        use wast::lexer::TokenKind::{BlockComment, LineComment, Whitespace};
        !matches!(token.kind, LineComment | BlockComment | Whitespace)
    });
    let Some(first) = tokens.next() else {
        return text.trim().is_empty().then(|| {
            SourceError::new(Span::of(text, 0, 0), "the program is empty")
                .with_help(r#"a small one: (module (func (export "main") (result i32) i32.const 42))"#)
        });
    };
    let place = |token: &wast::lexer::Token| {
        let word = token.src(text);
        (Span::of(text, token.offset, token.offset + word.len()), word)
    };
    if first.kind == wast::lexer::TokenKind::Keyword {
        let (span, word) = place(&first);
        let error = SourceError::new(span, format!("`{word}` stands outside a module"));
        return Some(error.with_help("a text module is written (module (func …))"));
    }
    // Whether the parser itself knows components depends on what else is built with it.
    let (span, word) = place(&tokens.next()?);
    (word == "component").then(|| {
        SourceError::new(span, "components are outside what the sandbox runs")
            .with_help("write a core module: (module …)")
    })
}

/// An error of the parser, in the words of somebody who wrote the text.
pub fn for_parse_error(text: &str, span: Span, message: &str) -> SourceError {
    let token = text.get(span.start..span.end).unwrap_or("").trim();
    if message.starts_with("unknown operator or unexpected token") {
        return SourceError::new(span, format!("unknown instruction `{token}`"))
            .with_help("the names are those of WebAssembly's text format, as in `i32.add` or `local.get`");
    }
    if message.contains("expected `)`") && span.start >= text.trim_end().len() {
        return SourceError::new(span, "the text ends before the module does")
            .with_help("a closing parenthesis is missing");
    }
    let error = SourceError::new(span, message.trim_end());
    if message.contains("failed to find name") || message.contains("unknown") {
        return error.with_help("a name that starts with `$` must be given to something in this module");
    }
    error
}

/// A well-formed module that breaks a rule.
pub fn for_invalid_module(span: Span, message: &str) -> SourceError {
    if message.contains("SIMD") {
        return SourceError::new(span, "SIMD is outside what the sandbox runs");
    }
    let error = SourceError::new(span, message);
    if message.contains("but nothing on stack") {
        error.with_help("an instruction takes its operands from the stack: too few values are on it here")
    } else if message.contains("values remaining on stack") {
        error.with_help("the stack must hold the results and nothing else: `drop` what is too much")
    } else if message.contains("is not enabled") || message.contains("must be enabled") {
        error.with_help(
            "the sandbox runs WebAssembly 2.0 without SIMD; threads, exceptions and GC are outside",
        )
    } else if message.contains("type mismatch") {
        error.with_help("the value on the stack has another type than this needs")
    } else {
        error
    }
}
