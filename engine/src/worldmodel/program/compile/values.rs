//! Numbers: their types, and the instructions that leave them on the stack.

use super::{CompileError, Compiler};
use crate::worldmodel::expression::{
    Domain, Expression, Function, Kind, ListFunction, Operator, Source, TextFunction,
};
use crate::worldmodel::program::helpers::Helper;

/// The types that numbers are computed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    I64,
    F64,
}

impl Type {
    pub const fn name(self) -> &'static str {
        match self {
            Self::I64 => "i64",
            Self::F64 => "f64",
        }
    }
}

impl Compiler<'_> {
    /// The type a number has by itself.
    pub fn natural(&self, expression: &Expression) -> Type {
        match expression {
            Expression::Operand(letter) if self.kinds.of(*letter) == Kind::Decimal => Type::F64,
            Expression::Constant(constant) if !constant.is_integer() => Type::F64,
            Expression::Operand(_) | Expression::Constant(_) => Type::I64,
            Expression::Pi => Type::F64,
            Expression::Negative(inner) => self.natural(inner),
            Expression::Binary(operator, left, right) => match operator {
                Operator::Add | Operator::Subtract | Operator::Multiply => self.wider(left, right),
                Operator::Divide => Type::F64,
                Operator::Remainder => Type::I64,
                Operator::Power if right.is_negative(self.kinds) => Type::F64,
                Operator::Power => self.wider(left, right),
            },
            Expression::Call(function, arguments) => match function {
                Function::Abs
                | Function::Floor
                | Function::Ceil
                | Function::Round
                | Function::Min
                | Function::Max => {
                    if arguments.iter().any(|argument| self.natural(argument) == Type::F64) {
                        Type::F64
                    } else {
                        Type::I64
                    }
                }
                _ if function.domain() == Domain::Integers => Type::I64,
                _ => Type::F64,
            },
            Expression::List(ListFunction::Count)
            | Expression::Text(..)
            | Expression::Occurrences
            | Expression::System(_) => Type::I64,
            Expression::List(_) if self.decimal_list => Type::F64,
            Expression::List(_) => Type::I64,
        }
    }

    pub fn wider(&self, left: &Expression, right: &Expression) -> Type {
        if self.natural(left) == Type::F64 { Type::F64 } else { self.natural(right) }
    }

    /// Leaves a number of a type on the stack.
    pub fn number(&mut self, expression: &Expression, ty: Type) -> Result<(), CompileError> {
        if ty == Type::I64 && self.natural(expression) == Type::F64 {
            let rounds =
                matches!(expression, Expression::Call(Function::Floor | Function::Ceil | Function::Round, _));
            if !rounds {
                return Err(CompileError::WantsInteger(expression.to_string()));
            }
            self.number(expression, Type::F64)?;
            return self.code("i64.trunc_f64_s");
        }
        let name = ty.name();
        match expression {
            Expression::Operand(letter) => self.code(&format!("{name}.const {letter}")),
            Expression::Constant(constant) => self.constant(name, "", constant.as_str()),
            Expression::Pi => self.code("f64.const 3.141592653589793"),
            Expression::Negative(inner) => match (&**inner, ty) {
                (Expression::Constant(constant), _) => self.constant(name, "-", constant.as_str()),
                (inner, Type::F64) => {
                    self.number(inner, ty)?;
                    self.code("f64.neg")
                }
                (inner, Type::I64) => {
                    self.code("i64.const 0")?;
                    self.number(inner, ty)?;
                    self.code("i64.sub")
                }
            },
            Expression::Binary(Operator::Power, base, exponent) => self.power(base, exponent, ty),
            Expression::Binary(Operator::Remainder, left, right) => {
                self.number(left, Type::I64)?;
                self.number(right, Type::I64)?;
                self.code("i64.rem_s")?;
                self.converted(ty)
            }
            Expression::Binary(operator, left, right) => {
                self.number(left, ty)?;
                self.number(right, ty)?;
                self.code(&match operator {
                    Operator::Add => format!("{name}.add"),
                    Operator::Subtract => format!("{name}.sub"),
                    Operator::Multiply => format!("{name}.mul"),
                    _ => "f64.div".to_owned(),
                })
            }
            Expression::Call(function, arguments) => self.function(*function, arguments, ty),
            Expression::List(function) => self.of_list(*function, ty),
            Expression::Text(function, source) => {
                self.uses(*source);
                self.code(match source {
                    Source::First => "i32.const 0 i32.const <text bytes>",
                    Source::Second => "i32.const 20480 i32.const <text2 bytes>",
                })?;
                self.call(match function {
                    TextFunction::Length => Helper::Length,
                    TextFunction::Vowels => Helper::Vowels,
                    TextFunction::Letters => Helper::Letters,
                    TextFunction::Words => Helper::Words,
                    TextFunction::Digits => Helper::Digits,
                })?;
                self.converted(ty)
            }
            Expression::Occurrences => {
                self.uses(Source::First);
                self.uses(Source::Second);
                self.call(Helper::Occurrences)?;
                self.converted(ty)
            }
            Expression::System(number) => {
                self.import(number.name());
                self.code(&format!("call ${}", number.name()))?;
                self.converted(ty)
            }
        }
    }

    fn constant(&mut self, ty: &str, sign: &str, digits: &str) -> Result<(), CompileError> {
        self.code(&format!("{ty}.const {sign}{digits}"))
    }

    fn power(&mut self, base: &Expression, exponent: &Expression, ty: Type) -> Result<(), CompileError> {
        let written = match exponent {
            Expression::Constant(constant) => constant.as_str(),
            _ => "",
        };
        let simple = matches!(base, Expression::Operand(_) | Expression::Constant(_) | Expression::Pi);
        match written {
            "0.5" => {
                self.number(base, Type::F64)?;
                return self.code("f64.sqrt");
            }
            "2" | "3" if simple => {
                let multiply = format!("{}.mul", ty.name());
                self.number(base, ty)?;
                for _ in 1..if written == "3" { 3 } else { 2 } {
                    self.number(base, ty)?;
                    self.code(&multiply)?;
                }
                return Ok(());
            }
            _ => {}
        }
        if self.natural(exponent) == Type::F64 {
            // x ^ y = e ^ (y · ln x)
            self.number(exponent, Type::F64)?;
            self.number(base, Type::F64)?;
            self.call(Helper::Ln)?;
            self.code("f64.mul")?;
            return self.call(Helper::Exp);
        }
        self.number(base, ty)?;
        self.number(exponent, Type::I64)?;
        self.call(if ty == Type::I64 { Helper::Power } else { Helper::PowerOfDecimal })
    }

    fn function(
        &mut self,
        function: Function,
        arguments: &[Expression],
        ty: Type,
    ) -> Result<(), CompileError> {
        let integers = function.domain() == Domain::Integers;
        let whole = arguments.iter().all(|argument| self.natural(argument) == Type::I64);
        let of = match function {
            _ if integers => Type::I64,
            Function::Abs
            | Function::Min
            | Function::Max
            | Function::Floor
            | Function::Ceil
            | Function::Round => ty,
            _ => Type::F64,
        };
        for argument in arguments {
            self.number(argument, of)?;
        }
        match function {
            // Integers have nothing to round.
            Function::Floor | Function::Ceil | Function::Round if whole => Ok(()),
            Function::Floor => self.code("f64.floor"),
            Function::Ceil => self.code("f64.ceil"),
            // `f64.nearest` would round 2.5 to 2.
            Function::Round => self.code("f64.const 0.5 f64.add f64.floor"),
            Function::Sqrt => self.code("f64.sqrt"),
            Function::Abs if ty == Type::F64 => self.code("f64.abs"),
            Function::Min if ty == Type::F64 => self.code("f64.min"),
            Function::Max if ty == Type::F64 => self.code("f64.max"),
            Function::Abs => self.call(Helper::Abs),
            Function::Min => self.call(Helper::Min),
            Function::Max => self.call(Helper::Max),
            Function::Sin => self.call(Helper::Sin),
            Function::Cos => {
                self.code("f64.const 1.5707963267948966 f64.add")?;
                self.call(Helper::Sin)
            }
            Function::Tan => {
                self.call(Helper::Sin)?;
                for argument in arguments {
                    self.number(argument, of)?;
                }
                self.code("f64.const 1.5707963267948966 f64.add")?;
                self.call(Helper::Sin)?;
                self.code("f64.div")
            }
            Function::Exp => self.call(Helper::Exp),
            Function::Ln => self.call(Helper::Ln),
            Function::Log10 => {
                self.call(Helper::Ln)?;
                self.code("f64.const 2.302585092994046 f64.div")
            }
            Function::Projectile => self.call(Helper::Projectile),
            Function::ProjectileHeight => self.call(Helper::ProjectileHeight),
            Function::ProjectileTime => self.call(Helper::ProjectileTime),
            Function::Factorial => self.integer(Helper::Factorial, ty),
            Function::Fibonacci => self.integer(Helper::Fibonacci, ty),
            Function::Quotient => {
                self.code("i64.div_s")?;
                self.converted(ty)
            }
            Function::Gcd => self.integer(Helper::Gcd, ty),
            Function::Lcm => self.integer(Helper::Lcm, ty),
            Function::Choose => self.integer(Helper::Choose, ty),
            Function::SumTo => self.integer(Helper::SumTo, ty),
            Function::SumOfSquares => self.integer(Helper::SumOfSquares, ty),
            Function::DigitSum => self.integer(Helper::DigitSum, ty),
            Function::Divisors => self.integer(Helper::Divisors, ty),
            Function::CountPrimes => self.integer(Helper::CountPrimes, ty),
            Function::NthPrime => self.integer(Helper::NthPrime, ty),
        }
    }

    fn integer(&mut self, helper: Helper, ty: Type) -> Result<(), CompileError> {
        self.call(helper)?;
        self.converted(ty)
    }

    fn of_list(&mut self, function: ListFunction, ty: Type) -> Result<(), CompileError> {
        if function == ListFunction::Count {
            return self.code(&format!("{}.const <count>", ty.name()));
        }
        self.list = true;
        match function {
            ListFunction::Sum => self.call(Helper::Sum)?,
            ListFunction::Product => self.call(Helper::Product)?,
            ListFunction::Min => self.call(Helper::Smallest)?,
            ListFunction::Max => self.call(Helper::Largest)?,
            ListFunction::Range => {
                self.call(Helper::Largest)?;
                self.call(Helper::Smallest)?;
                self.code(if self.decimal_list { "f64.sub" } else { "i64.sub" })?;
            }
            ListFunction::Mean => {
                self.call(Helper::Sum)?;
                self.code("f64.const <count> f64.div")?;
            }
            // The two in the middle are one and the same where the count is odd.
            ListFunction::Median => {
                self.call(Helper::Sort)?;
                self.code(
                    "i32.const <bytes> i32.const 2 i32.div_u i32.const -8 i32.and f64.load
                    i32.const <bytes> i32.const 8 i32.sub i32.const 2 i32.div_u i32.const -8 i32.and f64.load
                    f64.add f64.const 2 f64.div",
                )?;
            }
            ListFunction::Variance => self.call(Helper::Variance)?,
            ListFunction::Deviation => {
                self.call(Helper::Variance)?;
                self.code("f64.sqrt")?;
            }
            ListFunction::Count => {}
        }
        if self.decimal_list { Ok(()) } else { self.converted(ty) }
    }

    /// What is on the stack as an integer, as a number of a type.
    fn converted(&mut self, ty: Type) -> Result<(), CompileError> {
        if ty == Type::F64 { self.code("f64.convert_i64_s") } else { Ok(()) }
    }
}
