//! A limit on what a template keeps in its variables.
//!
//! Steps alone are no limit on memory: `{% set ns.s = ns.s ~ ns.s %}` doubles a text with each. The template engine has
//! none of its own, so every value that a template assigns passes a filter first, written into the template's source:
//! `{% set a = b %}` becomes `{% set a = (b)|bounded %}`. A single expression can still make as many copies of a
//! variable as it names it.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::super::TEXT_LIMIT;

/// Name of the filter.
pub(super) const FILTER: &str = "bounded";
/// Bytes of a text: one that is longer could not be tokenized.
const BYTES: usize = 2 * TEXT_LIMIT;
/// Entries of a list.
const ENTRIES: usize = 100_000;

/// A value that is too large to be kept.
#[derive(Debug, thiserror::Error)]
#[error("a variable has more than {BYTES} bytes or {ENTRIES} entries")]
pub(super) struct TooLarge;

/// Lets a value pass that is small enough.
pub(super) fn filter(value: Value) -> Result<Value, Error> {
    let fits = match value.kind() {
        ValueKind::String | ValueKind::Bytes => value.as_bytes().is_none_or(|bytes| bytes.len() <= BYTES),
        ValueKind::Seq | ValueKind::Iterable => value.len().is_none_or(|entries| entries <= ENTRIES),
        _ => true,
    };
    if fits {
        Ok(value)
    } else {
        Err(Error::new(ErrorKind::InvalidOperation, "too large").with_source(TooLarge))
    }
}

/// The source with the filter behind every assignment.
pub(super) fn source(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 256);
    let mut rest = source;
    let mut raw = false;
    while let Some(at) = rest.find('{') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let close = match tail.get(1..2) {
            Some("#") if !raw => "#}",
            Some("{") if !raw => "}}",
            Some("%") => "%}",
            _ => {
                out.push('{');
                rest = tail.get(1..).unwrap_or_default();
                continue;
            }
        };
        let len = tag(tail, close, close != "#}" && !raw);
        let (whole, after) = tail.split_at(len);
        rest = after;
        let inner = whole.strip_prefix("{%").and_then(|whole| whole.strip_suffix("%}"));
        let Some(inner) = inner else {
            out.push_str(whole);
            continue;
        };
        let words = inner.trim_matches(['-', '+']).trim();
        match words {
            "raw" => raw = true,
            "endraw" => raw = false,
            _ => {}
        }
        if raw || !words.strip_prefix("set").is_some_and(|words| words.starts_with(char::is_whitespace)) {
            out.push_str(whole);
            continue;
        }
        let body = inner.trim_end_matches(['-', '+']);
        let end = inner.get(body.len()..).unwrap_or_default();
        match assignment(body) {
            Some((target, value)) => out.push_str(&format!("{{%{target}=({value})|{FILTER}{end}%}}")),
            None => out.push_str(&format!("{{%{body}|{FILTER} {end}%}}")),
        }
    }
    out.push_str(rest);
    out
}

/// Bytes of a tag up to its end, which does not stand in a text in quotes; all that is left where it has none.
fn tag(tail: &str, close: &str, quotes: bool) -> usize {
    places(tail, quotes)
        .find(|at| *at > 1 && tail.get(*at..).is_some_and(|tail| tail.starts_with(close)))
        .map_or(tail.len(), |at| at + close.len())
}

/// What is assigned to, and what.
fn assignment(body: &str) -> Option<(&str, &str)> {
    let at = places(body, true).find(|at| body.get(*at..).is_some_and(|tail| tail.starts_with('=')))?;
    Some((body.get(..at)?, body.get(at + 1..)?))
}

/// Where the characters outside of texts in quotes begin.
fn places(text: &str, quotes: bool) -> impl Iterator<Item = usize> {
    let mut open = None;
    let mut escaped = false;
    text.char_indices().filter_map(move |(at, letter)| {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if letter == '\\' => escaped = true,
            Some(quote) if letter == quote => open = None,
            Some(_) => {}
            None if quotes && (letter == '"' || letter == '\'') => open = Some(letter),
            None => return Some(at),
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn every_assignment_passes_the_filter() {
        for (template, expected) in [
            ("{% set a = 1 %}", "{% set a =( 1 )|bounded%}"),
            (
                "{%- set ns.a = b if c == d else '%}' -%}",
                "{%- set ns.a =( b if c == d else '%}' )|bounded-%}",
            ),
            ("{% set a %}x{% endset %}", "{% set a |bounded %}x{% endset %}"),
            (
                "{% set a, b = 1, 2 %}{{ '{% set a = 1 %}' }}",
                "{% set a, b =( 1, 2 )|bounded%}{{ '{% set a = 1 %}' }}",
            ),
        ] {
            assert_eq!(source(template), expected);
        }
        for same in [
            "{# {% set a = 1 %} don't #}{ {%",
            "{% raw %}{% set a = 1 %}{{ ' }}{% endraw %}",
            "{% if a == 'set' %}{% settings %}{% endif %} ü{",
            "",
        ] {
            assert_eq!(source(same), same);
        }
    }
}
