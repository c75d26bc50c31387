//! What surrounds every route: header, navigation, theme, device, sharing, notices.

pub mod device_chip;
pub mod notices;
mod opens;
mod packing;
pub mod popover;
mod qr;
pub mod share;
mod theme;

use leptos::{html, prelude::*};

use crate::live::live;
use crate::parts::use_parts;
use crate::route::{Route, Router};
use device_chip::DeviceChip;
use share::ShareButton;
use theme::ThemeToggle;

/// The header with the navigation, and the route's content under it.
#[component]
pub fn Shell(
    /// Where the page is.
    router: Router,
    /// The route's content.
    children: Children,
) -> impl IntoView {
    let main = NodeRef::<html::Main>::new();
    let parts = use_parts();
    // A new route is a new page for whoever listens to it: title and focus move along.
    Effect::new(move |before: Option<Route>| {
        let route = router.route();
        let lesson = parts.title(&router.path()).map(|title| format!("{title} · ")).unwrap_or_default();
        document().set_title(&format!("{lesson}{} · WorldModel X-ray", route.title()));
        if before.is_some_and(|before| before != route) {
            if let Some(main) = main.get_untracked() {
                // The browser would scroll its upper edge under the header.
                let still = web_sys::FocusOptions::new();
                still.set_prevent_scroll(true);
                drop(main.focus_with_options(&still));
            }
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
        route
    });
    let accent = move || match router.route() {
        Route::Ask | Route::Chat => "qwen",
        _ => "interpreter",
    };
    let header = move || {
        if router.is_embedded() {
            return ().into_any();
        }
        view! { <Header router main/> }.into_any()
    };
    view! {
        <div class="page" data-accent=move || accent() data-route=move || router.route().name() data-embed=move || router.is_embedded().then_some("")>
            {live(header)}
            <main class="main" id="main" tabindex="-1" node_ref=main>
                {children()}
            </main>
            <notices::NoticeList/>
            {live(move || router.is_embedded().then(|| view! { <share::WholePage router/> }))}
        </div>
    }
}

/// The header: sign, navigation, tools.
#[component]
fn Header(router: Router, main: NodeRef<html::Main>) -> impl IntoView {
    let skip = move |event: leptos::ev::MouseEvent| {
        // The fragment belongs to the router: the link only moves the focus.
        event.prevent_default();
        if let Some(main) = main.get_untracked() {
            // Without focus the link does nothing, which is what a browser would do.
            drop(main.focus());
        }
    };
    let links = Route::ALL.map(|route| {
        let current = move || (router.route() == route).then_some("page");
        view! {
            <a href=route.href() aria-current=current data-testid=format!("nav-{}", route.name())>
                {route.title()}
            </a>
        }
    });
    view! {
            <a class="skip" href="#main" on:click=skip>"Skip to the content"</a>
            <header class="header">
                <a class="mark" href="#/ask" aria-label="WorldModel X-ray, start">
                    <Mark/>
                    <span class="mark-word" aria-hidden="true">"WorldModel "<b>"X-ray"</b></span>
                </a>
                <nav class="nav" aria-label="Pages">{links}</nav>
                <div class="tools">
                    <DeviceChip/>
                    <ShareButton/>
                    <ThemeToggle/>
                </div>
            </header>
    }
}

/// The sign: layers seen edge-on, one of them lit.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="mark-sign" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
            <rect x="3" y="3.5" width="18" height="2" rx="1"></rect>
            <rect x="3" y="8.5" width="18" height="2" rx="1"></rect>
            <rect class="lit" x="3" y="13" width="18" height="3" rx="1.5"></rect>
            <rect x="3" y="18.5" width="18" height="2" rx="1"></rect>
        </svg>
    }
}
