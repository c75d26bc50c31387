//! Short messages about what happened outside the page's own content: a crash, a lost device, a damaged link.
//!
//! They lie over the page, so that nothing moves, and stay until they are read.

use leptos::prelude::*;

/// What a notice may be about, in the order they lie in.
const SUBJECTS: [&str; 5] = ["share", "trace", "device", "engine", "model"];

/// One notice.
#[derive(Clone)]
pub struct Notice {
    /// Its subject, one of [`SUBJECTS`]: a newer notice of the same subject takes its place.
    pub subject: &'static str,
    /// What happened.
    pub message: String,
    /// What it means, or what to do.
    pub remedy: String,
    /// A way out, with its label.
    pub action: Option<(&'static str, Callback<()>)>,
}

/// The notices on screen: a place for each subject, so that one that comes or goes leaves the others as they are, with
/// the focus and unspoken.
#[derive(Clone, Copy)]
pub struct Notices {
    shown: [(&'static str, RwSignal<Option<Notice>>); 5],
}

impl Notices {
    /// No notice yet.
    pub fn new() -> Self {
        Self { shown: SUBJECTS.map(|subject| (subject, RwSignal::new(None))) }
    }

    fn place(self, subject: &str) -> Option<RwSignal<Option<Notice>>> {
        self.shown.into_iter().find(|(name, _)| *name == subject).map(|(_, place)| place)
    }

    /// Shows a notice.
    pub fn show(self, notice: Notice) {
        if let Some(place) = self.place(notice.subject) {
            place.set(Some(notice));
        }
    }

    /// Shows that something went wrong.
    pub fn problem(self, subject: &'static str, message: impl Into<String>, remedy: impl Into<String>) {
        let (message, remedy) = (message.into(), remedy.into());
        self.show(Notice { subject, message, remedy, action: None });
    }

    /// Takes a subject's notice away.
    pub fn clear(self, subject: &'static str) {
        if let Some(place) = self.place(subject).filter(|place| place.with_untracked(Option::is_some)) {
            place.set(None);
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
    let shown =
        notices.shown.map(|(_, place)| move || place.get().map(|notice| notice_view(notices, notice)));
    view! {
        <div class="notices" role="region" aria-label="Notices" aria-live="polite" data-testid="notices">
            {shown}
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
