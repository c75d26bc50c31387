//! The chat: its messages, and writing the next one.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::language::{
    Ablation, ChatMessage, ChatOptions, ChatRole, LanguageProgress, LanguageRequest, LanguageResponse, Piece,
    Said, SaidEnding, Speed,
};

use super::Language;
use crate::client::unexpected;

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Who says it.
    pub role: ChatRole,
    /// What, thinking included.
    pub text: String,
    /// The tokens written on this page, each with what it was chosen from.
    pub pieces: Vec<Piece>,
    /// How the writing went; `None` for what a person or a link brought.
    pub outcome: Option<Outcome>,
    /// What was switched off while it was written.
    pub off: Vec<Ablation>,
}

impl Turn {
    /// A message that nobody has computed here.
    pub fn new(role: ChatRole, text: String) -> Self {
        Self { role, text, pieces: Vec::new(), outcome: None, off: Vec::new() }
    }
}

/// How a message was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended; `None` where it broke off.
    pub ending: Option<SaidEnding>,
    /// How fast it was.
    pub speed: Speed,
}

/// The message that is being written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Writing {
    /// Its text so far.
    pub text: String,
    /// Its tokens so far.
    pub pieces: Vec<Piece>,
    /// Tokens of the prompt taken in, and how many there are.
    pub reading: Option<(usize, usize)>,
}

/// The chat; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Talk {
    /// The messages, without the one being written.
    pub turns: RwSignal<Vec<Arc<Turn>>>,
    /// The one being written.
    pub writing: RwSignal<Option<Writing>>,
    /// Why the last was not written to its end.
    pub failure: RwSignal<Option<AppError>>,
    /// What is typed and not sent yet.
    pub draft: RwSignal<String>,
    /// The message that is being changed.
    pub editing: RwSignal<Option<usize>>,
    /// The system message.
    pub system: RwSignal<String>,
    /// How answers are written.
    pub settings: RwSignal<ChatOptions>,
    /// An answer before something was switched off, beside the one after.
    pub compared: RwSignal<Option<Arc<Turn>>>,
    /// The model that a link's chat was with: its name, and its address if that is known.
    pub from_link: RwSignal<Option<(String, String)>>,
}

impl Talk {
    /// An empty chat.
    pub fn new() -> Self {
        Self {
            turns: RwSignal::default(),
            writing: RwSignal::new(None),
            failure: RwSignal::new(None),
            draft: RwSignal::default(),
            editing: RwSignal::new(None),
            system: RwSignal::default(),
            settings: RwSignal::new(ChatOptions::default()),
            compared: RwSignal::new(None),
            from_link: RwSignal::new(None),
        }
    }

    /// Whether an answer is being written (tracked).
    pub fn is_writing(self) -> bool {
        self.writing.with(Option::is_some)
    }

    /// Whether the last message is an answer.
    fn ends_with_answer(self) -> bool {
        self.turns.with_untracked(|turns| turns.last().is_some_and(|turn| turn.role == ChatRole::Assistant))
    }

    fn messages(self) -> Vec<ChatMessage> {
        let system = self.system.get_untracked();
        let system = Some(ChatMessage { role: ChatRole::System, content: system });
        let turns = self.turns.get_untracked();
        let said = turns.iter().map(|turn| ChatMessage { role: turn.role, content: turn.text.clone() });
        system.into_iter().filter(|system| !system.content.trim().is_empty()).chain(said).collect()
    }
}

impl Language {
    /// Sends what is typed.
    pub fn send(self) {
        let talk = self.talk;
        let draft = talk.draft.get_untracked();
        if draft.trim().is_empty() || !self.can_write() {
            return;
        }
        talk.draft.set(String::new());
        talk.compared.set(None);
        talk.turns.update(|turns| turns.push(Arc::new(Turn::new(ChatRole::User, draft))));
        self.write(false);
    }

    /// Whether a message could be written now.
    pub fn can_write(self) -> bool {
        self.source.loaded.with_untracked(Option::is_some)
            && self.talk.writing.with_untracked(Option::is_none)
            && self.source.work.with_untracked(Option::is_none)
    }

    /// Writes the answer from that message on again: what follows it is dropped, and an answer itself too.
    pub fn answer_again(self, index: usize) {
        if !self.can_write() {
            return;
        }
        self.talk.compared.set(None);
        self.drop_answer(index);
        self.write(false);
    }

    /// Replaces a message, drops what followed it, and writes the answer.
    pub fn resend(self, index: usize, text: String) {
        if text.trim().is_empty() || !self.can_write() {
            return;
        }
        self.talk.editing.set(None);
        self.talk.compared.set(None);
        self.talk.turns.update(|turns| {
            turns.truncate(index);
            turns.push(Arc::new(Turn::new(ChatRole::User, text)));
        });
        self.write(false);
    }

    /// Goes on with the last answer.
    pub fn go_on(self) {
        if self.can_write() {
            self.write(self.talk.ends_with_answer());
        }
    }

    /// Lets the model read a chat that it has not written, so that it can be looked into. Nothing is written.
    pub fn read_chat(self) {
        if self.can_write() && self.talk.ends_with_answer() {
            self.write_at_most(Some(0), true);
        }
    }

    /// Answers once more with what is switched off now, and keeps the answer before beside it.
    pub fn compare(self) {
        let talk = self.talk;
        let turns = talk.turns.get_untracked();
        let Some(last) = turns.last().filter(|turn| turn.role == ChatRole::Assistant) else { return };
        if !self.can_write() {
            return;
        }
        // The answer with everything on stays the one compared with, however often something changes.
        let before = talk.compared.get_untracked().unwrap_or_else(|| Arc::clone(last));
        self.drop_answer(turns.len() - 1);
        talk.compared.set(Some(before));
        self.write(false);
    }

    /// Ends the comparison; with the answer as it was before, if that is wanted.
    pub fn end_comparison(self, go_back: bool) {
        let talk = self.talk;
        let before = talk.compared.get_untracked();
        talk.compared.set(None);
        if let (true, Some(before)) = (go_back, before) {
            self.inside.off.set(before.off.clone());
            // The model has read the other answer: this one cannot be looked into before it is written again.
            self.inside.forget();
            talk.turns.update(|turns| {
                if let Some(last) = turns.last_mut() {
                    *last = before;
                }
            });
        }
    }

    /// An empty chat.
    pub fn new_chat(self) {
        let talk = self.talk;
        if talk.writing.with_untracked(Option::is_some) {
            return;
        }
        talk.turns.set(Vec::new());
        talk.failure.set(None);
        talk.compared.set(None);
        talk.editing.set(None);
        talk.from_link.set(None);
        self.inside.forget();
    }

    /// Drops everything from an answer on; from a question on, what follows it.
    fn drop_answer(self, index: usize) {
        self.talk.editing.set(None);
        self.talk.turns.update(|turns| {
            let is_answer = turns.get(index).is_some_and(|turn| turn.role == ChatRole::Assistant);
            turns.truncate(if is_answer { index } else { index + 1 });
        });
    }

    fn write(self, continues: bool) {
        self.write_at_most(None, continues);
    }

    fn write_at_most(self, tokens: Option<usize>, continues: bool) {
        let talk = self.talk;
        talk.failure.set(None);
        self.inside.forget();
        let messages = talk.messages();
        let off = self.inside.off.get_untracked();
        let mut options = ChatOptions { continues, ablations: off.clone(), ..talk.settings.get_untracked() };
        options.tokens = tokens.unwrap_or(options.tokens);
        // What is gone on with is written further, and not shown twice.
        let before = if continues { talk.turns.try_update(Vec::pop).flatten() } else { None };
        let before = before.map(|turn| (*turn).clone());
        let (text, pieces) =
            before.as_ref().map(|turn| (turn.text.clone(), turn.pieces.clone())).unwrap_or_default();
        talk.writing.set(Some(Writing { text, pieces, reading: None }));
        let on_progress = move |progress| {
            talk.writing.update(|writing| {
                let Some(writing) = writing else { return };
                match progress {
                    LanguageProgress::Reading { tokens, of } => writing.reading = Some((tokens, of)),
                    LanguageProgress::Token(piece) => {
                        writing.text.push_str(&piece.text);
                        writing.pieces.push(piece);
                    }
                    _ => {}
                }
            });
        };
        spawn_local(async move {
            let request = LanguageRequest::Chat { messages, options };
            let answer = self.ask(None, request, Vec::new(), Some(Box::new(on_progress))).await;
            let Some(written) = talk.writing.try_update(Option::take).flatten() else { return };
            let (outcome, text, failure) = match answer {
                Ok(LanguageResponse::Said(said)) => self.said(said, before.as_ref()),
                Ok(_) => (None, written.text, Some(unexpected())),
                Err(error) => (None, written.text, Some(error)),
            };
            let broke_off = Outcome { ending: None, speed: Speed::default() };
            let outcome = match tokens {
                // Only read: how it was written, if it was, stays true.
                Some(0) => before.and_then(|turn| turn.outcome),
                _ => Some(outcome.unwrap_or(broke_off)),
            };
            if !text.is_empty() || failure.is_none() {
                let turn = Turn { role: ChatRole::Assistant, text, pieces: written.pieces, outcome, off };
                talk.turns.update(|turns| turns.push(Arc::new(turn)));
            }
            talk.failure.set(failure);
        });
    }

    /// An answer that came to its end: how it went, its text, and no failure.
    fn said(self, said: Said, before: Option<&Turn>) -> (Option<Outcome>, String, Option<AppError>) {
        // What was gone on with is the part before and the part after; only the latter is counted.
        let (text, pieces) =
            before.map_or_else(Default::default, |turn| (turn.text.clone(), turn.pieces.len()));
        if pieces == 0 && before.is_some() {
            self.inside.read_only(said.tokens);
        } else {
            self.inside.read(said.tokens, said.first.saturating_sub(pieces));
        }
        let outcome = Outcome { ending: Some(said.ending), speed: said.speed };
        (Some(outcome), text + &said.text, None)
    }
}
