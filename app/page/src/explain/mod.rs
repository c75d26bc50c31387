//! Where a number comes from, whichever model it is of: a number on the page is a button, and opens a panel with its rule, its
//! operands and the same number computed again.
//!
//! ```text
//! number  a number as a button
//! panel   the panel
//! ```
//!
//! Test ids: `explain` (a dialog), `explain-site`, `explain-label`, `explain-rule`, `explain-fold`, `explain-value`,
//! `explain-recomputed`, `explain-verdict`, `explain-inputs`, `explain-trail`, `explain-copy`, `explain-elsewhere`, `explain-close`.
//! Every number is a button `.xr-number` whose `data-site` is its site.

mod number;
mod panel;

pub use number::{Number, Pair};
pub use panel::Explain;

use engine::xray::{Explanation, Site};
use leptos::prelude::*;
use protocol::language::{LanguageResponse, Opened};
use protocol::{AppError, Inside, Request, Response};

use crate::client::unexpected;
use crate::language::Language;
use crate::session::Session;

/// Explains numbers; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Explainer {
    /// The numbers opened on the way to the one explained, which is the last.
    pub trail: RwSignal<Vec<Site>>,
    /// The number explained.
    pub selection: RwSignal<Option<Site>>,
    of: StoredValue<Of>,
}

/// Whose numbers.
#[derive(Clone, Copy)]
#[expect(clippy::large_enum_variant, reason = "handles of signals: there is one of these for each panel")]
enum Of {
    Machine(Session),
    Language(Language),
}

/// The explainer of this part of the page.
pub fn use_explainer() -> Explainer {
    expect_context()
}

impl Explainer {
    /// Of the last run of the machine that is looked at.
    pub fn of_machine(session: Session) -> Self {
        Self::new(session.selection, Of::Machine(session))
    }

    /// Of the text that a language model has read last.
    pub fn of_language(language: Language) -> Self {
        Self::new(language.inside.selection, Of::Language(language))
    }

    fn new(selection: RwSignal<Option<Site>>, of: Of) -> Self {
        let trail = RwSignal::<Vec<Site>>::default();
        // A share link sets the selection from outside.
        Effect::new(move |_| {
            let selected = selection.get();
            if trail.with_untracked(|trail| trail.last().copied()) != selected {
                trail.set(selected.into_iter().collect());
            }
        });
        Self { trail, selection, of: StoredValue::new(of) }
    }

    /// Explains a number.
    pub fn open(self, site: Site) {
        self.trail.set(vec![site]);
        self.selection.set(Some(site));
    }

    /// Explains a number that the one explained is made of.
    pub fn open_input(self, site: Site) {
        self.trail.update(|trail| trail.push(site));
        self.selection.set(Some(site));
    }

    /// Goes back along the trail, to its `index`-th number.
    pub fn back_to(self, index: usize) {
        self.trail.update(|trail| trail.truncate(index + 1));
        self.selection.set(self.trail.with_untracked(|trail| trail.last().copied()));
    }

    /// Explains nothing any more.
    pub fn close(self) {
        self.trail.set(Vec::new());
        self.selection.set(None);
    }

    /// Whether there is something whose numbers could be explained (tracked: the same name has another number after another run).
    fn has_run(self) -> bool {
        match self.of.get_value() {
            Of::Machine(session) => session.tape().is_some(),
            Of::Language(language) => {
                language.inside.of_changed.track();
                language.inside.tokens.with(Option::is_some)
            }
        }
    }

    /// The name of the model whose numbers these are (tracked).
    fn model(self) -> String {
        match self.of.get_value() {
            Of::Machine(session) => session.shown_card().map(|card| card.name.clone()),
            Of::Language(language) => Some(language.model_name()),
        }
        .unwrap_or_default()
    }

    /// The position and the layer on screen (tracked).
    fn place(self) -> (Option<usize>, usize) {
        match self.of.get_value() {
            Of::Machine(session) => {
                let layers = session.shown_card().map_or(0, |card| card.layers.len());
                (session.position(), session.layer.get().min(layers.saturating_sub(1)))
            }
            Of::Language(language) => (Some(language.inside.at.get()), language.inside.layer.get()),
        }
    }

    /// Shows the place of a number; it stays explained.
    fn go_to(self, site: Site) {
        match self.of.get_value() {
            Of::Machine(session) => {
                session.look_at(site.position());
                if let Some(layer) = site.layer() {
                    session.layer.set(layer);
                }
            }
            Of::Language(language) => {
                language.inside.look_at(site.position());
                if let Some(layer) = site.layer() {
                    language.inside.layer.set(layer);
                }
            }
        }
    }

    /// Asks the engine where a number comes from.
    ///
    /// # Errors
    /// When there is no such number, or the worker fails.
    pub async fn explain(self, site: Site) -> Result<Explanation, AppError> {
        let explained = match self.of.get_value() {
            Of::Machine(session) => {
                let machine = session.machine.get_untracked();
                let request = Request::Inside { machine, of: Inside::Explain { sites: vec![site] } };
                match session.client.request(request).await? {
                    Response::Explanations(explanations) => explanations,
                    _ => return Err(unexpected()),
                }
            }
            Of::Language(language) => match language.open(Opened::Numbers(vec![site])).await? {
                LanguageResponse::Explanations(explanations) => explanations,
                _ => return Err(unexpected()),
            },
        };
        explained.into_iter().next().ok_or_else(unexpected)
    }
}
