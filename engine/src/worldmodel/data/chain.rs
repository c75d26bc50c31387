//! Random arithmetic: two to six numbers with operators and brackets between them.

use fastrand::Rng;

use super::quantity::{Dress, Quantity};
use super::slots::{NumberSpec, pair};
use super::spoken::Language;

/// What chains may have.
#[derive(Clone, Debug)]
pub(super) struct ChainSpec {
    /// How many numbers.
    count: (usize, usize),
    /// Which operators, of `+-*/`.
    operators: Vec<char>,
    of: NumberSpec,
    /// Brackets, sometimes.
    brackets: bool,
    /// Operators in words, not in symbols.
    words: bool,
}

/// A piece of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Number(Quantity),
    Operator(char),
    Open,
    Close,
}

/// Random arithmetic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub links: Vec<Link>,
    words: bool,
}

enum Tree {
    Leaf(Quantity),
    Join(char, Box<Tree>, Box<Tree>),
}

const fn strength(operator: char) -> u8 {
    match operator {
        '+' | '-' => 1,
        _ => 2,
    }
}

impl ChainSpec {
    /// Reads `2..6 of NUMBERS with + - * / brackets words`, each part behind `of` if it is wanted.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (count, rest) = text.split_once(" of ").ok_or("a chain is `chain 2..6 of NUMBERS with + - …`")?;
        let (of, with) = rest.split_once(" with ").ok_or("a chain is `chain 2..6 of NUMBERS with + - …`")?;
        let mut spec = Self {
            count: pair(count)?,
            operators: Vec::new(),
            of: NumberSpec::parse(of)?,
            brackets: false,
            words: false,
        };
        for part in with.split_whitespace() {
            match part {
                "brackets" => spec.brackets = true,
                "words" => spec.words = true,
                "+" | "-" | "*" | "/" => spec.operators.extend(part.chars()),
                other => return Err(format!("`{other}` is nothing a chain has")),
            }
        }
        if spec.operators.is_empty() || spec.count.0 < 2 {
            Err("a chain wants operators and two numbers".to_owned())
        } else {
            Ok(spec)
        }
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> Chain {
        let count = rng.usize(self.count.0..=self.count.1);
        let operators: Vec<char> = (1..count)
            .filter_map(|_| self.operators.get(rng.usize(..self.operators.len())).copied())
            .collect();
        // Products of long numbers have no result, and nobody asks for them.
        let products = operators.iter().filter(|&&operator| operator == '*').count();
        let most = if products == 0 { 15 } else { 17 / (products + 1) };
        let short = |rng: &mut Rng| {
            let mut drawn = (0..50).filter_map(|_| self.of.draw_plain(rng));
            drawn.find(|number| number.digits() <= most).unwrap_or(Quantity::integer(2))
        };
        let numbers: Vec<Quantity> = (0..count).map(|_| short(rng)).collect();
        let mut links = Vec::new();
        if self.brackets && rng.u32(..4) > 0 {
            write(&tree(rng, &numbers, &operators), None, rng, &mut links);
        } else {
            for (index, &number) in numbers.iter().enumerate() {
                if let Some(&operator) = index.checked_sub(1).and_then(|index| operators.get(index)) {
                    links.push(Link::Operator(operator));
                }
                links.push(Link::Number(number));
            }
        }
        Chain { links, words: self.words }
    }
}

fn tree(rng: &mut Rng, numbers: &[Quantity], operators: &[char]) -> Tree {
    let place = rng.usize(..operators.len().max(1));
    match (numbers, operators.get(place)) {
        ([number], _) => Tree::Leaf(*number),
        (_, Some(&operator)) => {
            let (left, right) = numbers.split_at(place + 1);
            let before = operators.get(..place).unwrap_or(&[]);
            let behind = operators.get(place + 1..).unwrap_or(&[]);
            Tree::Join(operator, Box::new(tree(rng, left, before)), Box::new(tree(rng, right, behind)))
        }
        _ => Tree::Leaf(Quantity::integer(1)),
    }
}

/// Writes a tree with the brackets it needs, and now and then one that it does not.
fn write(tree: &Tree, place: Option<(char, bool)>, rng: &mut Rng, links: &mut Vec<Link>) {
    match tree {
        Tree::Leaf(number) => links.push(Link::Number(*number)),
        Tree::Join(operator, left, right) => {
            let needed = place.is_some_and(|(above, on_the_right)| {
                let (own, above_strength) = (strength(*operator), strength(above));
                own < above_strength || (own == above_strength && on_the_right)
            });
            let bracket = needed || (place.is_some() && rng.u32(..8) == 0);
            if bracket {
                links.push(Link::Open);
            }
            write(left, Some((*operator, false)), rng, links);
            links.push(Link::Operator(*operator));
            write(right, Some((*operator, true)), rng, links);
            if bracket {
                links.push(Link::Close);
            }
        }
    }
}

impl Chain {
    /// The numbers, in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Quantity> {
        self.links.iter().filter_map(|link| match link {
            Link::Number(number) => Some(*number),
            _ => None,
        })
    }

    /// The plan, with what stands for each number, in order.
    pub(super) fn plan(&self, numbers: &[String]) -> String {
        let mut numbers = numbers.iter();
        let mut plan = String::new();
        for link in &self.links {
            match link {
                Link::Number(_) => plan.push_str(numbers.next().map_or("", String::as_str)),
                Link::Operator(operator) => {
                    plan.push(' ');
                    plan.push(*operator);
                    plan.push(' ');
                }
                Link::Open => plan.push('('),
                Link::Close => plan.push(')'),
            }
        }
        plan
    }

    /// As it stands in a question, with the bytes of each number.
    pub(super) fn written(
        &self,
        rng: &mut Rng,
        language: Language,
        dress: Dress,
    ) -> (String, Vec<(usize, usize)>) {
        let tight = !self.words && rng.u32(..4) == 0;
        let space = if tight || (self.words && language == Language::Chinese) { "" } else { " " };
        let style = rng.usize(..60);
        let mut text = String::new();
        let mut spans = Vec::new();
        let mut before: Option<Link> = None;
        for &link in &self.links {
            match link {
                Link::Number(number) => {
                    let written =
                        number.written(rng, language, Dress { words: dress.words && self.words, ..dress });
                    // 5 - (-4), or 5 - -4.
                    let wrap = number.units < 0 && matches!(before, Some(Link::Operator(_))) && rng.bool();
                    text.push_str(if wrap { "(" } else { "" });
                    spans.push((text.len(), text.len() + written.len()));
                    text.push_str(&written);
                    text.push_str(if wrap { ")" } else { "" });
                }
                Link::Operator(operator) => {
                    text.push_str(space);
                    text.push_str(if self.words {
                        spoken(operator, language, style)
                    } else {
                        symbol(operator, style)
                    });
                    text.push_str(space);
                }
                Link::Open => text.push('('),
                Link::Close => text.push(')'),
            }
            before = Some(link);
        }
        (text, spans)
    }
}

fn symbol(operator: char, style: usize) -> &'static str {
    let choices: &[&str] = match operator {
        '-' => &["-", "-", "-", "−", "–"],
        '*' => &["*", "*", "×", "×", "x", "·"],
        '/' => &["/", "/", "÷"],
        _ => &["+"],
    };
    choices.get(style % choices.len()).copied().unwrap_or("+")
}

fn spoken(operator: char, language: Language, style: usize) -> &'static str {
    let choices: &[&str] = match (language, operator) {
        (Language::English, '-') => &["minus"],
        (Language::English, '*') => &["times", "times", "multiplied by"],
        (Language::English, '/') => &["divided by", "divided by", "over"],
        (Language::English, _) => &["plus"],
        (Language::Russian, '-') => &["минус"],
        (Language::Russian, '*') => &["умножить на", "умноженное на"],
        (Language::Russian, '/') => &["разделить на", "делить на", "поделить на"],
        (Language::Russian, _) => &["плюс"],
        (Language::Chinese, '-') => &["减", "减去"],
        (Language::Chinese, '*') => &["乘以", "乘"],
        (Language::Chinese, '/') => &["除以"],
        (Language::Chinese, _) => &["加", "加上"],
    };
    choices.get(style % choices.len()).copied().unwrap_or("+")
}
