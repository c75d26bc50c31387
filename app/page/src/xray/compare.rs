//! With and without: what is replaced, how more is, and both runs side by side.

use std::sync::Arc;

use engine::xray::Site;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use protocol::changed::{Changed, Parting, Side};
use protocol::language::{Intervention, Part, Replacement};

use super::format;
use super::logits::best;
use super::state::{Xray, use_xray};
use crate::export::{Cell, Export, Sheet};
use crate::language::interventions::{all_in_words, in_words};
use crate::live::{Listed, live};

/// All of it; folded while nothing is replaced.
#[component]
pub fn Compare() -> impl IntoView {
    let xray = use_xray();
    let is_used = Memo::new(move |_| xray.extra.with(|extra| !extra.off.is_empty()));
    let summary = move || match is_used.get() {
        true => format!("Replaced: {}", all_in_words(&xray.replaced(), &[])),
        false => "Replace parts of the transformer, and compare".to_owned(),
    };
    let parts = move || {
        let parts = xray.replaced().into_iter().map(|one| {
            let words = in_words(&one, &[]);
            view! {
                <li>
                    <button type="button" class="off-part" data-testid="replaced-part" aria-label=format!("Put back {words}") on:click=move |_| xray.put_back(one.layer, one.part)>
                        {words.clone()}" ×"
                    </button>
                </li>
            }
        });
        is_used.get().then(|| view! {
            <ul class="off-list">{parts.listed()}</ul>
            <button type="button" class="button" data-testid="put-all-back" on:click=move |_| xray.change_extra(|extra| extra.off.clear())>"Undo all"</button>
        })
    };
    let state = move || {
        let tokens = xray.comparing.going.get()?;
        let stop = move |_| xray.session.client.cancel(xray.session.machine.get_untracked());
        Some(view! {
            <p class="xr-note">"Running with it: "{tokens}" tokens … "<button type="button" class="xr-more" data-testid="compare-stop" on:click=stop>"Stop"</button></p>
        })
    };
    let both = move || match xray.comparing.both.get()? {
        Ok(changed) => Some(view! { <Both changed/> }.into_any()),
        Err(error) => Some(
            view! { <p class="xr-problem" role="alert">{error.message} ". " {error.remedy}</p> }.into_any(),
        ),
    };
    view! {
        <details class="xr-panel xr-compare" data-testid="compare" prop:open=move || is_used.get()>
            <summary data-testid="compare-summary">{summary}</summary>
            <p class="xr-note">
                "Mark a head, a neuron or a dimension as off, or name one here. The program then runs once more with that, on the CPU; everything else on this page stays the run as it is."
            </p>
            <div class="xr-replaced">{live(parts)}</div>
            <Another/>
            <div role="status">{live(state)}</div>
            {live(both)}
        </details>
    }
}

/// Names any part, and what takes its place.
#[component]
fn Another() -> impl IntoView {
    let xray = use_xray();
    let (kind, with) = (RwSignal::new("head".to_owned()), RwSignal::new("zero".to_owned()));
    let here = RwSignal::new(false);
    let (number, value) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let complaint = RwSignal::new(None::<String>);
    let submitted = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = |field: NodeRef<html::Input>| {
            field.get_untracked().map(|input| input.value()).unwrap_or_default()
        };
        let part = xray.named(&kind.get_untracked(), typed(number).trim());
        let with = with.with_untracked(|with| match with.as_str() {
            "mean" => Ok(Replacement::Mean),
            "value" => {
                let value = typed(value)
                    .trim()
                    .replace('−', "-")
                    .parse()
                    .ok()
                    .filter(|value: &f32| value.is_finite());
                value.map(Replacement::Value).ok_or_else(|| "The value is no number.".to_owned())
            }
            _ => Ok(Replacement::Zero),
        });
        match part.and_then(|part| Ok((part, with?))) {
            Ok((part, with)) => {
                let position = here.get_untracked().then(|| untrack(|| xray.session.position())).flatten();
                xray.replace(Intervention { layer: untrack(|| xray.layer()), part, with, position });
                complaint.set(None);
            }
            Err(text) => complaint.set(Some(text)),
        }
    };
    let is_value = move || with.with(|with| with == "value");
    view! {
        <form class="xr-another" on:submit=submitted aria-label="Replace a part">
            <label>
                <span>{move || format!("In layer {}", xray.layer())}</span>
                <select data-testid="replace-kind" on:change=move |event| kind.set(event_target_value(&event))>
                    <option value="head">"head"</option>
                    <option value="neuron">"neuron"</option>
                    <option value="dimension">"dimension behind it"</option>
                </select>
            </label>
            <label><span>"number"</span><input inputmode="numeric" required=true data-testid="replace-number" node_ref=number/></label>
            <label>
                <span>"by"</span>
                <select data-testid="replace-with" on:change=move |event| with.set(event_target_value(&event))>
                    <option value="zero">"zero"</option>
                    <option value="mean">"its mean over the run"</option>
                    <option value="value">"a value"</option>
                </select>
            </label>
            <label class:hidden=move || !is_value()><span>"value"</span><input inputmode="decimal" disabled=move || !is_value() data-testid="replace-value" node_ref=value/></label>
            <label class="check">
                <input type="checkbox" data-testid="replace-here" prop:checked=move || here.get() on:change=move |event| here.set(event_target_checked(&event))/>
                <span>{move || format!("only at position {}", xray.session.position().unwrap_or_default())}</span>
            </label>
            <button type="submit" class="button" data-testid="replace-add">"Replace it"</button>
            {live(move || complaint.get().map(|text| view! { <p class="xr-problem" role="alert" data-testid="replace-problem">{text}</p> }))}
        </form>
    }
}

impl Xray {
    /// The part of the layer looked at that somebody names by its kind and number; a dimension also by its name.
    fn named(self, kind: &str, number: &str) -> Result<Part, String> {
        let layer = untrack(|| self.layer());
        let card = untrack(|| self.session.shown_card());
        let Some((card, shape)) = card.as_ref().and_then(|card| Some((card, card.layers.get(layer)?))) else {
            return Err("No model is loaded.".to_owned());
        };
        let (part, count): (fn(usize) -> Part, usize) = match kind {
            "neuron" => (Part::Neuron, shape.neurons.len()),
            "dimension" => (Part::Dimension, card.dims.len()),
            _ => (Part::Head, shape.heads.len()),
        };
        let by_name = || card.dims.iter().position(|dim| kind == "dimension" && dim.label == number);
        let number = number.parse::<usize>().ok().or_else(by_name).filter(|number| *number < count);
        number.map(part).ok_or_else(|| match count {
            0 => "This layer has none of that kind.".to_owned(),
            count => format!("Numbers of that kind go from 0 to {}.", count - 1),
        })
    }
}

/// Both runs.
#[component]
fn Both(changed: Arc<Changed>) -> impl IntoView {
    let xray = use_xray();
    let verdict = verdict(&changed);
    let how = match changed.every_key {
        true => "",
        false => {
            " The run is long, so heads look their keys up in dictionaries: where no key equals a query they find 0, and plain attention would take the nearest."
        }
    };
    let parting = changed.parting.as_ref().map(|parting| {
        let position = parting.position as usize;
        view! {
            <p>
                <button type="button" class="xr-goto" data-testid="go-to-parting" on:click=move |_| xray.go_to(position)>{format!("Go to position {position}")}</button>
            </p>
            <h3>{format!("Logits at position {position}")}</h3>
            <div class="comparison" data-testid="parting-logits">{logits(xray, "As it is", parting, 0)}{logits(xray, "With parts replaced", parting, 1)}</div>
        }
    });
    let first = first_difference(&changed);
    let saved = {
        let changed = Arc::clone(&changed);
        move |()| sheet(xray, &changed)
    };
    view! {
        <p data-testid="verdict" role="status">{verdict}{how}</p>
        <Export of="both runs" testid="export-compare" sheet=Callback::new(saved) drawn=false/>
        <div class="comparison">
            {side("As it is", "run-before", &changed.before, first)}
            {side("With parts replaced", "run-after", &changed.after, first)}
        </div>
        {parting}
    }
}

/// Both runs as a table: how they end, the tokens that are shown, and all logits where they part. Numbers of the run as it is have names.
fn sheet(xray: Xray, changed: &Changed) -> Option<Sheet> {
    let card = xray.session.shown_card()?;
    let Changed { before, after, parting, .. } = changed;
    let both =
        |what: &str, of: fn(&Side) -> Cell| vec![Cell::text(what), Cell::none(), of(before), of(after)];
    let outputs = |side: &Side| side.outputs.iter().map(i32::to_string).collect::<Vec<_>>().join(" ");
    let mut rows = vec![
        both("ending", |side| Cell::text(side.outcome.clone())),
        both("tokens", |side| Cell::count(side.tokens as usize)),
        vec![Cell::text("outputs"), Cell::none(), Cell::text(outputs(before)), Cell::text(outputs(after))],
    ];
    let word = |side: &Side, index: usize| side.words.get(index).map_or_else(Cell::none, Cell::text);
    rows.extend((0..before.words.len().max(after.words.len())).map(|index| {
        let position = Cell::count(before.first as usize + index);
        vec![Cell::text("token"), position, word(before, index), word(after, index)]
    }));
    if let Some(Parting { position, logits: [plain, other] }) = parting {
        let position = *position as usize;
        rows.extend(plain.iter().zip(other).enumerate().map(|(token, (plain, other))| {
            let name =
                u16::try_from(token).map_or_else(|_| token.to_string(), |token| format::token(&card, token));
            let site = Site::Logit { position, token };
            vec![
                Cell::text(format!("logit of {name}")),
                Cell::count(position),
                Cell::at(*plain, site),
                Cell::number(*other),
            ]
        }));
    }
    let title = format!("With and without: {}", all_in_words(&xray.replaced(), &[]));
    let columns = ["what", "position", "as it is", "with parts replaced"];
    Some(Sheet { rows, ..Sheet::new(&card.name, "with-and-without", title).columns(&columns) })
}

/// The position of the first token that differs. A run that was stopped earlier has none there.
fn first_difference(changed: &Changed) -> Option<usize> {
    let Changed { before, after, .. } = changed;
    let differs = before.words.iter().zip(&after.words).position(|(before, after)| before != after);
    differs.map(|index| before.first as usize + index)
}

/// What the comparison comes to.
fn verdict(changed: &Changed) -> String {
    let Changed { before, after, .. } = changed;
    let ending = match (before.outcome == after.outcome, before.outputs == after.outputs) {
        (true, true) => "Result and outputs are the same",
        (true, false) => "The outputs differ",
        (false, true) => "It ends otherwise",
        (false, false) => "It ends otherwise, and the outputs differ",
    };
    match first_difference(changed) {
        None if before.tokens == after.tokens => {
            "Every token is the same: in this run, these parts decide nothing.".to_owned()
        }
        None => {
            let both = before.tokens.min(after.tokens);
            format!(
                "The {both} tokens that both runs have are the same; one of them was stopped before its end."
            )
        }
        Some(first) => format!("The runs part at token {first}. {ending}."),
    }
}

/// One of the runs.
fn side(title: &'static str, testid: &'static str, side: &Side, first: Option<usize>) -> AnyView {
    let words = side.words.iter().enumerate().map(|(index, word)| {
        let parted = first.is_some_and(|first| side.first as usize + index >= first);
        view! { <span class="ask-token" class:parted=parted>{word.clone()}</span> " " }
    });
    let behind = side.first as usize + side.words.len() < side.tokens as usize;
    let outputs: Vec<String> = side.outputs.iter().map(i32::to_string).collect();
    let outputs = match side.output_count {
        0 => "nothing".to_owned(),
        count if count > side.outputs.len() as u64 => format!("{} … ({count} values)", outputs.join(" ")),
        _ => outputs.join(" "),
    };
    view! {
        <section class="compared" data-testid=testid aria-label=title>
            <h3>{title}</h3>
            <p><b>{side.outcome.clone()}</b></p>
            <p>"puts out "<span class="mono">{outputs}</span></p>
            <p class="xr-note">{format!("{} tokens; from token {}:", side.tokens, side.first)}</p>
            <p class="mono xr-run-words">{words.listed()}{behind.then_some("…")}</p>
        </section>
    }
    .into_any()
}

/// The best tokens at the position where the runs part.
fn logits(xray: Xray, title: &'static str, parting: &Parting, of: usize) -> AnyView {
    let logits = parting.logits.get(of).map(Vec::as_slice).unwrap_or_default();
    let card = untrack(|| xray.session.shown_card());
    let rows = best(logits).into_iter().map(|(token, logit)| {
        let name =
            card.as_ref().zip(u16::try_from(token).ok()).map(|(card, token)| format::token(card, token));
        view! { <tr><th scope="row">{name}</th><td class="xr-num">{format::number(logit)}</td></tr> }
    });
    view! {
        <table class="xr-table compared">
            <caption>{title}</caption>
            <thead><tr><th scope="col">"Token"</th><th scope="col" class="xr-num">"logit"</th></tr></thead>
            <tbody>{rows.listed()}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &[&str], outcome: &str) -> Side {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Side {
            tokens: 10 + words.len() as u32,
            first: 10,
            words,
            outcome: outcome.to_owned(),
            ..Side::default()
        }
    }

    #[test]
    fn the_verdict_says_where_runs_part_and_how_they_end() {
        let both = |before, after| Changed { before, after, parting: None, every_key: true, seconds: 0.0 };
        let same = both(run(&["1", "2"], "gave 2"), run(&["1", "2"], "gave 2"));
        assert_eq!(first_difference(&same), None);
        assert!(verdict(&same).contains("decide nothing"));
        let other = both(run(&["1", "2"], "gave 2"), run(&["1", "3", "4"], "gave 3"));
        assert_eq!(verdict(&other), "The runs part at token 11. It ends otherwise.");
        let shorter = both(run(&["1", "2"], "gave 2"), run(&["1"], "stopped"));
        assert_eq!(first_difference(&shorter), None);
        assert!(verdict(&shorter).starts_with("The 11 tokens that both runs have are the same"));
    }
}
