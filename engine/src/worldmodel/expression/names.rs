//! The names a plan may call, each with what it takes.

use serde::{Deserialize, Serialize};

/// An enum whose variants have a name in plans.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As a plan writes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The one that a plan writes so.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|found| found.name() == name)
            }
        }
    };
}

named! {
    /// A function of numbers.
    Function {
        /// Square root.
        Sqrt = "sqrt",
        /// Without its sign.
        Abs = "abs",
        /// The next integer below.
        Floor = "floor",
        /// The next integer above.
        Ceil = "ceil",
        /// The nearest integer; a half goes up.
        Round = "round",
        /// The smaller of two.
        Min = "min",
        /// The larger of two.
        Max = "max",
        /// 1 · 2 · … · n.
        Factorial = "factorial",
        /// F(0) = 0, F(1) = 1, and each the sum of the two before.
        Fibonacci = "fibonacci",
        /// How often the second integer goes into the first, what is left over being `%`: −7 by 2 is −3.
        Quotient = "quotient",
        /// Greatest common divisor, never negative.
        Gcd = "gcd",
        /// Least common multiple, never negative.
        Lcm = "lcm",
        /// In how many ways k of n can be chosen.
        Choose = "choose",
        /// 1 + 2 + … + n.
        SumTo = "sum_to",
        /// 1² + 2² + … + n².
        SumOfSquares = "sum_of_squares",
        /// The digits of an integer added up.
        DigitSum = "digit_sum",
        /// How many positive integers divide a positive one.
        Divisors = "divisors",
        /// How many primes there are up to n.
        CountPrimes = "count_primes",
        /// The n-th prime; the first is 2.
        NthPrime = "nth_prime",
        /// Sine of an angle in radians.
        Sin = "sin",
        /// Cosine of an angle in radians.
        Cos = "cos",
        /// Tangent of an angle in radians.
        Tan = "tan",
        /// e to the power of x.
        Exp = "exp",
        /// Natural logarithm.
        Ln = "ln",
        /// Decimal logarithm.
        Log10 = "log10",
        /// How far something flies that is thrown at a speed in m/s and an angle in degrees: simulated in steps of a millisecond.
        Projectile = "projectile",
        /// How high it flies.
        ProjectileHeight = "projectile_height",
        /// How long it flies.
        ProjectileTime = "projectile_time",
    }
}

/// What kind of numbers a function takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Whatever it is given: integers stay exact.
    Any,
    /// Integers only.
    Integers,
    /// Decimal numbers.
    Decimals,
}

impl Function {
    /// How many arguments it takes.
    pub const fn arity(self) -> usize {
        match self {
            Self::Min
            | Self::Max
            | Self::Quotient
            | Self::Gcd
            | Self::Lcm
            | Self::Choose
            | Self::Projectile
            | Self::ProjectileHeight
            | Self::ProjectileTime => 2,
            _ => 1,
        }
    }

    /// What kind of numbers it takes and gives.
    pub const fn domain(self) -> Domain {
        match self {
            Self::Abs | Self::Floor | Self::Ceil | Self::Round | Self::Min | Self::Max => Domain::Any,
            Self::Factorial
            | Self::Fibonacci
            | Self::Quotient
            | Self::Gcd
            | Self::Lcm
            | Self::Choose
            | Self::SumTo
            | Self::SumOfSquares
            | Self::DigitSum
            | Self::Divisors
            | Self::CountPrimes
            | Self::NthPrime => Domain::Integers,
            _ => Domain::Decimals,
        }
    }
}

named! {
    /// A function of an integer that says yes or no.
    Test {
        /// Whether it is a prime number.
        IsPrime = "is_prime",
        /// Whether two divides it.
        IsEven = "is_even",
        /// Whether two does not divide it.
        IsOdd = "is_odd",
        /// Whether it is an integer times itself.
        IsSquare = "is_square",
        /// Whether a year has 29 February.
        IsLeap = "is_leap",
    }
}

named! {
    /// How two numbers are compared.
    Comparison {
        /// Equal; decimal numbers to a billionth.
        Equal = "=",
        /// Less.
        Less = "<",
        /// Greater.
        Greater = ">",
        /// Less or equal.
        LessOrEqual = "<=",
        /// Greater or equal.
        GreaterOrEqual = ">=",
        /// Whether the first, an integer, divides the second without remainder.
        Divides = "divides",
    }
}

named! {
    /// A number that the list gives.
    ListFunction {
        /// All added.
        Sum = "sum",
        /// All multiplied.
        Product = "product",
        /// The sum by the count.
        Mean = "mean",
        /// The middle one, or the mean of the two in the middle.
        Median = "median",
        /// The smallest.
        Min = "min",
        /// The largest.
        Max = "max",
        /// How many there are.
        Count = "count",
        /// The largest less the smallest.
        Range = "range",
        /// The mean square of the distances from the mean, of all as the whole population.
        Variance = "variance",
        /// The root of the variance.
        Deviation = "stddev",
    }
}

named! {
    /// A list that the list gives.
    ListAction {
        /// From small to large.
        Sort = "sort",
        /// From large to small.
        SortDown = "sort_down",
        /// Last first.
        Reverse = "reverse",
    }
}

named! {
    /// A number that a text gives.
    TextFunction {
        /// Its characters.
        Length = "length",
        /// Its vowels a, e, i, o, u. Only for texts in ASCII.
        Vowels = "vowels",
        /// Its letters: ASCII ones, and every character beyond ASCII.
        Letters = "letters",
        /// Its words: what stands between spaces.
        Words = "words",
        /// Its digits 0 to 9.
        Digits = "digits",
    }
}

named! {
    /// A text that a text gives.
    TextAction {
        /// Its characters, last first.
        Reverse = "reverse",
        /// In capital letters. Only for texts in ASCII.
        Upper = "upper",
        /// In small letters. Only for texts in ASCII.
        Lower = "lower",
    }
}

named! {
    /// Which of the question's texts.
    Source {
        /// The first.
        First = "text",
        /// The second.
        Second = "text2",
    }
}

named! {
    /// A text that the host tells, where it is granted.
    SystemText {
        /// The date, `2026-11-21`.
        Date = "date",
        /// The time of the day, `14:37:05`.
        Time = "time",
        /// Both.
        DateTime = "datetime",
        /// The day of the week.
        Weekday = "weekday",
        /// The operating system or browser.
        Platform = "platform",
        /// The time zone.
        TimeZone = "timezone",
    }
}

named! {
    /// An integer that the host tells, where it is granted.
    SystemNumber {
        /// Seconds since the beginning of 1970.
        Timestamp = "timestamp",
        /// The year.
        Year = "year",
        /// The month, from 1.
        Month = "month",
        /// The day of the month, from 1.
        Day = "day",
        /// The hour, from 0.
        Hour = "hour",
    }
}
