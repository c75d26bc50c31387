use super::*;

fn error(text: &str) -> SourceError {
    Module::from_text(text).unwrap_err()
}

#[track_caller]
fn refused_at(text: &str, line: usize, column: usize, at: &str, message: &str) {
    let error = error(text);
    assert_eq!((error.span.line, error.span.column), (line, column), "{error}");
    assert_eq!(&text[error.span.start..error.span.end], at, "{error}");
    assert!(error.message.contains(message), "{error}");
}

#[test]
fn reads_what_a_module_imports_and_exports() {
    let text = "(module
      (import \"output\" \"i32\" (func $out (param i32)))
      (func (export \"add\") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
      (memory (export \"memory\") 1))";
    let module = Module::from_text(text).unwrap();
    let [import] = module.imports() else { panic!("{:?}", module.imports()) };
    assert_eq!(
        (import.module.as_str(), import.name.as_str(), import.kind.as_str()),
        ("output", "i32", "function")
    );
    assert_eq!(import.span.map(|span| (span.line, span.column)), Some((2, 8)));
    let [function] = module.functions() else { panic!("{:?}", module.functions()) };
    assert_eq!(function.signature.to_string(), "(i32, i32) -> (i32)");
    let binary = Module::new(module.binary()).unwrap();
    assert_eq!(binary.functions(), module.functions());
    assert_eq!(binary.imports()[0].span, None);
}

#[test]
fn a_module_of_very_many_imports_is_read_in_one_go() {
    // 3 MB; looking for each import's line from the start of the text would pass over it 50,000 times.
    let import = "(import \"output\" \"i32\" (func (param i32)))\n";
    let count = 50_000;
    let text = format!("(module\n{}(func (export \"main\")))", import.repeat(count));
    let begin = std::time::Instant::now();
    let module = Module::from_text(&text).unwrap();
    let took = begin.elapsed();
    assert_eq!(module.imports().len(), count);
    assert_eq!(module.imports()[count - 1].span.map(|span| (span.line, span.column)), Some((count + 1, 2)));
    assert!(took.as_secs() < 10, "{took:?}");
}

#[test]
fn mistakes_of_form_are_found_where_they_stand() {
    refused_at("", 1, 1, "", "empty");
    refused_at(" ;; nothing\n", 2, 1, "", "at least one module field");
    refused_at("i32.const 3\ni32.const 5", 1, 1, "i32.const", "outside a module");
    refused_at("(module\n  (func i32.ad))", 2, 9, "i32.ad", "unknown instruction `i32.ad`");
    refused_at("(module (func call $g))", 1, 20, "$g", "failed to find name");
    refused_at("(module (func i32.const 4294967296))", 1, 25, "4294967296", "out of range");
    refused_at("(module (func)", 1, 15, "", "text ends before");
    refused_at("(module (func \"é))", 1, 19, "", "unexpected end");
}

#[test]
fn mistakes_of_meaning_are_found_where_they_stand() {
    refused_at("(module\n (func (result i32)\n  i32.const 1\n  i64.add))", 4, 3, "i64.add", "type mismatch");
    refused_at("(module (func (result i32) nop))", 1, 28, "nop", "nothing on stack");
    refused_at("(module (func (result i32)))", 1, 10, "func", "nothing on stack");
    refused_at("(module (func)\n (func i32.const 1))", 2, 8, "i32.const", "values remaining");
    refused_at(
        "(module (func (i32.add (i32.const 1) (f32.const 1)) drop))",
        1,
        16,
        "i32.add",
        "type mismatch",
    );
    refused_at("(module (memory 65537))", 1, 10, "memory", "memory size");
    refused_at(
        "(module (func) (export \"a\" (func 0))\n (export \"a\" (func 0)))",
        2,
        3,
        "export",
        "duplicate",
    );
    refused_at("(module (func (param i32)) (start 0))", 1, 35, "0", "start function");
}

#[test]
fn binaries_are_refused_by_byte() {
    let error = Module::new(b"\0asm\x02\0\0\0").unwrap_err();
    assert_eq!(error.span.line, 1);
    assert!(error.message.contains("version"), "{error}");
    assert!(Module::new(&[0xff, 0xfe]).unwrap_err().message.contains("neither"));
}

#[test]
fn no_text_makes_the_reader_panic() {
    let parts =
        ["(", ")", "module", "func", "\"", ";;", "(;", "é", "$x", "i32.const", "1", "\n", "result i32", "@"];
    let mut seed = 1_u32;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(parts[(seed >> 16) as usize % parts.len()]);
            text.push(' ');
        }
        let _ = Module::from_text(&text);
    }
    let _ = Module::from_text(&"(".repeat(100_000));
}
