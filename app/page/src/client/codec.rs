//! What the page and its workers say to each other, written and read. There are so many kinds of messages that this is a module of its
//! own, which comes while the engines do.

// As in `parts`.
#![allow(unsafe_code)]

use leptos::wasm_split::{self, SplitLoaderError, wasm_split};
use protocol::{FromWorker, ToWorker};

/// Writes and reads messages.
#[derive(Clone, Copy)]
pub struct Codec {
    /// A message as bytes; an error says what is wrong with it.
    pub encode: fn(&ToWorker) -> Result<Vec<u8>, String>,
    /// The message in bytes, if it is one.
    pub decode: fn(&[u8]) -> Option<FromWorker>,
}

/// What writes and reads messages; at once, when it has come before.
#[wasm_split(messages, wasm_split_path = wasm_split, fallible)]
pub fn codec() -> Result<Codec, SplitLoaderError> {
    Ok(Codec {
        encode: |message| protocol::encode(message).map_err(|error| error.to_string()),
        decode: |bytes| protocol::decode(bytes).ok(),
    })
}
