//! Who wrote a dimension of the stream: heads and neurons of all layers up to the one looked at.

use engine::xray::{HeadPart, Site, Source, Stage, Written};
use leptos::prelude::*;
use protocol::language::{LanguageResponse, Opened};

use super::on_demand::OnDemand;
use super::parts::{self, signed};
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::use_language;

/// The parts of the dimension that was chosen, or of the one that the layer changes most.
#[component]
pub fn WhoWroteDimension() -> impl IntoView {
    let inside = use_language().inside;
    let wanted = move |()| {
        let (position, layer) = (inside.at.get(), inside.layer.get());
        let most = inside.look.with(|look| {
            let look = look.as_ref().filter(|_| inside.is_of_text())?;
            let is_here = (look.request.position, look.request.layer) == (position, layer);
            look.dimensions.first().filter(|_| is_here).map(|(dim, ..)| *dim)
        });
        let dim = inside.dim.get().or(most)?;
        Some(Opened::Dimension { position, layer, dim })
    };
    let shown = move |response: LanguageResponse| match response {
        LanguageResponse::Written(written) => shown_parts(*written),
        _ => ().into_any(),
    };
    view! {
        <OnDemand
            title="Who wrote this dimension"
            testid="who-wrote-dimension"
            about="One dimension of the stream behind the layer, as the sum of what the embedding, every head and every neuron up to there \
                   added to it: of the one that the layer changes most, or of the one that is chosen above."
            wanted=Callback::new(wanted)
            shown=Callback::new(shown)
        />
    }
}

/// All parts, to be saved.
fn sheet(model: String, of: &Written) -> Sheet {
    let Written { position, layer, dim, .. } = *of;
    let site = Site::Resid { layer, stage: Stage::Post, position, dim };
    let mut rows = vec![vec![Cell::text("the dimension"), Cell::at(of.value, site)]];
    rows.extend(parts::cells(&of.parts));
    Sheet {
        rows,
        drawing: Drawing::Bars(vec![1]),
        ..Sheet::new(model, "written", format!("Who wrote dimension {dim}"))
            .at(position, Some(layer))
            .columns(&["written by", "amount"])
    }
}

fn shown_parts(written: Written) -> AnyView {
    let language = use_language();
    let saved = written.clone();
    let export = Callback::new(move |()| Some(sheet(language.model_name(), &saved)));
    let Written { position, layer, dim, value, parts } = written;
    let sum: f32 = parts.iter().map(|(_, amount)| amount).sum();
    let opened = move |source| match source {
        Source::Embedding => Some(Site::Embed { position, dim }),
        Source::Head { layer, head } => {
            Some(Site::Head { layer, part: HeadPart::Result, position, head, component: dim })
        }
        // A neuron's product times its weight, and what is left of a layer's neurons, have no name of their own.
        Source::Neuron { .. } | Source::Mlp { .. } | Source::Replaced { .. } => None,
    };
    let site = Site::Resid { layer, stage: Stage::Post, position, dim };
    view! {
        <p class="inside-about" data-testid="written-sum">
            {format!("Dimension {dim} behind layer {layer}, at token {position}, is ")}
            <Number site value what=format!("dimension {dim}")/>
            "; these parts sum to "{signed(sum)}". Neurons that are named are not among their layer's others."
        </p>
        {parts::table(parts, position, true, "written", opened)}
        <Export of="the parts of the dimension" testid="export-written" sheet=export/>
    }
    .into_any()
}
