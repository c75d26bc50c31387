//! The assembler on any text: it never panics, its spans lie in the text, and it reads back what the
//! disassembler prints.

#[path = "support/generate.rs"]
mod generate;

use engine::interpreter::classic::asm::{Token, assemble, disassemble, lex};
use engine::interpreter::classic::isa::{Instruction, Op};
use engine::interpreter::classic::program::OpenLoops;
use engine::source::Span;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Words that are instructions, or nearly, in any order.
fn soup() -> impl Strategy<Value = String> {
    let mnemonics: Vec<String> = Op::ALL.into_iter().map(|op| op.mnemonic().to_owned()).collect();
    let nearly = [
        "0",
        "3",
        "255",
        "256",
        "-1",
        "+7",
        "0x",
        "0xfF",
        "0x100",
        "1_0",
        "_",
        "-",
        "i32.",
        "I32.ADD",
        "br_if0",
        "(",
        ")",
        "(module",
        "(;",
        ";)",
        ";",
        "é",
        "\u{1F600}",
        "\u{0}",
        "99999999999999999999999999999999999999999",
    ];
    let word = prop_oneof![
        6 => select(mnemonics),
        4 => select(nearly.map(str::to_owned).to_vec()),
        2 => (0..300_u32).prop_map(|number| number.to_string()),
        1 => "\\PC{0,6}",
    ];
    let gap = select(vec![" ", "\n", "\t", "\r\n", "", ";;", ";; note\n", "(; (; in ;) ;)", "\u{a0}"]);
    vec((word, gap), 0..60)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(word, gap)| [word, gap.to_owned()]).collect())
}

fn lies_in(text: &str, span: Span) -> bool {
    text.get(span.start..span.end).is_some() && span == Span::of(text, span.start, span.end)
}

fn survives(text: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    for Token { span, .. } in lex(text) {
        prop_assert!(lies_in(text, span) && span.start < span.end, "{span:?}");
        let between = text.get(end..span.start);
        prop_assert!(between.is_some_and(|gap| gap.trim().is_empty()), "lost or twice before {span:?}");
        end = span.end;
    }
    prop_assert!(text[end..].trim().is_empty(), "lost at the end");
    for open in [OpenLoops::Allow, OpenLoops::Refuse] {
        match assemble(text, open) {
            Ok(assembly) => {
                prop_assert_eq!(assembly.spans.len(), assembly.program.len());
                for (span, instruction) in assembly.spans.iter().zip(assembly.program.instructions()) {
                    prop_assert!(lies_in(text, *span));
                    prop_assert!(text[span.start..].starts_with(instruction.op.mnemonic()));
                }
                let printed = disassemble(assembly.program.instructions());
                prop_assert_eq!(assemble(&printed, open).map(|again| again.program), Ok(assembly.program));
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(lies_in(text, error.span), "{error:?}");
                    prop_assert!(!error.message.is_empty());
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_assembled_or_refused_at_a_place(text in "(?s).{0,80}") {
        survives(&text)?;
    }

    #[test]
    fn any_words_are_assembled_or_refused_at_a_place(text in soup()) {
        survives(&text)?;
    }

    #[test]
    fn programs_survive_being_printed(program in generate::program()) {
        let text = disassemble(program.instructions());
        let again = assemble(&text, OpenLoops::Refuse).map(|assembly| assembly.program);
        prop_assert_eq!(again, Ok(program));
    }

    #[test]
    fn programs_survive_being_encoded(program in generate::program()) {
        for instruction in program.instructions() {
            prop_assert_eq!(Instruction::decode(instruction.encode()), Ok(*instruction));
        }
    }

    #[test]
    fn any_five_bytes_decode_or_are_refused(bytes in any::<[u8; 5]>()) {
        if let Ok(instruction) = Instruction::decode(bytes) {
            prop_assert_eq!(instruction.encode(), bytes);
        }
    }
}
