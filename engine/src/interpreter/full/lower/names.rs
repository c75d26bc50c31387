//! What an operator is called in the text format.

use wasmparser::Operator;

/// The mnemonic of an operator: `i64.extend_i32_s` of `I64ExtendI32S`.
pub fn of(operator: &Operator<'_>) -> String {
    let debug = format!("{operator:?}");
    let name = debug.split([' ', '{', '(']).next().unwrap_or("");
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_ascii_uppercase() => word.push(letter),
            _ => words.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    let first = words.first().map(String::as_str).unwrap_or_default();
    let is_group = matches!(
        first,
        "i32"
            | "i64"
            | "f32"
            | "f64"
            | "v128"
            | "local"
            | "global"
            | "memory"
            | "table"
            | "ref"
            | "elem"
            | "data"
    );
    match words.split_first() {
        Some((first, rest)) if is_group && !rest.is_empty() => format!("{first}.{}", rest.join("_")),
        _ => words.join("_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_called_as_in_the_text() {
        assert_eq!(of(&Operator::I64ExtendI32S), "i64.extend_i32_s");
        assert_eq!(of(&Operator::F32Add), "f32.add");
        assert_eq!(of(&Operator::MemoryCopy { dst_mem: 0, src_mem: 0 }), "memory.copy");
        assert_eq!(of(&Operator::ReturnCall { function_index: 1 }), "return_call");
    }
}
