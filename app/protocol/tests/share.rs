//! The share link: round trips, bounds, damage, and one frozen link of every version.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use protocol::share::{MAX_DECODED, MAX_ENCODED, ShareError, View, from_link, to_link};

fn sample() -> View {
    View {
        route: "xray".to_owned(),
        program: "i32.const 3\ni32.const 5\ni32.add\noutput\n".to_owned(),
        position: Some(24),
        layer: 4,
        selection: Some("blocks.4.mlp.hook_post[24, 0]".to_owned()),
        allow_open_loops: true,
        max_tokens: 20_000,
        extra: "head=1".to_owned(),
    }
}

/// Version 1, made on 2026-11-21. It must open for ever: if this test fails, the codec is wrong, not the link.
const VERSION_1: &str = include_str!("share-v1.txt");

#[test]
fn a_link_of_version_1_opens() {
    assert_eq!(from_link(VERSION_1.trim()), Ok(sample()));
}

#[test]
fn a_percent_encoded_copy_opens() {
    let link = to_link(&sample()).unwrap();
    let encoded: String = link.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(from_link(&encoded), Ok(sample()));
    assert_eq!(from_link(&link.replace('.', "%252e")), Ok(sample()));
    assert_eq!(from_link(&format!("{link}=\n")), Ok(sample()));
}

#[test]
fn other_versions_and_other_texts_are_told_apart() {
    let link = to_link(&sample()).unwrap();
    let payload = link.strip_prefix("1.").unwrap();
    assert_eq!(from_link(&format!("2.{payload}")), Err(ShareError::UnknownVersion("2".to_owned())));
    for text in ["", "1", "hello", ".", "x.AAAA", "1.*", "%", "%2", "1.AAA%zz"] {
        assert_eq!(from_link(text), Err(ShareError::NotBase64), "{text}");
    }
    assert_eq!(from_link("1."), Err(ShareError::Damaged));
}

#[test]
fn every_changed_or_missing_character_is_noticed() {
    let link = to_link(&sample()).unwrap();
    for end in 2..link.len() {
        assert!(from_link(&link[..end]).is_err(), "cut at {end}");
    }
    for place in 2..link.len() {
        let mut bytes = link.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        // The last character may carry bits that mean nothing; those are refused as well.
        assert_ne!(from_link(&changed), Ok(View { program: "changed".into(), ..sample() }));
        assert!(from_link(&changed).is_err(), "changed at {place}");
    }
}

#[test]
fn what_does_not_fit_says_so() {
    let mut state = 1_u64;
    let noise = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + (state >> 33) as u8 % 90)
    };
    let program: String = (0..20_000).map(noise).collect();
    let error = to_link(&View { program, ..View::default() }).unwrap_err();
    assert!(matches!(error, ShareError::ViewTooLarge { characters } if characters > MAX_ENCODED), "{error}");
    let even = View { program: "a".repeat(MAX_DECODED), ..View::default() };
    assert!(matches!(to_link(&even), Err(ShareError::ViewTooLarge { .. })));
    let long = "A".repeat(4 * MAX_ENCODED);
    assert_eq!(from_link(&long), Err(ShareError::LinkTooLong { characters: long.len() }));
}

#[test]
fn a_small_link_does_not_unpack_into_a_large_one() {
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 5_000_000], 9);
    let link = format!("1.{}", URL_SAFE_NO_PAD.encode(bomb));
    assert!(link.len() < MAX_ENCODED);
    assert_eq!(from_link(&link), Err(ShareError::UnpacksTooLarge));
}

proptest! {
    #[test]
    fn a_view_comes_back_from_its_link(
        route in "[a-z]{0,8}", program in "\\PC{0,300}", position: Option<u32>, layer: u8,
        selection in proptest::option::of("\\PC{0,40}"), allow_open_loops: bool, max_tokens: u32,
        extra in "\\PC{0,40}",
    ) {
        let view = View { route, program, position, layer, selection, allow_open_loops, max_tokens, extra };
        prop_assert_eq!(from_link(&to_link(&view).unwrap()), Ok(view));
    }

    #[test]
    fn arbitrary_text_is_an_error_and_nothing_worse(text in "\\PC*") {
        drop(from_link(&text));
        drop(from_link(&format!("1.{text}")));
    }

    #[test]
    fn arbitrary_bytes_are_an_error_and_nothing_worse(bytes: Vec<u8>) {
        drop(from_link(&format!("1.{}", URL_SAFE_NO_PAD.encode(&bytes))));
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&bytes, 1);
        drop(from_link(&format!("1.{}", URL_SAFE_NO_PAD.encode(packed))));
    }
}
