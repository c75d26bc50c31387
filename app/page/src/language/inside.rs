//! Looking inside: which token, which layer, and what is replaced.

use std::sync::Arc;

use engine::xray::Site;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::language::{
    Intervention, LanguageRequest, LanguageResponse, Look, LookRequest, Part, Replacement, TextOf,
};

use super::Language;
use super::further::Further;
use crate::client::unexpected;

/// Tokens of each layer's logit lens, and neurons, that are asked for.
const TOP: usize = 6;

/// Looking inside; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Inside {
    /// Whether the panel is open.
    pub open: RwSignal<bool>,
    /// Whether the X-ray shows the model: all layers at once, and no panel.
    pub whole: RwSignal<bool>,
    /// The chat's tokens as the model has read them, the last answer's among them; `None` while there is nothing
    /// to look into.
    pub tokens: RwSignal<Option<Arc<Vec<String>>>>,
    /// Whether they are a question's text; else a chat's.
    pub of_question: RwSignal<bool>,
    /// Place of the last answer's first token among them.
    pub first: RwSignal<usize>,
    /// The position looked at: what the model computed when it read that token.
    pub at: RwSignal<usize>,
    /// The layer.
    pub layer: RwSignal<usize>,
    /// The head whose pattern is written out.
    pub head: RwSignal<Option<usize>>,
    /// The number explained.
    pub selection: RwSignal<Option<Site>>,
    /// The parts of the panel that are open, of those that the model computes only then: their names.
    pub opened: RwSignal<Vec<String>>,
    /// The token that is followed through the layers, and how it is written.
    pub followed: RwSignal<Option<(u32, String)>>,
    /// The dimension whose writers are shown; `None` for the one that the layer changes most.
    pub dim: RwSignal<Option<usize>>,
    /// What the model computed there.
    pub look: RwSignal<Option<Arc<Look>>>,
    /// The number that a link wants explained, once the text is there.
    pub select: StoredValue<Option<Site>>,
    /// What else it wants looked at.
    pub further: StoredValue<Option<Further>>,
    /// Number of the text: another one has other numbers at the same places.
    pub text: RwSignal<u32>,
    /// The text that [`Inside::look`] is of.
    pub looked: RwSignal<u32>,
    /// Why that is not known.
    pub failure: RwSignal<Option<AppError>>,
    /// What is replaced in the next answer.
    pub off: RwSignal<Vec<Intervention>>,
    /// Whether the mean takes its place where no value does; else zero.
    pub mean: RwSignal<bool>,
    /// Whether the question is looked at as it was answered with something replaced.
    pub of_changed: RwSignal<bool>,
    /// The position and layer to be looked at next, once the look under way is there.
    wanted: StoredValue<Option<(usize, usize)>>,
    /// Whether one is.
    looking: StoredValue<bool>,
    /// How often everything was forgotten: a look from before is of no use.
    forgotten: StoredValue<u32>,
}

impl Inside {
    /// Nothing to look into.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            whole: RwSignal::new(false),
            tokens: RwSignal::new(None),
            of_question: RwSignal::new(false),
            first: RwSignal::new(0),
            at: RwSignal::new(0),
            layer: RwSignal::new(0),
            head: RwSignal::new(None),
            selection: RwSignal::new(None),
            opened: RwSignal::default(),
            followed: RwSignal::new(None),
            dim: RwSignal::new(None),
            look: RwSignal::new(None),
            select: StoredValue::new(None),
            further: StoredValue::new(None),
            text: RwSignal::new(0),
            looked: RwSignal::new(0),
            failure: RwSignal::new(None),
            off: RwSignal::default(),
            mean: RwSignal::new(false),
            of_changed: RwSignal::new(false),
            wanted: StoredValue::new(None),
            looking: StoredValue::new(false),
            forgotten: StoredValue::new(0),
        }
    }

    /// The model has read something else, or is gone.
    pub fn forget(self) {
        self.is_another();
        self.tokens.set(None);
        self.of_changed.set(false);
        self.selection.set(None);
        self.followed.set(None);
        self.dim.set(None);
        self.look.set(None);
        self.failure.set(None);
        self.wanted.set_value(None);
        self.forgotten.update_value(|count| *count = count.wrapping_add(1));
    }

    /// The model has read these tokens; of them, an answer begins at `first`. Looks at where its first was chosen.
    pub fn read(self, tokens: Vec<String>, first: usize) {
        self.is_another();
        self.of_changed.set(false);
        self.of_question.set(false);
        self.first.set(first);
        self.at.set(first.saturating_sub(1));
        self.tokens.set(Some(Arc::new(tokens)));
    }

    /// The model has read a question's text. Decided again, the position looked at stays.
    pub fn read_question(self, tokens: Vec<String>, first: usize, again: bool) {
        let at = self.at.get_untracked();
        self.read(tokens, first);
        self.of_question.set(true);
        if again {
            self.look_at(at);
        } else {
            self.selection.set(None);
        }
        self.show_what_a_link_wants();
    }

    fn is_another(self) {
        self.text.update(|text| *text = text.wrapping_add(1));
    }

    /// Whether what is shown is another place's, or another text's (tracked).
    pub fn is_stale(self) -> bool {
        let is_here = |look: &Arc<Look>| {
            (look.request.position, look.request.layer) == (self.at.get(), self.layer.get())
        };
        !self.is_of_text() || self.look.with(|look| look.as_ref().is_none_or(|look| !is_here(look)))
    }

    /// Whether the look is of the text that is there now (tracked).
    pub fn is_of_text(self) -> bool {
        self.looked.get() == self.text.get()
    }

    /// Which text that is for the model.
    pub fn text_of(self) -> TextOf {
        match (self.of_question.get_untracked(), self.of_changed.get_untracked()) {
            (false, _) => TextOf::Last,
            (true, false) => TextOf::Question,
            (true, true) => TextOf::Changed,
        }
    }

    /// What a link wants looked at is wanted no more: another text is there, or will be.
    pub fn forget_the_link(self) {
        self.select.set_value(None);
        self.further.set_value(None);
    }

    fn show_what_a_link_wants(self) {
        if let Some(site) = self.select.try_update_value(Option::take).flatten() {
            self.selection.set(Some(site));
        }
        if let Some(further) = self.further.try_update_value(Option::take).flatten() {
            further.show(self);
        }
    }

    /// The model has read a chat that it has not written here. The position looked at stays, if there is one.
    pub fn read_only(self, tokens: Vec<String>) {
        self.is_another();
        self.of_question.set(false);
        self.first.set(tokens.len());
        self.at.update(|at| *at = (*at).min(tokens.len().saturating_sub(1)));
        self.tokens.set(Some(Arc::new(tokens)));
        self.show_what_a_link_wants();
    }

    /// Looks at a position, if there is such a token.
    pub fn look_at(self, position: usize) {
        let last = self.tokens.with_untracked(|tokens| tokens.as_ref().map_or(0, |tokens| tokens.len()));
        self.at.set(position.min(last.saturating_sub(1)));
    }

    /// Whether there is a question's text to look into (tracked).
    pub fn has_question(self) -> bool {
        self.of_question.get() && self.tokens.with(Option::is_some)
    }

    /// Whether a part is switched off (tracked).
    pub fn is_off(self, layer: usize, part: Part) -> bool {
        self.off.with(|off| off.iter().any(|one| one.layer == layer && one.part == part))
    }

    /// Switches a part off in the next answer, or on again.
    pub fn toggle(self, layer: usize, part: Part) {
        let with = self.with_nothing(matches!(part, Part::Gate(_)));
        self.off.update(|off| {
            let before = off.len();
            off.retain(|one| one.layer != layer || one.part != part);
            if off.len() == before {
                off.push(Intervention { layer, part, with, position: None });
            }
        });
    }

    /// Replaces a part in the next answer, whatever stood there before.
    pub fn replace(self, new: Intervention) {
        self.off.update(|off| {
            off.retain(|one| (one.layer, one.part) != (new.layer, new.part));
            off.push(new);
        });
    }

    /// What takes a part's place where nobody names a value. A gate has no mean.
    fn with_nothing(self, is_gate: bool) -> Replacement {
        if self.mean.get_untracked() && !is_gate { Replacement::Mean } else { Replacement::Zero }
    }

    /// What is typed as a value.
    ///
    /// # Errors
    /// What can be typed instead.
    pub fn with_typed(self, typed: &str, is_gate: bool) -> Result<Replacement, String> {
        if typed.is_empty() {
            return Ok(self.with_nothing(is_gate));
        }
        let typed = typed.replace('−', "-").replace(',', ".");
        let value = typed.parse::<f32>().ok().filter(|value| value.is_finite());
        value.map(Replacement::Value).ok_or_else(|| "The value is a number, as in 0.5 or -3.".to_owned())
    }

    /// Chooses what takes the place of all that is replaced by no value of its own.
    pub fn set_mean(self, mean: bool) {
        self.mean.set(mean);
        self.off.update(|off| {
            let valueless = off.iter_mut().filter(|one| !matches!(one.with, Replacement::Value(_)));
            valueless.for_each(|one| one.with = self.with_nothing(matches!(one.part, Part::Gate(_))));
        });
    }
}

impl Language {
    /// Asks the model whenever another position or layer is looked at.
    pub(super) fn look_when_it_changes(self) {
        let inside = self.inside;
        Effect::new(move |_| {
            let (position, layer) = (inside.at.get(), inside.layer.get());
            inside.of_changed.track();
            if !(inside.open.get() || inside.whole.get()) || inside.tokens.with(Option::is_none) {
                return;
            }
            self.look(position, layer);
        });
    }

    /// Looks, or notes what is to be looked at next: a slider asks much faster than a model answers.
    fn look(self, position: usize, layer: usize) {
        let inside = self.inside;
        inside.wanted.set_value(Some((position, layer)));
        if inside.looking.get_value() {
            return;
        }
        inside.looking.set_value(true);
        spawn_local(async move {
            while let Some((position, layer)) = inside.wanted.try_update_value(Option::take).flatten() {
                let before = inside.forgotten.get_value();
                let text = inside.text.get_untracked();
                let request = LookRequest {
                    position,
                    layer,
                    top: TOP,
                    stations: inside.whole.get_untracked(),
                    interventions: self.replaced_in_text(),
                    of: inside.text_of(),
                };
                let answer = self.ask(None, LanguageRequest::Look(request), Vec::new(), None).await;
                if inside.forgotten.get_value() != before {
                    continue;
                }
                let (look, failure) = match answer {
                    Ok(LanguageResponse::Look(look)) => (Some(Arc::from(look)), None),
                    Ok(_) => (None, Some(unexpected())),
                    Err(error) => (None, Some(error)),
                };
                inside.looked.set(text);
                inside.look.set(look);
                inside.failure.set(failure);
            }
            inside.looking.set_value(false);
        });
    }
}
