//! Who wrote a logit: direct logit attribution of a token at the position looked at.

use engine::xray::{Attribution, Site};
use leptos::prelude::*;
use protocol::language::{LanguageResponse, Opened};

use super::on_demand::OnDemand;
use super::parts::{self, signed};
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::{units, use_language};

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
        LanguageResponse::Attribution(attribution) => shown_parts(*attribution),
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

/// All parts, the largest first, to be saved.
fn sheet(model: String, of: &Attribution) -> Sheet {
    let site = Site::Logit { position: of.position, token: of.token as usize };
    let mut rows = vec![vec![Cell::text("the logit"), Cell::at(of.logit, site)]];
    rows.extend(parts::cells(&of.parts));
    Sheet {
        rows,
        drawing: Drawing::Bars(vec![1]),
        ..Sheet::new(model, "attribution", format!("Who wrote the logit of token {}", of.token))
            .at(of.position, None)
            .columns(&["written by", "amount"])
    }
}

fn shown_parts(attribution: Attribution) -> AnyView {
    let language = use_language();
    let inside = language.inside;
    let saved = attribution.clone();
    let export = Callback::new(move |()| Some(sheet(language.model_name(), &saved)));
    let Attribution { position, token, logit, parts } = attribution;
    let sum: f32 = parts.iter().map(|(_, amount)| amount).sum();
    let word = inside.look.with_untracked(|look| {
        let look = look.as_ref()?;
        let place = look.logits.iter().position(|(of, _)| *of == token)?;
        look.lens.last()?.get(place).map(|(word, _)| word.clone())
    });
    // Of a link's token the spelling may not be known.
    let followed = inside.followed.get_untracked().filter(|(of, word)| *of == token && !word.is_empty());
    let word = word.or(followed.map(|(_, word)| word));
    let word = word.map_or_else(|| format!("token {token}"), |word| units::visible(&word));
    let site = Site::Logit { position, token: token as usize };
    view! {
        <p class="inside-about" data-testid="attribution-sum">
            "The logit of "<b class="mono chip-token">{word}</b>" behind token "{position.to_string()}" is "
            <Number site value=logit what="logit"/>"; these parts sum to "{signed(sum)}"."
        </p>
        {parts::table(parts, position, false, "attribution", |_| None)}
        <Export of="the parts of the logit" testid="export-attribution" sheet=export/>
    }
    .into_any()
}
