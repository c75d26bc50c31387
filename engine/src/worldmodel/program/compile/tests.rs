//! A plan for each thing that plans can say, and how long its program is.

use super::*;
use crate::worldmodel::expression::{Function, Kind, Letter, SystemNumber, SystemText, TextFunction, parse};

/// A plan for each name and form of the language.
pub fn every_plan() -> Vec<String> {
    let mut plans: Vec<String> = [
        "<a> + <b>",
        "<a> - <b>",
        "<a> * <b>",
        "<a> / <b>",
        "<a> % <b>",
        "-<a>",
        "<a> ^ <b>",
        "<a> ^ 2",
        "<d> ^ 3",
        "<a> ^ 0.5",
        "<a> ^ <c>",
        "<a> ^ <d>",
        "pi * <a>",
        "<a> divides <b>",
        "<a> = <b>",
        "<d> = <b>",
        "<a> < <d>",
        "<a> <= <b>",
        "<a> > <b>",
        "<a> >= <b>",
        "count(text, text2)",
        "abs(<d>)",
        "min(<a>, <d>)",
        "floor(<a> / <b>) % 2",
        "round(<d>)",
    ]
    .map(str::to_owned)
    .to_vec();
    for function in Function::ALL {
        let arguments = if function.arity() == 2 { "<a>, <b>" } else { "<a>" };
        plans.push(format!("{}({arguments})", function.name()));
    }
    plans.extend(Test::ALL.iter().map(|test| format!("{}(<a>)", test.name())));
    plans.extend(ListFunction::ALL.iter().map(|function| format!("{}(list)", function.name())));
    plans.extend(ListAction::ALL.iter().map(|action| format!("{}(list)", action.name())));
    for source in ["text", "text2"] {
        plans.extend(TextFunction::ALL.iter().map(|function| format!("{}({source})", function.name())));
        plans.extend(TextAction::ALL.iter().map(|action| format!("{}({source})", action.name())));
    }
    plans.extend(SystemText::ALL.iter().map(|text| format!("{}()", text.name())));
    plans.extend(SystemNumber::ALL.iter().map(|number| format!("{}()", number.name())));
    plans
}

/// `cargo test -p engine program_lengths -- --ignored --nocapture` prints them.
#[test]
#[ignore = "prints a table"]
fn program_lengths() {
    println!("{} tokens in the vocabulary", vocabulary::size());
    let decimal = Letter::new(3).unwrap();
    let kinds = Kinds::default().with(decimal, Kind::Decimal).with(Letter::new(2).unwrap(), Kind::Negative);
    for text in every_plan() {
        println!("{:4} {text}", compile(&parse(&text).unwrap(), &kinds).unwrap().len());
    }
}
