//! Who answers which request. A module can be built with one of the two halves alone.

use protocol::language::LanguageRequest;
use protocol::{AppError, Request, Response};
use web_sys::File;

use crate::breaking::Breakable;
#[cfg(feature = "language")]
use crate::language::{Errand, Language};
use crate::scope::Scope;
#[cfg(feature = "interpreter")]
use crate::service::Service;

/// All that this worker can do.
pub struct Services {
    scope: Scope,
    #[cfg(feature = "interpreter")]
    interpreter: Service,
    #[cfg(feature = "language")]
    language: Language,
    #[cfg(feature = "language")]
    breakable: Breakable,
}

impl Services {
    /// Nothing is started or loaded yet.
    pub fn new(scope: Scope, breakable: Breakable) -> Self {
        Self {
            #[cfg(feature = "interpreter")]
            interpreter: Service::new(scope.clone(), breakable.clone()),
            #[cfg(feature = "language")]
            language: Language::new(),
            #[cfg(feature = "language")]
            breakable,
            scope,
        }
    }

    /// Answers one request, with the files beside it; `is_cancelled` is asked again and again while it goes on.
    pub async fn answer(
        &mut self,
        id: u32,
        request: Request,
        files: Vec<File>,
        is_cancelled: &dyn Fn() -> bool,
    ) {
        let answer = match request {
            Request::Language(request) => self.of_language(id, request, files, is_cancelled).await,
            request => self.of_interpreter(id, request, files, is_cancelled).await,
        };
        self.scope.post(id, answer.unwrap_or_else(Response::Failed));
    }

    #[cfg(feature = "language")]
    async fn of_language(
        &mut self,
        id: u32,
        request: LanguageRequest,
        files: Vec<File>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Response, AppError> {
        let errand = Errand::new(&self.scope, &self.breakable, id, is_cancelled);
        self.language.response(request, files, &errand).await.map(Response::Language)
    }

    #[cfg(not(feature = "language"))]
    async fn of_language(
        &mut self,
        _: u32,
        _: LanguageRequest,
        _: Vec<File>,
        _: &dyn Fn() -> bool,
    ) -> Result<Response, AppError> {
        Err(left_out())
    }

    #[cfg(feature = "interpreter")]
    async fn of_interpreter(
        &mut self,
        id: u32,
        request: Request,
        files: Vec<File>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Response, AppError> {
        self.interpreter.response(id, request, &files, is_cancelled).await
    }

    #[cfg(not(feature = "interpreter"))]
    async fn of_interpreter(
        &mut self,
        _: u32,
        _: Request,
        _: Vec<File>,
        _: &dyn Fn() -> bool,
    ) -> Result<Response, AppError> {
        Err(left_out())
    }
}

/// The half that would answer is not in this module.
#[cfg(not(all(feature = "interpreter", feature = "language")))]
fn left_out() -> AppError {
    AppError {
        problem: protocol::Problem::BadRequest,
        message: "this engine was built without what is asked of it".to_owned(),
        remedy: "Reload the page: it and its engines come from different builds.".to_owned(),
    }
}
