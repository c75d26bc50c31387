//! Functions that programs bring along: loops and series, in WebAssembly.
//!
//! Each is written as the tokens behind `(func $f0`. `@name` stands for another helper, `{t}` for the type of the list's numbers.
//! They are kept short, because models have to learn them.

/// A function that a program can have beside `compute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Helper {
    Abs,
    Min,
    Max,
    Power,
    PowerOfDecimal,
    Factorial,
    Fibonacci,
    Gcd,
    Lcm,
    Choose,
    SumTo,
    SumOfSquares,
    DigitSum,
    Divisors,
    IsPrime,
    IsSquare,
    IsLeap,
    CountPrimes,
    NthPrime,
    Sin,
    Exp,
    Ln,
    Projectile,
    ProjectileHeight,
    ProjectileTime,
    Sum,
    Product,
    Smallest,
    Largest,
    Sort,
    SortDown,
    ReverseList,
    Variance,
    Length,
    Vowels,
    Letters,
    Words,
    Digits,
    Occurrences,
}

impl Helper {
    /// The helper that `@name` stands for in another one.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "gcd" => Self::Gcd,
            "is_prime" => Self::IsPrime,
            "sin" => Self::Sin,
            "sum" => Self::Sum,
            _ => return None,
        })
    }

    /// Its tokens as text, for a list of decimal numbers or of integers.
    pub fn text(self, decimal_list: bool) -> String {
        let ty = if decimal_list { "f64" } else { "i64" };
        let less = if decimal_list { "f64.lt" } else { "i64.lt_s" };
        let greater = if decimal_list { "f64.gt" } else { "i64.gt_s" };
        match self {
            Self::Smallest => extreme(ty, if decimal_list { "f64.min" } else { LESS_OF_TWO }),
            Self::Largest => extreme(ty, if decimal_list { "f64.max" } else { GREATER_OF_TWO }),
            Self::Sort => SORT.replace("{before}", less).replace("{t}", ty),
            Self::SortDown => SORT.replace("{before}", greater).replace("{t}", ty),
            Self::Length => counting("", "i32.const 192 i32.and i32.const 128 i32.ne"),
            Self::Digits => counting("", "i32.const 48 i32.sub i32.const 10 i32.lt_u"),
            Self::Vowels => counting("(local i32)", VOWEL),
            Self::Letters => counting("(local i32)", LETTER),
            Self::Words => counting("(local i32) (local i32)", WORD_END),
            _ => self.fixed().replace("{t}", ty),
        }
    }

    const fn fixed(self) -> &'static str {
        match self {
            Self::Abs => {
                "(param i64) (result i64)
                local.get 0 i64.const 0 i64.lt_s if i64.const 0 local.get 0 i64.sub local.set 0 end local.get 0"
            }
            Self::Min => {
                "(param i64) (param i64) (result i64)
                local.get 0 local.get 1 local.get 0 local.get 1 i64.lt_s select"
            }
            Self::Max => {
                "(param i64) (param i64) (result i64)
                local.get 0 local.get 1 local.get 0 local.get 1 i64.gt_s select"
            }
            Self::Power => {
                "(param i64) (param i64) (result i64) (local i64)
                local.get 1 i64.const 0 i64.lt_s if unreachable end
                i64.const 1 local.set 2
                block loop
                  local.get 1 i64.eqz br_if 1
                  local.get 2 local.get 0 i64.mul local.set 2
                  local.get 1 i64.const 1 i64.sub local.set 1
                  br 0
                end end
                local.get 2"
            }
            Self::PowerOfDecimal => {
                "(param f64) (param i64) (result f64) (local f64)
                local.get 1 i64.const 0 i64.lt_s
                if
                  f64.const 1 local.get 0 f64.div local.set 0
                  i64.const 0 local.get 1 i64.sub local.set 1
                end
                f64.const 1 local.set 2
                block loop
                  local.get 1 i64.eqz br_if 1
                  local.get 2 local.get 0 f64.mul local.set 2
                  local.get 1 i64.const 1 i64.sub local.set 1
                  br 0
                end end
                local.get 2"
            }
            Self::Factorial => {
                "(param i64) (result i64) (local i64)
                local.get 0 i64.const 0 i64.lt_s if unreachable end
                i64.const 1 local.set 1
                block loop
                  local.get 0 i64.eqz br_if 1
                  local.get 1 local.get 0 i64.mul local.set 1
                  local.get 0 i64.const 1 i64.sub local.set 0
                  br 0
                end end
                local.get 1"
            }
            // Begins one step before F(0), so that nothing larger than the result is ever added.
            Self::Fibonacci => {
                "(param i64) (result i64) (local i64) (local i64)
                local.get 0 i64.const 0 i64.lt_s if unreachable end
                i64.const 1 local.set 1
                block loop
                  local.get 0 i64.eqz br_if 1
                  local.get 2 local.get 1 local.get 2 i64.add local.set 2 local.set 1
                  local.get 0 i64.const 1 i64.sub local.set 0
                  br 0
                end end
                local.get 2"
            }
            Self::Gcd => {
                "(param i64) (param i64) (result i64)
                block loop
                  local.get 1 i64.eqz br_if 1
                  local.get 1 local.get 0 local.get 1 i64.rem_s local.set 1 local.set 0
                  br 0
                end end
                local.get 0 i64.const 0 i64.lt_s if i64.const 0 local.get 0 i64.sub local.set 0 end local.get 0"
            }
            Self::Lcm => {
                "(param i64) (param i64) (result i64)
                local.get 0 local.get 0 local.get 1 call @gcd i64.div_s local.get 1 i64.mul local.tee 0
                i64.const 0 i64.lt_s if i64.const 0 local.get 0 i64.sub local.set 0 end local.get 0"
            }
            // Divides at each step; the product of i factors in a row is divisible by i!.
            Self::Choose => {
                "(param i64) (param i64) (result i64) (local i64) (local i64)
                local.get 0 local.get 1 i64.or i64.const 0 i64.lt_s if unreachable end
                i64.const 1 local.set 2
                block loop
                  local.get 3 local.get 1 i64.eq br_if 1
                  local.get 3 i64.const 1 i64.add local.set 3
                  local.get 2 local.get 0 local.get 1 i64.sub local.get 3 i64.add i64.mul local.get 3 i64.div_s local.set 2
                  br 0
                end end
                local.get 2"
            }
            Self::SumTo => {
                "(param i64) (result i64)
                local.get 0 i64.const 0 i64.lt_s if unreachable end
                local.get 0 local.get 0 i64.const 1 i64.add i64.mul i64.const 2 i64.div_s"
            }
            Self::SumOfSquares => {
                "(param i64) (result i64)
                local.get 0 i64.const 0 i64.lt_s if unreachable end
                local.get 0 local.get 0 i64.const 1 i64.add i64.mul
                local.get 0 local.get 0 i64.add i64.const 1 i64.add i64.mul i64.const 6 i64.div_s"
            }
            Self::DigitSum => {
                "(param i64) (result i64) (local i64)
                local.get 0 i64.const 0 i64.lt_s if unreachable end
                loop
                  local.get 1 local.get 0 i64.const 10 i64.rem_s i64.add local.set 1
                  local.get 0 i64.const 10 i64.div_s local.tee 0
                  i64.const 0 i64.ne br_if 0
                end
                local.get 1"
            }
            Self::Divisors => {
                "(param i64) (result i64) (local i64) (local i64)
                local.get 0 i64.const 1 i64.lt_s if unreachable end
                i64.const 1 local.set 1
                loop
                  local.get 0 local.get 1 i64.rem_s i64.eqz
                  if
                    local.get 2 i64.const 1 i64.add
                    local.get 0 local.get 1 i64.div_s local.get 1 i64.ne i64.extend_i32_u i64.add local.set 2
                  end
                  local.get 1 i64.const 1 i64.add local.tee 1
                  local.get 0 local.get 1 i64.div_s i64.le_s br_if 0
                end
                local.get 2"
            }
            // Tries divisors from 2 on, until one divides or its square is larger.
            Self::IsPrime => {
                "(param i64) (result i32) (local i64)
                i64.const 1 local.set 1
                loop
                  local.get 0 local.get 1 i64.const 1 i64.add local.tee 1 i64.div_s local.get 1 i64.ge_s
                  local.get 0 local.get 1 i64.rem_s i64.const 0 i64.ne
                  i32.and br_if 0
                end
                local.get 0 local.get 1 i64.div_s local.get 1 i64.lt_s
                local.get 0 i64.const 1 i64.gt_s i32.and"
            }
            // The root of 64 bits is exact enough to be rounded; its square fits, because it is rounded down.
            Self::IsSquare => {
                "(param i64) (result i32) (local i64)
                local.get 0 f64.convert_i64_s f64.abs f64.sqrt i64.trunc_f64_s local.tee 1
                local.get 1 i64.mul local.get 0 i64.eq"
            }
            Self::IsLeap => {
                "(param i64) (result i32)
                local.get 0
                i64.const 400 i64.const 4 local.get 0 i64.const 100 i64.rem_s i64.eqz select
                i64.rem_s i64.eqz"
            }
            Self::CountPrimes => {
                "(param i64) (result i64) (local i64)
                block loop
                  local.get 0 i64.const 2 i64.lt_s br_if 1
                  local.get 0 call @is_prime i64.extend_i32_u local.get 1 i64.add local.set 1
                  local.get 0 i64.const 1 i64.sub local.set 0
                  br 0
                end end
                local.get 1"
            }
            Self::NthPrime => {
                "(param i64) (result i64) (local i64)
                local.get 0 i64.const 1 i64.lt_s if unreachable end
                i64.const 1 local.set 1
                loop
                  local.get 0 local.get 1 i64.const 1 i64.add local.tee 1 call @is_prime i64.extend_i32_u i64.sub local.tee 0
                  i64.const 0 i64.gt_s br_if 0
                end
                local.get 1"
            }
            // Taylor's series of the angle less its full turns, to 14 decimals: sin(pi) is 0 then.
            Self::Sin => {
                "(param f64) (result f64) (local f64) (local f64) (local f64)
                local.get 0
                local.get 0 f64.const 6.283185307179586 f64.div f64.nearest f64.const 6.283185307179586 f64.mul
                f64.sub local.tee 0 local.tee 1 local.set 2
                loop
                  local.get 2 local.get 0 f64.mul local.get 0 f64.mul f64.neg
                  local.get 3 f64.const 2 f64.add local.tee 3 f64.div
                  local.get 3 f64.const 1 f64.add f64.div local.tee 2
                  local.get 1 f64.add local.set 1
                  local.get 3 f64.const 32 f64.lt br_if 0
                end
                local.get 1 f64.const 1e14 f64.mul f64.nearest f64.const 1e14 f64.div"
            }
            // Of the absolute value, since terms of changing sign would cancel out. A thousand terms are enough up to the largest f64.
            Self::Exp => {
                "(param f64) (result f64) (local f64) (local f64) (local f64)
                f64.const 1 local.tee 1 local.set 2
                loop
                  local.get 2 local.get 0 f64.abs f64.mul
                  local.get 3 f64.const 1 f64.add local.tee 3 f64.div local.tee 2
                  local.get 1 f64.add local.set 1
                  local.get 3 f64.const 1000 f64.lt br_if 0
                end
                f64.const 1 local.get 1 f64.div local.get 1 local.get 0 f64.const 0 f64.lt select"
            }
            // Roots bring the number near 1; then 2·artanh((x − 1)/(x + 1)), doubled for each root.
            Self::Ln => {
                "(param f64) (result f64) (local f64) (local f64) (local f64)
                local.get 0 f64.const 0 f64.gt i32.eqz if unreachable end
                f64.const 2 local.set 1
                block loop
                  local.get 0 f64.const 1 f64.sub f64.abs f64.const 0.5 f64.lt br_if 1
                  local.get 0 f64.sqrt local.set 0
                  local.get 1 local.get 1 f64.add local.set 1
                  br 0
                end end
                local.get 0 f64.const 1 f64.sub local.get 0 f64.const 1 f64.add f64.div local.set 0
                f64.const 39 local.set 3
                loop
                  local.get 2 local.get 0 f64.mul local.get 0 f64.mul f64.const 1 local.get 3 f64.div f64.add local.set 2
                  local.get 3 f64.const 2 f64.sub local.tee 3 f64.const 0 f64.gt br_if 0
                end
                local.get 2 local.get 0 f64.mul local.get 1 f64.mul"
            }
            // 0.00981 is what a millisecond of gravity adds to the speed.
            Self::Projectile => {
                "(param f64) (param f64) (result f64) (local f64) (local f64) (local f64)
                local.get 1 f64.const 3.141592653589793 f64.mul f64.const 180 f64.div local.tee 1
                call @sin local.get 0 f64.mul local.set 2
                local.get 1 f64.const 1.5707963267948966 f64.add call @sin local.get 0 f64.mul local.set 0
                loop
                  local.get 3 local.get 0 f64.const 0.001 f64.mul f64.add local.set 3
                  local.get 2 f64.const 0.00981 f64.sub local.tee 2 f64.const 0.001 f64.mul local.get 4 f64.add local.tee 4
                  f64.const 0 f64.gt br_if 0
                end
                local.get 3"
            }
            Self::ProjectileHeight => {
                "(param f64) (param f64) (result f64) (local f64)
                local.get 1 f64.const 3.141592653589793 f64.mul f64.const 180 f64.div call @sin local.get 0 f64.mul local.set 0
                block loop
                  local.get 0 f64.const 0.00981 f64.sub local.tee 0 f64.const 0 f64.lt br_if 1
                  local.get 0 f64.const 0.001 f64.mul local.get 2 f64.add local.set 2
                  br 0
                end end
                local.get 2"
            }
            Self::ProjectileTime => {
                "(param f64) (param f64) (result f64) (local f64) (local f64)
                local.get 1 f64.const 3.141592653589793 f64.mul f64.const 180 f64.div call @sin local.get 0 f64.mul local.set 0
                loop
                  local.get 2 f64.const 0.001 f64.add local.set 2
                  local.get 0 f64.const 0.00981 f64.sub local.tee 0 f64.const 0.001 f64.mul local.get 3 f64.add local.tee 3
                  f64.const 0 f64.gt br_if 0
                end
                local.get 2"
            }
            Self::Sum => {
                "(result {t}) (local i32) (local {t})
                loop
                  local.get 1 local.get 0 {t}.load {t}.add local.set 1
                  local.get 0 i32.const 8 i32.add local.tee 0 i32.const <bytes> i32.lt_u br_if 0
                end
                local.get 1"
            }
            Self::Product => {
                "(result {t}) (local i32) (local {t})
                {t}.const 1 local.set 1
                loop
                  local.get 1 local.get 0 {t}.load {t}.mul local.set 1
                  local.get 0 i32.const 8 i32.add local.tee 0 i32.const <bytes> i32.lt_u br_if 0
                end
                local.get 1"
            }
            // Exchanges the ends, and goes inwards.
            Self::ReverseList => {
                "(local i32) (local i32)
                i32.const <bytes> local.set 1
                loop
                  local.get 1 i32.const 8 i32.sub local.set 1
                  local.get 0 local.get 1 i32.lt_u
                  if
                    local.get 0 local.get 1 {t}.load local.get 1 local.get 0 {t}.load {t}.store {t}.store
                    local.get 0 i32.const 8 i32.add local.set 0
                    br 1
                  end
                end"
            }
            Self::Variance => {
                "(result f64) (local i32) (local f64) (local f64) (local f64)
                call @sum f64.const <count> f64.div local.set 1
                loop
                  local.get 0 f64.load local.get 1 f64.sub local.tee 3 local.get 3 f64.mul local.get 2 f64.add local.set 2
                  local.get 0 i32.const 8 i32.add local.tee 0 i32.const <bytes> i32.lt_u br_if 0
                end
                local.get 2 f64.const <count> f64.div"
            }
            // Tries each place; behind a match the search goes on after it.
            Self::Occurrences => {
                "(result i64) (local i32) (local i32) (local i64)
                block loop
                  local.get 0 i32.const <text2 bytes> i32.add i32.const <text bytes> i32.gt_u br_if 1
                  i32.const 0 local.set 1
                  block
                    loop
                      local.get 0 local.get 1 i32.add i32.load8_u
                      local.get 1 i32.const 20480 i32.add i32.load8_u i32.ne br_if 1
                      local.get 1 i32.const 1 i32.add local.tee 1 i32.const <text2 bytes> i32.lt_u br_if 0
                    end
                    local.get 2 i64.const 1 i64.add local.set 2
                    local.get 0 local.get 1 i32.add local.set 0
                    br 1
                  end
                  local.get 0 i32.const 1 i32.add local.set 0
                  br 0
                end end
                local.get 2"
            }
            // Written by `text`.
            Self::Smallest
            | Self::Largest
            | Self::Sort
            | Self::SortDown
            | Self::Length
            | Self::Vowels
            | Self::Letters
            | Self::Words
            | Self::Digits => "",
        }
    }
}

/// Puts before each place what belongs before it.
const SORT: &str = "(local i32) (local i32)
    loop
      local.get 0 local.set 1
      loop
        local.get 1 {t}.load local.get 0 {t}.load {before}
        if local.get 0 local.get 1 {t}.load local.get 1 local.get 0 {t}.load {t}.store {t}.store end
        local.get 1 i32.const 8 i32.add local.tee 1 i32.const <bytes> i32.lt_u br_if 0
      end
      local.get 0 i32.const 8 i32.add local.tee 0 i32.const <bytes> i32.lt_u br_if 0
    end";

const LESS_OF_TWO: &str = "local.get 1 local.get 0 i64.load i64.lt_s select";
const GREATER_OF_TWO: &str = "local.get 1 local.get 0 i64.load i64.gt_s select";

/// Bits 0, 4, 8, 14 and 20 of the mask are a, e, i, o and u. Beyond ASCII it does not know what a vowel is.
const VOWEL: &str = "local.tee 3 i32.const 127 i32.gt_u if unreachable end
    i32.const 1065233 local.get 3 i32.const 32 i32.or i32.const 97 i32.sub local.tee 3 i32.shr_u
    local.get 3 i32.const 26 i32.lt_u i32.and";

/// From 192 on, bytes begin a character beyond ASCII.
const LETTER: &str = "local.tee 3 i32.const 32 i32.or i32.const 97 i32.sub i32.const 26 i32.lt_u
    local.get 3 i32.const 192 i32.ge_u i32.or";

const WORD_END: &str = "i32.const 32 i32.gt_u local.tee 4 local.get 3 i32.gt_u local.get 4 local.set 3";

/// The first of the list, and then what each next one makes of it.
fn extreme(ty: &str, choose: &str) -> String {
    "(result {t}) (local i32) (local {t})
    local.get 0 {t}.load local.set 1
    loop
      local.get 1 local.get 0 {t}.load {choose} local.set 1
      local.get 0 i32.const 8 i32.add local.tee 0 i32.const <bytes> i32.lt_u br_if 0
    end
    local.get 1"
        .replace("{choose}", choose)
        .replace("{t}", ty)
}

/// Counts the bytes of a text, last first, for which a test leaves 1. It takes an address and a length.
fn counting(locals: &str, test: &str) -> String {
    format!(
        "(param i32) (param i32) (result i64) (local i64) {locals}
        block loop
          local.get 1 i32.eqz br_if 1
          local.get 1 i32.const 1 i32.sub local.tee 1 local.get 0 i32.add i32.load8_u
          {test}
          i64.extend_i32_u local.get 2 i64.add local.set 2
          br 0
        end end
        local.get 2"
    )
}
