//! The answer as it is, and with something replaced, side by side.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::asking::{Asked, Origin};
use protocol::language::TextOf;

use super::answer::parts;
use super::programs::candidate_name;
use super::stream::origin_name;
use crate::export::{Cell, Export, Sheet};
use crate::inside::off::taps;
use crate::language::changed::{Likely, Parting, parting};
use crate::language::interventions::all_in_words;
use crate::language::{units, use_language};
use crate::live::{Listed, live};
use crate::traces::{Of, RunFile};

/// Both answers.
#[component]
pub fn Changed() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let both = move || {
        let (plain, changed) = (asking.asked.get()?, asking.changed.get()?);
        let parting = asking.parting.get();
        Some(view! { <Both plain changed parting/> })
    };
    let waits = move || {
        let waits = asking.asks_changed.get() && asking.changed.with(Option::is_none);
        waits.then(|| view! { <p class="ask-waits" role="status">"Answering once more …"</p> })
    };
    view! { {live(waits)}{live(both)} }
}

#[component]
fn Both(plain: Arc<Asked>, changed: Arc<Asked>, parting: Option<Parting>) -> impl IntoView {
    let language = use_language();
    let first = self::parting(&plain, &changed);
    let text = match first {
        None => "Both texts are the same, token for token".to_owned(),
        Some(first) => format!("The texts part at token {first}; what follows is marked"),
    };
    let others = other_programs(&plain, &changed);
    let has_programs = !(plain.candidates.is_empty() && changed.candidates.is_empty());
    let verdict = match (first, others.as_slice()) {
        _ if !has_programs => format!("{text}."),
        (None, []) => format!("{text}, and so are the programs: here, these parts decide nothing."),
        (Some(_), []) => format!("{text}. The programs are the same."),
        (_, others) => format!("{text}. Another program: {}.", others.join(", ")),
    };
    let replaced = all_in_words(&changed.question.interventions, &taps(language));
    let saved = {
        let (plain, changed, parting) = (Arc::clone(&plain), Arc::clone(&changed), parting.clone());
        let title = format!("With and without: {replaced}");
        move |()| Some(sheet(&language.model_name(), &title, (&plain, &changed), parting.as_ref()))
    };
    let likely = parting.map(|Parting { token, likely: (plain, changed) }| {
        view! {
            <h3>{format!("What it thought likeliest as token {token}")}</h3>
            <div class="comparison" data-testid="parting">{likeliest("As it is", plain)}{likeliest("With parts replaced", changed)}</div>
        }
    });
    view! {
        <section class="ask-step" aria-labelledby="changed-title" data-testid="changed">
            <div class="ask-step-head">
                <h2 id="changed-title" tabindex="-1">"With and without"</h2>
                <Export of="both answers" testid="export-changed" sheet=Callback::new(saved) drawn=false/>
                <button class="button" data-testid="undo" on:click=move |_| language.undo_changes()>"Undo"</button>
            </div>
            <p class="ask-note" id="changed" tabindex="-1"><span data-testid="replaced">{format!("Replaced: {replaced}.")}</span>" "{verdict}</p>
            <div class="comparison">
                {side("As it is", "changed-before", &plain, first)}
                {side("With parts replaced", "changed-after", &changed, first)}
            </div>
            {likely}
            <RunFile of=Of::Question(TextOf::Changed) opens=false/>
        </section>
    }
}

/// Both answers as a table: what was said, every token of the text, the programs and what came of them, and what was likeliest where the
/// texts part.
fn sheet(model: &str, title: &str, both: (&Asked, &Asked), parting: Option<&Parting>) -> Sheet {
    let row = |what: &str, place: Cell, of: &dyn Fn(&Asked) -> Option<String>| {
        let side = |asked| of(asked).map_or_else(Cell::none, Cell::text);
        vec![Cell::text(what), place, side(both.0), side(both.1)]
    };
    let said = |asked: &Asked| Some(asked.reply.iter().map(|(text, _)| text.as_str()).collect());
    let mut rows = vec![row("answer", Cell::none(), &said)];
    let most = |of: fn(&Asked) -> usize| 0..of(both.0).max(of(both.1));
    rows.extend(most(|asked| asked.tokens.len()).map(|place| {
        row("token", Cell::count(place), &|asked| asked.tokens.get(place).map(|(text, _)| text.clone()))
    }));
    for tap in most(|asked| asked.candidates.len()) {
        rows.push(row("program", Cell::count(tap), &|asked| Some(asked.candidates.get(tap)?.wat.clone())));
        rows.push(row("result", Cell::count(tap), &|asked| {
            let result = &asked.candidates.get(tap)?.result;
            Some(result.clone().unwrap_or_else(|failure| failure))
        }));
    }
    rows.push(row("chosen", Cell::none(), &|asked| asked.chosen.map(|tap| tap.to_string())));
    if let Some(Parting { token, likely: (plain, changed) }) = parting {
        let side = |likely: &Likely, rank: usize| {
            likely.get(rank).map_or_else(
                || [Cell::none(), Cell::none()],
                |(text, probability)| [Cell::text(text), Cell::number(*probability)],
            )
        };
        for rank in 0..plain.len().max(changed.len()) {
            let ([before, before_p], [after, after_p]) = (side(plain, rank), side(changed, rank));
            rows.push(vec![
                Cell::text(format!("likeliest {}", rank + 1)),
                Cell::count(*token),
                before,
                after,
            ]);
            rows.push(vec![
                Cell::text(format!("its probability {}", rank + 1)),
                Cell::count(*token),
                before_p,
                after_p,
            ]);
        }
    }
    let columns = ["what", "place", "as it is", "with parts replaced"];
    Sheet { rows, ..Sheet::new(model, "with-and-without", title).columns(&columns) }
}

/// The candidates whose programs differ, by name.
fn other_programs(plain: &Asked, changed: &Asked) -> Vec<String> {
    let program = |asked: &Asked, tap: usize| -> Option<String> {
        let candidate = asked.candidates.get(tap)?;
        let tokens: Vec<&str> = candidate.tokens.iter().map(|token| token.text.as_str()).collect();
        Some(if tokens.is_empty() { candidate.wat.clone() } else { tokens.join(" ") })
    };
    let count = plain.candidates.len().max(changed.candidates.len());
    let differ = (0..count).filter(|&tap| program(plain, tap) != program(changed, tap));
    let layer = |tap: usize| {
        let candidate = plain.candidates.get(tap).or_else(|| changed.candidates.get(tap));
        candidate.map_or(0, |candidate| candidate.layer)
    };
    differ.map(|tap| candidate_name(plain.way, tap, layer(tap)).to_lowercase()).collect()
}

/// One of the answers: text, programs, choice, answer.
fn side(title: &'static str, testid: &'static str, asked: &Asked, first: Option<usize>) -> AnyView {
    let text = asked.tokens.iter().enumerate().skip_while(|(_, (_, origin))| *origin == Origin::Question);
    let text = text.map(|(place, (text, origin))| {
        let parted = first.is_some_and(|first| place >= first);
        view! { <span class="ask-token" class:parted=parted data-origin=origin_name(*origin)>{units::visible(text)}</span> }
    });
    let programs = asked.candidates.iter().enumerate().map(|(tap, candidate)| {
        let name = candidate_name(asked.way, tap, candidate.layer);
        let result = match &candidate.result {
            Ok(value) => view! { <span class="mono">{value.clone()}</span> }.into_any(),
            Err(failure) => failure.clone().into_any(),
        };
        let chosen = (asked.chosen == Some(tap)).then(|| view! { " "<span class="badge">"chosen"</span> });
        let wat: Vec<&str> = candidate.tokens.iter().map(|token| token.text.as_str()).collect();
        view! { <li><b>{name}</b>": "{result}{chosen}<br/><code class="wat-line">{wat.join(" ")}</code></li> }
    });
    let programs = match asked.candidates.is_empty() {
        true => view! { <p class="models-note">"It wrote no program."</p> }.into_any(),
        false => view! { <ul class="changed-programs">{programs.listed()}</ul> }.into_any(),
    };
    view! {
        <section class="compared" data-testid=testid aria-label=title>
            <h3>{title}</h3>
            <p class="reply">{parts(asked)}{(!asked.ended).then_some(" … (cut off)")}</p>
            <p class="ask-stream mono">{text.listed()}</p>
            {programs}
        </section>
    }
    .into_any()
}

/// The likeliest tokens at one place of one of the texts.
fn likeliest(title: &'static str, likely: Likely) -> AnyView {
    let rows = likely.into_iter().map(|(token, probability)| {
        view! {
            <tr>
                <th scope="row" class="mono">{units::visible(&token)}</th>
                <td>{units::percent(probability)}</td>
                <td class="share-cell"><span class="share-bar" style=format!("--share:{probability:.4}")></span></td>
            </tr>
        }
    });
    view! {
        <table class="next-tokens compared">
            <caption>{title}</caption>
            <tbody>{rows.listed()}</tbody>
        </table>
    }
    .into_any()
}
