//! A tokenizer small enough to see: the bytes, ` the`, and three added tokens.

use super::*;

/// 256 bytes in order, then merges of `Ġthe`, then `<|im_start|>`, `<|im_end|>` (control) and `<think>`.
pub(super) fn vocabulary() -> GgufVocabulary {
    let mut tokens: Vec<String> = (0..=255).map(|byte| character_of(byte).to_string()).collect();
    tokens.extend(["Ġt", "he", "Ġthe", "<|im_start|>", "<|im_end|>", "<think>"].map(str::to_owned));
    let mut token_types = vec![1; 259];
    token_types.extend([3, 3, 4]);
    GgufVocabulary {
        model: "gpt2".to_owned(),
        pre: Some("smollm".to_owned()),
        tokens,
        merges: ["Ġ t", "h e", "Ġt he"].map(str::to_owned).to_vec(),
        token_types,
        bos: Some(259),
        eos: Some(260),
        ..GgufVocabulary::default()
    }
}

pub(super) fn tokenizer() -> Tokenizer {
    Tokenizer::from_gguf(vocabulary()).expect("it is complete")
}

#[test]
fn merges_words_and_finds_special_tokens() {
    let tokenizer = tokenizer();
    let ids = |special| tokenizer.encode("a the<think>", special, false).unwrap();
    assert_eq!(ids(Special::Parse), [97, 258, 261]);
    assert_eq!(ids(Special::AsText), [97, 258, 60, 116, 104, 105, 110, 107, 62]);
    assert_eq!(tokenizer.encode("", Special::AsText, false), Ok(vec![]));
}

#[test]
fn text_comes_back() {
    let tokenizer = tokenizer();
    let ids = tokenizer.encode("é the\u{0}😀<|im_end|>", Special::Parse, false).unwrap();
    assert_eq!(tokenizer.decode(&ids, Shown::All), "é the\u{0}😀<|im_end|>");
    assert_eq!(tokenizer.decode(&ids, Shown::WithoutSpecial), "é the\u{0}😀");
    assert_eq!(tokenizer.decode(&[0xF0, 97, 9999], Shown::All), "\u{fffd}a");
}

#[test]
fn tokens_have_names() {
    let tokenizer = tokenizer();
    assert_eq!(tokenizer.vocabulary_size(), 262);
    assert_eq!(tokenizer.token_text(258).as_deref(), Some(" the"));
    assert_eq!(tokenizer.token_text(0xF0).as_deref(), Some("<0xF0>"));
    assert_eq!(tokenizer.token_text(262), None);
    assert_eq!(
        (tokenizer.id_of(" the"), tokenizer.id_of("<|im_end|>"), tokenizer.id_of("xyz")),
        (Some(258), Some(260), None)
    );
    assert_eq!(
        (tokenizer.bos(), tokenizer.eos(), tokenizer.ends()),
        (Some(259), Some(260), [260].as_slice())
    );
    assert!(tokenizer.is_special(260) && !tokenizer.is_special(261));
}

#[test]
fn texts_begin_and_end_as_the_file_says() {
    let around = |add_bos, add_eos, pre: &str| {
        let pre = Some(pre.to_owned());
        let tokenizer =
            Tokenizer::from_gguf(GgufVocabulary { add_bos, add_eos, pre, ..vocabulary() }).unwrap();
        tokenizer.encode("a", Special::AsText, true).unwrap()
    };
    assert_eq!(around(None, None, "smollm"), [97]);
    assert_eq!(around(None, None, "llama-bpe"), [259, 97]);
    assert_eq!(around(Some(false), None, "llama-bpe"), [97]);
    assert_eq!(around(Some(true), Some(true), "qwen2"), [259, 97, 260]);
}

#[test]
fn each_pre_tokenizer_splits_numbers_its_own_way() {
    let words = |pre: &str| {
        let mut vocabulary = GgufVocabulary { pre: Some(pre.to_owned()), ..vocabulary() };
        vocabulary.tokens.extend(["11", "111", "1111"].map(str::to_owned));
        vocabulary.token_types.extend([1; 3]);
        vocabulary.merges.extend(["1 1", "11 1", "11 11"].map(str::to_owned));
        let tokenizer = Tokenizer::from_gguf(vocabulary).unwrap();
        let ids = tokenizer.encode("1111", Special::AsText, false).unwrap();
        ids.iter().filter_map(|id| tokenizer.token_text(*id)).map(Cow::into_owned).collect::<Vec<_>>()
    };
    assert_eq!(words("smollm"), ["1", "1", "1", "1"]);
    assert_eq!(words("qwen2"), ["1", "1", "1", "1"]);
    assert_eq!(words("llama-bpe"), ["111", "1"]);
    assert_eq!(words("gpt-2"), ["1111"]);
    assert_eq!(words("default"), ["111", "1"]);
}

#[test]
fn what_is_not_supported_is_named() {
    let error = |vocabulary| Tokenizer::from_gguf(vocabulary).unwrap_err().to_string();
    let model = "llama".to_owned();
    assert!(error(GgufVocabulary { model, ..vocabulary() }).contains("`llama`"));
    let pre = Some("tekken".to_owned());
    let shown = error(GgufVocabulary { pre, ..vocabulary() });
    assert!(shown.contains("`tekken`") && shown.contains("`smollm`"), "{shown}");
    assert!(error(GgufVocabulary { eos: Some(262), ..vocabulary() }).contains("eos is token 262 of 262"));
    assert!(error(GgufVocabulary { token_types: vec![1], ..vocabulary() }).contains("1 types"));
    assert!(error(GgufVocabulary { merges: vec!["th".to_owned()], ..vocabulary() }).contains("`th`"));
    assert!(error(GgufVocabulary { merges: vec!["Ġ zz".to_owned()], ..vocabulary() }).contains("zz"));
}

#[test]
fn a_vocabulary_of_nothing_breaks_nothing() {
    let empty = GgufVocabulary { model: "gpt2".to_owned(), ..GgufVocabulary::default() };
    let tokenizer = Tokenizer::from_gguf(empty).unwrap();
    assert_eq!(tokenizer.encode("text", Special::Parse, true), Ok(vec![]));
    assert_eq!(tokenizer.decode(&[0, u32::MAX], Shown::All), "");
}

#[test]
fn json_that_is_no_tokenizer_is_an_error() {
    for json in ["", "{}", "[1]", "\u{0}", r#"{"version":"1.0","model":{"type":"BPE"}}"#] {
        assert!(matches!(Tokenizer::from_json(json.as_bytes()), Err(TokenizerError::Json(_))), "{json}");
    }
    let wordlevel = r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":null,"post_processor":null,"decoder":null,
        "model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}}"#;
    assert!(matches!(Tokenizer::from_json(wordlevel.as_bytes()), Err(TokenizerError::NotByteLevel(_))));
}

/// As `vocabulary`, in the other format, with a text that begins with `<|im_start|>`.
#[test]
fn json_says_what_surrounds_a_text() {
    let json = r#"{"version":"1.0","truncation":null,"padding":null,
        "added_tokens":[{"id":2,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
                        {"id":3,"content":"<e>","single_word":false,"lstrip":false,"rstrip":true,"normalized":false,"special":true}],
        "normalizer":null,
        "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
        "post_processor":{"type":"TemplateProcessing",
            "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<e>","type_id":0}}],
            "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}}],
            "special_tokens":{"<s>":{"id":"<s>","ids":[2],"tokens":["<s>"]},"<e>":{"id":"<e>","ids":[3],"tokens":["<e>"]}}},
        "decoder":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
        "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,
            "fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":{"a":0,"Ġ":1},"merges":[]}}"#;
    let tokenizer = Tokenizer::from_json(json.as_bytes()).unwrap();
    assert_eq!(tokenizer.encode("a a", Special::AsText, true), Ok(vec![2, 0, 1, 0, 3]));
    assert_eq!((tokenizer.bos(), tokenizer.eos()), (None, None));

    let config = r#"{"bos_token":{"content":"<s>"},"eos_token":"<e>",
        "chat_template":[{"name":"tool_use","template":"x"},{"name":"default","template":"d"}]}"#;
    let tokenizer = tokenizer.with_config(config.as_bytes()).unwrap();
    assert_eq!((tokenizer.bos(), tokenizer.eos(), tokenizer.chat_template()), (Some(2), Some(3), Some("d")));
    let pieces: Vec<_> = tokenizer
        .added
        .split("a<e>  <s>")
        .iter()
        .map(|piece| (piece.start, piece.text, piece.token))
        .collect();
    assert_eq!(pieces, [(0, "a", Some((3, 1))), (6, "", Some((2, 6))), (9, "", None)]);
    assert!(matches!(tokenizer.with_config(b"[]"), Err(TokenizerError::Config(_))));
}

#[test]
fn one_stray_id_does_not_allocate_gigabytes() {
    let json = r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,"pre_tokenizer":null,
        "post_processor":null,"decoder":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
        "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,
        "fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":{"a":4294967295},"merges":[]}}"#;
    assert!(matches!(Tokenizer::from_json(json.as_bytes()), Err(TokenizerError::Vocabulary(_))));
}
