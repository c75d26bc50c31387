//! The share link: a view of the page, small enough for an address and complete without a server.
//!
//! `1.` + base64url(zlib(postcard([`View`]))). The number before the dot is the version: links are never broken
//! afterwards, so a change of [`View`] is a new version beside this one, and `tests/share.rs` keeps a link of
//! every version. The zlib checksum is what tells a damaged link from another program.
//!
//! Packing stands between [`to_bytes`] and [`link_of`], unpacking between [`packed_in`] and [`from_bytes`]. The
//! page leaves both to the browser, which has zlib; [`to_link`] and [`from_link`] are the same for other machines.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Characters a link's payload may have.
pub const MAX_ENCODED: usize = 8 * 1024;
/// Bytes it may hold once decompressed: a small link must not unpack into a large one.
pub const MAX_DECODED: usize = 64 * 1024;

const VERSION: &str = "1";

/// What a link restores. Version 1; its fields and their order are frozen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The route's name ("repl", "xray").
    pub route: String,
    /// The program's text.
    pub program: String,
    /// The position looked at; `None` follows the last executed one.
    pub position: Option<u32>,
    /// The layer shown.
    pub layer: u8,
    /// The number explained, by its site's name.
    pub selection: Option<String>,
    /// Whether the program's loops may be open at its end.
    pub allow_open_loops: bool,
    /// Forward passes at most.
    pub max_tokens: u32,
    /// What the route wants to remember beyond that, in its own words.
    pub extra: String,
}

/// Why a view has no link, or a link no view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// The view does not fit into a link.
    #[error("this view is too large for a link: it takes {characters} characters, {MAX_ENCODED} is the most")]
    ViewTooLarge {
        /// Characters it would take.
        characters: usize,
    },
    /// The link is longer than any this page makes.
    #[error("the link has {characters} characters, {MAX_ENCODED} is the most")]
    LinkTooLong {
        /// Characters it has.
        characters: usize,
    },
    /// The link is of a version this page does not know.
    #[error("the link is of version `{0}`, which this page does not know; a newer page may")]
    UnknownVersion(
        /// What stands before the dot.
        String,
    ),
    /// There is no dot, or something that base64url does not have.
    #[error("the link has a character that does not belong there, or is cut short")]
    NotBase64,
    /// Decompression fails, or the checksum is wrong.
    #[error("the link is damaged: a part of it is missing or changed")]
    Damaged,
    /// It would unpack into more than is allowed.
    #[error("the link unpacks into more than {MAX_DECODED} bytes")]
    UnpacksTooLarge,
}

/// The payload of a view's link.
///
/// # Errors
/// [`ShareError::ViewTooLarge`].
#[cfg(not(target_arch = "wasm32"))]
pub fn to_link(view: &View) -> Result<String, ShareError> {
    let bytes = to_bytes(view)?;
    link_of(&miniz_oxide::deflate::compress_to_vec_zlib(&bytes, 9))
}

/// The view in a link's payload, also where a program has percent-encoded it.
///
/// # Errors
/// Every other [`ShareError`].
#[cfg(not(target_arch = "wasm32"))]
pub fn from_link(link: &str) -> Result<View, ShareError> {
    use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
    let bytes = decompress_to_vec_zlib_with_limit(&packed_in(link)?, MAX_DECODED).map_err(|error| {
        if error.status == TINFLStatus::HasMoreOutput {
            ShareError::UnpacksTooLarge
        } else {
            ShareError::Damaged
        }
    })?;
    from_bytes(&bytes)
}

/// A view as bytes, to be packed.
///
/// # Errors
/// [`ShareError::ViewTooLarge`].
pub fn to_bytes(view: &View) -> Result<Vec<u8>, ShareError> {
    // Serializing plain data into a vector cannot fail; were it to, the view would be as good as too large.
    let bytes = postcard::to_stdvec(view).map_err(|_| ShareError::ViewTooLarge { characters: usize::MAX })?;
    if bytes.len() > MAX_DECODED {
        return Err(ShareError::ViewTooLarge { characters: bytes.len() });
    }
    Ok(bytes)
}

/// The payload of a link, from what [`to_bytes`] gave, packed as zlib.
///
/// # Errors
/// [`ShareError::ViewTooLarge`].
pub fn link_of(packed: &[u8]) -> Result<String, ShareError> {
    let link = format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(packed));
    if link.len() > MAX_ENCODED {
        return Err(ShareError::ViewTooLarge { characters: link.len() });
    }
    Ok(link)
}

/// The packed bytes in a link's payload, also where a program has percent-encoded it. They unpack into
/// [`MAX_DECODED`] bytes at most, or the link is none of ours.
///
/// # Errors
/// The [`ShareError`]s of the link as a text.
pub fn packed_in(link: &str) -> Result<Vec<u8>, ShareError> {
    let characters = link.len();
    // Percent-encoding triples at most.
    if characters > 3 * MAX_ENCODED {
        return Err(ShareError::LinkTooLong { characters });
    }
    let link = percent_decoded(link.trim());
    if link.len() > MAX_ENCODED {
        return Err(ShareError::LinkTooLong { characters });
    }
    let (version, payload) = link.split_once('.').ok_or(ShareError::NotBase64)?;
    if version != VERSION {
        return Err(if version.bytes().all(|b| b.is_ascii_digit()) && !version.is_empty() {
            ShareError::UnknownVersion(version.to_owned())
        } else {
            ShareError::NotBase64
        });
    }
    URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).map_err(|_| ShareError::NotBase64)
}

/// The view in the unpacked bytes.
///
/// # Errors
/// [`ShareError::Damaged`].
pub fn from_bytes(bytes: &[u8]) -> Result<View, ShareError> {
    match postcard::take_from_bytes(bytes) {
        Ok((view, [])) => Ok(view),
        _ => Err(ShareError::Damaged),
    }
}

/// Replaces `%2E` by `.`, twice at most: some programs encode what is encoded. What is no encoding stays.
fn percent_decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..2 {
        if !text.contains('%') {
            break;
        }
        let mut decoded = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            let (byte, after) = match (byte, after) {
                (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => (high * 16 + low, after),
                    _ => (byte, after_percent(rest)),
                },
                _ => (byte, after),
            };
            decoded.push(byte);
            rest = after;
        }
        text = String::from_utf8_lossy(&decoded).into_owned();
    }
    text
}

fn after_percent(rest: &[u8]) -> &[u8] {
    rest.get(1..).unwrap_or_default()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
