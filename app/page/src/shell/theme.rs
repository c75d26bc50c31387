//! Light, dark, or as the system says.

use leptos::prelude::*;

/// The choice, as it is stored; theme.js reads it before the first paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

const STORED: &str = "theme";

impl Theme {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::System => "as the system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn icon(self) -> impl IntoView {
        let path = match self {
            // Half a disc; a sun; a moon.
            Self::System => "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
            Self::Light => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13"
            }
            Self::Dark => "M13.5 9.8A6 6 0 0 1 6.2 2.5 6 6 0 1 0 13.5 9.8z",
        };
        let fill = if self == Self::Light { "none" } else { "currentColor" };
        view! {
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" stroke="currentColor"
                stroke-width="1.4" stroke-linecap="round" fill=fill fill-opacity="0.9">
                <path d=path fill=if self == Self::System { "none" } else { fill }></path>
                {(self == Self::System).then(|| view! { <path d="M8 2a6 6 0 0 0 0 12z" fill="currentColor"></path> })}
            </svg>
        }
    }

    fn stored() -> Self {
        let stored = window().local_storage().ok().flatten().and_then(|s| s.get_item(STORED).ok().flatten());
        Self::ALL.into_iter().find(|theme| Some(theme.name()) == stored.as_deref()).unwrap_or(Self::System)
    }

    /// Puts it on the page and remembers it. A browser without storage forgets it at the next visit.
    fn apply(self) {
        if let Some(root) = document().document_element() {
            drop(match self {
                Self::System => root.remove_attribute("data-theme"),
                _ => root.set_attribute("data-theme", self.name()),
            });
        }
        if let Ok(Some(storage)) = window().local_storage() {
            drop(storage.set_item(STORED, self.name()));
        }
    }
}

/// The button that goes from one theme to the next.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(Theme::stored());
    let next = move |_| {
        let new = match theme.get_untracked() {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        };
        new.apply();
        theme.set(new);
    };
    let label = move || format!("Theme: {}. Change it", theme.get().title());
    view! {
        <button class="icon-button" on:click=next aria-label=move || label() title=move || label() data-testid="theme-toggle"
            data-theme-choice=move || theme.get().name()>
            {move || theme.get().icon()}
        </button>
    }
}
