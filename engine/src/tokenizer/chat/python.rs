//! Python's methods of strings and dictionaries, as far as chat templates call them.

use minijinja::value::{Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};

/// Called for a method that the template engine does not know.
pub(super) fn method(_: &mut State, value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => of_string(value.as_str().unwrap_or_default(), name, arguments),
        ValueKind::Map => of_dictionary(value, name, arguments),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn of_string(text: &str, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    // Without an argument blanks are stripped, with one any of its characters.
    let strip = |left: bool, right: bool| -> Result<Value, Error> {
        let (characters,): (Option<&str>,) = from_args(arguments)?;
        let stripped = |character: char| {
            characters.map_or_else(|| character.is_whitespace(), |characters| characters.contains(character))
        };
        let text = if left { text.trim_start_matches(stripped) } else { text };
        Ok(Value::from(if right { text.trim_end_matches(stripped) } else { text }))
    };
    match name {
        "strip" => strip(true, true),
        "lstrip" => strip(true, false),
        "rstrip" => strip(false, true),
        "startswith" => any_of(arguments, |affix| text.starts_with(affix)),
        "endswith" => any_of(arguments, |affix| text.ends_with(affix)),
        "split" => split(text, arguments),
        "splitlines" => {
            let () = from_args(arguments)?;
            Ok(text.lines().map(Value::from).collect())
        }
        "upper" | "lower" | "title" | "capitalize" => {
            let () = from_args(arguments)?;
            Ok(Value::from(cased(text, name)))
        }
        "replace" => {
            let (from, to, count): (&str, &str, Option<usize>) = from_args(arguments)?;
            Ok(Value::from(match count {
                Some(count) => text.replacen(from, to, count),
                None => text.replace(from, to),
            }))
        }
        "removeprefix" => {
            let (affix,): (&str,) = from_args(arguments)?;
            Ok(Value::from(text.strip_prefix(affix).unwrap_or(text)))
        }
        "removesuffix" => {
            let (affix,): (&str,) = from_args(arguments)?;
            Ok(Value::from(text.strip_suffix(affix).unwrap_or(text)))
        }
        "find" => {
            let (part,): (&str,) = from_args(arguments)?;
            let characters = |bytes| text.get(..bytes).map_or(0, |before: &str| before.chars().count());
            let at = text.find(part).and_then(|bytes| i64::try_from(characters(bytes)).ok());
            Ok(Value::from(at.unwrap_or(-1)))
        }
        "count" => {
            let (part,): (&str,) = from_args(arguments)?;
            Ok(Value::from(text.matches(part).count()))
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn of_dictionary(value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    match name {
        "get" => {
            let (key, default): (Value, Option<Value>) = from_args(arguments)?;
            let found = value.get_item(&key)?;
            Ok(if found.is_undefined() { default.unwrap_or_else(|| Value::from(())) } else { found })
        }
        "keys" | "values" | "items" => {
            let () = from_args(arguments)?;
            let mut list = Vec::new();
            for key in value.try_iter()? {
                let item = value.get_item(&key)?;
                list.push(match name {
                    "keys" => key,
                    "values" => item,
                    _ => Value::from(vec![key, item]),
                });
            }
            Ok(Value::from(list))
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

/// One text, or several of which one must fit.
fn any_of(arguments: &[Value], fits: impl Fn(&str) -> bool) -> Result<Value, Error> {
    let (affixes,): (Value,) = from_args(arguments)?;
    if let Some(affix) = affixes.as_str() {
        return Ok(Value::from(fits(affix)));
    }
    Ok(Value::from(affixes.try_iter()?.any(|affix| affix.as_str().is_some_and(&fits))))
}

/// `split()` at runs of blanks, `split(separator)`, `split(separator, at_most)`.
fn split(text: &str, arguments: &[Value]) -> Result<Value, Error> {
    let (separator, at_most): (Option<&str>, Option<i64>) = from_args(arguments)?;
    let at_most = at_most.and_then(|count| usize::try_from(count).ok());
    match (separator, at_most) {
        (Some(""), _) => Err(Error::new(ErrorKind::InvalidOperation, "empty separator")),
        (Some(separator), None) => Ok(text.split(separator).map(Value::from).collect()),
        (Some(separator), Some(count)) => {
            Ok(text.splitn(count.saturating_add(1), separator).map(Value::from).collect())
        }
        (None, None) => Ok(text.split_whitespace().map(Value::from).collect()),
        (None, Some(_)) => {
            Err(Error::new(ErrorKind::InvalidOperation, "split at blanks with a limit is not supported"))
        }
    }
}

fn cased(text: &str, name: &str) -> String {
    match name {
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        _ => {
            let mut first = true;
            let mut cased = String::new();
            for character in text.chars() {
                if first && character.is_alphabetic() {
                    cased.extend(character.to_uppercase());
                } else {
                    cased.extend(character.to_lowercase());
                }
                first = name == "title" && !character.is_alphabetic();
            }
            cased
        }
    }
}
