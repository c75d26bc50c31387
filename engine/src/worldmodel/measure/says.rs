//! Whether a reply has an answer.

use crate::worldmodel::answer::Answer;
use crate::worldmodel::numbers::{Number, Operands, Value};
use crate::worldmodel::reply;

/// Places behind the point that a rounded decimal must have.
const PLACES: i32 = 2;
/// What a rounded decimal may be wrong by, as a share of it.
const ROUNDED: f64 = 0.005;

/// Whether a reply has the right answer anywhere in it. Generous, since it judges models that were not made for this:
///
/// - an integer stands among the reply's numbers, in digits or in words, however its thousands are separated;
/// - a decimal does, too, or rounded to two places or more;
/// - the numbers of a list stand in order, with no other between them;
/// - a text stands there as a whole word, small or capital; yes and no in any language of the questions.
pub fn says(reply: &str, answer: &Answer) -> bool {
    let found = || Operands::find(reply).numbers;
    match answer {
        Answer::Integer(value) => found().iter().any(|number| is_integer(number, *value)),
        Answer::Decimal(value) => found().iter().any(|number| is_decimal(number, *value)),
        Answer::Integers(values) => in_order(&found(), values, is_integer),
        Answer::Decimals(values) => in_order(&found(), values, is_decimal),
        Answer::Text(text) => match text.as_str() {
            "yes" => {
                repeats(reply, "yes")
                    || repeats(reply, "да")
                    || (reply.contains('是') && !reply.contains("不是"))
            }
            "no" => {
                repeats(reply, "no")
                    || repeats(reply, "нет")
                    || reply.contains("不是")
                    || reply.contains('否')
            }
            text => repeats(reply, text),
        },
    }
}

/// Whether a reply has a text as it is written, standing alone; capital letters count as small ones.
pub fn repeats(reply: &str, text: &str) -> bool {
    let text = Answer::Text(text.to_lowercase());
    reply::parts(&reply.to_lowercase(), Some(&text)).iter().any(|part| part.computed)
}

/// Whether a reply has no numbers but those of the question, in digits or in words.
pub fn makes_up_no_number(question: &str, reply: &str) -> bool {
    let asked = Operands::find(question);
    let known = |value| asked.numbers.iter().any(|number| number.value == value);
    Operands::find(reply).numbers.iter().all(|number| known(number.value))
}

fn is_integer(number: &Number, value: i64) -> bool {
    match number.value {
        Value::Integer(found) => found == value,
        found => found.as_f64().is_some_and(|found| Answer::Decimal(found).same(&Answer::Integer(value))),
    }
}

fn is_decimal(number: &Number, value: f64) -> bool {
    let Some(found) = number.value.as_f64() else { return false };
    if Answer::Decimal(found).same(&Answer::Decimal(value)) {
        return true;
    }
    let places = number.spelled.rsplit_once(['.', ',']).map_or(0, |(_, places)| places.len());
    let places = i32::try_from(places).unwrap_or(i32::MAX);
    let off = (found - value).abs();
    // The last digit may be the rounded or the cut one.
    places >= PLACES && off < 10_f64.powi(-places) && off <= ROUNDED * value.abs()
}

fn in_order<T: Copy>(numbers: &[Number], values: &[T], same: fn(&Number, T) -> bool) -> bool {
    !values.is_empty()
        && numbers
            .windows(values.len())
            .any(|window| window.iter().zip(values).all(|(number, value)| same(number, *value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_repeated_as_a_whole() {
        assert!(repeats("Yes, 97 is a prime.", "yes"));
        assert!(!repeats("That is not known now.", "no"));
        assert!(!repeats("It is 12.", "2"));
        assert!(!repeats("It is 12.5", "12"));
        assert!(repeats("It is 12.", "12"));
        assert!(repeats("It is -3.5 degrees", "-3.5"));
    }

    #[test]
    fn a_number_that_the_question_does_not_have_is_made_up() {
        assert!(makes_up_no_number("What happened in 2012?", "About 2012 I do not know."));
        assert!(!makes_up_no_number("What happened in 2012?", "There was 1 flood."));
        assert!(!makes_up_no_number("Who are you?", "I am seventeen years old."));
    }

    #[test]
    fn numbers_are_said_in_any_form() {
        let integer = Answer::Integer(733_865);
        assert!(says("The product is 733,865.", &integer));
        assert!(says("605 × 1213 = 733865.0", &integer));
        assert!(!says("It is 7338650 or 73386.5.", &integer));
        assert!(says("That makes twelve.", &Answer::Integer(12)));
        assert!(says("It is −4 degrees", &Answer::Integer(-4)));
        let area = Answer::Decimal(78.539_816_339_7);
        assert!(says("about 78.54 square metres", &area));
        assert!(says("about 78.53 square metres", &area));
        assert!(!says("about 79", &area));
        assert!(!says("about 78.5", &area));
        assert!(!says("0.00", &Answer::Decimal(0.001_23)));
        assert!(says("0.5", &Answer::Decimal(0.5)));
    }

    #[test]
    fn lists_are_said_in_order_and_texts_as_words() {
        let sorted = Answer::Integers(vec![1, 2, 5, 8, 9]);
        assert!(says("[5, 2, 8, 1, 9] becomes 1, 2, 5, 8, 9", &sorted));
        assert!(!says("[5, 2, 8, 1, 9]", &sorted));
        assert!(!says("1, 2, 5, 7, 8, 9", &sorted));
        assert!(says("Да, это простое число.", &Answer::yes(true)));
        assert!(says("97 是质数。", &Answer::yes(true)) && !says("96 不是质数。", &Answer::yes(true)));
        assert!(says("Нет.", &Answer::yes(false)) && says("No.", &Answer::yes(false)));
        assert!(says("It is OLLEH", &Answer::Text("olleh".to_owned())));
    }
}
