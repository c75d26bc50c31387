//! Plans as text and back, what is no plan, and what plans are worth.

use proptest::prelude::*;

use super::*;
use crate::worldmodel::answer::{Answer, Failure};
use crate::worldmodel::numbers::Value;

#[test]
fn plans_are_written_with_few_parentheses() {
    let cases = [
        ("<a>*<b>", "<a> * <b>"),
        ("( <a> + ( <b> ) )", "<a> + <b>"),
        ("(<a>+<b>)*<c>", "(<a> + <b>) * <c>"),
        ("<a>-(<b>-<c>)", "<a> - (<b> - <c>)"),
        ("(<a>-<b>)-<c>", "<a> - <b> - <c>"),
        ("<a>/(<b>*<c>)", "<a> / (<b> * <c>)"),
        ("(<a>*<b>)/<c>", "<a> * <b> / <c>"),
        ("<a>^<b>^<c>", "<a> ^ <b> ^ <c>"),
        ("(<a>^<b>)^<c>", "(<a> ^ <b>) ^ <c>"),
        ("-<a>^2", "-<a> ^ 2"),
        ("(-<a>)^2", "(-<a>) ^ 2"),
        ("<a>^-2", "<a> ^ -2"),
        ("<a>*-<b>", "<a> * -<b>"),
        ("-(<a>*<b>)", "-(<a> * <b>)"),
        ("--<a>", "--<a>"),
        ("<a>- -4", "<a> - -4"),
        ("<a> <<b>", "<a> < <b>"),
        ("<a>>=<b>+007.50", "<a> >= <b> + 7.50"),
        ("<a> divides <b>", "<a> divides <b>"),
        ("sqrt(<a>^2+<b>^2)", "sqrt(<a> ^ 2 + <b> ^ 2)"),
        ("mean( list )*<c>", "mean(list) * <c>"),
        ("min(list)-min(<a>,pi)", "min(list) - min(<a>, pi)"),
        ("count(text,text2) + count(list)", "count(text, text2) + count(list)"),
        ("length(text2)", "length(text2)"),
        ("reverse(list)", "reverse(list)"),
        ("reverse(text)", "reverse(text)"),
        ("is_prime(<a>+1)", "is_prime(<a> + 1)"),
        ("datetime( )", "datetime()"),
        ("year()-<a>", "year() - <a>"),
    ];
    for (text, canonical) in cases {
        let plan = parse(text).unwrap();
        assert_eq!(plan.to_string(), canonical);
        assert_eq!(parse(canonical).unwrap(), plan);
    }
}

#[test]
fn mistakes_have_a_place() {
    let deep = "(".repeat(100);
    let long = "1 + ".repeat(300);
    let cases = [
        ("", "character 1: the plan ends where a number or a name is wanted"),
        ("<a> *", "character 6: the plan ends where a number or a name is wanted"),
        ("<a> <b>", "character 5: an operator or the end is wanted, not `<b>`"),
        ("<q> + 1", "character 1: a number or a name is wanted, not `<`"),
        ("(<a> + 1", "character 9: the plan ends where ) is wanted"),
        ("1.2.3", "character 1: a decimal number is wanted, not `1.2.3`"),
        ("5.", "character 1: a decimal number is wanted, not `5.`"),
        ("<a> & 1", "character 5: a number or a name is wanted, not `&`"),
        ("cube(<a>)", "character 1: there is no `cube`"),
        ("1 + sort(list)", "character 5: `sort` gives no number and can only stand alone"),
        ("is_prime(1) + 1", "character 13: an operator or the end is wanted, not `+`"),
        ("gcd(<a>)", "character 1: `gcd` takes two numbers"),
        ("min(<a>)", "character 1: `min` takes two numbers, or the list"),
        ("sqrt(<a>, 2)", "character 1: `sqrt` takes one number"),
        ("sqrt(list)", "character 1: `sqrt` takes one number"),
        ("mean(text)", "character 1: `mean` takes the list"),
        ("mean(<a>)", "character 1: `mean` takes the list"),
        ("sort(text)", "character 1: `sort` takes the list"),
        ("upper(list)", "character 1: `upper` takes a text"),
        ("reverse(<a>)", "character 1: `reverse` takes the list or a text"),
        ("vowels(<a>)", "character 1: `vowels` takes a text"),
        ("count(text)", "character 11: , is wanted, not `)`"),
        ("count(text, text)", "character 1: `count` takes the list, or text and text2"),
        ("date(1)", "character 6: ) is wanted, not `1`"),
        ("число", "character 1: a number or a name is wanted, not `ч`"),
        (&deep, "character 41: the plan nests too deeply: 40 is the most"),
        (&long, "character 1001: the plan is too long: 1000 characters are the most"),
    ];
    for (text, expected) in cases {
        let error = parse(text).map(|plan| panic!("{plan}")).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

fn worth(plan: &str, given: &Given) -> Result<Answer, Failure> {
    evaluate(&parse(plan).unwrap(), given)
}

#[test]
fn integers_stay_exact_and_decimals_are_wanted() {
    let given = Given::integers(&[9_007_199_254_740_993, 2, -3]);
    assert_eq!(worth("<a> * <b>", &given), Ok(Answer::Integer(18_014_398_509_481_986)));
    assert_eq!(worth("<b> ^ <c>", &given), Ok(Answer::Decimal(0.125)));
    assert_eq!(worth("<b> ^ 62", &given), Ok(Answer::Integer(1 << 62)));
    assert_eq!(worth("<b> ^ 63", &given), Err(Failure::Overflow));
    assert_eq!(worth("<b> ^ 63 / 2", &given), Ok(Answer::Decimal(2_f64.powi(62))));
    assert_eq!(worth("<c> % <b>", &given), Ok(Answer::Integer(-1)));
    assert_eq!(worth("<b> / 2 % 2", &given), Err(Failure::NotAnInteger("<b> / 2".to_owned())));
    assert_eq!(worth("0.1 + 0.2 = 0.3", &given), Ok(Answer::yes(true)));
    assert_eq!(worth("factorial(<c>)", &given), Err(Failure::Undefined));
    assert_eq!(worth("<d>", &given), Err(Failure::Missing("number <d>".to_owned())));
    assert_eq!(worth("<c> / (<b> - 2)", &given), Err(Failure::DivisionByZero));
    assert_eq!(worth("quotient(<a>, <b>)", &given), Ok(Answer::Integer(4_503_599_627_370_496)));
    assert_eq!(worth("quotient(<a>, 0)", &given), Err(Failure::DivisionByZero));
    assert_eq!(worth("<a> / <b>", &given), Err(Failure::NotExact(9_007_199_254_740_993)));
}

#[test]
fn lists_and_texts_have_values() {
    let given = Given {
        list: [5, 2, 8, 1, 9].map(Value::Integer).to_vec(),
        text: Some("Hello World 42".to_owned()),
        text2: Some("l".to_owned()),
        ..Given::default()
    };
    assert_eq!(worth("sort(list)", &given), Ok(Answer::Integers(vec![1, 2, 5, 8, 9])));
    assert_eq!(worth("mean(list)", &given), Ok(Answer::Decimal(5.0)));
    assert_eq!(worth("range(list) + count(list)", &given), Ok(Answer::Integer(13)));
    assert_eq!(worth("vowels(text)", &given), Ok(Answer::Integer(3)));
    assert_eq!(worth("words(text)", &given), Ok(Answer::Integer(3)));
    assert_eq!(worth("count(text, text2)", &given), Ok(Answer::Integer(3)));
    assert_eq!(worth("reverse(text)", &given), Ok(Answer::Text("24 dlroW olleH".to_owned())));
}

/// Any expression of the language.
fn expressions() -> impl Strategy<Value = Expression> {
    let operators = [
        Operator::Add,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
        Operator::Remainder,
        Operator::Power,
    ];
    let leaf = prop_oneof![
        (0..Letter::COUNT).prop_map(|index| Expression::Operand(Letter::new(index).unwrap())),
        "[0-9]{1,3}(\\.[0-9]{1,2})?".prop_map(|text| Expression::Constant(Constant::new(&text).unwrap())),
        Just(Expression::Pi),
        Just(Expression::Occurrences),
        proptest::sample::select(ListFunction::ALL).prop_map(Expression::List),
        proptest::sample::select(SystemNumber::ALL).prop_map(Expression::System),
        proptest::sample::select(TextFunction::ALL).prop_map(|f| Expression::Text(f, Source::Second)),
    ];
    leaf.prop_recursive(4, 30, 2, move |inner| {
        let call = (proptest::sample::select(Function::ALL), inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|inner| Expression::Negative(Box::new(inner))),
            (proptest::sample::select(operators.to_vec()), inner.clone(), inner)
                .prop_map(|(operator, left, right)| Expression::Binary(operator, left.into(), right.into())),
            call.prop_map(|(function, first, second)| {
                let mut arguments = vec![first, second];
                arguments.truncate(function.arity());
                Expression::Call(function, arguments)
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(expression in expressions(), other in expressions()) {
        let compare = Comparison::ALL.iter().map(|c| Plan::Compare(expression.clone(), *c, other.clone()));
        for plan in compare.chain([Plan::Value(expression.clone()), Plan::Test(Test::IsOdd, other.clone())]) {
            let text = plan.to_string();
            if text.len() <= MAX_CHARACTERS {
                prop_assert_eq!(parse(&text).unwrap(), plan, "{}", text);
            }
        }
    }

    #[test]
    fn any_text_is_a_plan_or_a_mistake(text in ".{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn anything_like_a_plan_is_one_or_a_mistake(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "<a>", "<b>", "3.5", "7", "+", "-", "*", "/", "%", "^", "(", ")", ",", "=", "<", "min(", "list",
                "text", "text2", "count(", "sort(", "is_prime(", "divides", "pi", "date(", "year()",
            ]),
            0..30,
        )
    ) {
        if let Ok(plan) = parse(&words.join(" ")) {
            prop_assert_eq!(parse(&plan.to_string()).unwrap(), plan);
        }
    }
}
