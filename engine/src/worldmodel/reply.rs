//! Which parts of a reply repeat what a program computed; all others are the model's own words.

use std::ops::Range;

use super::answer::Answer;

/// A part of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its text.
    pub text: String,
    /// Whether it repeats the result.
    pub computed: bool,
}

/// Splits a reply: the result as a whole, wherever it stands as a word or number of its own, and of a list each of its numbers.
pub fn parts(reply: &str, answer: Option<&Answer>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut own = 0;
    let spellings = answer.map(spellings).unwrap_or_default();
    while let Some(found) = first(reply, own, &spellings) {
        let mut push = |range: Range<usize>, computed: bool| {
            if let Some(text) = reply.get(range).filter(|text| !text.is_empty()) {
                parts.push(Part { text: text.to_owned(), computed });
            }
        };
        push(own..found.start, false);
        push(found.clone(), true);
        own = found.end;
    }
    if let Some(text) = reply.get(own..).filter(|text| !text.is_empty()) {
        parts.push(Part { text: text.to_owned(), computed: false });
    }
    parts
}

/// How a result may stand in a reply, the longest first.
fn spellings(answer: &Answer) -> Vec<String> {
    let each = |values: Vec<String>| {
        let whole = values.join(", ");
        std::iter::once(whole).chain(values).collect()
    };
    let mut spellings: Vec<String> = match answer {
        Answer::Integer(_) | Answer::Decimal(_) | Answer::Text(_) => vec![answer.to_string()],
        Answer::Integers(values) => {
            each(values.iter().map(|value| Answer::Integer(*value).to_string()).collect())
        }
        Answer::Decimals(values) => {
            each(values.iter().map(|value| Answer::Decimal(*value).to_string()).collect())
        }
    };
    spellings.retain(|spelling| !spelling.is_empty());
    spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    spellings
}

/// The first place from a byte on where one of the spellings stands alone. Capital letters count as small ones.
fn first(reply: &str, from: usize, spellings: &[String]) -> Option<Range<usize>> {
    let starts = reply.char_indices().map(|(at, _)| at).filter(|&at| at >= from);
    starts.into_iter().find_map(|start| {
        spellings.iter().find_map(|spelling| {
            let end = start + spelling.len();
            let same = reply.get(start..end)?.eq_ignore_ascii_case(spelling);
            (same && stands_alone(reply, start..end)).then_some(start..end)
        })
    })
}

/// Whether no letter or digit touches it, and no decimal point that a digit follows or precedes.
fn stands_alone(text: &str, range: Range<usize>) -> bool {
    let mut before = text.get(..range.start).unwrap_or_default().chars().rev();
    let mut after = text.get(range.end..).unwrap_or_default().chars();
    let joins = |next: Option<char>, beyond: Option<char>| match next {
        // Chinese has no spaces: only what could go on a number or a Latin word joins.
        Some(letter) if letter.is_ascii_alphanumeric() => true,
        Some('.' | ',') => beyond.is_some_and(|letter| letter.is_ascii_digit()),
        _ => false,
    };
    let last = before.next();
    // `-7` is not 7.
    let signed = matches!(last, Some('-' | '−'))
        && text.get(range).is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()));
    !signed && !joins(last, before.next()) && !joins(after.next(), after.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(reply: &str, answer: &Answer) -> String {
        let parts = parts(reply, Some(answer));
        parts
            .iter()
            .map(|part| if part.computed { format!("<{}>", part.text) } else { part.text.clone() })
            .collect()
    }

    #[test]
    fn the_result_is_found_where_it_stands_alone() {
        let cases = [
            ("12 × 11 = 132.", Answer::Integer(132), "12 × 11 = <132>."),
            ("1320 or 13.132, 0132, 132.5?", Answer::Integer(132), "1320 or 13.132, 0132, 132.5?"),
            ("The area is 78.5 m².", Answer::Decimal(78.5), "The area is <78.5> m²."),
            ("Yes, 97 is a prime.", Answer::Text("yes".to_owned()), "<Yes>, 97 is a prime."),
            ("Eyes: yes", Answer::Text("yes".to_owned()), "Eyes: <yes>"),
            ("答案是132。", Answer::Integer(132), "答案是<132>。"),
            ("Sorted: 1, 2, 5.", Answer::Integers(vec![1, 2, 5]), "Sorted: <1, 2, 5>."),
            ("First 1, last 5; not 3.", Answer::Integers(vec![1, 2, 5]), "First <1>, last <5>; not 3."),
            ("It is -7.", Answer::Integer(-7), "It is <-7>."),
            ("-7, −7 and 7", Answer::Integer(7), "-7, −7 and <7>"),
        ];
        for (reply, answer, expected) in cases {
            assert_eq!(marked(reply, &answer), expected);
        }
    }

    #[test]
    fn without_a_result_all_is_the_models_own() {
        let all = |computed| vec![Part { text: "I don't know 4.".to_owned(), computed }];
        assert_eq!(parts("I don't know 4.", None), all(false));
        assert!(parts("", Some(&Answer::Integer(1))).is_empty());
        assert_eq!(marked("nothing", &Answer::Text(String::new())), "nothing");
    }
}
