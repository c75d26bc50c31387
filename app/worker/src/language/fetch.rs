//! A download: from another host, or from a chosen file, into what the browser keeps. Never as a whole in memory.

use js_sys::{Reflect, Uint8Array};
use protocol::language::LanguageProgress;
use protocol::{AppError, Problem};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AbortController, ReadableStreamDefaultReader, Request, RequestCache, RequestCredentials, RequestInit,
    RequestMode, Response,
};

use super::errand::Errand;
use super::error;
use super::files::{Readable, Role};
use super::kept::{self, Part, hexadecimal};
use super::opfs::Refused;
use super::resume::{self, Answer, Silence, Verdict};
use super::sink::Sink;

/// Bytes copied from a chosen file at once.
const AT_ONCE: u64 = 4 << 20;

/// How far all files of a model are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whole {
    /// Bytes of the files before this one.
    pub before: u64,
    /// Bytes of the files besides this one, where all are known.
    pub besides: Option<u64>,
    /// Bytes that an earlier attempt had left.
    pub resumed: u64,
}

impl Whole {
    fn progress(&self, at: u64, size: Option<u64>) -> LanguageProgress {
        let of = self.besides.zip(size).map(|(besides, size)| besides + size);
        LanguageProgress::Fetching { bytes: self.before + at, of, resumed: self.resumed }
    }
}

/// Fetches what is missing of one file. `place` is where what is learnt about it is noted, if it is kept.
///
/// # Errors
/// When the host or the browser refuses, the connection breaks, or somebody stops it; what is there stays.
pub async fn fetch(
    errand: &Errand<'_>,
    part: &mut Part,
    sink: &mut Sink,
    mut whole: Whole,
    note: &mut impl AsyncFnMut(&Part) -> Result<(), Refused>,
) -> Result<(), AppError> {
    let address = part.address.clone().unwrap_or_default();
    let is_kept = matches!(sink, Sink::Kept(_));
    let mut there = sink.len().map_err(|refused| unwritten(&refused))?;
    errand.tell(whole.progress(there, part.size));
    let mut hash = hash_of(errand, sink, there).await?;
    // A second attempt only where the first had to throw away what was there.
    for _ in 0..2 {
        let asked = Asked::new(errand, &address, there).await?;
        let answer = asked.head();
        let (from, size) = match resume::judge(&part.there(there), &answer) {
            Verdict::Write { from, size } => (from, size),
            Verdict::Complete => {
                part.sha256 = Some(hexadecimal(&hash.finalize()));
                return Ok(());
            }
            Verdict::StartOver => {
                whole.resumed = whole.resumed.saturating_sub(there);
                (there, hash) = (0, Sha256::new());
                (part.size, part.etag, part.modified) = (None, None, None);
                sink.clear().map_err(|refused| unwritten(&refused))?;
                continue;
            }
            Verdict::Status(404 | 410) if part.optional => {
                part.absent = true;
                return Ok(());
            }
            Verdict::Status(status) => return Err(resume::refused(status, &address)),
            Verdict::WebPage => return Err(resume::web_page(&address)),
        };
        if from != there {
            whole.resumed = whole.resumed.saturating_sub(there);
            (there, hash) = (0, Sha256::new());
            sink.clear().map_err(|refused| unwritten(&refused))?;
        }
        (part.size, part.etag, part.modified) = (size, answer.etag, answer.modified);
        if is_kept {
            let has_room = has_room(errand, size.map(|size| size.saturating_sub(there))).await;
            let noted = if has_room { note(part).await } else { Err(Refused::Full) };
            match noted {
                Err(Refused::Full) => sink.hold(),
                noted => noted,
            }
            .map_err(|refused| unwritten(&refused))?;
        }
        let bytes = receive(errand, &asked, part, sink, &mut hash, there, whole).await?;
        part.size = Some(bytes);
        part.sha256 = Some(hexadecimal(&hash.finalize()));
        errand.tell(whole.progress(bytes, part.size));
        return Ok(());
    }
    Err(resume::ended_early(&address, there, part.size))
}

/// Writes what arrives behind the `at` bytes that are there; says how many there are in the end.
async fn receive(
    errand: &Errand<'_>,
    asked: &Asked,
    part: &Part,
    sink: &mut Sink,
    hash: &mut Sha256,
    mut at: u64,
    whole: Whole,
) -> Result<u64, AppError> {
    let address = asked.response.url();
    let broken = |at| resume::ended_early(&address, at, part.size);
    let reader = asked.reader().ok_or_else(|| broken(at))?;
    loop {
        let Ok(read) = errand.wait(&reader.read()).await? else { return Err(broken(at)) };
        let Some(bytes) = piece(&read).map(|bytes| bytes.to_vec()) else { break };
        if at == 0 && Role::of(&part.name) == Role::Weights && bytes.trim_ascii_start().starts_with(b"<") {
            return Err(resume::web_page(&address));
        }
        match sink.add(at, &bytes) {
            Err(Refused::Full) => sink.hold().and_then(|()| sink.add(at, &bytes)),
            written => written,
        }
        .map_err(|refused| unwritten(&refused))?;
        hash.update(&bytes);
        at += bytes.len() as u64;
        errand.tell_now_and_then(whole.progress(at, part.size));
        errand.go_on().await?;
    }
    // Where a host packs what it sends, its length is that of the package: then there may be more bytes, never fewer.
    if part.size.is_some_and(|size| at < size) { Err(broken(at)) } else { Ok(at) }
}

/// What a reader gave; `None` at the end.
fn piece(read: &JsValue) -> Option<Uint8Array> {
    let field = |name: &str| Reflect::get(read, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    if field("done").is_truthy() { None } else { field("value").dyn_into().ok() }
}

/// Copies a chosen file.
///
/// # Errors
/// When it cannot be read or written, or somebody stops it.
pub async fn copy(
    errand: &Errand<'_>,
    file: &Readable,
    part: &mut Part,
    sink: &mut Sink,
    whole: Whole,
) -> Result<(), Copying> {
    let size = file.source.len();
    let mut hash = Sha256::new();
    sink.clear().map_err(Copying::Unwritten)?;
    let mut at = 0;
    while at < size {
        let mut bytes = vec![0; AT_ONCE.min(size - at) as usize];
        file.source.read_at(at, &mut bytes).map_err(|failure| Copying::Failed(file.unreadable(failure)))?;
        sink.add(at, &bytes).map_err(Copying::Unwritten)?;
        hash.update(&bytes);
        at += bytes.len() as u64;
        errand.tell_now_and_then(whole.progress(at, Some(size)));
        errand.go_on().await.map_err(Copying::Failed)?;
    }
    (part.size, part.sha256) = (Some(size), Some(hexadecimal(&hash.finalize())));
    errand.tell(whole.progress(at, Some(size)));
    Ok(())
}

/// Why a file was not copied.
pub enum Copying {
    /// The browser does not keep it: it can be used all the same.
    Unwritten(Refused),
    /// It cannot be read, or somebody stopped it.
    Failed(AppError),
}

/// The hash of the bytes that are there.
async fn hash_of(errand: &Errand<'_>, sink: &Sink, there: u64) -> Result<Sha256, AppError> {
    let mut hash = Sha256::new();
    let mut at = 0;
    while at < there {
        let bytes = sink.some(at).map_err(|refused| unwritten(&refused))?;
        if bytes.is_empty() {
            break;
        }
        hash.update(&bytes);
        at += bytes.len() as u64;
        errand.go_on().await?;
    }
    Ok(hash)
}

/// Whether so many bytes find room, as far as the browser says.
async fn has_room(errand: &Errand<'_>, more: Option<u64>) -> bool {
    match (more, kept::quota(errand.scope).await) {
        (Some(more), Some((quota, used))) => more <= quota.saturating_sub(used),
        _ => true,
    }
}

/// The browser does not write a file.
pub fn unwritten(refused: &Refused) -> AppError {
    let remedy = match refused {
        Refused::InUse => "Another tab of this site fetches this model: let it finish, or close it.",
        _ => "Delete the model from the list of those kept, and load it again.",
    };
    error::error(Problem::Unreachable, format!("the download cannot be written: {refused}"), remedy)
}

/// A request that was answered. What still arrives ends when it is dropped.
pub struct Asked {
    response: Response,
    _end: Abort,
}

/// Ends a request when it is dropped.
struct Abort(Option<AbortController>);

impl Asked {
    /// Asks for a file from byte `from` on.
    ///
    /// # Errors
    /// When nobody answers, the host does not answer pages, or somebody stops it.
    pub async fn new(errand: &Errand<'_>, address: &str, from: u64) -> Result<Self, AppError> {
        let range = (from > 0).then(|| format!("bytes={from}-"));
        Self::with_range(errand, address, range.as_deref()).await
    }

    /// Bytes of a file, where its host says that.
    ///
    /// # Errors
    /// As [`Asked::new`].
    pub async fn size(errand: &Errand<'_>, address: &str) -> Result<Option<u64>, AppError> {
        let answer = Self::with(errand, address, "HEAD", None).await?.head();
        Ok(answer.length.filter(|_| answer.status == 200))
    }

    /// Asks for some bytes of a file, or for all of it.
    ///
    /// # Errors
    /// As [`Asked::new`].
    pub async fn with_range(
        errand: &Errand<'_>,
        address: &str,
        range: Option<&str>,
    ) -> Result<Self, AppError> {
        Self::with(errand, address, "GET", range).await
    }

    async fn with(
        errand: &Errand<'_>,
        address: &str,
        method: &str,
        range: Option<&str>,
    ) -> Result<Self, AppError> {
        let abort = AbortController::new().ok();
        let how = RequestInit::new();
        how.set_method(method);
        how.set_mode(RequestMode::Cors);
        how.set_credentials(RequestCredentials::Omit);
        // What is kept need not be kept twice.
        how.set_cache(RequestCache::NoStore);
        how.set_signal(abort.as_ref().map(AbortController::signal).as_ref());
        let request = Request::new_with_str_and_init(address, &how).and_then(|request| {
            range.map_or(Ok(()), |range| request.headers().set("Range", range))?;
            Ok(request)
        });
        let request = request.map_err(|_| resume::silence(Silence::Nobody, address))?;
        let end = Abort(abort);
        match errand.wait(&errand.scope.fetch(&request)).await? {
            Ok(response) => Ok(Self { response: response.unchecked_into(), _end: end }),
            // The browser does not tell a page why.
            Err(_) => Err(resume::silence(why(errand, address).await?, address)),
        }
    }

    /// The head of the answer.
    pub fn head(&self) -> Answer {
        let header = |name: &str| self.response.headers().get(name).ok().flatten();
        Answer {
            status: self.response.status(),
            length: header("Content-Length").and_then(|length| length.trim().parse().ok()),
            range: header("Content-Range"),
            etag: header("ETag"),
            modified: header("Last-Modified"),
            kind: header("Content-Type"),
        }
    }

    /// What arrives, up to so many bytes; what comes behind them is not waited for.
    ///
    /// # Errors
    /// When somebody stops it; the inner one is what the browser says when the connection breaks.
    pub async fn first(
        &self,
        errand: &Errand<'_>,
        most: usize,
    ) -> Result<Result<Vec<u8>, JsValue>, AppError> {
        let mut all = Vec::new();
        let Some(reader) = self.reader() else { return Ok(Ok(all)) };
        while all.len() < most {
            let read = match errand.wait(&reader.read()).await? {
                Ok(read) => read,
                Err(broken) => return Ok(Err(broken)),
            };
            match piece(&read) {
                Some(bytes) => all.extend(bytes.to_vec()),
                None => break,
            }
        }
        all.truncate(most);
        Ok(Ok(all))
    }

    /// What arrives, in pieces.
    pub fn reader(&self) -> Option<ReadableStreamDefaultReader> {
        Some(self.response.body()?.get_reader().unchecked_into())
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(abort) = &self.0 {
            abort.abort();
        }
    }
}

/// Why a request failed: asked once more without reading the answer, which hosts may not forbid.
async fn why(errand: &Errand<'_>, address: &str) -> Result<Silence, AppError> {
    if !errand.scope.is_online() {
        return Ok(Silence::Offline);
    }
    if address.starts_with("http:") {
        return Ok(Silence::NotSecure);
    }
    let how = RequestInit::new();
    how.set_method("HEAD");
    how.set_mode(RequestMode::NoCors);
    let Ok(request) = Request::new_with_str_and_init(address, &how) else { return Ok(Silence::Nobody) };
    let answered = errand.wait(&errand.scope.fetch(&request)).await?;
    Ok(if answered.is_ok() { Silence::Forbidden } else { Silence::Nobody })
}
