//! Templates with what they use of Jinja and Python, and what goes wrong in them. Whole chats are compared with
//! `transformers` in `tests/tokenizer`.

use super::super::tests::tokenizer;
use super::super::{GgufVocabulary, Special};
use super::*;

fn chat() -> Vec<Message> {
    vec![Message::new(Role::System, " be brief\n"), Message::new(Role::User, "a <think>, b")]
}

fn rendered(source: &str) -> Result<String, ChatError> {
    let template = ChatTemplate::parse(source)?;
    Ok(template.render(&tokenizer(), &chat(), ChatOptions::default())?.text().into_owned())
}

#[track_caller]
fn assert_rendered(source: &str, expected: &str) {
    assert_eq!(rendered(source).as_deref(), Ok(expected));
}

#[test]
fn python_methods_work() {
    assert_rendered("{{ messages[0].content.strip() }}|{{ '\n\nx\n'.lstrip('\n') }}", "be brief|x\n");
    assert_rendered("{{ 'a</think>b</think>c'.split('</think>')[-1] }}{{ ' a  b '.split()|length }}", "c2");
    assert_rendered("{{ 'a,b,c'.split(',', 1) | join('|') }}", "a|b,c");
    assert_rendered("{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }}", "True True");
    assert_rendered("{{ 'xxaxx'.rstrip('x') }} {{ 'aB c'.title() }} {{ 'aB'.upper() }}", "xxa Ab C AB");
    assert_rendered(
        "{{ 'a-b-c'.replace('-', '+') }} {{ 'abc'.find('c') }} {{ 'abc'.find('x') }}",
        "a+b+c 2 -1",
    );
    assert_rendered(
        "{{ {'k': 1}.get('k') }} {{ {'k': 1}.get('x', 2) }} {{ {'k': 1}.get('x') is none }}",
        "1 2 True",
    );
    assert_rendered("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}", "a1b2");
}

#[test]
fn blocks_leave_no_lines_and_loops_can_be_left() {
    let source = "{% set ns = namespace(n=0) %}\n  {% for m in messages[::-1] %}\n{% if loop.index0 > 0 %}\n\
                  {% break %}\n{% endif %}\n{% set ns.n = ns.n + 1 %}\n{% endfor %}\n{{ ns.n }}{{ bos_token }}";
    assert_rendered(source, "1<|im_start|>");
}

#[test]
fn json_is_written_as_python_writes_it() {
    assert_rendered("{{ {'a': [1, '<é>'], 'b': none} | tojson }}", r#"{"a": [1, "<é>"], "b": null}"#);
    assert_rendered("{{ [1] | tojson(indent=2) }}", "[\n  1\n]");
}

#[test]
fn a_template_without_a_clock_says_so() {
    let with_a_choice = "{% if strftime_now is defined %}{{ strftime_now('%d') }}{% else %}26{% endif %}";
    assert_rendered(with_a_choice, "26");
    assert_eq!(rendered("{{ strftime_now('%d') }}"), Err(ChatError::NeedsClock));
}

#[test]
fn a_template_can_object() {
    let refused = ChatError::Refused("roles must alternate".to_owned());
    assert_eq!(rendered("{{ raise_exception('roles must alternate') }}"), Err(refused.clone()));
    assert_eq!(
        rendered("{% for m in messages %}{{ raise_exception('roles must alternate') }}{% endfor %}"),
        Err(refused)
    );
}

#[test]
fn a_broken_template_is_named_with_its_line() {
    assert!(matches!(rendered("a\n{% if %}"), Err(ChatError::Template { line: Some(2), .. })));
    let Err(ChatError::Template { message, line }) = rendered("\n\n{{ 'x'.casefold() }}") else {
        panic!("it has no such method")
    };
    assert!(message.contains("casefold"), "{message}");
    assert_eq!(line, Some(3));
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let steps = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    assert!(matches!(rendered(steps), Err(ChatError::TooMuch(_))));
    let text = "{% set long = 'x' * 1000000 %}{% for a in range(100) %}{{ long }}{% endfor %}";
    assert!(matches!(rendered(text), Err(ChatError::TooMuch(_))));
}

#[test]
fn what_a_message_says_is_no_token() {
    let tokenizer = tokenizer();
    let template =
        ChatTemplate::parse("{% for m in messages %}<think>{{ m.content }}<|im_end|>{% endfor %}").unwrap();
    let ids = |messages: &[Message]| {
        let prompt = template.render(&tokenizer, messages, ChatOptions::default()).unwrap();
        tokenizer.encode_prompt(&prompt).unwrap()
    };
    let plain = |text| tokenizer.encode(text, Special::AsText, false).unwrap();
    let expected = |inner: Vec<u32>| [vec![261], inner, vec![260]].concat();
    let text = "the<|im_end|><<think>";
    assert_eq!(ids(&[Message::new(Role::User, text)]), expected(plain(text)));
    // The assistant may have thought, but not ended its turn in the middle.
    let kept = [plain("the<|im_end|><"), vec![261]].concat();
    assert_eq!(ids(&[Message::new(Role::Assistant, text)]), expected(kept));
}

#[test]
fn noncharacters_in_messages_stay() {
    let template = ChatTemplate::parse("{{ messages[0].content }}").unwrap();
    let render = |text: &str| {
        let messages = [Message::new(Role::User, text)];
        template
            .render(&tokenizer(), &messages, ChatOptions::default())
            .map(|prompt| prompt.text().into_owned())
    };
    let all_but_one: String = ('\u{FDD0}'..='\u{FDEE}').collect::<String>() + "<|im_end|>";
    assert_eq!(render(&all_but_one), Ok(all_but_one));
    assert_eq!(render(&('\u{FDD0}'..='\u{FDEF}').collect::<String>()), Err(ChatError::NoGuard));
}

#[test]
fn a_file_without_template_is_told_by_its_tokens() {
    let family = |texts: &[&str]| {
        let mut vocabulary = GgufVocabulary { model: "gpt2".to_owned(), ..GgufVocabulary::default() };
        vocabulary.tokens = texts.iter().map(|text| (*text).to_owned()).collect();
        vocabulary.token_types = vec![3; texts.len()];
        let tokenizer = Tokenizer::from_gguf(vocabulary).unwrap();
        ChatTemplate::of(&tokenizer).map(|_| Family::of(&tokenizer))
    };
    assert_eq!(family(&["<|im_start|>", "<|im_end|>", "<think>", "</think>"]).unwrap(), Some(Family::Qwen3));
    assert_eq!(family(&["<|im_start|>", "<|im_end|>", "<jupyter_code>"]).unwrap(), Some(Family::SmolLm2));
    assert_eq!(family(&["<s>"]).unwrap_err(), ChatError::NoTemplate);
}

#[test]
fn what_an_answer_quotes_is_no_control_token_when_it_goes_on() {
    let tokenizer = tokenizer();
    let begun = |text: &str| tokenizer.encode_prompt(&Prompt::begun(&tokenizer, text).unwrap()).unwrap();
    assert_eq!(begun("a<|im_end|>"), tokenizer.encode("a<|im_end|>", Special::AsText, false).unwrap());
    assert_eq!(begun("<think>a"), tokenizer.encode("<think>a", Special::Parse, false).unwrap());
}

#[test]
fn a_text_that_doubles_ends_early() {
    for template in [
        "{% set ns = namespace(s='a') %}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='a') %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        &format!("{{% set s = 'a' %}}{}", "{% set s %}{{ s }}{{ s }}{% endset %}".repeat(40)),
    ] {
        assert!(matches!(rendered(template), Err(ChatError::TooMuch(_))), "{template}");
    }
    assert_rendered(
        "{% set s = 'a' %}{% set t %}{{ s }}b{% endset %}{{ t }}{% set u = v %}{{ u is defined }}",
        "abFalse",
    );
}
