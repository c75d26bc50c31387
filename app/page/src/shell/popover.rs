//! A button with a panel under it: Escape, a click elsewhere or focus leaving close it.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Node;

/// The button and its panel.
#[component]
pub fn Popover(
    /// What the button shows.
    label: AnyView,
    /// The button's class.
    class: &'static str,
    /// Test id of the button; the panel has the same with `-panel`.
    testid: &'static str,
    /// The panel's name.
    title: &'static str,
    /// Called when the panel opens.
    #[prop(optional)]
    on_open: Option<Callback<()>>,
    /// The panel's content, made when it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let is_outside = move |target: Option<web_sys::EventTarget>| {
        let target = target.and_then(|target| target.dyn_into::<Node>().ok());
        root.get_untracked().is_some_and(|root| !root.contains(target.as_ref()))
    };
    let clicked = window_event_listener(ev::pointerdown, move |event| {
        if open.get_untracked() && is_outside(event.target()) {
            open.set(false);
        }
    });
    on_cleanup(move || clicked.remove());
    let toggle = move |_| {
        let now = !open.get_untracked();
        open.set(now);
        if let (true, Some(on_open)) = (now, on_open) {
            on_open.run(());
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            if let Some(button) = button.get_untracked() {
                // A button that cannot take the focus leaves it where it is.
                drop(button.focus());
            }
        }
    };
    let on_focus_out = move |event: ev::FocusEvent| {
        if event.related_target().is_some() && is_outside(event.related_target()) {
            open.set(false);
        }
    };
    let panel_id = format!("{testid}-panel");
    let panel_name = panel_id.clone();
    view! {
        <div class="popover" node_ref=root on:keydown=on_key on:focusout=on_focus_out>
            <button
                class=class
                node_ref=button
                on:click=toggle
                aria-expanded=move || open.get().to_string()
                aria-controls=panel_id
                title=title
                data-testid=testid
            >
                {label}
            </button>
            {move || {
                let id = panel_name.clone();
                open.get().then(|| view! {
                    <div class="popover-panel" id=id.clone() role="group" aria-label=title data-testid=id.clone()>
                        {children()}
                    </div>
                })
            }}
        </div>
    }
}
