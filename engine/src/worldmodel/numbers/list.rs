//! Which numbers of a question are its list.

use super::Number;

/// Whether a stretch between two numbers only separates them.
fn separates(between: &str) -> bool {
    let is_mark = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';' | '，' | '；' | '、' | '(' | ')' | '[' | ']' | '{' | '}' | '（' | '）' | '&'
            )
            || matches!(c, '$' | '€' | '£' | '¥' | '₽' | '%')
    };
    let mut words = between.split(is_mark).filter(|word| !word.is_empty());
    words.all(|word| matches!(word, "and" | "и" | "和" | "与"))
}

/// The indices of the list's numbers.
pub(super) fn find(question: &str, numbers: &[Number]) -> Vec<usize> {
    let bracketed = in_square_brackets(question, numbers);
    if !bracketed.is_empty() {
        return bracketed;
    }
    let runs = runs(question, numbers);
    longest(runs).filter(|run| run.len() > 1).unwrap_or_default()
}

/// The first of the longest.
fn longest(runs: Vec<Vec<usize>>) -> Option<Vec<usize>> {
    runs.into_iter().reduce(|best, run| if run.len() > best.len() { run } else { best })
}

fn runs(question: &str, numbers: &[Number]) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let mut end = 0;
    for (index, number) in numbers.iter().enumerate() {
        let between = question.get(end..number.span.start).unwrap_or("?");
        match runs.last_mut() {
            Some(run) if separates(between) => run.push(index),
            _ => runs.push(vec![index]),
        }
        end = number.span.end;
    }
    runs
}

fn in_square_brackets(question: &str, numbers: &[Number]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open = None;
    for (at, c) in question.char_indices() {
        match c {
            '[' => open = Some(at + 1),
            ']' => {
                let Some(start) = open.take() else { continue };
                let first = numbers.partition_point(|number| number.span.start < start);
                let behind = numbers.partition_point(|number| number.span.end <= at);
                let inside = numbers.get(first..behind).unwrap_or(&[]);
                // Square brackets also group: [5 + 3] is no list.
                let mut reached = start;
                let only_numbers = inside.iter().all(|number| {
                    let between = question.get(reached..number.span.start).unwrap_or("?");
                    reached = number.span.end;
                    separates(between)
                });
                if only_numbers && separates(question.get(reached..at).unwrap_or("?")) {
                    found.push((first..behind).collect());
                }
            }
            _ => {}
        }
    }
    longest(found).unwrap_or_default()
}
