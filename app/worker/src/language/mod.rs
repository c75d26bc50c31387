//! Language models: what the page asks of one, answered.
//!
//! ```text
//! errand     a request under way: its reports, and how it hears that it is to stop
//! browser    time, network, storage and memory
//! asking     a question, answered with programs
//! on_full    such a program on the transformer that executes WebAssembly
//! own_site   files of the site itself: the model that comes with the page
//! shipped    taps that the site has for models of others
//! address    what a person pastes → the file's own address, and the files beside it
//! resume     what an answer of another host means for what is there already
//! fetch      a download, straight into what the browser keeps
//! sink       where its bytes go
//! obtain     the files of a model: chosen, kept, or fetched first
//! opfs       the browser's private files
//! kept       the models kept there: list, delete, room
//! remote     the first bytes of a file elsewhere, for its header
//! files      the parts of a model among files, opened
//! card       what a model is
//! room       memory needed, memory there
//! load       from a source to a session
//! device     the session on a device chosen at run time
//! graphics   the graphics device, started and compared with the processor
//! session    a loaded model and the text in its caches
//! traced     a question's run as a trace file, and a file's question asked again
//! switched   what is switched off, and the means that stand in for it
//! chat       messages → the next message
//! look       what the model computed at one position
//! open       where numbers come from; a whole text at a glance
//! measure    how fast it is; forced decoding
//! error      errors as the page is told them
//! ```

mod address;
mod asking;
mod browser;
mod card;
mod chat;
mod device;
mod errand;
mod error;
mod fetch;
mod files;
#[cfg(feature = "gpu")]
mod graphics;
mod kept;
mod load;
mod look;
mod measure;
mod obtain;
mod on_full;
mod open;
mod opfs;
mod own_site;
mod remote;
mod resume;
mod room;
mod session;
mod shipped;
mod sink;
mod switched;
mod traced;

pub use errand::Errand;

use protocol::AppError;
use protocol::language::{LanguageRequest, LanguageResponse};
use web_sys::File;

use crate::traces;
use device::{AnySession, with_session};

/// Language models at the page's service.
pub struct Language {
    session: Option<AnySession>,
}

impl Language {
    /// No model yet.
    pub const fn new() -> Self {
        Self { session: None }
    }

    /// Answers one request, with the files beside it.
    ///
    /// # Errors
    /// What went wrong, and what to do about it.
    pub async fn response(
        &mut self,
        request: LanguageRequest,
        files: Vec<File>,
        errand: &Errand<'_>,
    ) -> Result<LanguageResponse, AppError> {
        match request {
            LanguageRequest::Kept => Ok(LanguageResponse::Kept(kept::list(errand.scope).await)),
            LanguageRequest::Delete { key } => {
                kept::delete(errand.scope, &key).await?;
                Ok(LanguageResponse::Kept(kept::list(errand.scope).await))
            }
            LanguageRequest::Inspect { source } => {
                let card = load::inspect(&source, &files, errand).await?;
                Ok(LanguageResponse::Card(Box::new(card)))
            }
            LanguageRequest::Load { source, options } => {
                let (session, loaded) =
                    load::load(&source, &files, &options, errand, || self.session = None).await?;
                self.session = Some(session);
                Ok(LanguageResponse::Loaded(Box::new(loaded)))
            }
            LanguageRequest::Chat { messages, options } => {
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                let said =
                    with_session!(session, session => session.chat(&messages, &options, errand).await?);
                Ok(LanguageResponse::Said(said))
            }
            LanguageRequest::Look(request) => {
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                let look = with_session!(session, session => session.look(request, errand).await?);
                Ok(LanguageResponse::Look(Box::new(look)))
            }
            LanguageRequest::Open(request) => {
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                with_session!(session, session => session.open(request, errand).await)
            }
            LanguageRequest::Measure { prompt, tokens } => {
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                let speed = with_session!(session, session => session.measure(prompt, tokens, errand).await);
                let speed = speed.map_err(error::asked)?;
                Ok(LanguageResponse::Speed(speed))
            }
            LanguageRequest::Ask(question) => {
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                let asked = with_session!(session, session => session.ask(question, errand).await?);
                Ok(LanguageResponse::Asked(Box::new(asked)))
            }
            LanguageRequest::WriteTrace(of) => {
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                let text = with_session!(session, session => session.write_trace(of, errand).await?);
                Ok(LanguageResponse::Trace(text))
            }
            LanguageRequest::Replay => {
                let file = traces::read(&files)?;
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                let replayed = with_session!(session, session => session.replay(&file, errand).await?);
                Ok(LanguageResponse::Replayed(Box::new(replayed)))
            }
            LanguageRequest::Story => Ok(LanguageResponse::Story(Box::new(asking::story()))),
            LanguageRequest::OnFull { wat } => {
                Ok(LanguageResponse::OnFull(Box::new(on_full::run(&wat, errand).await?)))
            }
            LanguageRequest::Choose { tokens, skip } => {
                let session = self.session.as_mut().ok_or_else(error::no_model)?;
                let chosen = with_session!(session, session => session.choose(&tokens, skip, errand).await);
                let chosen = chosen.map_err(error::asked)?;
                Ok(LanguageResponse::Chosen(chosen))
            }
        }
    }
}
