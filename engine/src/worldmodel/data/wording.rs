//! Wordings: sentences with slots and alternatives.

use fastrand::Rng;

/// A part of a wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Slot(Slot),
    /// `(a|b|)`: one of them.
    Choice(Vec<Vec<Node>>),
}

/// `{name}`, `{name.column}`, `{name@count}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub name: String,
    /// The column of a list of words.
    pub column: Option<String>,
    /// The slot or `result` that decides between one and many.
    pub count: Option<String>,
    /// `{Name}`: with a capital letter.
    pub capital: bool,
}

/// A sentence with slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wording {
    nodes: Vec<Node>,
}

/// A piece of a wording after its choices are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Slot(&'a Slot),
}

impl Wording {
    /// Reads a line. `(a|b)` is a choice; parentheses without a bar, and any after a backslash, stand for themselves.
    ///
    /// # Errors
    /// What is not closed or has no name.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let chars: Vec<char> = line.chars().collect();
        let mut reader = Reader { chars: &chars, at: 0 };
        let nodes = reader.nodes(false)?;
        if reader.at < chars.len() {
            return Err(format!("`{}` closes nothing", chars.get(reader.at).copied().unwrap_or(' ')));
        }
        Ok(Self { nodes })
    }

    /// The pieces of one way through the choices.
    pub(super) fn draw<'a>(&'a self, rng: &mut Rng) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        draw(&self.nodes, rng, &mut pieces);
        pieces
    }

    /// The ways through the choices, at most `limit`.
    #[cfg(test)]
    pub(super) fn all(&self, limit: usize) -> Vec<Vec<Piece<'_>>> {
        all(&self.nodes, limit)
    }

    /// The slots it has, in all choices.
    pub(super) fn slots(&self) -> Vec<&Slot> {
        let mut found = Vec::new();
        slots(&self.nodes, &mut found);
        found
    }
}

fn draw<'a>(nodes: &'a [Node], rng: &mut Rng, pieces: &mut Vec<Piece<'a>>) {
    for node in nodes {
        match node {
            Node::Text(text) => pieces.push(Piece::Text(text)),
            Node::Slot(slot) => pieces.push(Piece::Slot(slot)),
            Node::Choice(choices) => {
                if let Some(choice) = choices.get(rng.usize(..choices.len().max(1))) {
                    draw(choice, rng, pieces);
                }
            }
        }
    }
}

#[cfg(test)]
fn all(nodes: &[Node], limit: usize) -> Vec<Vec<Piece<'_>>> {
    let mut ways: Vec<Vec<Piece<'_>>> = vec![Vec::new()];
    for node in nodes {
        match node {
            Node::Text(text) => ways.iter_mut().for_each(|way| way.push(Piece::Text(text))),
            Node::Slot(slot) => ways.iter_mut().for_each(|way| way.push(Piece::Slot(slot))),
            Node::Choice(choices) => {
                let tails: Vec<Vec<Piece<'_>>> =
                    choices.iter().flat_map(|choice| all(choice, limit)).collect();
                let joined =
                    ways.iter().flat_map(|way| tails.iter().map(move |tail| [way.as_slice(), tail].concat()));
                ways = joined.take(limit).collect();
            }
        }
    }
    ways
}

fn slots<'a>(nodes: &'a [Node], found: &mut Vec<&'a Slot>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Slot(slot) => found.push(slot),
            Node::Choice(choices) => choices.iter().for_each(|choice| slots(choice, found)),
        }
    }
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    /// Up to the end, or in a choice up to `|` or `)`.
    fn nodes(&mut self, in_choice: bool) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        let mut text = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            if in_choice && matches!(c, '|' | ')') {
                break;
            }
            self.at += 1;
            match c {
                '\\' => {
                    text.extend(self.chars.get(self.at));
                    self.at += 1;
                }
                '{' => {
                    push_text(&mut nodes, &mut text);
                    nodes.push(Node::Slot(self.slot()?));
                }
                '(' if self.is_choice() => {
                    push_text(&mut nodes, &mut text);
                    nodes.push(self.choice()?);
                }
                '(' if in_choice => {
                    // Literal parentheses in a choice: their end must not end the choice.
                    text.push('(');
                    while let Some(&c) = self.chars.get(self.at) {
                        self.at += 1;
                        match c {
                            '{' => {
                                push_text(&mut nodes, &mut text);
                                nodes.push(Node::Slot(self.slot()?));
                            }
                            other => text.push(other),
                        }
                        if c == ')' {
                            break;
                        }
                    }
                }
                other => text.push(other),
            }
        }
        push_text(&mut nodes, &mut text);
        Ok(nodes)
    }

    /// Whether the parenthesis just read holds a bar of its own.
    fn is_choice(&self) -> bool {
        let mut depth = 0_usize;
        let mut escaped = false;
        for &c in self.chars.get(self.at..).unwrap_or(&[]) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '(' => depth += 1,
                ')' if depth == 0 => return false,
                ')' => depth -= 1,
                '|' if depth == 0 => return true,
                _ => {}
            }
        }
        false
    }

    fn choice(&mut self) -> Result<Node, String> {
        let mut choices = Vec::new();
        loop {
            choices.push(self.nodes(true)?);
            let next = self.chars.get(self.at).copied();
            self.at += 1;
            match next {
                Some('|') => {}
                Some(')') => return Ok(Node::Choice(choices)),
                _ => return Err("a choice is not closed".to_owned()),
            }
        }
    }

    fn slot(&mut self) -> Result<Slot, String> {
        let rest = self.chars.get(self.at..).unwrap_or(&[]);
        let length = rest.iter().position(|&c| c == '}').ok_or("a slot is not closed")?;
        let inside: String = rest.get(..length).unwrap_or(&[]).iter().collect();
        self.at += length + 1;
        let (inside, count) = split(&inside, '@');
        let (name, column) = split(&inside, '.');
        let shown = column.as_ref().unwrap_or(&name);
        let capital = shown.chars().next().is_some_and(char::is_uppercase);
        if name.is_empty() {
            return Err("a slot has no name".to_owned());
        }
        Ok(Slot {
            name: name.to_lowercase(),
            column: column.map(|column| column.to_lowercase()),
            count,
            capital,
        })
    }
}

fn split(text: &str, mark: char) -> (String, Option<String>) {
    match text.split_once(mark) {
        Some((left, right)) => (left.to_owned(), Some(right.to_owned())),
        None => (text.to_owned(), None),
    }
}

fn push_text(nodes: &mut Vec<Node>, text: &mut String) {
    if !text.is_empty() {
        nodes.push(Node::Text(std::mem::take(text)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(line: &str) -> Vec<String> {
        let show = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Slot(slot) => format!("<{}>", slot.name),
        };
        Wording::parse(line).unwrap().all(100).iter().map(|way| way.iter().map(show).collect()).collect()
    }

    #[test]
    fn choices_are_all_gone_through() {
        assert_eq!(ways("(Please |)add {x}"), ["Please add <x>", "add <x>"]);
        assert_eq!(ways("a(b|c(d|e))"), ["ab", "acd", "ace"]);
    }

    #[test]
    fn parentheses_without_a_bar_are_text() {
        assert_eq!(ways("f(x) of {y}"), ["f(x) of <y>"]);
        assert_eq!(ways(r"\(a|b\)"), ["(a|b)"]);
        assert_eq!(ways("(f({x})|g)"), ["f(<x>)", "g"]);
    }

    #[test]
    fn what_is_not_closed_is_an_error() {
        assert!(Wording::parse("{x").is_err());
        assert!(Wording::parse("{}").is_err());
    }
}
