//! Programs that are run, well or badly.

use proptest::prelude::*;

use super::*;
use crate::worldmodel::expression::{
    Comparison, Constant, Expression, Function, Letter, ListAction, ListFunction, Operator, Plan, Source,
    Test, TextFunction, evaluate, parse,
};
use crate::worldmodel::numbers::Value as Amount;
use crate::worldmodel::program::compile::{compile, every_plan};
use crate::worldmodel::program::vocabulary::{read, size};

fn given() -> Given {
    Given {
        numbers: vec![Amount::Integer(12), Amount::Integer(11), Amount::Integer(-3), Amount::Decimal(2.5)],
        list: [5, 2, 8, 1, 9].map(Amount::Integer).to_vec(),
        text: Some("Hello, World 42".to_owned()),
        text2: Some("l".to_owned()),
    }
}

fn answer(program: &str) -> Result<Answer, Failure> {
    run(&read(program).unwrap(), &given(), LIMITS, &[]).answer
}

fn of_plan(plan: &str, granted: &[Grant]) -> Outcome {
    let plan = parse(plan).unwrap();
    run(&compile(&plan, &given().kinds()).unwrap(), &given(), LIMITS, granted)
}

/// The same answer, but for rounding; a failure of the same kind.
fn agree(program: &Result<Answer, Failure>, reference: &Result<Answer, Failure>) -> bool {
    let near = |left: f64, right: f64| (left - right).abs() <= 1e-9 * left.abs().max(right.abs()).max(1e-6);
    match (program, reference) {
        (Ok(Answer::Decimal(left)), Ok(Answer::Decimal(right))) => near(*left, *right),
        (Ok(left), Ok(right)) => left == right,
        (Err(left), Err(right)) => std::mem::discriminant(left) == std::mem::discriminant(right),
        _ => false,
    }
}

#[test]
fn each_plan_gives_what_it_is_worth() {
    for text in every_plan().into_iter().filter(|text| !text.ends_with("()")) {
        let outcome = of_plan(&text, &[]);
        let reference = evaluate(&parse(&text).unwrap(), &given());
        assert!(agree(&outcome.answer, &reference), "{text}: {:?}, not {reference:?}", outcome.answer);
    }
}

#[test]
fn overflow_is_seen_though_webassembly_does_not_see_it() {
    let max = i64::MAX;
    let of = |text: &str, numbers: &[i64]| {
        let given = Given::integers(numbers);
        run(&compile(&parse(text).unwrap(), &given.kinds()).unwrap(), &given, LIMITS, &[]).answer
    };
    assert_eq!(of("<a> + <b>", &[max, 1]), Err(Failure::Overflow));
    assert_eq!(of("<a> + <b>", &[i64::MIN, -1]), Err(Failure::Overflow));
    assert_eq!(of("<a> + <b>", &[max, i64::MIN]), Ok(Answer::Integer(-1)));
    assert_eq!(of("<a> - <b>", &[max, -1]), Err(Failure::Overflow));
    assert_eq!(of("<a> - <b>", &[0, i64::MIN]), Err(Failure::Overflow));
    assert_eq!(of("<a> - <b>", &[-1, i64::MIN]), Ok(Answer::Integer(max)));
    assert_eq!(of("<a> * <b>", &[i64::MIN, -1]), Err(Failure::Overflow));
    assert_eq!(of("<a> * <b>", &[-1, i64::MIN]), Err(Failure::Overflow));
    assert_eq!(of("<a> * <b>", &[3_037_000_500, 3_037_000_500]), Err(Failure::Overflow));
    assert_eq!(of("<a> * <b>", &[i64::MIN, 1]), Ok(Answer::Integer(i64::MIN)));
    assert_eq!(of("factorial(<a>)", &[20]), Ok(Answer::Integer(2_432_902_008_176_640_000)));
    assert_eq!(of("factorial(<a>)", &[21]), Err(Failure::Overflow));
    assert_eq!(of("fibonacci(<a>)", &[92]), Ok(Answer::Integer(7_540_113_804_746_346_429)));
    assert_eq!(of("fibonacci(<a>)", &[93]), Err(Failure::Overflow));
    let outcome = of_plan("<a> * <b>", &[]);
    assert!(outcome.wat.contains("i64.mul") && !outcome.wat.contains("checked"), "{}", outcome.wat);
    assert!(outcome.wat_as_run.contains("call $checked.i64.mul"), "{}", outcome.wat_as_run);
}

#[test]
fn nothing_of_the_host_is_reached_without_a_grant() {
    let granted =
        [Grant::text("datetime", "2026-11-21 15:00:00"), Grant::integer("timestamp", 1_795_273_200)];
    assert_eq!(of_plan("datetime()", &[]).answer, Err(Failure::ImportRefused("api.datetime".to_owned())));
    assert_eq!(of_plan("date()", &granted).answer, Err(Failure::ImportRefused("api.date".to_owned())));
    let outcome = of_plan("datetime()", &granted);
    assert_eq!(outcome.answer, Ok(Answer::Text("2026-11-21 15:00:00".to_owned())));
    assert_eq!(outcome.host_calls, [HostCall { name: "datetime".to_owned(), count: 1 }]);
    let outcome = of_plan("timestamp() - timestamp() + <a>", &granted);
    assert_eq!(outcome.answer, Ok(Answer::Integer(12)));
    assert_eq!(outcome.host_calls, [HostCall { name: "timestamp".to_owned(), count: 2 }]);
}

#[test]
fn programs_that_are_wrong_say_so() {
    let module =
        |body: &str| format!("(module (memory (export \"text\") 1) (func (export \"compute\") {body}))");
    let far = "(module (import \"api\" \"date\" (func $date (param i32) (result i32))) (memory (export \"text\") 1) \
               (func (export \"compute\") (result i32) i32.const 65535 call $date))";
    let date = [Grant::text("date", "2026-11-21")];
    assert_eq!(run(&read(far).unwrap(), &given(), LIMITS, &date).answer, Err(Failure::OutOfBounds));
    let cases = [
        ("(module)".to_owned(), "the program exports no function `compute`"),
        (module("(param i64) (result i64) local.get 0"), "the program's function `compute` takes arguments"),
        (module(""), "the program returns (), which is no answer"),
        (
            module("(result i64) (result i64) i64.const 1 i64.const 1"),
            "the program returns (i64, i64), which is no answer",
        ),
        (
            "(module (func (export \"compute\") (result i32 i32) i32.const 0 i32.const 1))".to_owned(),
            "the program returns an address, but exports no memory, which is no answer",
        ),
        (module("(result i32 i32) i32.const 65535 i32.const 2"), "the program reached outside of its memory"),
        (module("(result i32 i32) i32.const -1 i32.const -1"), "the program reached outside of its memory"),
        (
            module("(result i32 i32) i32.const 0 i32.const 192 i32.store8 i32.const 0 i32.const 1"),
            "the program returns bytes that are no text",
        ),
        (module("(result i64) i32.const -9 i64.load"), "the program reached outside of its memory"),
        (module("(result f64) f64.const 1 f64.const 0 f64.div"), "division by zero"),
        (module("(result f64) f64.const -1 f64.sqrt"), "the result is not a number"),
        (
            module(
                "(result f64) (local f64) f64.const 1e14 local.set 0 loop local.get 0 local.get 0 f64.mul local.tee 0 \
                    local.get 0 local.get 0 f64.sub f64.const 0 f64.eq br_if 0 end local.get 0",
            ),
            "does not compile",
        ),
        (
            module(
                "(result f64) (local f64) f64.const 1e14 local.set 0 loop local.get 0 local.get 0 f64.mul local.tee 0 \
                    local.get 0 f64.sub f64.const 0 f64.eq br_if 0 end local.get 0",
            ),
            "the result is too large: it is beyond the range of decimal numbers",
        ),
        (module("(result i64) i64.const 1 i64.const 0 i64.rem_s"), "division by zero"),
        (module("(result i64) unreachable"), "this is not defined for these values"),
        (
            module("(result i64) f64.const 1e14 f64.const 1e14 f64.mul i64.trunc_f64_s"),
            "does not fit into 64 bits",
        ),
        (
            module("(result i64) loop br 0 end i64.const 1"),
            "the program did not come to an end: it was stopped after 10000000 units of fuel",
        ),
        (
            module("(result i64) call $f0) (func $f0 (result i64) call $f0 i64.const 1 i64.add"),
            "the program's calls nest too deeply",
        ),
        (module("(result i64) i64.add"), "does not compile"),
        (module("(result i64) call $f3"), "does not compile"),
        (module("(result i64) f64.const 1"), "does not compile"),
        ("(module (func $f0".to_owned(), "the program is malformed: the program ends before its module does"),
    ];
    for (program, expected) in cases {
        let failure = answer(&program).map(|answer| panic!("{program}: {answer}")).unwrap_err().to_string();
        assert!(failure.contains(expected), "{program}: {failure}");
    }
}

/// `cargo test -p engine fuel_of_long_programs -- --ignored --nocapture` prints it.
#[test]
#[ignore = "prints a table"]
fn fuel_of_long_programs() {
    let given =
        Given { list: (0..50).map(Amount::Integer).collect(), text: Some("ab ".repeat(3000)), ..given() };
    let plans = [
        "<a> * <b>",
        "is_prime(1000003)",
        "is_prime(10000000019)",
        "count_primes(10000)",
        "nth_prime(1000)",
        "projectile(100, 45)",
        "projectile(400, 60)",
        "1.0001 ^ 10000",
        "exp(<a>)",
        "ln(<a>)",
        "sin(<a>)",
        "sort_down(list)",
        "median(list)",
        "vowels(text)",
        "upper(text)",
        "reverse(text)",
        "count(text, text2)",
        "divisors(1000000007)",
    ];
    for text in plans {
        let start = std::time::Instant::now();
        let program = compile(&parse(text).unwrap(), &given.kinds()).unwrap();
        let outcome = run(&program, &given, LIMITS, &[]);
        println!(
            "{:9} {:6.1?} {text}: {:?}",
            outcome.fuel,
            start.elapsed(),
            outcome.answer.map(|a| a.to_string().chars().take(20).collect::<String>())
        );
    }
}

#[test]
fn long_and_deep_programs_come_to_an_end() {
    let deep = |blocks: usize| {
        let (open, close) = ("block ".repeat(blocks), " end".repeat(blocks));
        answer(&format!("(module (func (export \"compute\") (result i64) {open}{close} i64.const 7))"))
    };
    assert_eq!(deep(900), Ok(Answer::Integer(7)));
    let failure = Failure::Malformed("the program has more than 2000 tokens".to_owned());
    assert_eq!(deep(100_000), Err(failure));
}

#[test]
fn limits_are_the_callers() {
    let program = compile(&parse("count_primes(1000)").unwrap(), &given().kinds()).unwrap();
    assert_eq!(run(&program, &given(), LIMITS, &[]).answer, Ok(Answer::Integer(168)));
    let limits = sandbox::Limits { fuel: 1000, ..LIMITS };
    assert_eq!(run(&program, &given(), limits, &[]).answer, Err(Failure::OutOfFuel { limit: 1000 }));
    let sort = compile(&parse("sort(list)").unwrap(), &given().kinds()).unwrap();
    let limits = sandbox::Limits { memory_bytes: 1000, ..LIMITS };
    assert_eq!(run(&sort, &given(), limits, &[]).answer, Err(Failure::OutOfMemory { limit: 1000 }));
}

/// Expressions whose programs come to an end with the fuel there is.
fn expressions() -> impl Strategy<Value = Expression> {
    let operators =
        vec![Operator::Add, Operator::Subtract, Operator::Multiply, Operator::Divide, Operator::Remainder];
    let functions: Vec<Function> = vec![
        Function::Sqrt,
        Function::Abs,
        Function::Floor,
        Function::Ceil,
        Function::Round,
        Function::Min,
        Function::Max,
        Function::Factorial,
        Function::Fibonacci,
        Function::Gcd,
        Function::Quotient,
        Function::Lcm,
        Function::SumTo,
        Function::SumOfSquares,
        Function::DigitSum,
    ];
    let leaf = prop_oneof![
        4 => (0..5_usize).prop_map(|index| Expression::Operand(Letter::new(index).unwrap())),
        2 => (0..30_u32).prop_map(|value| Expression::Constant(value.into())),
        1 => "[0-9]{1,3}\\.[0-9]{1,2}".prop_map(|text| Expression::Constant(Constant::new(&text).unwrap())),
        1 => proptest::sample::select(ListFunction::ALL).prop_map(Expression::List),
    ];
    leaf.prop_recursive(3, 16, 2, move |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|inner| Expression::Negative(Box::new(inner))),
            5 => (proptest::sample::select(operators.clone()), inner.clone(), inner.clone())
                .prop_map(|(operator, left, right)| Expression::Binary(operator, left.into(), right.into())),
            1 => (inner.clone(), 0..12_u32).prop_map(|(base, exponent)| {
                let exponent = Expression::Constant(exponent.into());
                Expression::Binary(Operator::Power, base.into(), exponent.into())
            }),
            2 => (proptest::sample::select(functions.clone()), inner.clone(), inner).prop_map(
                |(function, first, second)| {
                    let mut arguments = vec![first, second];
                    arguments.truncate(function.arity());
                    Expression::Call(function, arguments)
                }
            ),
        ]
    })
}

fn plans() -> impl Strategy<Value = Plan> {
    prop_oneof![
        4 => expressions().prop_map(Plan::Value),
        1 => (expressions(), proptest::sample::select(Comparison::ALL), expressions())
            .prop_map(|(left, comparison, right)| Plan::Compare(left, comparison, right)),
        1 => (proptest::sample::select(&[Test::IsEven, Test::IsOdd, Test::IsSquare, Test::IsLeap][..]), expressions())
            .prop_map(|(test, value)| Plan::Test(test, value)),
        1 => proptest::sample::select(ListAction::ALL).prop_map(Plan::List),
    ]
}

fn amounts() -> impl Strategy<Value = Amount> {
    prop_oneof![
        4 => (-50..1000_i64).prop_map(Amount::Integer),
        1 => any::<i64>().prop_map(Amount::Integer),
        2 => (-1000..100_000_i32).prop_map(|value| Amount::Decimal(f64::from(value) / 100.0)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn random_plans_give_what_they_are_worth(
        plan in plans(),
        numbers in proptest::collection::vec(amounts(), 5),
        list in proptest::collection::vec(amounts(), 1..7),
    ) {
        let given = Given { numbers, list, ..Given::default() };
        let reference = evaluate(&plan, &given);
        // What no program can say of a plan is said when it is compiled.
        let Ok(program) = compile(&plan, &given.kinds()) else { return Ok(()) };
        let outcome = run(&program, &given, LIMITS, &[]);
        // What cannot be put in is refused before anything else can fail.
        let refused = reference.is_err() && matches!(outcome.answer, Err(Failure::NotExact(_)));
        let cancels = reference.is_ok() && !matches!(reference, Ok(Answer::Integer(_)));
        prop_assert!(
            agree(&outcome.answer, &reference) || refused || (cancels && ill_conditioned(&plan, &given)),
            "{}: {:?}, not {:?}", plan, outcome.answer, reference
        );
    }

    #[test]
    fn random_texts_are_counted_and_reversed(text in "[ -~а-яé漢😀]{0,40}", wanted in "[ab ]{1,2}") {
        let given = Given { text: Some(text), text2: Some(wanted), ..Given::default() };
        let counts = TextFunction::ALL.iter().map(|function| Expression::Text(*function, Source::First));
        let plans: Vec<Plan> = counts
            .chain([Expression::Occurrences])
            .map(Plan::Value)
            .chain(["reverse(text)", "upper(text)", "lower(text)"].map(|text| parse(text).unwrap()))
            .collect();
        for plan in plans {
            let program = compile(&plan, &given.kinds()).unwrap();
            let outcome = run(&program, &given, LIMITS, &[]);
            prop_assert_eq!(&outcome.answer, &evaluate(&plan, &given), "{}", plan);
        }
    }

    #[test]
    fn random_tokens_never_panic(ids in proptest::collection::vec(0..=u16::try_from(size()).unwrap(), 0..60)) {
        let tokens: Vec<Token> = ids.into_iter().map(Token).collect();
        let outcome = run(&tokens, &given(), LIMITS, &[]);
        prop_assert!(outcome.answer.is_err());
    }

    #[test]
    fn random_programs_that_have_a_form_never_panic(
        choices in proptest::collection::vec(any::<proptest::sample::Index>(), 1..80),
    ) {
        let tokens = [
            "(module", "(memory (export \"text\") 1)", "(func (export \"compute\")", "(result i32 i32)", "i32.const",
        ];
        let mut tokens: Vec<Token> = tokens.iter().map(|text| Token::of(text).unwrap()).collect();
        let mut shape = crate::worldmodel::program::shape::Shape::default();
        tokens.iter().for_each(|token| shape.push(*token).unwrap());
        for choice in choices {
            let allowed: Vec<Token> =
                (0..u16::try_from(size()).unwrap()).map(Token).filter(|token| shape.allows(*token)).collect();
            if allowed.is_empty() {
                break;
            }
            let token = *choice.get(&allowed);
            shape.push(token).unwrap();
            tokens.push(token);
        }
        let answer = run(&tokens, &given(), LIMITS, &[]).answer;
        if let Err(Failure::Malformed(why)) = &answer {
            prop_assert!(!shape.is_closed(), "{}: {}", vocabulary::shown(&tokens), why);
        }
    }

    #[test]
    fn changed_programs_never_panic(
        plan in proptest::sample::select(every_plan()),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), 0..u16::try_from(size()).unwrap()), 1..4),
    ) {
        let mut tokens = compile(&parse(&plan).unwrap(), &given().kinds()).unwrap();
        for (place, id) in changes {
            *place.get_mut(&mut tokens) = Token(id);
        }
        let limits = sandbox::Limits { fuel: 20_000, ..LIMITS };
        let _ = run(&tokens, &given(), limits, &[]);
    }
}

/// Whether a plan's value depends on the last bits of its numbers: a millionth of a billionth of them changes it.
fn ill_conditioned(plan: &Plan, given: &Given) -> bool {
    let mut moved = given.clone();
    for value in moved.numbers.iter_mut().chain(&mut moved.list) {
        if let Amount::Decimal(value) = value {
            *value *= 1.0 + 1e-15;
        }
    }
    !agree(&evaluate(plan, given), &evaluate(plan, &moved))
}

#[test]
fn a_program_as_text_is_run_with_the_same_checks() {
    let of = |wat: &str| run_text(wat, LIMITS, &[]).answer;
    let flat = "(module (func (export \"compute\") (result i64) i64.const 17 i64.const 23 i64.mul))";
    assert_eq!(of(flat), Ok(Answer::Integer(391)));
    let folded = "(module ;; i64.mul\n (func $i64.mul (result i64) (i64.mul (i64.const 9223372036854775807) (i64.const 2)))\n\
                  (; i64.add (; ) ;) ;) (export \"compute\" (func $i64.mul)))  ;; )";
    assert_eq!(of(folded), Err(Failure::Overflow));
    assert_eq!(of(&folded.replace("9223372036854775807", "21")), Ok(Answer::Integer(42)));
    let named = "(module (func (export \"compute\") (result f64) (f64.div (f64.const 1) (f64.const 0))) (data \"i64.mul) \\\" \"))";
    assert_eq!(of(&named.replace("(data", "(memory 1) (data (i32.const 0)")), Err(Failure::DivisionByZero));
    assert!(matches!(of("(module"), Err(Failure::DoesNotCompile(_))));
    assert!(matches!(of("print(17 * 23)"), Err(Failure::DoesNotCompile(_))));
    assert!(matches!(of(&"x".repeat(200_000)), Err(Failure::DoesNotCompile(_))));
    assert_eq!(of("(module)"), Err(Failure::ExportsNothing));
    assert_eq!(run(&[], &given(), LIMITS, &[]).answer, Err(Failure::NothingToCompute));
}

proptest! {
    /// Whatever is written: nothing but an answer or a failure comes of it, and no byte of it is lost.
    #[test]
    fn any_text_is_a_program_or_is_refused(wat in "[(); \"\\\\a-z0-9.é\n]{0,60}") {
        let outcome = run_text(&wat, LIMITS, &[]);
        prop_assert_eq!(&outcome.wat, &wat);
        prop_assert!(outcome.wat_as_run.len() >= wat.len());
    }
}
