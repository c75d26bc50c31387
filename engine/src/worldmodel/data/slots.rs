//! What the slots of a family are filled with.

use fastrand::Rng;

use super::chain::{Chain, ChainSpec};
use super::quantity::Quantity;

/// A list that may have as many numbers may have 30 to 60, too.
const LISTS: usize = 6;

/// A slot that becomes an operand, with the ways to fill it, one of which is taken.
#[derive(Clone, Debug)]
pub(super) struct SlotSpec {
    pub name: String,
    pub ways: Vec<Way>,
}

/// One way to fill a slot.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Number(NumberSpec),
    /// `list 3..8 of …`
    List {
        count: (usize, usize),
        of: NumberSpec,
    },
    /// `chain 2..6 …`
    Chain(ChainSpec),
    /// `text LIST`: a line of a list of words.
    Text(String),
    /// `letter of {slot}`
    Letter(String),
}

/// How a number is drawn.
#[derive(Clone, Debug)]
pub(super) struct NumberSpec {
    pub shape: Shape,
    /// Places behind the point, from and to.
    pub places: (u32, u32),
    /// The places are there only sometimes.
    pub sometimes_decimal: bool,
    pub sometimes_negative: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// `2..99`, or `1..{y}`.
    Range(Bound, Bound, i64),
    /// `digits 1..15`: every length as often as any other.
    Digits(u32, u32),
    /// `one of 5, 10, 20`
    OneOf(Vec<Quantity>),
    /// `{y} * 2..12`
    Multiple(String, i64, i64),
    /// `{one} + {other}`
    Sum(String, String),
    /// `{one} * {other}`
    Product(String, String),
    /// `square of 2..99`
    Square(i64, i64),
    /// Short ones often, long ones now and then.
    Natural,
}

/// An end of a range.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    Constant(Quantity),
    /// A slot drawn before, plus something.
    Slot(String, i64),
}

/// What a slot is filled with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filling {
    Number(Quantity),
    List(Vec<Quantity>),
    Chain(Chain),
    Text(String),
}

/// All slots of one example.
pub(super) type Fillings = Vec<(String, Filling)>;

pub(super) fn filling<'a>(fillings: &'a Fillings, name: &str) -> Option<&'a Filling> {
    fillings.iter().find(|(known, _)| known == name).map(|(_, filling)| filling)
}

fn integer(fillings: &Fillings, name: &str) -> Option<i64> {
    match filling(fillings, name) {
        Some(Filling::Number(quantity)) if quantity.places == 0 && quantity.more == 0 => Some(quantity.units),
        _ => None,
    }
}

impl SlotSpec {
    /// Reads `x = 2..99 or digits 4..8`.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let (name, ways) = line.split_once('=').ok_or("a slot is `name = …`")?;
        let name = name.trim().to_owned();
        let ways = ways.split(" or ").map(|way| Way::parse(way.trim())).collect::<Result<_, _>>()?;
        Ok(Self { name, ways })
    }

    /// The lists of words it draws from.
    pub(super) fn lists(&self) -> impl Iterator<Item = &str> {
        self.ways.iter().filter_map(|way| match way {
            Way::Text(list) => Some(list.as_str()),
            _ => None,
        })
    }

    /// Fills the slot. `None` if the slots before do not allow it.
    pub(super) fn draw(
        &self,
        rng: &mut Rng,
        before: &Fillings,
        texts: &dyn Fn(&str, &mut Rng) -> Option<String>,
    ) -> Option<Filling> {
        let way = self.ways.get(rng.usize(..self.ways.len().max(1)))?;
        Some(match way {
            Way::Number(spec) => Filling::Number(spec.draw(rng, before)?),
            Way::List { count, of } => {
                // Now and then one that nobody types.
                let length = match rng.u32(..50) {
                    0 if count.1 >= LISTS && of.is_short() => rng.usize(30..=60),
                    _ => rng.usize(count.0..=count.1),
                };
                // Decimals or none: not every list is mixed.
                let mut of = of.clone();
                if of.sometimes_decimal && rng.u32(..3) > 0 {
                    of.places = (0, 0);
                    of.sometimes_decimal = false;
                }
                Filling::List((0..length).map(|_| of.draw(rng, before)).collect::<Option<_>>()?)
            }
            Way::Chain(spec) => Filling::Chain(spec.draw(rng)),
            Way::Text(list) => Filling::Text(texts(list, rng)?),
            Way::Letter(of) => {
                let Some(Filling::Text(text)) = filling(before, of) else { return None };
                let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
                Filling::Text(letters.get(rng.usize(..letters.len().max(1)))?.to_lowercase().collect())
            }
        })
    }
}

impl Way {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("list ") {
            let (count, of) = rest.split_once(" of ").ok_or("a list is `list 3..8 of …`")?;
            let (low, high) = pair::<usize>(count)?;
            return Ok(Self::List { count: (low, high), of: NumberSpec::parse(of)? });
        }
        if let Some(rest) = text.strip_prefix("chain ") {
            return ChainSpec::parse(rest).map(Self::Chain);
        }
        if let Some(list) = text.strip_prefix("text ") {
            return Ok(Self::Text(list.trim().to_owned()));
        }
        if let Some(slot) = text.strip_prefix("letter of ") {
            return Ok(Self::Letter(slot.trim().trim_matches(['{', '}']).to_owned()));
        }
        NumberSpec::parse(text).map(Self::Number)
    }
}

/// `3..8`, or `3` for both.
pub(super) fn pair<T: std::str::FromStr + Copy + PartialOrd>(text: &str) -> Result<(T, T), String> {
    let wrong = || format!("`{text}` is no range");
    let (low, high) = text.trim().split_once("..").unwrap_or((text.trim(), text.trim()));
    let low: T = low.parse().map_err(|_| wrong())?;
    let high: T = high.parse().map_err(|_| wrong())?;
    if low > high { Err(wrong()) } else { Ok((low, high)) }
}

impl NumberSpec {
    /// Reads `2..99`, `digits 1..5 places 1..2`, `natural sometimes negative sometimes places 1..3`, …
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut spec = Self {
            shape: Shape::Natural,
            places: (0, 0),
            sometimes_decimal: false,
            sometimes_negative: false,
        };
        let mut rest = text.trim();
        if let Some((before, _)) = rest.split_once(" sometimes negative") {
            spec.sometimes_negative = true;
            let behind = rest.get(before.len() + " sometimes negative".len()..).unwrap_or("");
            if !behind.trim().is_empty() {
                return Self::parse(&format!("{before}{behind}"))
                    .map(|found| Self { sometimes_negative: true, ..found });
            }
            rest = before;
        }
        if let Some((before, places)) = rest.split_once("places ") {
            spec.places = pair(places)?;
            rest = before.trim_end();
            if let Some(before) = rest.strip_suffix("sometimes") {
                spec.sometimes_decimal = true;
                rest = before;
            }
        }
        spec.shape = Shape::parse(rest.trim())?;
        Ok(spec)
    }

    /// Whether a list of many of them is still a line or two.
    fn is_short(&self) -> bool {
        match &self.shape {
            Shape::Range(_, Bound::Constant(high), _) => high.digits() <= 3,
            Shape::Digits(_, high) => *high <= 3,
            _ => false,
        }
    }

    /// A number that depends on no slot.
    pub(super) fn draw_plain(&self, rng: &mut Rng) -> Option<Quantity> {
        self.draw(rng, &Vec::new())
    }

    fn draw(&self, rng: &mut Rng, before: &Fillings) -> Option<Quantity> {
        let decimal = self.places.1 > 0 && !(self.sometimes_decimal && rng.u32(..100) < 65);
        let places = if decimal { rng.u32(self.places.0..=self.places.1) } else { 0 };
        let mut quantity = self.shape.draw(rng, places, before)?;
        if self.sometimes_negative && rng.u32(..100) < 18 {
            quantity.units = -quantity.units;
        }
        Some(quantity)
    }
}

impl Shape {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "natural" {
            return Ok(Self::Natural);
        }
        if let Some(range) = text.strip_prefix("digits ") {
            let (low, high) = pair(range)?;
            return Ok(Self::Digits(low, high));
        }
        if let Some(range) = text.strip_prefix("square of ") {
            let (low, high) = pair(range)?;
            return Ok(Self::Square(low, high));
        }
        if let Some(values) = text.strip_prefix("one of ") {
            let parse =
                |value: &str| Quantity::parse(value.trim()).ok_or_else(|| format!("`{value}` is no number"));
            return values.split(',').map(parse).collect::<Result<_, _>>().map(Self::OneOf);
        }
        let slot = |text: &str| text.trim().trim_matches(['{', '}']).to_owned();
        if let Some((left, right)) = text.split_once(" + ") {
            return Ok(Self::Sum(slot(left), slot(right)));
        }
        if let Some((left, right)) = text.split_once('*') {
            if right.contains('{') {
                return Ok(Self::Product(slot(left), slot(right)));
            }
            let (low, high) = pair(right)?;
            return Ok(Self::Multiple(slot(left), low, high));
        }
        let (range, step) = text.split_once(" step ").unwrap_or((text, "1"));
        let (low, high) =
            range.split_once("..").ok_or_else(|| format!("`{text}` says nothing of numbers"))?;
        let step = step.trim().parse().map_err(|_| format!("`{step}` is no step"))?;
        Ok(Self::Range(Bound::parse(low)?, Bound::parse(high)?, step))
    }

    fn draw(&self, rng: &mut Rng, places: u32, before: &Fillings) -> Option<Quantity> {
        match self {
            Self::Range(low, high, step) => {
                let (low, high) = (low.units(before, places)?, high.units(before, places)?);
                let steps = high.checked_sub(low)? / step;
                (steps >= 0).then(|| Quantity::decimal(low + step * rng.i64(0..=steps), places))
            }
            Self::Digits(low, high) => Some(with_digits(rng, *low, *high, places)),
            Self::OneOf(values) => values.get(rng.usize(..values.len().max(1))).copied(),
            Self::Multiple(slot, low, high) => {
                let units = integer(before, slot)?.checked_mul(rng.i64(*low..=*high))?;
                Some(Quantity::integer(units))
            }
            Self::Sum(left, right) => {
                Some(Quantity::integer(integer(before, left)?.checked_add(integer(before, right)?)?))
            }
            Self::Product(left, right) => {
                Some(Quantity::integer(integer(before, left)?.checked_mul(integer(before, right)?)?))
            }
            Self::Square(low, high) => rng.i64(*low..=*high).checked_pow(2).map(Quantity::integer),
            Self::Natural => {
                // Four in ten have one or two digits, one in seven ten to fifteen.
                let (low, high) = match rng.u32(..100) {
                    0..40 => (1, 2),
                    40..68 => (3, 4),
                    68..86 => (5, 9),
                    _ => (10, 15),
                };
                let high = if places > 0 { high.min(6) } else { high };
                Some(with_digits(rng, low.min(high), high, places))
            }
        }
    }
}

/// A number of so many digits before the point.
fn with_digits(rng: &mut Rng, low: u32, high: u32, places: u32) -> Quantity {
    let digits = rng.u32(low..=high).min(17);
    let least = if digits <= 1 { 1 } else { 10_i64.pow(digits - 1) };
    let whole = rng.i64(least..10_i64.pow(digits));
    let scale = 10_i64.pow(places.min(6));
    match whole.checked_mul(scale) {
        Some(units) if places > 0 => Quantity::decimal(units + rng.i64(1..scale), places.min(6)),
        _ => Quantity::integer(whole),
    }
}

impl Bound {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix('{') {
            let (slot, offset) = rest.split_once('}').ok_or("a slot is not closed")?;
            let offset = if offset.is_empty() {
                0
            } else {
                offset.parse().map_err(|_| format!("`{offset}` is no offset"))?
            };
            return Ok(Self::Slot(slot.to_owned(), offset));
        }
        Quantity::parse(text).map(Self::Constant).ok_or_else(|| format!("`{text}` is no number"))
    }

    fn units(&self, before: &Fillings, places: u32) -> Option<i64> {
        match self {
            Self::Constant(quantity) if quantity.places <= places => quantity.with_places(places),
            // 0.5..99 without places: from the next integer on.
            Self::Constant(quantity) => Some(quantity.units / 10_i64.checked_pow(quantity.places - places)?),
            Self::Slot(slot, offset) => match filling(before, slot)? {
                Filling::Number(quantity) => {
                    let moved = quantity
                        .units
                        .checked_add(offset.checked_mul(10_i64.checked_pow(quantity.places)?)?)?;
                    let quantity = Quantity::decimal(moved, quantity.places);
                    if quantity.places <= places {
                        quantity.with_places(places)
                    } else {
                        Some(quantity.units / 10_i64.checked_pow(quantity.places - places)?)
                    }
                }
                _ => None,
            },
        }
    }
}
