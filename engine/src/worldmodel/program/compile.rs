//! A plan as a program: always the same one, and a short one, because it is what models learn to write.
//!
//! Types: a number is computed in `f64` where a plan says so (see [`expression`](crate::worldmodel::expression)), from its leaves on;
//! an integer function inside of it is computed in `i64` and converted. A function that needs a loop becomes a helper `$f0`, `$f1` …
//! behind `compute`, in order of first use; the only helper of a program that takes no arguments is written into `compute` itself.

mod values;

use super::helpers::Helper;
use super::vocabulary::{self, Class, HELPERS, NoToken, Token};
use crate::worldmodel::expression::{
    Comparison, Expression, Kinds, ListAction, ListFunction, Plan, Source, Test, TextAction,
};
use values::Type;

/// A plan that has no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// `%`, `divides` or a function of integers is given something decimal.
    #[error("an integer is wanted where `{0}` is decimal")]
    WantsInteger(String),
    /// It needs more functions than a program may have.
    #[error("the plan needs more than {HELPERS} functions")]
    TooManyFunctions,
    /// It takes numbers from the list and from a text.
    #[error("a plan can take the list or texts, not both")]
    ListAndText,
    /// Something that no program can spell.
    #[error(transparent)]
    NoToken(#[from] NoToken),
}

/// The program of a plan, with [`Token::END`].
///
/// # Errors
/// See [`CompileError`].
pub fn compile(plan: &Plan, kinds: &Kinds) -> Result<Vec<Token>, CompileError> {
    let mut compiler = Compiler::new(kinds, uses_decimals(plan, kinds));
    compiler.plan(plan)?;
    compiler.finish()
}

/// Whether the list stands in memory as decimal numbers: it has some, or something is asked of it that is a decimal number.
fn uses_decimals(plan: &Plan, kinds: &Kinds) -> bool {
    fn asks(expression: &Expression) -> bool {
        match expression {
            Expression::List(function) => matches!(
                function,
                ListFunction::Mean | ListFunction::Median | ListFunction::Variance | ListFunction::Deviation
            ),
            Expression::Negative(inner) => asks(inner),
            Expression::Binary(_, left, right) => asks(left) || asks(right),
            Expression::Call(_, arguments) => arguments.iter().any(asks),
            _ => false,
        }
    }
    let asked = match plan {
        Plan::Value(value) | Plan::Test(_, value) => asks(value),
        Plan::Compare(left, _, right) => asks(left) || asks(right),
        _ => false,
    };
    kinds.decimal_list || asked
}

struct Compiler<'a> {
    kinds: &'a Kinds,
    decimal_list: bool,
    /// The results and locals of `compute`.
    header: Vec<Token>,
    body: Vec<Token>,
    helpers: Vec<Helper>,
    imports: Vec<Token>,
    /// The memory, if it is exported.
    exported: Option<&'static str>,
    list: bool,
    text: bool,
    text2: bool,
    yes_or_no: bool,
}

impl<'a> Compiler<'a> {
    const fn new(kinds: &'a Kinds, decimal_list: bool) -> Self {
        Self {
            kinds,
            decimal_list,
            header: Vec::new(),
            body: Vec::new(),
            helpers: Vec::new(),
            imports: Vec::new(),
            exported: None,
            list: false,
            text: false,
            text2: false,
            yes_or_no: false,
        }
    }

    fn plan(&mut self, plan: &Plan) -> Result<(), CompileError> {
        match plan {
            Plan::Value(value) => {
                let ty = self.natural(value);
                self.number(value, ty)?;
                self.header = vocabulary::read(&format!("(result {})", ty.name()))?;
            }
            Plan::Compare(left, comparison, right) => {
                self.compare(left, *comparison, right)?;
                self.yes_or_no()?;
            }
            Plan::Test(test, value) => {
                self.number(value, Type::I64)?;
                match test {
                    Test::IsEven => self.code("i64.const 2 i64.rem_s i64.eqz")?,
                    Test::IsOdd => self.code("i64.const 2 i64.rem_s i64.const 0 i64.ne")?,
                    Test::IsPrime => self.call(Helper::IsPrime)?,
                    Test::IsSquare => self.call(Helper::IsSquare)?,
                    Test::IsLeap => self.call(Helper::IsLeap)?,
                }
                self.yes_or_no()?;
            }
            Plan::List(action) => {
                self.list = true;
                self.call(match action {
                    ListAction::Sort => Helper::Sort,
                    ListAction::SortDown => Helper::SortDown,
                    ListAction::Reverse => Helper::ReverseList,
                })?;
                self.code("i32.const 0 i32.const <count>")?;
                self.exported = Some(if self.decimal_list { "decimals" } else { "integers" });
                self.header = vocabulary::read("(result i32 i32)")?;
            }
            Plan::Text(action, source) => self.text_action(*action, *source)?,
            Plan::System(text) => {
                self.import(text.name());
                self.code(&format!("i32.const 0 i32.const 0 call ${}", text.name()))?;
                self.exported = Some("text");
                self.header = vocabulary::read("(result i32 i32)")?;
            }
        }
        Ok(())
    }

    fn compare(
        &mut self,
        left: &Expression,
        comparison: Comparison,
        right: &Expression,
    ) -> Result<(), CompileError> {
        if comparison == Comparison::Divides {
            self.number(right, Type::I64)?;
            self.number(left, Type::I64)?;
            return self.code("i64.rem_s i64.eqz");
        }
        let ty = self.wider(left, right);
        self.number(left, ty)?;
        self.number(right, ty)?;
        self.code(match (comparison, ty) {
            (Comparison::Equal, Type::I64) => "i64.eq",
            (Comparison::Less, Type::I64) => "i64.lt_s",
            (Comparison::Greater, Type::I64) => "i64.gt_s",
            (Comparison::LessOrEqual, Type::I64) => "i64.le_s",
            (Comparison::GreaterOrEqual, Type::I64) => "i64.ge_s",
            (Comparison::Less, Type::F64) => "f64.lt",
            (Comparison::Greater, Type::F64) => "f64.gt",
            (Comparison::LessOrEqual, Type::F64) => "f64.le",
            (Comparison::GreaterOrEqual, Type::F64) => "f64.ge",
            // 0.1 + 0.2 is 0.3 for whoever asks.
            (Comparison::Equal | Comparison::Divides, _) => "f64.sub f64.abs f64.const 1e-9 f64.lt",
        })
    }

    /// Turns 1 and 0 into the texts "yes" and "no".
    fn yes_or_no(&mut self) -> Result<(), CompileError> {
        self.yes_or_no = true;
        self.exported = Some("text");
        self.header = vocabulary::read("(result i32 i32)")?;
        self.code("if (result i32 i32) i32.const 65528 i32.const 3 else i32.const 65531 i32.const 2 end")
    }

    fn text_action(&mut self, action: TextAction, source: Source) -> Result<(), CompileError> {
        self.uses(source);
        let (address, bytes, end, at_start) = match source {
            Source::First => ("0", "<text bytes>", "i32.const <text bytes>", "i32.eqz"),
            Source::Second => (
                "20480",
                "<text2 bytes>",
                "i32.const 20480 i32.const <text2 bytes> i32.add",
                "i32.const 20480 i32.eq",
            ),
        };
        self.exported = Some("text");
        // From the last byte to the first; local 0 is the byte's address.
        let step = format!(
            "block loop local.get 0 {at_start} br_if 1 local.get 0 i32.const 1 i32.sub local.tee 0 i32.load8_u"
        );
        let (locals, code) = match action {
            // Local 1 is the end of the character, local 2 where it goes. Other bytes than those that begin one are passed over.
            TextAction::Reverse => (
                3,
                format!(
                    "{end} local.tee 0 local.set 1 i32.const 40960 local.set 2
                    {step} i32.const 192 i32.and i32.const 128 i32.ne
                    if
                      local.get 2 local.get 0 local.get 1 local.get 0 i32.sub memory.copy
                      local.get 2 local.get 1 i32.add local.get 0 i32.sub local.set 2
                      local.get 0 local.set 1
                    end
                    br 0 end end
                    i32.const 40960 i32.const {bytes}"
                ),
            ),
            TextAction::Upper => (2, change_case(&step, end, "97", "i32.sub", address, bytes)),
            TextAction::Lower => (2, change_case(&step, end, "65", "i32.add", address, bytes)),
        };
        self.header = vocabulary::read(&format!("(result i32 i32){}", " (local i32)".repeat(locals)))?;
        self.code(&code)
    }

    fn code(&mut self, text: &str) -> Result<(), CompileError> {
        self.body.extend(vocabulary::read(text)?);
        Ok(())
    }

    fn call(&mut self, helper: Helper) -> Result<(), CompileError> {
        let index = self.index(helper)?;
        self.code(&format!("call $f{index}"))
    }

    /// The number of a helper, from now on.
    fn index(&mut self, helper: Helper) -> Result<usize, CompileError> {
        if let Some(index) = self.helpers.iter().position(|known| *known == helper) {
            return Ok(index);
        }
        if self.helpers.len() == HELPERS {
            return Err(CompileError::TooManyFunctions);
        }
        self.helpers.push(helper);
        Ok(self.helpers.len() - 1)
    }

    fn import(&mut self, name: &str) {
        let wanted = format!("(import \"api\" \"{name}\" ");
        let ids = (0..vocabulary::size()).filter_map(|id| u16::try_from(id).ok().map(Token));
        let import = ids.into_iter().find(|token| {
            token.class() == Some(Class::Import) && token.text().is_some_and(|text| text.starts_with(&wanted))
        });
        self.imports.extend(import.filter(|import| !self.imports.contains(import)));
    }

    const fn uses(&mut self, source: Source) {
        match source {
            Source::First => self.text = true,
            Source::Second => self.text2 = true,
        }
    }

    /// A helper's tokens, with the numbers of the helpers it calls.
    fn helper(&mut self, helper: Helper) -> Result<Vec<Token>, CompileError> {
        let text = helper.text(self.decimal_list);
        let mut parts = text.split('@');
        let mut linked = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let called = Helper::from_name(&name).ok_or_else(|| NoToken(name.clone()))?;
            let index = self.index(called)?;
            linked.push_str(&format!("$f{index}"));
            linked.push_str(part.get(name.len()..).unwrap_or(""));
        }
        Ok(vocabulary::read(&linked)?)
    }

    fn finish(mut self) -> Result<Vec<Token>, CompileError> {
        if self.list && (self.text || self.text2) {
            return Err(CompileError::ListAndText);
        }
        let mut functions = Vec::new();
        let mut next = 0;
        while let Some(helper) = self.helpers.get(next).copied() {
            functions.push(self.helper(helper)?);
            next += 1;
        }
        if let [only] = &functions[..]
            && self.inline(only)?
        {
            functions.clear();
        }
        let mut program = vocabulary::read("(module")?;
        program.append(&mut self.imports);
        if let Some(name) = self.exported {
            program.extend(vocabulary::read(&format!("(memory (export \"{name}\") 1)"))?);
        } else if self.list || self.text || self.text2 {
            program.extend(vocabulary::read("(memory 1)")?);
        }
        let data = [
            (self.list && self.decimal_list, "<list of f64>"),
            (self.list && !self.decimal_list, "<list of i64>"),
            (self.text, "<text>"),
            (self.text2, "<text2>"),
            (self.yes_or_no, "(data (i32.const 65528) \"yesno\")"),
        ];
        for (_, text) in data.iter().filter(|(used, _)| *used) {
            program.extend(vocabulary::read(text)?);
        }
        program.extend(vocabulary::read("(func (export \"compute\")")?);
        program.append(&mut self.header);
        program.append(&mut self.body);
        let close = vocabulary::read(")")?;
        program.extend(&close);
        for (index, function) in functions.into_iter().enumerate() {
            program.extend(vocabulary::read(&format!("(func $f{index}"))?);
            program.extend(function);
            program.extend(&close);
        }
        program.extend(&close);
        program.push(Token::END);
        Ok(program)
    }

    /// Writes the only helper into `compute`, if it takes nothing and is called once: `compute` has no locals of its own then.
    fn inline(&mut self, function: &[Token]) -> Result<bool, CompileError> {
        let call = vocabulary::read("call $f0")?;
        let mut places = self.body.iter().enumerate().filter(|(_, token)| call.contains(token));
        let (Some((place, _)), None) = (places.next(), places.next()) else { return Ok(false) };
        let is = |token: &&Token, wanted: Class| token.class() == Some(wanted);
        if function.iter().any(|token| is(&token, Class::Param)) {
            return Ok(false);
        }
        let header = |token: &&Token| is(token, Class::Result) || is(token, Class::Local);
        let code = function.iter().skip_while(header);
        self.header.extend(function.iter().take_while(header).filter(|token| is(token, Class::Local)));
        self.body.splice(place..=place, code.copied());
        Ok(true)
    }
}

/// Adds or subtracts 32 where one of 26 letters stands. Beyond ASCII it does not know what a capital letter is.
fn change_case(step: &str, end: &str, first: &str, change: &str, address: &str, bytes: &str) -> String {
    format!(
        "{end} local.set 0
        {step} local.tee 1 i32.const 127 i32.gt_u if unreachable end
        local.get 1 i32.const {first} i32.sub i32.const 26 i32.lt_u
        if local.get 0 local.get 1 i32.const 32 {change} i32.store8 end
        br 0 end end
        i32.const {address} i32.const {bytes}"
    )
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::every_plan;
