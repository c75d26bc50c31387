//! Numbers and tokens as text.

use engine::interpreter::ModelCard;

/// A number exactly: the shortest digits that read back as the same `f32`.
pub fn number(value: f32) -> String {
    // −0 and 0 are the same number; `+ 0.0` gives both the same sign.
    let value = value + 0.0;
    let size = value.abs();
    let text =
        if size >= 1e15 || (size > 0.0 && size < 1e-6) { format!("{value:e}") } else { value.to_string() };
    text.replace('-', "−")
}

/// A change with its sign: `+3`, `−1`.
pub fn change(value: f32) -> String {
    if value > 0.0 { format!("+{}", number(value)) } else { number(value) }
}

/// The components of a vector: `(6, 1)`.
pub fn pair(values: &[f32]) -> String {
    let numbers: Vec<String> = values.iter().map(|value| number(*value)).collect();
    format!("({})", numbers.join(", "))
}

/// A number short enough for an axis: `−1.2M`.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let (scaled, unit) = if size >= 1e6 {
        (value / 1e6, "M")
    } else if size >= 1e4 {
        (value / 1e3, "k")
    } else {
        (value, "")
    };
    let rounded = (scaled * 100.0).round() / 100.0 + 0.0;
    format!("{rounded}{unit}").replace('-', "−")
}

/// A token in words: `byte 3`, `257, program end`; of the full machine `3, byte 03`, for its words are hexadecimal.
pub fn token(card: &ModelCard, token: u16) -> String {
    match special(card, token) {
        Some(meaning) => format!("{token}, {meaning}"),
        None if card.name == "full" => format!("{token}, byte {token:02x}"),
        None => format!("byte {token}"),
    }
}

/// What a token outside 0–255 means.
pub fn special(card: &ModelCard, token: u16) -> Option<&str> {
    card.special_tokens.iter().find(|(number, _)| *number == token).map(|(_, meaning)| meaning.as_str())
}

/// `1 head`, `2 heads`.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_have_one_zero() {
        assert_eq!(number(-0.0), "0");
        assert_eq!(number(-16_777_216.0), "−16777216");
        assert_eq!(number(0.1), "0.1");
        assert_eq!(change(3.0), "+3");
        assert_eq!(change(-1.5), "−1.5");
    }

    #[test]
    fn axes_get_units() {
        assert_eq!(short(-16_769_025.0), "−16.77M");
        assert_eq!(short(-0.0), "0");
        assert_eq!(short(12_500.0), "12.5k");
    }
}
