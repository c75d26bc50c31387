//! What the benchmark prints.

use engine::worldmodel::ask::Asked;
use engine::worldmodel::data::Example;
use engine::worldmodel::measure::Tally;
use engine::worldmodel::measure::published::Row;

use super::figures::{Figures, percent};

/// Characters of a published question and of an answer that a line has room for.
const QUESTION: usize = 54;
const ANSWER: usize = 22;

/// The published questions: first the benchmark's, then the others.
pub fn published(rows: &[Row]) -> Vec<String> {
    let mut lines = Vec::new();
    for (heading, benchmark) in [("published benchmark", true), ("published demo and help", false)] {
        lines.push(format!("{heading:QUESTION$}  {:ANSWER$}  {:>6}", "answer", "ms"));
        for row in rows.iter().filter(|row| row.benchmark == benchmark) {
            let shown = if row.answer.is_empty() { &row.text } else { &row.answer };
            let (question, answer) = (cut(&row.question, QUESTION), cut(shown, ANSWER));
            let wrong = match row.right {
                true => String::new(),
                false => format!("  WRONG, expected {}", row.expected),
            };
            lines
                .push(format!("{question:QUESTION$}  {answer:ANSWER$}  {:6.0}{wrong}", 1000.0 * row.seconds));
        }
        lines.push(String::new());
    }
    lines
}

/// At most so many characters.
fn cut(text: &str, characters: usize) -> String {
    match text.chars().count() > characters {
        true => text.chars().take(characters.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// What stands above the sets.
pub fn heading(behind: &[usize]) -> Vec<String> {
    let taps: Vec<String> = behind.iter().map(|layer| format!("{:>6}", format!("tap {layer}"))).collect();
    vec![
        "Right answers in percent, to questions never trained on: with held-out wordings, or with held-out numbers.".to_owned(),
        format!(
            "{:19} {:9} {:>5} {:>6} {} {:>8} {:>6} {:>6} {:>6}",
            "set", "held out", "n", "right", taps.join(" "), "original", "plan", "said", "ms"
        ),
    ]
}

/// A set in a split.
pub fn row(tally: &Tally) -> String {
    let share = |count: usize| percent(count, tally.questions);
    let taps: Vec<String> = tally.taps.iter().map(|&count| format!("{:>6}", share(count))).collect();
    format!(
        "{:19} {:9} {:>5} {:>6} {} {:>8} {:>6} {:>6} {:>6.0}",
        tally.set,
        tally.split,
        tally.questions,
        share(tally.right),
        taps.join(" "),
        share(tally.original),
        share(tally.same_plan),
        share(tally.said),
        1000.0 * tally.seconds / tally.questions.max(1) as f64
    )
}

/// A question that was answered wrongly, with all that is known of it.
pub fn wrong(example: &Example, asked: Option<&Asked>) -> Vec<String> {
    let plan = example.plan.as_ref().map(|plan| plan.to_string().replace(' ', "")).unwrap_or_default();
    let expected = match (&example.answer, &example.failure) {
        (Some(answer), _) => answer.to_string(),
        (None, Some(failure)) => format!("({failure})"),
        (None, None) => "nothing".to_owned(),
    };
    let mut lines = vec![format!("  {} [{}]", example.question, example.family)];
    let Some(asked) = asked else { return lines };
    let values = asked.candidates.iter().map(|candidate| match &candidate.outcome.answer {
        Ok(answer) => answer.to_string(),
        Err(failure) => format!("({failure})"),
    });
    lines.push(format!(
        "    plan {}{} instead of {plan}; {} instead of {expected}; says: {}",
        asked.plan,
        if asked.order.is_empty() { String::new() } else { format!(" ({})", asked.order) },
        values.collect::<Vec<_>>().join(" | "),
        asked.reply.trim()
    ));
    lines
}

/// What is known in the end: the comparison, the choice, and the bars.
pub fn rest(figures: &Figures) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(compared(figures));
    lines.push(String::new());
    lines.extend(selection(figures));
    lines.push(String::new());
    for bar in &figures.bars {
        let below = if bar.is_reached() { "" } else { "  BELOW" };
        let (wanted, found) = (format!("{:.1}", 100.0 * bar.wanted), percent(bar.right, bar.of));
        let counts = format!("{} of {}", bar.right, bar.of);
        lines.push(format!("{:46} wanted {wanted:>5} %, found {found:>5} % ({counts}){below}", bar.name));
    }
    lines.push(format!("{:.0} s, {}", figures.seconds, figures.device));
    lines
}

fn compared(figures: &Figures) -> Vec<String> {
    if figures.compared.iter().all(|compared| compared.questions == 0) {
        return Vec::new();
    }
    let taps: Vec<String> =
        figures.behind.iter().map(|layer| format!("{:>6}", format!("tap {layer}"))).collect();
    let beside = figures.beside.as_ref().map(|other| format!("  {}", other.name)).unwrap_or_default();
    let mut lines = vec![
        "The same questions, answered in other ways; right answers in percent.".to_owned(),
        format!(
            "{:19} {:>5} {:>7} {} {:>8} {:>8}{beside}",
            "set",
            "n",
            "trained",
            taps.join(" "),
            "original",
            "no tools"
        ),
    ];
    for compared in &figures.compared {
        let share = |count: usize| percent(count, compared.questions);
        let taps: Vec<String> = compared.taps.iter().map(|&count| format!("{:>6}", share(count))).collect();
        let beside = compared.beside.map(|count| format!("  {}", share(count))).unwrap_or_default();
        lines.push(format!(
            "{:19} {:>5} {:>7} {} {:>8} {:>8}{beside}",
            compared.set,
            compared.questions,
            share(compared.trained),
            taps.join(" "),
            share(compared.original),
            share(compared.alone)
        ));
    }
    lines
}

fn selection(figures: &Figures) -> Vec<String> {
    let all = Tally::all(&figures.sets);
    vec![
        format!(
            "For {} of {} questions some candidate is right. Of those a right one is chosen,",
            all.choosable, all.questions
        ),
        format!("  by the trained selection, in {:>5} %", percent(all.chosen, all.choosable)),
        format!("  by the original rule, in     {:>5} %", percent(all.chosen_by_original, all.choosable)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_by_characters() {
        assert_eq!(cut("число", 5), "число");
        assert_eq!(cut("числа", 4), "чис…");
        assert_eq!(cut("", 4), "");
    }

    #[test]
    fn columns_stand_under_their_headings() {
        let tally = Tally {
            set: "none".to_owned(),
            split: "wordings".to_owned(),
            taps: vec![0; 3],
            ..Tally::default()
        };
        let lines = heading(&[3, 7, 11]);
        assert_eq!(lines.last().map(String::len), Some(row(&tally).len()));
    }
}
