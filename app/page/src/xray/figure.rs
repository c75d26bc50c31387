//! A chart on the page: as wide as its place, redrawn when that changes.

use leptos::html;
use leptos::prelude::*;

use super::chart::Chart;

/// Draws a chart that depends on its size.
#[component]
pub fn Figure(
    /// The chart for a width and height in CSS pixels.
    draw: impl Fn((u32, u32)) -> Chart + Send + Sync + 'static,
    /// The chart in words.
    #[prop(into)]
    text: String,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// For tests.
    #[prop(into)]
    testid: String,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let (width, set_width) = signal(None::<u32>);
    let measure = move || {
        if let Some(element) = place.get_untracked() {
            set_width.set(u32::try_from(element.client_width()).ok().filter(|width| *width > 0));
        }
    };
    Effect::new(move |_| {
        if place.get().is_some() {
            measure();
        }
    });
    let listener = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || listener.remove());
    let svg = move || {
        let width = width.get()?.clamp(220, 900);
        // Flat on wide places, squarer on phones.
        let height = (width * 9 / 20).clamp(200, 280);
        // The place has the picture's role and name; its parts would only be read out one by one.
        let svg = draw((width, height)).svg().map(|svg| svg.replacen("<svg", "<svg aria-hidden=\"true\"", 1));
        Some(svg.unwrap_or_else(|| "The chart could not be drawn.".to_owned()))
    };
    view! {
        <figure class="xr-figure" data-testid=testid>
            <figcaption>{title}</figcaption>
            <div class="xr-chart" role="img" aria-label=text node_ref=place inner_html=move || svg().unwrap_or_default()></div>
        </figure>
    }
}
