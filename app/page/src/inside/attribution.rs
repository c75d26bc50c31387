//! Who wrote a logit: direct logit attribution of a token at the position looked at.

use engine::xray::{Attribution, Site, Source};
use leptos::prelude::*;
use protocol::language::{LanguageResponse, Opened};

use super::on_demand::OnDemand;
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::{units, use_language};
use crate::live::Listed;

/// Parts that are named; the others are summed.
const NAMED: usize = 14;

/// The parts.
#[component]
pub fn WhoWrote() -> impl IntoView {
    let inside = use_language().inside;
    let wanted = move |()| {
        let likeliest = inside.look.with(|look| {
            look.as_ref()
                .filter(|look| look.request.position == inside.at.get() && inside.is_of_text())
                .and_then(|look| look.logits.first().copied())
        });
        let followed = inside.followed.get().map(|(token, _)| token);
        let token = followed.or(likeliest.map(|(token, _)| token))?;
        Some(Opened::Logit { position: inside.at.get(), token })
    };
    let shown = move |response: LanguageResponse| match response {
        LanguageResponse::Attribution(attribution) => parts(*attribution),
        _ => ().into_any(),
    };
    view! {
        <OnDemand
            title="Who wrote this logit"
            testid="who-wrote"
            about="The logit of the likeliest next token, or of the one that is followed, as the sum of what each part of the model wrote into \
                   the stream directly, with the last norm's scale held: direct logit attribution."
            wanted=Callback::new(wanted)
            shown=Callback::new(shown)
        />
    }
}

fn name(source: Source) -> String {
    match source {
        Source::Embedding => "embedding".to_owned(),
        Source::Head { layer, head } => format!("layer {layer}, head {head}"),
        Source::Mlp { layer } => format!("layer {layer}, neurons"),
        Source::Replaced { layer } => format!("layer {layer}, replaced"),
    }
}

/// All parts, the largest first, to be saved.
fn sheet(model: String, of: &Attribution) -> Sheet {
    let mut parts = of.parts.clone();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let site = Site::Logit { position: of.position, token: of.token as usize };
    let mut rows = vec![vec![Cell::text("the logit"), Cell::at(of.logit, site)]];
    rows.extend(
        parts.into_iter().map(|(source, amount)| vec![Cell::text(name(source)), Cell::number(amount)]),
    );
    Sheet {
        rows,
        drawing: Drawing::Bars(vec![1]),
        ..Sheet::new(model, "attribution", format!("Who wrote the logit of token {}", of.token))
            .at(of.position, None)
            .columns(&["written by", "amount"])
    }
}

fn parts(attribution: Attribution) -> AnyView {
    let language = use_language();
    let inside = language.inside;
    let saved = attribution.clone();
    let export = Callback::new(move |()| Some(sheet(language.model_name(), &saved)));
    let Attribution { position, token, logit, mut parts } = attribution;
    let sum: f32 = parts.iter().map(|(_, amount)| amount).sum();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let rest = parts.split_off(NAMED.min(parts.len()));
    let largest = parts.first().map_or(f32::MIN_POSITIVE, |(_, amount)| amount.abs().max(f32::MIN_POSITIVE));
    let rows = parts.into_iter().map(|(source, amount)| {
        let text = name(source);
        let open = move |_| match source {
            Source::Head { layer, head } => {
                inside.layer.set(layer);
                inside.head.set(Some(head));
            }
            Source::Mlp { layer } | Source::Replaced { layer } => inside.layer.set(layer),
            Source::Embedding => inside.layer.set(0),
        };
        let share = format!("--share:{:.3}", amount.abs() / largest);
        view! {
            <tr class:against=amount < 0.0>
                <th scope="row"><button class="lens-layer" on:click=open>{text}</button></th>
                <td class="xr-num">{signed(amount)}</td>
                <td class="share-cell"><span class="share-bar" style=share></span></td>
            </tr>
        }
    });
    let others: f32 = rest.iter().map(|(_, amount)| amount).sum();
    let others = (!rest.is_empty()).then(|| {
        view! { <tr><th scope="row">{format!("{} others together", rest.len())}</th><td class="xr-num">{signed(others)}</td><td></td></tr> }
    });
    let word = inside.look.with_untracked(|look| {
        let look = look.as_ref()?;
        let place = look.logits.iter().position(|(of, _)| *of == token)?;
        look.lens.last()?.get(place).map(|(word, _)| word.clone())
    });
    let followed = inside.followed.get_untracked().filter(|(of, _)| *of == token).map(|(_, word)| word);
    let word = units::visible(&word.or(followed).unwrap_or_default());
    let site = Site::Logit { position, token: token as usize };
    view! {
        <p class="inside-about" data-testid="attribution-sum">
            "The logit of "<b class="mono chip-token">{word}</b>" behind token "{position.to_string()}" is "
            <Number site value=logit what="logit"/>"; these parts sum to "{signed(sum)}"."
        </p>
        <table class="attribution" data-testid="attribution">
            <caption class="visually-hidden">"The parts of the logit, the largest first"</caption>
            <thead><tr><th scope="col">"written by"</th><th scope="col" class="xr-num">"amount"</th><th scope="col"><span class="visually-hidden">"share"</span></th></tr></thead>
            <tbody>{rows.listed()}{others}</tbody>
        </table>
        <Export of="the parts of the logit" testid="export-attribution" sheet=export/>
    }
    .into_any()
}

/// A number to three places with its sign.
fn signed(amount: f32) -> String {
    format!("{:+.3}", amount + 0.0).replace('-', "−")
}
