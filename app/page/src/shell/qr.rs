//! A link as a QR code, for the camera of a phone.

use leptos::prelude::*;
use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

/// The largest code: cameras find it hard to read a larger one off a screen. It holds 1,273 characters.
const LARGEST: u8 = 25;
/// Light modules around a code (ISO/IEC 18004).
const QUIET: i32 = 4;

/// The code of a link, or why there is none.
#[component]
pub fn LinkCode(
    /// The link.
    link: String,
) -> impl IntoView {
    let Some((size, dark)) = code(&link) else {
        let text =
            format!("The link has {} characters: too many for a code that a camera reads.", link.len());
        return view! { <p class="menu-note" data-testid="share-code-none">{text}</p> }.into_any();
    };
    // Dark on light in every theme, which is what cameras look for.
    view! {
        <svg class="share-code" data-testid="share-code" role="img" aria-label="The link as a QR code"
            viewBox=format!("0 0 {size} {size}") shape-rendering="crispEdges">
            <rect width=size height=size fill="#fff"></rect>
            <path d=dark fill="#000"></path>
        </svg>
    }
    .into_any()
}

/// Modules on a side, quiet ones among them, and the dark ones as an SVG path: one rectangle for those beside each other.
fn code(text: &str) -> Option<(i32, String)> {
    let segments = [QrSegment::make_bytes(text.as_bytes())];
    let code = QrCode::encode_segments_advanced(
        &segments,
        QrCodeEcc::Low,
        Version::MIN,
        Version::new(LARGEST),
        None::<Mask>,
        true,
    )
    .ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|&x| code.get_module(x, y)).count() as i32;
            if length > 0 {
                path += &format!("M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            x += length + 1;
        }
    }
    Some((code.size() + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_of_usual_length_has_a_code_and_a_very_long_one_has_none() {
        let (size, path) = code(&"a".repeat(400)).unwrap_or_default();
        assert!(size > 2 * QUIET + 21 && path.starts_with("M4 4h7v1h-7z"), "{size} {path}");
        assert_eq!(code(&"a".repeat(1_274)), None);
        assert!(code(&"a".repeat(1_273)).is_some());
    }
}
