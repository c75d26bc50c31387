//! The example modules of `assets/programs`.

use engine::interpreter::programs::{Call, Head};
use protocol::machine::Example;

macro_rules! modules {
    ($($file:literal),* $(,)?) => {
        [$(include_str!(concat!("../../../../assets/programs/", $file, ".wat"))),*]
    };
}

/// All of them, the simple ones first.
const MODULES: [&str; 18] = modules![
    "21-hello",
    "22-factorial",
    "23-fibonacci",
    "24-gcd",
    "25-collatz",
    "26-reversal",
    "27-addition",
    "28-sieve",
    "29-bubble-sort",
    "30-quick-sort",
    "31-crc-32",
    "32-ackermann",
    "33-matrix-product",
    "34-n-queens",
    "35-life",
    "36-assignment",
    "37-brainfuck",
    "38-sudoku",
];

/// The examples, each with its first call.
pub fn examples() -> Vec<Example> {
    MODULES.iter().filter_map(|text| example(text)).collect()
}

/// An example, if its head can be read: a test reads them all.
fn example(text: &str) -> Option<Example> {
    let Head { title, calls, .. } = Head::read(text).ok()?;
    let Call { function, arguments, .. } = calls.into_iter().next()?;
    let arguments = arguments.iter().map(i32::to_string).collect::<Vec<_>>().join(" ");
    Some(Example { title, text: text.to_owned(), function, arguments })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_can_be_called_as_it_says() {
        let examples = examples();
        assert_eq!(examples.len(), MODULES.len());
        for example in examples {
            super::super::run::ready(&example.text, &example.function, &example.arguments).unwrap();
        }
    }
}
