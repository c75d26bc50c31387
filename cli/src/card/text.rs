//! The words and tables of a model card.

use std::fmt::Write;

use engine::worldmodel::data::{Mix, Stage};
use engine::worldmodel::measure::Tally;
use engine::worldmodel::nano;
use serde_json::Value;

use super::Card;
use crate::measure::figures::percent;
use crate::model;

/// The whole card.
pub fn card(card: &Card) -> String {
    let parts = [
        what(card),
        shape(card),
        data(card),
        training(card),
        accuracy(card),
        comparison(card),
        choosing(card),
        limits(card),
        again(card),
    ];
    parts.join("\n")
}

/// A table of Markdown.
fn table(heading: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(heading)
        + &line(&vec!["---".to_owned(); heading.len()]).replace("| ---", "|---").replace("--- |", "---|");
    for row in rows {
        text += &line(&row);
    }
    text
}

fn cells(of: &[&str]) -> Vec<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

fn what(card: &Card) -> String {
    let base = card.about.taps.as_ref().map_or("", |(adapter, _)| adapter.base.as_str());
    let behind = card.about.taps.as_ref().map(|(adapter, _)| model::behind(adapter)).unwrap_or_default();
    let from = match base == nano::NAME {
        true => "trained from scratch with this repository's own questions".to_owned(),
        false => format!("taps trained on the frozen language model {base}"),
    };
    format!(
        "# Model card: {base}\n\n\
         A small WorldModel, {from}. It reads a question, writes a plan, lets three taps ({behind}) write a program each, has one of them run, \
         and goes on from the result. What that means is in [worldmodel.md](worldmodel.md). This page is written by `worldmodel card`, \
         from the run's own files and from what was measured: no figure on it is typed in.\n"
    )
}

fn shape(card: &Card) -> String {
    let mut text = "## Shape and files\n\n".to_owned();
    let about = &card.about;
    let mut rows = vec![
        cells(&["text stream", &model::shape(&about.shape)]),
        cells(&[
            "its vocabulary",
            &format!("{} tokens, context of {}", about.shape.vocabulary, about.shape.context),
        ]),
        cells(&["its file", &model::file(&about.text)]),
    ];
    if let Some((adapter, weights)) = &about.taps {
        let taps = &adapter.taps;
        let each = format!(
            "{}, each {} layers of width {}, {} heads, {} neurons",
            model::behind(adapter),
            taps.layers,
            taps.width,
            taps.heads,
            taps.ffn
        );
        rows.push(cells(&["taps", &each]));
        rows.push(cells(&["their vocabulary", &format!("{} WAT tokens", adapter.vocabulary.len())]));
        rows.push(cells(&["their file", &model::file(weights)]));
        let together = about.text.parameters + weights.parameters;
        let bytes = model::mib(about.text.bytes + weights.bytes);
        rows.push(cells(&["together", &format!("{together} parameters, {bytes}")]));
        rows.push(cells(&["fingerprint of the text stream", &format!("`{}`", adapter.fingerprint)]));
    }
    rows.push(cells(&["licence", &format!("{}; the data is this repository's own", nano::LICENCE)]));
    text += &table(&cells(&["what", "which"]), rows);
    text
}

fn data(card: &Card) -> String {
    let (train, held_out) = card.families.wordings();
    let names: Vec<&str> = card.families.names().collect();
    let total: u32 = Mix::default().0.iter().sum();
    let mut text = format!(
        "## Data\n\n\
         Questions are drawn anew at every step from families in `assets/questions`: {} families, {train} lines of wordings to train on and \
         {held_out} held out, each with choices of its own. Every example's program was run, and came to what its plan is worth. \
         The {} published questions are never drawn. \
         The hash of the files is `{}`.\n\n",
        names.len(),
        card.families.published().len(),
        card.families.hash()
    );
    let rows = Stage::ALL.into_iter().zip(Mix::default().0).map(|(stage, weight)| {
        let of_stage = names.iter().filter(|name| name.split('/').next() == Some(stage.name())).count();
        cells(&[
            stage.name(),
            &of_stage.to_string(),
            &format!("{} %", percent(weight as usize, total as usize)),
        ])
    });
    text += &table(&cells(&["stage", "families", "share of the samples"]), rows);
    text
}

/// A field of an object as text; `-` if it is not there.
fn field(of: &Value, key: &str) -> String {
    match of.get(key) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => "-".to_owned(),
        Some(value) => value.to_string(),
    }
}

fn sittings(card: &Card) -> &[Value] {
    let sittings = card.about.training().get("sittings").and_then(Value::as_array);
    sittings.map(Vec::as_slice).unwrap_or_default()
}

/// Seconds of training until a step where a sitting began, or until the last: as its record says, or else the curve.
fn seconds_until(card: &Card, step: u64) -> f64 {
    let written = |of: &Value, at: &str, seconds: &str| {
        (of.get(at)?.as_u64()? == step).then(|| of.get(seconds)?.as_f64()).flatten()
    };
    let training = card.about.training();
    let record = sittings(card).iter().find_map(|sitting| written(sitting, "from_step", "from_seconds"));
    let before =
        || card.points.iter().take_while(|point| point.step <= step).last().map(|point| point.seconds);
    record.or_else(|| written(training, "steps", "seconds")).or_else(before).unwrap_or(0.0)
}

/// The steps at which a run started from a model's weights.
fn origins(card: &Card) -> Vec<u64> {
    let started = sittings(card).iter().filter(|sitting| sitting.get("from").is_some_and(Value::is_object));
    started.filter_map(|sitting| sitting.get("from_step")?.as_u64()).collect()
}

fn training(card: &Card) -> String {
    let training = card.about.training();
    let settings = training.get("settings").and_then(Value::as_object);
    let options: Vec<String> =
        settings.into_iter().flatten().map(|(key, value)| format!("{key} {value}")).collect();
    let steps = training.get("steps").and_then(Value::as_u64).unwrap_or(0);
    let mut text = format!(
        "## Training\n\n\
         {} steps, {} samples, {:.1} hours. Started with: {}. Text stream and taps learn together; Muon steps the matrices, AdamW the \
         rest. A sitting is the time from a start to a stop.\n\n",
        field(training, "steps"),
        field(training, "samples"),
        seconds_until(card, steps) / 3600.0,
        options.join(", ").replace('"', "")
    );
    let rows = sittings(card).iter().enumerate().map(|(at, sitting)| {
        let from = sitting.get("from_step").and_then(Value::as_u64).unwrap_or(0);
        let next = sittings(card).get(at + 1).and_then(|next| next.get("from_step")?.as_u64());
        let to = next.unwrap_or(steps);
        let hours = (seconds_until(card, to) - seconds_until(card, from)) / 3600.0;
        vec![
            (at + 1).to_string(),
            format!("{from} to {to}"),
            field(sitting, "steps"),
            field(sitting, "rate"),
            field(sitting, "cool_down"),
            format!("{hours:.2}"),
            format!("`{}`", field(sitting, "questions")),
            format!("`{}`", field(sitting, "commit")),
        ]
    });
    let heading = cells(&["sitting", "steps", "of", "rate", "cool-down", "hours", "questions", "commit"]);
    text += &table(&heading, rows);
    let _ = write!(text, "\n![Loss and share of tokens predicted, over the steps]({})\n", card.picture);
    let origins: Vec<String> = origins(card).iter().map(u64::to_string).collect();
    if let (false, Some(first)) = (origins.is_empty(), card.points.first()) {
        let _ = write!(
            text,
            "\nNew runs started from the model's own files, quantized as they are, without what their optimizer remembered, at step {}. \
             The curves begin at step {}; those until then: {}.\n",
            origins.join(" and "),
            first.step,
            card.earlier.iter().map(|name| format!("[{name}]({name})")).collect::<Vec<_>>().join(", ")
        );
    }
    if let Some(last) = card.points.last() {
        let shown =
            |values: &[f64]| values.iter().map(|value| format!("{value:.4}")).collect::<Vec<_>>().join(", ");
        let _ = write!(
            text,
            "\nAt step {}: loss in nats a token {} (text, then the taps), tokens predicted {}.\n",
            last.step,
            shown(&last.losses),
            shown(&last.right)
        );
    }
    text
}

fn accuracy(card: &Card) -> String {
    let mut text = format!(
        "## Accuracy\n\n\
         Right answers in percent, counted by running what was chosen, to questions never trained on: sentences held out (*wordings*), \
         or numbers held out (*numbers*). Drawn with seed {}, answered on {}, {:.0} seconds in all. *Plan* is \
         the plan to the letter; *said* is how often the reply repeats the result.\n\n",
        card.figures.seed, card.figures.device, card.figures.seconds
    );
    let rows = card.figures.sets.iter().map(|tally| {
        let share = |count| percent(count, tally.questions);
        vec![
            tally.set.clone(),
            tally.split.clone(),
            tally.questions.to_string(),
            share(tally.right),
            share(tally.same_plan),
            share(tally.said),
            format!("{:.0}", 1000.0 * tally.seconds / tally.questions.max(1) as f64),
        ]
    });
    text += &table(&cells(&["set", "held out", "questions", "right", "plan", "said", "ms a question"]), rows);
    text += "\nWhat must be reached (`engine/src/worldmodel/measure/bars.rs` says how it is counted):\n\n";
    let rows = card.figures.bars.iter().map(|bar| {
        let reached = if bar.is_reached() { "yes" } else { "**no**" };
        let wanted = format!("{:.1}", 100.0 * bar.wanted);
        vec![
            bar.name.clone(),
            wanted,
            percent(bar.right, bar.of),
            format!("{} of {}", bar.right, bar.of),
            reached.to_owned(),
        ]
    });
    text += &table(&cells(&["what", "wanted, %", "found, %", "counted", "reached"]), rows);
    let published = &card.figures.published;
    let right = published.iter().filter(|row| row.right).count();
    let _ = write!(
        text,
        "\nPublished questions (and one about Hamlet): {right} of {} right.\n\n",
        published.len()
    );
    let rows = published.iter().map(|row| {
        let answer = if row.answer.is_empty() { &row.text } else { &row.answer };
        let right = if row.right { "yes" } else { "**no**" };
        vec![escaped(&row.question), escaped(&row.expected), escaped(answer), right.to_owned()]
    });
    text += &table(&cells(&["question", "expected (… the host says)", "answer", "right"]), rows);
    text
}

/// Text that is to stand in a cell as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('*', "\\*").replace('<', "\\<").replace('\n', " ")
}

fn comparison(card: &Card) -> String {
    let figures = &card.figures;
    let beside = figures.beside.as_ref();
    let mut text = "## Compared\n\n\
         The same held-out questions, answered in other ways; right answers in percent. *No tools* is the same text model answering by itself: \
         its reply must have the answer, in any form."
        .to_owned();
    if let Some(other) = beside {
        let _ = write!(
            text,
            " {} answers by its own chat, greedily, in at most {} tokens, and is judged in the same way.",
            other.name, other.tokens
        );
    }
    text += "\n\n";
    let mut heading = cells(&["set", "questions", "trained selection"]);
    heading.extend(figures.behind.iter().map(|layer| format!("tap {layer} alone")));
    heading.extend(cells(&["original rule", "no tools"]));
    heading.extend(beside.map(|other| other.name.clone()));
    let rows = figures.compared.iter().map(|compared| {
        let share = |count: usize| percent(count, compared.questions);
        let mut row = vec![compared.set.clone(), compared.questions.to_string(), share(compared.trained)];
        row.extend(compared.taps.iter().map(|&count| share(count)));
        row.extend([share(compared.original), share(compared.alone)]);
        row.extend(beside.map(|_| compared.beside.map_or_else(|| "-".to_owned(), share)));
        row
    });
    text += &table(&heading, rows);
    text
}

fn choosing(card: &Card) -> String {
    let all = Tally::all(&card.figures.sets);
    let mut text = format!(
        "## Choosing\n\n\
         For {} of {} questions some candidate is right. How often each rule picks a right one then:\n\n",
        all.choosable, all.questions
    );
    let rows = [("trained selection", all.chosen), ("original rule", all.chosen_by_original)];
    let rows = rows.map(|(name, count)| {
        vec![name.to_owned(), percent(count, all.choosable), format!("{count} of {}", all.choosable)]
    });
    text += &table(&cells(&["rule", "right, %", "counted"]), rows);
    text
}

fn limits(card: &Card) -> String {
    let below: Vec<&str> =
        card.figures.bars.iter().filter(|bar| !bar.is_reached()).map(|bar| bar.name.as_str()).collect();
    let below = match below.as_slice() {
        [] => "It reaches every bar above.".to_owned(),
        below => format!("Below its bar: {}.", below.join("; ")),
    };
    format!(
        "## Limits\n\n\
         - {below}\n\
         - It knows what its questions are about and nothing else: no facts, no conversation, one question at a time.\n\
         - English; some Russian and Chinese for arithmetic. Words that it has not read in training it may misunderstand, and then the \
         program is right for another question: look at the plan.\n\
         - The first 16 numbers of a question have a letter; others count only in a list. Integers are exact in 64 bits, decimals are `f64`.\n\
         - A question and its answer share a context of {} tokens.\n",
        card.about.shape.context
    )
}

fn again(card: &Card) -> String {
    let training = card.about.training();
    let settings = training.get("settings").cloned().unwrap_or_default();
    let mut text = "## To make it again\n\n\
         The same options, questions and device give the same weights, to the byte. Where a sitting changed something, stop the run at that step.\n\n```sh\n"
        .to_owned();
    let mut last = String::new();
    for sitting in sittings(card) {
        let command = format!(
            "cargo run --release -p cli -- train --out nano-run --size {} --seed {} --batch {} --curriculum {} --steps {} --rate {} --cool-down {}",
            field(&settings, "size").to_lowercase(),
            field(&settings, "seed"),
            field(&settings, "batch"),
            field(&settings, "curriculum"),
            field(sitting, "steps"),
            field(sitting, "rate"),
            field(sitting, "cool_down")
        );
        let command = match sitting.get("from").is_some_and(Value::is_object) {
            true => format!("{command} --from assets/nano"),
            false => command,
        };
        if command != last {
            let from = field(sitting, "from_step");
            let _ = writeln!(
                text,
                "{command}{}",
                if from == "0" { String::new() } else { format!("  # from step {from}") }
            );
        }
        last = command;
    }
    text += "cargo run --release -p cli -- choose --model nano-run/bundle\n\
             cargo run --release -p cli -- bench --model nano-run/bundle --beside SmolLM2-135M-Instruct.Q4_1.gguf --json > figures.json\n\
             cargo run --release -p cli -- card --run nano-run --model nano-run/bundle --figures figures.json\n```\n";
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_markdown() {
        let text = table(&cells(&["a", "b"]), [cells(&["1", "2"])]);
        assert_eq!(text, "| a | b |\n|---|---|\n| 1 | 2 |\n");
        assert_eq!(escaped("17 * 23 | <a>"), "17 \\* 23 \\| \\<a>");
    }
}
