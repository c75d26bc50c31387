//! The chat: its messages, and writing the next one.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::language::{
    ChatMessage, ChatOptions, ChatRole, Intervention, LanguageProgress, LanguageRequest, LanguageResponse,
    Piece, SaidEnding, Speed,
};

use super::{Language, interventions};
use crate::client::unexpected;

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Who says it.
    pub role: ChatRole,
    /// What, thinking included.
    pub text: String,
    /// The tokens written last on this page, each with what it was chosen from.
    pub pieces: Vec<Piece>,
    /// Bytes of the text before the first of them: what the model went on with.
    pub from: usize,
    /// How the writing went; `None` for what a person or a link brought.
    pub outcome: Option<Outcome>,
    /// What was switched off while it was written.
    pub off: Vec<Intervention>,
}

impl Turn {
    /// A message that nobody has computed here.
    pub fn new(role: ChatRole, text: String) -> Self {
        Self { role, text, pieces: Vec::new(), from: 0, outcome: None, off: Vec::new() }
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
    /// Which one it is: one that was abandoned may still be told of.
    number: u32,
    /// Its text so far.
    pub text: String,
    /// Its tokens so far, without those that it goes on with.
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
    /// Number of the newest writing.
    newest: StoredValue<u32>,
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
            newest: StoredValue::new(0),
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
        let dropped = self.drop_answer(index);
        self.write_at_most(None, false, dropped);
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
            self.write_at_most(Some(0), true, Vec::new());
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
        let dropped = self.drop_answer(turns.len() - 1);
        talk.compared.set(Some(before));
        self.write_at_most(None, false, dropped);
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
        self.inside.forget_the_link();
        // What a link brought goes with its chat.
        if talk.from_link.get_untracked().is_some() {
            talk.from_link.set(None);
            talk.system.set(String::new());
            talk.settings.set(ChatOptions::default());
            self.inside.off.set(Vec::new());
            self.inside.mean.set(false);
        }
        self.inside.forget();
    }

    /// Drops everything from an answer on; from a question on, what follows it. Gives what was dropped.
    fn drop_answer(self, index: usize) -> Vec<Arc<Turn>> {
        self.talk.editing.set(None);
        let dropped = self.talk.turns.try_update(|turns| {
            let is_answer = turns.get(index).is_some_and(|turn| turn.role == ChatRole::Assistant);
            turns.split_off(if is_answer { index } else { index + 1 }.min(turns.len()))
        });
        dropped.unwrap_or_default()
    }

    fn write(self, continues: bool) {
        self.write_at_most(None, continues, Vec::new());
    }

    /// Writes the next message, or goes on with the last. What was dropped for it comes back where nothing is written.
    fn write_at_most(self, tokens: Option<usize>, continues: bool, mut dropped: Vec<Arc<Turn>>) {
        let talk = self.talk;
        talk.failure.set(None);
        self.inside.forget();
        let messages = talk.messages();
        // What is gone on with is written further, and not shown twice.
        let before = if continues { talk.turns.try_update(Vec::pop).flatten() } else { None };
        dropped.extend(before.clone());
        let start = before.as_ref().map(|turn| turn.text.clone()).unwrap_or_default();
        // Only read: how it was written, if it was, stays true, and so does what was off.
        let only_read = tokens == Some(0);
        if !only_read {
            self.inside.forget_the_link();
        }
        let read = before.filter(|turn| only_read && turn.outcome.is_some());
        let off = read.as_ref().map(|turn| turn.off.clone());
        let off = off.unwrap_or_else(|| interventions::of_text(self.inside.off.get_untracked(), true));
        let chats = self.source.loaded.with_untracked(|loaded| loaded.as_ref().is_none_or(|l| l.card.chats));
        let mut options = ChatOptions {
            continues,
            plain: !chats,
            interventions: off.clone(),
            ..talk.settings.get_untracked()
        };
        options.tokens = tokens.unwrap_or(options.tokens);
        talk.newest.update_value(|newest| *newest = newest.wrapping_add(1));
        let number = talk.newest.get_value();
        talk.writing.set(Some(Writing { number, text: start.clone(), ..Writing::default() }));
        let on_progress = move |progress| {
            talk.writing.update(|writing| {
                let Some(writing) = writing.as_mut().filter(|writing| writing.number == number) else {
                    return;
                };
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
            if talk.writing.with_untracked(|writing| writing.as_ref().is_none_or(|now| now.number != number))
            {
                return;
            }
            let Writing { text, pieces, .. } =
                talk.writing.try_update(Option::take).flatten().unwrap_or_default();
            let (ending, speed, text, failure) = match answer {
                Ok(LanguageResponse::Said(said)) => {
                    if only_read {
                        self.inside.read_only(said.tokens);
                    } else {
                        self.inside.read(said.tokens, said.first);
                    }
                    (Some(said.ending), said.speed, format!("{start}{}", said.text), None)
                }
                Ok(_) => (None, Speed::default(), text, Some(unexpected())),
                Err(error) => (None, Speed::default(), text, Some(error)),
            };
            if failure.is_some() && pieces.is_empty() {
                // One that is compared with what did not come is there by itself again.
                talk.compared.update(|one| {
                    if one.as_ref().zip(dropped.last()).is_some_and(|(one, last)| Arc::ptr_eq(one, last)) {
                        *one = None;
                    }
                });
                talk.turns.update(|turns| turns.extend(dropped));
            } else {
                let outcome = if only_read {
                    read.and_then(|turn| turn.outcome)
                } else {
                    Some(Outcome { ending, speed })
                };
                let role = ChatRole::Assistant;
                let turn = Turn { role, text, pieces, from: start.len(), outcome, off };
                talk.turns.update(|turns| turns.push(Arc::new(turn)));
            }
            talk.failure.set(failure);
        });
    }
}
