//! Files that the page gives to whoever looks at it: no server has a part in it.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement,
    Url,
};

/// Dots of a PNG for each CSS pixel.
const DOTS: u32 = 2;
/// Dots on each side that every browser's canvas has.
const MOST_DOTS: u32 = 8_192;

/// Saves a text as a file.
///
/// # Errors
/// When the browser refuses.
pub fn text(name: &str, kind: &str, text: &str) -> Result<(), JsValue> {
    let about = BlobPropertyBag::new();
    about.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &about)?;
    save(name, &blob)
}

/// Saves a picture of this size in CSS pixels as a PNG: the browser draws the SVG, as it would on the page.
///
/// # Errors
/// When the browser refuses, or the picture is too large for it.
pub async fn png(name: &str, svg: &str, (width, height): (u32, u32)) -> Result<(), JsValue> {
    let dots = if width.max(height) * DOTS > MOST_DOTS { 1 } else { DOTS };
    let image = HtmlImageElement::new()?;
    let address = js_sys::encode_uri_component(svg);
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{address}"));
    JsFuture::from(image.decode()).await?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width(width * dots);
    canvas.set_height(height * dots);
    let context = canvas.get_context("2d")?.ok_or("no canvas")?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    let (wide, high) = (f64::from(width * dots), f64::from(height * dots));
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, wide, high)?;
    let drawn = js_sys::Promise::new(&mut |resolve, _| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            // Whoever waits is told; a promise takes any value.
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        let _ = canvas.to_blob(done.unchecked_ref());
    });
    let blob = JsFuture::from(drawn).await?.dyn_into::<Blob>()?;
    save(name, &blob)
}

fn save(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The browser reads it a moment later.
    set_timeout(move || drop(Url::revoke_object_url(&address)), std::time::Duration::from_secs(60));
    Ok(())
}
