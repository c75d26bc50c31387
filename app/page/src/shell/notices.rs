//! Short messages about what happened outside the page's own content: a crash, a lost device, a damaged link.
//!
//! They lie over the page, so that nothing moves, and stay until they are read.

use crate::live::Listed;
use leptos::prelude::*;

/// One notice.
#[derive(Clone)]
pub struct Notice {
    /// Its subject: a newer notice of the same subject takes its place.
    pub subject: &'static str,
    /// What happened.
    pub message: String,
    /// What it means, or what to do.
    pub remedy: String,
    /// A way out, with its label.
    pub action: Option<(&'static str, Callback<()>)>,
}

/// The notices on screen.
#[derive(Clone, Copy, Default)]
pub struct Notices {
    shown: RwSignal<Vec<Notice>>,
}

impl Notices {
    /// Shows a notice.
    pub fn show(self, notice: Notice) {
        self.shown.update(|shown| {
            shown.retain(|old| old.subject != notice.subject);
            shown.push(notice);
        });
    }

    /// Shows that something went wrong.
    pub fn problem(self, subject: &'static str, message: impl Into<String>, remedy: impl Into<String>) {
        let (message, remedy) = (message.into(), remedy.into());
        self.show(Notice { subject, message, remedy, action: None });
    }

    /// Takes a subject's notice away.
    pub fn clear(self, subject: &'static str) {
        if self.shown.with_untracked(|shown| shown.iter().any(|notice| notice.subject == subject)) {
            self.shown.update(|shown| shown.retain(|notice| notice.subject != subject));
        }
    }
}

/// The notices of this page.
pub fn use_notices() -> Notices {
    expect_context()
}

/// Where the notices appear.
#[component]
pub fn NoticeList() -> impl IntoView {
    let notices = use_notices();
    view! {
        <div class="notices" role="region" aria-label="Notices" aria-live="polite" data-testid="notices">
            {move || notices.shown.get().into_iter().map(|notice| notice_view(notices, notice)).listed()}
        </div>
    }
}

fn notice_view(notices: Notices, notice: Notice) -> impl IntoView {
    let Notice { subject, message, remedy, action } = notice;
    let action = action.map(|(label, callback)| {
        let act = move |_| {
            notices.clear(subject);
            callback.run(());
        };
        view! { <button class="button" on:click=act data-testid="notice-action">{label}</button> }
    });
    view! {
        <div
            class="notice"
            data-subject=subject
            data-testid="notice"
        >
            <p class="notice-message">{message}</p>
            <p class="notice-remedy">{remedy}</p>
            {action}
            <button
                class="icon-button notice-close"
                aria-label="Dismiss this notice"
                on:click=move |_| notices.clear(subject)
            >
                "×"
            </button>
        </div>
    }
}
