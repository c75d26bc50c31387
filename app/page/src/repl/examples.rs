//! The example programs of `assets/programs`, part of the page: each a file whose first line is its title.

/// An example program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its text.
    pub text: &'static str,
}

impl Example {
    /// What its first line says.
    pub fn title(self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches(';').trim()
    }
}

macro_rules! examples {
    ($($file:literal),* $(,)?) => {
        &[$(Example { text: include_str!(concat!("../../../../assets/programs/", $file, ".wasmt")) }),*]
    };
}

/// All examples, the simple ones first.
pub const EXAMPLES: &[Example] = examples![
    "01-add",
    "02-saturation",
    "03-comparison",
    "04-memory",
    "05-locals",
    "06-bits",
    "07-countdown",
    "08-multiplication",
    "09-files",
    "10-fibonacci",
    "11-primes",
    "12-euclid",
];

#[cfg(test)]
mod tests {
    use super::*;
    use engine::interpreter::classic::machine::{Semantics, run};
    use engine::interpreter::classic::program::OpenLoops;
    use engine::interpreter::classic::{Ending, asm};

    fn outputs(title: &str) -> Vec<u8> {
        let example = EXAMPLES.iter().find(|example| example.title() == title).unwrap();
        let program = asm::assemble(example.text, OpenLoops::Refuse).unwrap().program;
        let outcome = run(&program, Semantics::Saturating, 20_000);
        assert_eq!(outcome.ending, Ending::EndOfProgram, "{title}");
        outcome.state.outputs
    }

    #[test]
    fn every_example_does_what_its_title_says() {
        assert_eq!(outputs("Three plus five"), [8]);
        assert_eq!(outputs("Where 250 + 10 is 255"), [255, 0]);
        assert_eq!(outputs("Six comparisons of 7 and 9"), [0, 1, 1, 0, 1, 0]);
        assert_eq!(outputs("Memory: the latest write wins"), [72, 105, 79, 0]);
        assert_eq!(outputs("Locals: swap two values"), [34, 12]);
        assert_eq!(outputs("Bits of 12 and 10"), [8, 14]);
        assert_eq!(outputs("Countdown from 5"), [5, 4, 3, 2, 1, 0]);
        assert_eq!(
            outputs("Multiplication table to 4 × 4"),
            [1, 2, 3, 4, 2, 4, 6, 8, 3, 6, 9, 12, 4, 8, 12, 16]
        );
        assert_eq!(outputs("Write a file and read it back"), [72, 105]);
        assert_eq!(outputs("Fibonacci up to 233"), [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233]);
        assert_eq!(outputs("The primes below 30"), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert_eq!(outputs("Greatest common divisor of 84 and 36"), [12]);
    }
}
