//! Packing and unpacking as zlib, by the browser: code of our own for it would be a thirtieth of the page.

use js_sys::{Array, Function, Reflect, Uint8Array};
use leptos::prelude::window;
use protocol::share::{self, MAX_DECODED, ShareError, View};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, ReadableWritablePair};

/// The payload of a view's link.
///
/// # Errors
/// [`ShareError::ViewTooLarge`].
pub async fn to_link(view: &View) -> Result<String, ShareError> {
    let bytes = share::to_bytes(view)?;
    // Where the browser cannot pack there is no link, as if the view were too large for one.
    let too_large = || ShareError::ViewTooLarge { characters: bytes.len() };
    let packed = through("CompressionStream", &bytes, usize::MAX).await;
    share::link_of(&packed.ok().flatten().ok_or_else(too_large)?)
}

/// The view in a link's payload.
///
/// # Errors
/// Every other [`ShareError`].
pub async fn from_link(link: &str) -> Result<View, ShareError> {
    let packed = share::packed_in(link)?;
    match through("DecompressionStream", &packed, MAX_DECODED).await {
        Ok(Some(bytes)) => share::from_bytes(&bytes),
        Ok(None) => Err(ShareError::UnpacksTooLarge),
        Err(_) => Err(ShareError::Damaged),
    }
}

/// What a stream of this class makes of some bytes; none when that is more than `most`, of which no more is read.
async fn through(class: &str, bytes: &[u8], most: usize) -> Result<Option<Vec<u8>>, JsValue> {
    // By its name: `web-sys` counts these classes among the unstable ones; every browser with our other needs has them.
    let class: Function = Reflect::get(&window(), &JsValue::from_str(class))?.dyn_into()?;
    let stream: ReadableWritablePair =
        Reflect::construct(&class, &Array::of1(&JsValue::from_str("deflate")))?.unchecked_into();
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)))?;
    let reader: ReadableStreamDefaultReader =
        blob.stream().pipe_through(&stream).get_reader().unchecked_into();
    let mut result = Vec::new();
    loop {
        let step = JsFuture::from(reader.read()).await?;
        let Ok(chunk) = Reflect::get(&step, &JsValue::from_str("value"))?.dyn_into::<Uint8Array>() else {
            return Ok(Some(result));
        };
        result.extend(chunk.to_vec());
        if result.len() > most {
            // What the stream says to that is of no interest.
            drop(JsFuture::from(reader.cancel()).await);
            return Ok(None);
        }
    }
}
