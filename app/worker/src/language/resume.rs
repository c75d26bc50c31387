//! What another host's answer means for a download of which a part may be there.
//!
//! A part is gone on from with `Range: bytes=N-`. No `If-Range` goes along: it is among the headers for which a browser
//! first asks the other host's permission, and most do not give it. Whether the file is still the same one is read
//! from the answer instead.

use protocol::{AppError, Problem};

use super::error;
use super::room::gigabytes;

/// A part of a file that is there, and what is known of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct There {
    /// Bytes there are.
    pub bytes: u64,
    /// Bytes of the whole file.
    pub size: Option<u64>,
    /// The host's name for this version of the file.
    pub etag: Option<String>,
    /// When the host says that it was written.
    pub modified: Option<String>,
}

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Length`
    pub length: Option<u64>,
    /// `Content-Range`, which not every host lets a page read.
    pub range: Option<String>,
    /// `ETag`, likewise.
    pub etag: Option<String>,
    /// `Last-Modified`, which a page may always read.
    pub modified: Option<String>,
    /// `Content-Type`
    pub kind: Option<String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Write what comes from this byte on; the whole will have `size` bytes, where that is known.
    Write {
        /// The first byte.
        from: u64,
        /// Bytes of the whole.
        size: Option<u64>,
    },
    /// The file is there already.
    Complete,
    /// The part is of another file: throw it away and ask again.
    StartOver,
    /// This is no file of a model.
    WebPage,
    /// The host says no.
    Status(u16),
}

/// What an answer means for a download. A part is gone on from only where the host says that the file is still the same.
pub fn judge(there: &There, answer: &Answer) -> Verdict {
    let same = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a == b);
    match judge_part(there, answer) {
        Verdict::Write { from: 1.., .. }
            if !same(&there.etag, &answer.etag) && !same(&there.modified, &answer.modified) =>
        {
            Verdict::StartOver
        }
        verdict => verdict,
    }
}

/// The same for parts that need not be of one version of the file, as far as the answer does not say that they are not.
pub fn judge_part(there: &There, answer: &Answer) -> Verdict {
    let is_page = answer
        .kind
        .as_deref()
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    match answer.status {
        200 if is_page => Verdict::WebPage,
        // Also for a range that was asked for: not every host knows ranges.
        200 => Verdict::Write { from: 0, size: answer.length },
        206 => part(there, answer),
        416 if there.size == Some(there.bytes) => Verdict::Complete,
        416 if there.bytes > 0 => Verdict::StartOver,
        status => Verdict::Status(status),
    }
}

fn part(there: &There, answer: &Answer) -> Verdict {
    let range = answer.range.as_deref().and_then(content_range);
    let from = range.map_or(there.bytes, |(from, _)| from);
    let size = range.and_then(|(_, size)| size).or_else(|| from.checked_add(answer.length?));
    let differs = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let other_size = matches!((there.size, size), (Some(known), Some(found)) if known != found);
    let other_version = differs(&there.etag, &answer.etag) || differs(&there.modified, &answer.modified);
    if from != there.bytes || other_size || other_version {
        return Verdict::StartOver;
    }
    Verdict::Write { from, size: size.or(there.size) }
}

/// The first byte and the whole size of `bytes 100-199/1234`.
fn content_range(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, size) = header.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some((from.trim().parse().ok()?, size.trim().parse().ok()))
}

/// A status in words, and what to do about it.
pub fn refused(status: u16, address: &str) -> AppError {
    let (says, remedy) = match status {
        401 | 403 => (
            "does not give this file to everybody",
            "Download it where you are logged in, and choose the file.",
        ),
        404 | 410 => {
            ("has no such file", "Check the address: capital letters and the name of the folder matter.")
        }
        429 => ("wants fewer requests", "Wait some minutes and load again: it goes on where it was."),
        500.. => ("has trouble of its own", "Load again later: it goes on where it was."),
        _ => ("does not send the file", "Check the address, or download the file and choose it."),
    };
    error::error(Problem::Unreachable, format!("{} {says} (HTTP {status}): {address}", host(address)), remedy)
}

/// A page arrived in place of a file.
pub fn web_page(address: &str) -> AppError {
    let message = format!("{} sends a web page instead of a model: {address}", host(address));
    error::error(
        Problem::Unreachable,
        message,
        "Copy the address of the file itself: the one behind \"download\".",
    )
}

/// The connection broke.
pub fn ended_early(address: &str, bytes: u64, size: Option<u64>) -> AppError {
    let of = size.map_or_else(String::new, |size| format!(" of {}", gigabytes(size)));
    let message = format!("the connection to {} ended after {}{of}", host(address), gigabytes(bytes));
    error::error(Problem::Unreachable, message, "Load again: it goes on where it was.")
}

/// Why nothing came at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The browser has no network.
    Offline,
    /// The host answers, but not to a page of another site.
    Forbidden,
    /// The page may not ask: its policy lets it read from other hosts over https only.
    NotSecure,
    /// Nobody answers, or a page with isolated memory is not told that somebody does.
    Nobody,
}

/// The same as the page is told it.
pub fn silence(why: Silence, address: &str) -> AppError {
    let host = host(address);
    let (message, remedy) = match why {
        Silence::Offline => (
            format!("there is no network, and {host} is needed"),
            "Load again when there is one; models that are kept in this browser need none.",
        ),
        Silence::Forbidden => (
            format!(
                "{host} does not let pages of other sites read its files (it sends no CORS header): {address}"
            ),
            "Download the file and choose it, or take the same file from another host.",
        ),
        Silence::NotSecure => (
            format!("this page reads from other hosts only over https://: {address}"),
            "Download the file and choose it.",
        ),
        Silence::Nobody => (
            format!("{host} cannot be reached, or lets no page of another site read its files: {address}"),
            "Check the address and the network. If the browser opens the address, download the file and choose it.",
        ),
    };
    error::error(Problem::Unreachable, message, remedy)
}

/// The host in an address.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(bytes: u64) -> There {
        There { bytes, size: Some(1000), etag: Some("\"a\"".to_owned()), modified: None }
    }

    fn part_of(range: Option<&str>, length: u64) -> Answer {
        let etag = Some("\"a\"".to_owned());
        Answer {
            status: 206,
            length: Some(length),
            range: range.map(str::to_owned),
            etag,
            ..Answer::default()
        }
    }

    #[test]
    fn a_whole_answer_is_written_from_the_start() {
        let whole = Answer { status: 200, length: Some(1000), ..Answer::default() };
        assert_eq!(judge(&There::default(), &whole), Verdict::Write { from: 0, size: Some(1000) });
        // A host that knows no ranges begins again.
        assert_eq!(judge(&there(300), &whole), Verdict::Write { from: 0, size: Some(1000) });
    }

    #[test]
    fn a_part_is_gone_on_from_when_it_is_of_the_same_file() {
        let on = Verdict::Write { from: 300, size: Some(1000) };
        assert_eq!(judge(&there(300), &part_of(Some("bytes 300-999/1000"), 700)), on);
        // Hosts that hide the range still tell the length.
        assert_eq!(judge(&there(300), &part_of(None, 700)), on);
        assert_eq!(judge(&there(300), &part_of(Some("bytes 300-999/*"), 700)), on);
        // Where the version's name may not be read, its date will do.
        let modified = Some("Sat, 21 Nov 2026 10:00:00 GMT".to_owned());
        let dated = There { modified: modified.clone(), ..there(300) };
        assert_eq!(judge(&dated, &Answer { etag: None, modified, ..part_of(None, 700) }), on);
    }

    #[test]
    fn a_part_of_another_file_is_thrown_away() {
        let other = Answer { etag: Some("\"b\"".to_owned()), ..part_of(None, 700) };
        assert_eq!(judge(&there(300), &other), Verdict::StartOver);
        // Nobody says that it is the same.
        let unnamed = Answer { etag: None, ..part_of(None, 700) };
        assert_eq!(judge(&there(300), &unnamed), Verdict::StartOver);
        let dated = |date: &str| Some(date.to_owned());
        let newer = Answer { etag: None, modified: dated("Sun"), ..part_of(None, 700) };
        assert_eq!(judge(&There { modified: dated("Sat"), ..there(300) }, &newer), Verdict::StartOver);
        assert_eq!(judge(&there(300), &part_of(None, 600)), Verdict::StartOver);
        assert_eq!(judge(&there(300), &part_of(Some("bytes 200-999/1000"), 800)), Verdict::StartOver);
        assert_eq!(judge(&there(300), &part_of(Some("bytes 300-1999/2000"), 1700)), Verdict::StartOver);
    }

    #[test]
    fn nothing_left_means_complete_only_when_the_size_says_so() {
        let none = Answer { status: 416, ..Answer::default() };
        assert_eq!(judge(&there(1000), &none), Verdict::Complete);
        assert_eq!(judge(&there(1200), &none), Verdict::StartOver);
        assert_eq!(judge(&There::default(), &none), Verdict::Status(416));
    }

    #[test]
    fn pages_and_refusals_are_told_apart() {
        let page =
            Answer { status: 200, kind: Some(" Text/HTML; charset=utf-8".to_owned()), ..Answer::default() };
        assert_eq!(judge(&There::default(), &page), Verdict::WebPage);
        assert_eq!(judge(&there(300), &Answer { status: 404, ..page }), Verdict::Status(404));
        let missing = refused(404, "https://example.org/m.gguf");
        assert_eq!(missing.message, "example.org has no such file (HTTP 404): https://example.org/m.gguf");
        assert!(refused(403, "https://example.org/").remedy.contains("logged in"));
        assert!(refused(503, "https://example.org/").remedy.contains("goes on where it was"));
    }

    #[test]
    fn silence_has_three_reasons() {
        assert!(silence(Silence::Offline, "https://a.org/x").message.contains("no network"));
        assert!(silence(Silence::Forbidden, "https://a.org/x").message.contains("CORS"));
        assert!(silence(Silence::Nobody, "https://a.org/x").message.contains("a.org cannot be reached"));
        let broken = ended_early("https://a.org/x", 40_000_000, Some(98_362_432));
        assert_eq!(broken.message, "the connection to a.org ended after 40 MB of 98 MB");
        assert!(broken.remedy.starts_with("Load again"));
    }

    #[test]
    fn ranges_are_read_as_hosts_write_them() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(content_range("bytes */10"), None);
        assert_eq!(content_range("items 5-9/10"), None);
    }
}
