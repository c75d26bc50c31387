//! Every term of every score; the weights as sliders; the published rule beside them.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::asking::{Asked, TERMS};

use super::flip::{self, Flip, Weight};
use super::programs::candidate_name;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::asking::Rule;
use crate::language::{Language, use_language};
use crate::live::{Listed, live};

/// How the sliders go.
const STEP: f32 = 0.05;

/// The table, and what decides.
#[component]
pub fn Scores() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    // Decided again, the scores are the same: a slider must not go away under the hand that moves it.
    let scored = Memo::new_with_compare(
        move |_| asking.asked.get(),
        |before, now| {
            before.map(|asked| asked.as_ref().map(terms)) != now.map(|asked| asked.as_ref().map(terms))
        },
    );
    let table = move || scored.get().map(|asked| view! { <Table asked/> });
    let original = move || scored.get().map(|asked| view! { <Original asked/> });
    let flip = move || scored.get().map(|asked| view! { <Flips asked/> });
    let is_changed = move || asking.weights.with(Option::is_some);
    let rule = move |rule: Rule, label: &'static str, testid: &'static str| {
        let is_this = move || asking.rule.get() == rule;
        view! {
            <button class="button" data-testid=testid aria-pressed=move || is_this().to_string() on:click=move |_| language.decide(rule)>
                {label}
            </button>
        }
    };
    let reset = move || {
        is_changed().then(|| {
            let reset = move |_| {
                asking.weights.set(None);
                language.decide(Rule::Weights);
            };
            view! { <button class="quiet" data-testid="weights-reset" on:click=reset>"Back to the trained weights"</button> }
        })
    };
    let by_hand = move || match asking.rule.get() {
        Rule::Tap(tap) => Some(format!(" The program of tap {} was taken by hand.", tap + 1)),
        _ => None,
    };
    view! {
        <section class="ask-step" aria-labelledby="scores-title">
            <h2 id="scores-title">"How one of them is chosen"</h2>
            <p class="ask-note">
                "A score is a sum of terms times weights. As trained, on programs that were run and were right or wrong, it is the log-odds that a program is right. "
                "Move them: the choice follows at once, and where it changes, the model goes on from there anew."
            </p>
            <div class="rules" role="group" aria-label="What decides">
                <span>"What decides:"</span>
                {rule(Rule::Weights, "The weights below", "rule-weights")}
                {rule(Rule::Original, "The published rule", "rule-original")}
                {live(reset)}
                {live(by_hand)}
            </div>
            {live(table)}
            <Export of="the scores" testid="export-scores" sheet=Callback::new(move |()| sheet(language))/>
            {live(flip)}
            {live(original)}
        </section>
    }
}

/// Every term of every score as it is weighed now, to be saved.
fn sheet(language: Language) -> Option<Sheet> {
    let asked = language.asking.asked.get()?;
    let weights = language.weights();
    let names = asked.candidates.iter().enumerate();
    let names: Vec<String> = names.map(|(tap, one)| candidate_name(asked.way, tap, one.layer)).collect();
    let mut columns = vec!["term".to_owned(), "weight".to_owned()];
    columns.extend(names.iter().map(|name| format!("{name}: term")));
    columns.extend(names.iter().map(|name| format!("{name}: term × weight")));
    let row = |name: &str, weight: Cell, of: Vec<Cell>, parts: Vec<f32>| {
        let parts = parts.into_iter().map(Cell::number);
        [Cell::text(name), weight].into_iter().chain(of).chain(parts).collect::<Vec<Cell>>()
    };
    let taps = asked.candidates.len();
    let mut rows = Vec::new();
    for (term, (name, _)) in TERMS.iter().enumerate() {
        let weight = weights.terms.get(term).copied().unwrap_or(0.0);
        let values: Vec<f32> =
            asked.candidates.iter().map(|one| one.terms.get(term).copied().unwrap_or(0.0)).collect();
        let parts = values.iter().map(|value| value * weight).collect();
        rows.push(row(name, Cell::number(weight), values.into_iter().map(Cell::number).collect(), parts));
    }
    let of_taps = (0..taps).map(|tap| weights.taps.get(tap).copied().unwrap_or(0.0));
    rows.push(row("its tap", Cell::none(), vec![Cell::none(); taps], of_taps.collect()));
    let totals = asked.candidates.iter().enumerate().map(|(tap, one)| weights.score(tap, &one.terms));
    rows.push(row("score", Cell::none(), vec![Cell::none(); taps], totals.collect()));
    Some(Sheet {
        rows,
        drawing: Drawing::Bars((2 + taps..2 + 2 * taps).collect()),
        ..Sheet::new(language.model_name(), "scores", format!("Scores for: {}", asked.question.text))
            .columns(&columns)
    })
}

#[component]
fn Table(asked: Arc<Asked>) -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let taps = asked.candidates.len();
    let heads = asked
        .candidates
        .iter()
        .enumerate()
        .map(|(tap, one)| view! { <th scope="col">{candidate_name(asked.way, tap, one.layer)}</th> });
    let heads = heads.listed();
    let rows = TERMS.iter().enumerate().map(|(term, (name, about))| {
        let weight = move || language.weights().terms.get(term).copied().unwrap_or(0.0);
        let trained = untrack(|| language.trained_weights()).terms.get(term).copied().unwrap_or(0.0);
        let most = (2.0 * trained.abs()).max(4.0).ceil();
        let values: Vec<f32> =
            asked.candidates.iter().map(|one| one.terms.get(term).copied().unwrap_or(0.0)).collect();
        let cells = values.into_iter().map(|value| {
            let part = move || signed(value * weight());
            view! { <td><b>{live(part)}</b><span class="term-value">{format!("{} ×", number(value))}</span></td> }
        });
        let cells = cells.listed();
        let moved = move |event| {
            if let Ok(value) = event_target_value(&event).parse::<f32>() {
                let mut weights = untrack(move || language.weights());
                if let Some(place) = weights.terms.get_mut(term) {
                    *place = value;
                }
                asking.weights.set(Some(weights));
                language.decide(Rule::Weights);
            }
        };
        view! {
            <tr>
                <th scope="row">{*name}<span class="term-about">{*about}</span></th>
                <td class="weight">
                    <input
                        type="range"
                        min=format!("{}", -most)
                        max=format!("{most}")
                        step=STEP.to_string()
                        aria-label=format!("Weight of {name}")
                        data-testid=format!("weight-{term}")
                        prop:value=move || weight().to_string()
                        on:input=moved
                    />
                    <span class="mono">{move || format!("{:.2}", weight())}</span>
                </td>
                {cells}
            </tr>
        }
    });
    let rows = rows.listed();
    let of_taps = (0..taps).map(|tap| {
        let part = move || signed(language.weights().taps.get(tap).copied().unwrap_or(0.0));
        view! { <td><b>{live(part)}</b></td> }
    });
    let of_taps = of_taps.listed();
    let all = Arc::clone(&asked);
    let totals = asked.candidates.iter().enumerate().map(|(tap, one)| {
        let terms = one.terms;
        let total = move || signed(language.weights().score(tap, &terms));
        let all = Arc::clone(&all);
        let wins = Memo::new(move |_| language.wanted(&all) == Some(tap));
        view! {
            <td class:wins=move || wins.get() data-testid=format!("total-{tap}") data-wins=move || wins.get().to_string()>
                <b>{live(total)}</b>
                {live(move || wins.get().then(|| view! { <span class="badge">"wins"</span> }))}
                <button class="quiet" data-testid=format!("take-{tap}") on:click=move |_| language.decide(Rule::Tap(tap))>"Take this one"</button>
            </td>
        }
    });
    let totals = totals.listed();
    view! {
        <div class="scroll-x">
            <table class="scores" data-testid="scores">
                <thead><tr><th scope="col">"Term"</th><th scope="col">"Weight"</th>{heads}</tr></thead>
                <tbody>
                    {rows}
                    <tr><th scope="row">"its tap"<span class="term-about">"what a candidate has for the tap that wrote it"</span></th><td></td>{of_taps}</tr>
                </tbody>
                <tfoot><tr><th scope="row">"Score"</th><td></td>{totals}</tr></tfoot>
            </table>
        </div>
    }
}

/// The smallest change of one weight that chooses another program.
#[component]
fn Flips(asked: Arc<Asked>) -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let content = move || {
        if asking.rule.get() != Rule::Weights {
            return view! { "What would change the weights' choice is told when they decide." }.into_any();
        }
        let weights = language.weights();
        let terms: Vec<[f32; 5]> = asked.candidates.iter().map(|one| one.terms).collect();
        let Some(Flip { of, from, to, tap }) = flip::smallest(&weights, &terms) else {
            return view! { "No change of one weight alone chooses another program." }.into_any();
        };
        let layer = |tap: usize| asked.candidates.get(tap).map_or(0, |one| one.layer);
        let program = |tap: usize| candidate_name(asked.way, tap, layer(tap)).to_lowercase();
        let name = match of {
            Weight::Term(term) => TERMS.get(term).map_or_else(String::new, |(name, _)| format!("“{name}”")),
            Weight::Tap(tap) => format!("“its tap” of {}", program(tap)),
        };
        let result = |tap: usize| asked.candidates.get(tap).and_then(|one| one.result.as_ref().ok());
        let chosen = weights.choose(&terms).and_then(result);
        let same = match (chosen, result(tap)) {
            (_, None) => ", which came to nothing",
            (one, other) if one == other => ", which came to the same",
            _ => ", which came to something else",
        };
        let text = format!(
            "The smallest change of one weight that decides otherwise: {name} from {} to {}. Then the program of {} wins{same}. ",
            exact(from),
            exact(to),
            program(tap)
        );
        let weights = of.set(&weights, to);
        let try_it = move |_| {
            asking.weights.set(Some(weights.clone()));
            language.decide(Rule::Weights);
        };
        view! { {text}<button class="quiet" data-testid="flip-try" on:click=try_it>"Try it"</button> }
            .into_any()
    };
    view! { <p class="ask-note" data-testid="flip">{live(content)}</p> }
}

/// A weight to thousandths, in which they are moved.
fn exact(weight: f32) -> String {
    format!("{weight:.3}").replace('-', "−")
}

/// What the published rule says.
#[component]
fn Original(asked: Arc<Asked>) -> impl IntoView {
    let rows = asked.candidates.iter().enumerate().map(|(tap, one)| {
        let [layer, keyword, export, numbers] = one.original.before;
        let before = format!(
            "{layer:.2} + {keyword:.1} + {export:.1} {} = {:.2}",
            signed(numbers as f32),
            one.original.before_total
        );
        let after = match one.original.after {
            Some([keyword, layer, reasonable]) => {
                format!("{keyword:.1} + {layer:.2} + {reasonable:.2} = {:.3}", keyword + layer + reasonable)
            }
            None if one.original.runs => "failed".to_owned(),
            None => "skipped".to_owned(),
        };
        let wins = asked.by_original == Some(tap);
        view! {
            <tr class:wins=wins>
                <th scope="row">{candidate_name(asked.way, tap, one.layer)}{wins.then_some(" wins")}</th>
                <td>{one.operation.clone()}</td>
                <td class="mono">{before}</td>
                <td class="mono">{after}</td>
            </tr>
        }
    });
    let rows = rows.listed();
    view! {
        <details class="original">
            <summary>"What the published rule says of them"</summary>
            <p class="ask-note">
                "Before anything is run: layer ÷ 11, a keyword of the question, an export named compute, numbers enough. The best two are run: "
                "then keyword, layer ÷ 11, and whether the number looks reasonable. It never asks whether the program is right."
            </p>
            <div class="scroll-x">
                <table class="scores" data-testid="original-scores">
                    <thead>
                        <tr>
                            <th scope="col">"Program"</th><th scope="col">"Taken for"</th><th scope="col">"Before"</th><th scope="col">"After"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

/// Two decimals, with a true minus.
fn number(value: f32) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // What rounds to nothing has no sign.
    if rounded < 0.0 { format!("−{:.2}", -rounded) } else { format!("{:.2}", rounded + 0.0) }
}

/// The same as a part of a sum.
fn signed(value: f32) -> String {
    let number = number(value);
    number.strip_prefix('−').map_or_else(|| format!("+ {number}"), |number| format!("− {number}"))
}

/// What a table of scores shows of an answer.
fn terms(asked: &Arc<Asked>) -> (String, Vec<[f32; 5]>) {
    (asked.question.text.clone(), asked.candidates.iter().map(|candidate| candidate.terms).collect())
}
