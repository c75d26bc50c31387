//! Guided tours: step by step through a run in the X-ray, or through an answer. A tour is a file of `assets/lessons/tours` and a line in
//! [`TOURS`].
//!
//! ```text
//! Its title
//! A line of what it shows
//!                                         (an empty line before each step)
//! pass 2, layer 4, neuron mul: a · b      where: see below
//! What is to be seen, with {gate} and {RESULT=15} for values of the scene.
//! ```
//!
//! | word | the place |
//! |---|---|
//! | `pass N` | classic: the forward pass that executes the instruction executed after N others |
//! | `step NAME N +B` | full: the forward pass that writes token B of the N-th instruction of that name, both from 0 |
//! | `layer L`, `head H`, `neuron LABEL` | what is open there |
//! | `show ID` | what is brought into view: a test id; else the head or neuron |
//! | `point T P` | a question: token P of tap T's program |
//!
//! A value in braces is read from what is on the screen (`value`). One with `=` claims what it is: the tour says so where it is not, and a
//! test walks every tour.

pub mod panel;
pub mod start;
mod value;

use leptos::prelude::*;

use super::lab::Program;
use crate::full::Call;
use crate::repl::examples::EXAMPLES;

/// What a tour goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Through {
    /// A run of classic: the title of one of the examples.
    Classic(&'static str),
    /// A run of the full machine: module, function, arguments.
    Full(&'static str, &'static str, &'static str),
    /// The answer to a question.
    Question(&'static str),
}

/// The tours: name, what each goes through, and its text.
const TOURS: [(&str, Through, &str); 4] = [
    (
        "addition",
        Through::Classic("Three plus five"),
        include_str!("../../../../../assets/lessons/tours/addition.txt"),
    ),
    (
        "loop",
        Through::Classic("Countdown from 5"),
        include_str!("../../../../../assets/lessons/tours/loop.txt"),
    ),
    (
        "recursion",
        Through::Full(include_str!("../../../../../assets/programs/22-factorial.wat"), "factorial", "3"),
        include_str!("../../../../../assets/lessons/tours/recursion.txt"),
    ),
    (
        "question",
        Through::Question("Calculate 12 * 11"),
        include_str!("../../../../../assets/lessons/tours/question.txt"),
    ),
];

/// A tour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tour {
    /// Its name in test ids.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// A line of what it shows.
    pub about: &'static str,
    through: Through,
    steps: Vec<Step>,
}

/// A step of a tour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Step {
    /// The text, with values in braces.
    text: &'static str,
    pass: Option<usize>,
    /// The instruction's name, which of them, and which of its tokens.
    instruction: Option<(&'static str, usize, usize)>,
    layer: usize,
    head: Option<usize>,
    neuron: Option<&'static str>,
    show: Option<&'static str>,
    point: Option<(usize, usize)>,
}

impl Tour {
    /// All tours.
    pub fn all() -> Vec<Self> {
        TOURS.into_iter().map(|(name, through, text)| Self::read(name, through, text)).collect()
    }

    fn read(name: &'static str, through: Through, text: &'static str) -> Self {
        let mut parts = text.split("\n\n");
        let (title, about) = parts.next().and_then(|head| head.split_once('\n')).unwrap_or_default();
        let steps = parts.filter_map(|part| {
            let (place, text) = part.trim().split_once('\n')?;
            Some(Step::read(place, text))
        });
        Self { name, title, about, through, steps: steps.collect() }
    }

    /// The program it goes through, if it is a run.
    fn program(&self) -> Option<Program> {
        match self.through {
            Through::Classic(title) => {
                let example = EXAMPLES.iter().find(|example| example.title() == title)?;
                Some(Program::Classic(example.text.to_owned()))
            }
            Through::Full(text, function, arguments) => Some(Program::Full(Call {
                text: text.to_owned(),
                function: function.to_owned(),
                arguments: arguments.to_owned(),
            })),
            Through::Question(_) => None,
        }
    }

    /// The question it asks, if it does.
    fn question(&self) -> Option<&'static str> {
        if let Through::Question(question) = self.through { Some(question) } else { None }
    }
}

impl Step {
    fn read(place: &'static str, text: &'static str) -> Self {
        let mut step = Self { text, ..Self::default() };
        for words in place.split(", ") {
            let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
            let number = rest.parse::<usize>();
            match word {
                "pass" => step.pass = number.ok(),
                "layer" => step.layer = number.unwrap_or_default(),
                "head" => step.head = number.ok(),
                "neuron" => step.neuron = Some(rest),
                "show" => step.show = Some(rest),
                "point" => {
                    let pair = rest.split_once(' ');
                    step.point = pair.and_then(|(tap, token)| Some((tap.parse().ok()?, token.parse().ok()?)));
                }
                "step" => {
                    let mut rest = rest.split(' ');
                    let name = rest.next().unwrap_or_default();
                    let mut number =
                        || rest.next().and_then(|n| n.trim_start_matches('+').parse().ok()).unwrap_or(0);
                    step.instruction = Some((name, number(), number()));
                }
                _ => {}
            }
        }
        step
    }
}

/// The tour that is on; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Tours {
    /// The tour and its step.
    on: RwSignal<Option<(usize, usize)>>,
    /// Whether it has only just begun: its panel takes the focus as soon as it is on the page.
    is_begun: RwSignal<bool>,
    /// What was asked before a tour asked something.
    asked_before: StoredValue<Option<String>>,
}

impl Tours {
    /// None is on.
    pub fn new() -> Self {
        Self { on: RwSignal::new(None), is_begun: RwSignal::new(false), asked_before: StoredValue::new(None) }
    }

    /// Whether one is on (tracked).
    pub fn is_on(self) -> bool {
        self.on.with(Option::is_some)
    }
}

/// The tours of this page.
pub fn use_tours() -> Tours {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tour_is_read() {
        for tour in Tour::all() {
            assert!(!tour.title.is_empty() && tour.about.ends_with('.'), "{}", tour.name);
            assert!(tour.steps.len() >= 5, "{}", tour.name);
            assert!(tour.question().is_some() || tour.program().is_some(), "{}", tour.name);
            for step in &tour.steps {
                let is_placed = match tour.through {
                    Through::Classic(_) => step.pass.is_some(),
                    Through::Full(..) => step.instruction.is_some(),
                    Through::Question(_) => step.show.is_some(),
                };
                assert!(is_placed, "{}: {}", tour.name, step.text);
                assert!(step.text.ends_with('.'), "{}: {}", tour.name, step.text);
            }
        }
    }

    #[test]
    fn a_place_is_read() {
        let step = Step::read("pass 2, layer 4, neuron mul: a · b", "Text.");
        assert_eq!((step.pass, step.layer, step.neuron), (Some(2), 4, Some("mul: a · b")));
        let step = Step::read("step call 1 +2, show xray-logits", "Text.");
        assert_eq!((step.instruction, step.show), (Some(("call", 1, 2)), Some("xray-logits")));
        assert_eq!(Step::read("show program-1, point 1 3", "Text.").point, Some((1, 3)));
    }
}
