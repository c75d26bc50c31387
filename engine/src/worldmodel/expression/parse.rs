//! Text to plan.

use super::{
    Comparison, Constant, Expression, Function, Letter, ListAction, ListFunction, Operator, Plan, Source,
    SystemNumber, SystemText, Test, TextAction, TextFunction,
};

/// Characters a plan may have: a model that does not stop is stopped.
pub const MAX_CHARACTERS: usize = 1_000;

/// How deep parentheses, signs, powers and calls may nest.
pub const MAX_DEPTH: usize = 40;

/// A text that is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {}: {kind}", at + 1)]
pub struct PlanError {
    /// Characters before the mistake.
    pub at: usize,
    /// What it is.
    pub kind: PlanErrorKind,
}

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanErrorKind {
    /// It has more than [`MAX_CHARACTERS`].
    #[error("the plan is too long: {MAX_CHARACTERS} characters are the most")]
    TooLong,
    /// It nests deeper than [`MAX_DEPTH`].
    #[error("the plan nests too deeply: {MAX_DEPTH} is the most")]
    TooDeep,
    /// It ends too early.
    #[error("the plan ends where {wanted} is wanted")]
    End {
        /// What should follow.
        wanted: &'static str,
    },
    /// Something else stands there.
    #[error("{wanted} is wanted, not `{found}`")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What should.
        wanted: &'static str,
    },
    /// A name that means nothing.
    #[error("there is no `{0}`")]
    UnknownName(String),
    /// A function called with something else than it takes.
    #[error("`{name}` takes {takes}")]
    Arguments {
        /// The function.
        name: String,
        /// What it takes.
        takes: &'static str,
    },
    /// An action or a test inside of something else.
    #[error("`{0}` gives no number and can only stand alone")]
    NotANumber(String),
}

/// Reads a plan.
///
/// # Errors
/// The first mistake, and where it is.
pub fn parse(text: &str) -> Result<Plan, PlanError> {
    if text.chars().count() > MAX_CHARACTERS {
        return Err(PlanError { at: MAX_CHARACTERS, kind: PlanErrorKind::TooLong });
    }
    let mut parser = Parser { words: words(text)?, next: 0, depth: 0, end: text.chars().count() };
    let plan = parser.plan()?;
    match parser.words.get(parser.next) {
        None => Ok(plan),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Word {
    Operand(Letter),
    Constant(Constant),
    Name(String),
    Symbol(&'static str),
}

impl Word {
    fn text(&self) -> String {
        match self {
            Self::Operand(letter) => letter.to_string(),
            Self::Constant(constant) => constant.as_str().to_owned(),
            Self::Name(name) => name.clone(),
            Self::Symbol(symbol) => (*symbol).to_owned(),
        }
    }
}

/// The longer ones first.
const SYMBOLS: [&str; 14] = ["<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "^", "(", ")", ","];

/// Splits a plan into words, each with the number of characters before it.
fn words(text: &str) -> Result<Vec<(usize, Word)>, PlanError> {
    let mut words = Vec::new();
    let mut rest = text;
    let mut at = 0;
    while let Some(first) = rest.chars().next() {
        let length = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (word, bytes) = if first.is_whitespace() {
            (None, first.len_utf8())
        } else if let Some(letter) = operand(rest) {
            (Some(Word::Operand(letter)), "<a>".len())
        } else if first.is_ascii_digit() {
            let bytes = length(|c| c.is_ascii_digit() || c == '.');
            let digits = rest.get(..bytes).unwrap_or_default();
            let constant = Constant::new(digits).ok_or_else(|| PlanError {
                at,
                kind: PlanErrorKind::Unexpected { found: digits.to_owned(), wanted: "a decimal number" },
            })?;
            (Some(Word::Constant(constant)), bytes)
        } else if first.is_ascii_alphabetic() {
            let bytes = length(|c| c.is_ascii_alphanumeric() || c == '_');
            (Some(Word::Name(rest.get(..bytes).unwrap_or_default().to_owned())), bytes)
        } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            (Some(Word::Symbol(symbol)), symbol.len())
        } else {
            let kind = PlanErrorKind::Unexpected { found: first.to_string(), wanted: "a number or a name" };
            return Err(PlanError { at, kind });
        };
        words.extend(word.map(|word| (at, word)));
        let (read, unread) = rest.split_at_checked(bytes).unwrap_or((rest, ""));
        at += read.chars().count();
        rest = unread;
    }
    Ok(words)
}

fn operand(rest: &str) -> Option<Letter> {
    let mut letters = rest.strip_prefix('<')?.chars();
    let letter = Letter::from_char(letters.next()?)?;
    (letters.next() == Some('>')).then_some(letter)
}

struct Parser {
    words: Vec<(usize, Word)>,
    next: usize,
    depth: usize,
    /// Characters in all.
    end: usize,
}

impl Parser {
    fn plan(&mut self) -> Result<Plan, PlanError> {
        if let Some(action) = self.action()? {
            return Ok(action);
        }
        let left = self.sum()?;
        let Some(comparison) = self.comparison() else { return Ok(Plan::Value(left)) };
        Ok(Plan::Compare(left, comparison, self.sum()?))
    }

    /// An action or a test, if the plan begins with one.
    fn action(&mut self) -> Result<Option<Plan>, PlanError> {
        let Some((_, Word::Name(name))) = self.words.get(self.next) else { return Ok(None) };
        let name = name.clone();
        if let Some(test) = Test::from_name(&name) {
            self.next += 1;
            self.expect("(")?;
            let value = self.sum()?;
            self.expect(")")?;
            return Ok(Some(Plan::Test(test, value)));
        }
        if let Some(text) = SystemText::from_name(&name) {
            self.next += 1;
            self.expect("(")?;
            self.expect(")")?;
            return Ok(Some(Plan::System(text)));
        }
        let list = ListAction::from_name(&name);
        let text = TextAction::from_name(&name);
        if list.is_none() && text.is_none() {
            return Ok(None);
        }
        let at = self.at();
        self.next += 1;
        self.expect("(")?;
        let plan = match (self.source(), list, text) {
            (Some(Argument::List), Some(action), _) => Plan::List(action),
            (Some(Argument::Text(source)), _, Some(action)) => Plan::Text(action, source),
            (_, list, text) => {
                let takes = match (list, text) {
                    (Some(_), Some(_)) => "the list or a text",
                    (Some(_), None) => "the list",
                    _ => "a text",
                };
                return Err(PlanError { at, kind: PlanErrorKind::Arguments { name, takes } });
            }
        };
        self.expect(")")?;
        Ok(Some(plan))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let (_, word) = self.words.get(self.next)?;
        let comparison = match word {
            Word::Symbol(text) => Comparison::from_name(text),
            Word::Name(text) => Comparison::from_name(text),
            _ => None,
        };
        self.next += usize::from(comparison.is_some());
        comparison
    }

    fn sum(&mut self) -> Result<Expression, PlanError> {
        self.deeper(|parser| {
            let operators = [("+", Operator::Add), ("-", Operator::Subtract)];
            parser.chain(&operators, Self::product)
        })
    }

    fn product(&mut self) -> Result<Expression, PlanError> {
        let operators = [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.chain(&operators, Self::unary)
    }

    fn chain(
        &mut self,
        operators: &[(&str, Operator)],
        part: fn(&mut Self) -> Result<Expression, PlanError>,
    ) -> Result<Expression, PlanError> {
        let mut left = part(self)?;
        while let Some((_, operator)) = operators.iter().find(|(symbol, _)| self.takes(symbol)) {
            left = Expression::Binary(*operator, Box::new(left), Box::new(part(self)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, PlanError> {
        self.deeper(|parser| {
            if parser.takes("-") {
                return Ok(Expression::Negative(Box::new(parser.unary()?)));
            }
            let base = parser.atom()?;
            if !parser.takes("^") {
                return Ok(base);
            }
            Ok(Expression::Binary(Operator::Power, Box::new(base), Box::new(parser.unary()?)))
        })
    }

    fn atom(&mut self) -> Result<Expression, PlanError> {
        const WANTED: &str = "a number or a name";
        let at = self.at();
        let Some((_, word)) = self.words.get(self.next).cloned() else { return Err(self.unexpected(WANTED)) };
        let expression = match word {
            Word::Operand(letter) => Expression::Operand(letter),
            Word::Constant(constant) => Expression::Constant(constant),
            Word::Name(name) if name == "pi" => Expression::Pi,
            Word::Name(name) => {
                self.next += 1;
                return self.call(name, at);
            }
            Word::Symbol("(") => {
                self.next += 1;
                let inner = self.sum()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Word::Symbol(_) => return Err(self.unexpected(WANTED)),
        };
        self.next += 1;
        Ok(expression)
    }

    /// What follows a name that gives a number.
    fn call(&mut self, name: String, at: usize) -> Result<Expression, PlanError> {
        let scalar = Function::from_name(&name);
        let list = ListFunction::from_name(&name);
        let text = TextFunction::from_name(&name);
        let system = SystemNumber::from_name(&name);
        if scalar.is_none() && list.is_none() && text.is_none() && system.is_none() {
            let alone = Test::from_name(&name).is_some()
                || SystemText::from_name(&name).is_some()
                || ListAction::from_name(&name).is_some()
                || TextAction::from_name(&name).is_some();
            let kind = if alone { PlanErrorKind::NotANumber(name) } else { PlanErrorKind::UnknownName(name) };
            return Err(PlanError { at, kind });
        }
        self.expect("(")?;
        if let Some(number) = system {
            self.expect(")")?;
            return Ok(Expression::System(number));
        }
        let wrong = |takes| PlanError { at, kind: PlanErrorKind::Arguments { name: name.clone(), takes } };
        let expression = match (self.source(), scalar, list, text) {
            (Some(Argument::List), _, Some(function), _) => Expression::List(function),
            (Some(Argument::Text(Source::First)), _, Some(ListFunction::Count), _) => {
                self.expect(",")?;
                match self.source() {
                    Some(Argument::Text(Source::Second)) => Expression::Occurrences,
                    _ => return Err(wrong("the list, or text and text2")),
                }
            }
            (Some(Argument::Text(source)), _, _, Some(function)) => Expression::Text(function, source),
            (None, Some(function), _, _) => Expression::Call(function, self.arguments(function, &wrong)?),
            (_, Some(function), list, _) => return Err(wrong(takes(function, list.is_some()))),
            (_, None, Some(ListFunction::Count), _) => return Err(wrong("the list, or text and text2")),
            (_, None, Some(_), _) => return Err(wrong("the list")),
            (_, None, None, _) => return Err(wrong("a text")),
        };
        self.expect(")")?;
        Ok(expression)
    }

    fn arguments(
        &mut self,
        function: Function,
        wrong: &impl Fn(&'static str) -> PlanError,
    ) -> Result<Vec<Expression>, PlanError> {
        let mut arguments = vec![self.sum()?];
        while self.takes(",") {
            arguments.push(self.sum()?);
        }
        if arguments.len() == function.arity() {
            Ok(arguments)
        } else {
            Err(wrong(takes(function, ListFunction::from_name(function.name()).is_some())))
        }
    }

    /// `list`, `text` or `text2`, if one stands here.
    fn source(&mut self) -> Option<Argument> {
        let Some((_, Word::Name(name))) = self.words.get(self.next) else { return None };
        let argument = if name == "list" { Argument::List } else { Argument::Text(Source::from_name(name)?) };
        self.next += 1;
        Some(argument)
    }

    /// Goes on if a symbol stands here.
    fn takes(&mut self, symbol: &str) -> bool {
        let found = matches!(self.words.get(self.next), Some((_, Word::Symbol(found))) if *found == symbol);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), PlanError> {
        if self.takes(symbol) { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    fn deeper(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<Expression, PlanError>,
    ) -> Result<Expression, PlanError> {
        // A parenthesis is a sum and a sign in one another, so each counts half.
        if self.depth >= 2 * MAX_DEPTH {
            return Err(PlanError { at: self.at(), kind: PlanErrorKind::TooDeep });
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn at(&self) -> usize {
        self.words.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    fn unexpected(&self, wanted: &'static str) -> PlanError {
        let kind = match self.words.get(self.next) {
            None => PlanErrorKind::End { wanted },
            Some((_, word)) => PlanErrorKind::Unexpected { found: word.text(), wanted },
        };
        PlanError { at: self.at(), kind }
    }
}

/// What a name in parentheses may be instead of numbers.
enum Argument {
    List,
    Text(Source),
}

const fn takes(function: Function, or_list: bool) -> &'static str {
    match (function.arity(), or_list) {
        (1, _) => "one number",
        (_, true) => "two numbers, or the list",
        (_, false) => "two numbers",
    }
}
