//! Which token may follow which: the form of a program, checked from its first token on.
//!
//! A sequence that has a form can be written as text, but need not be valid: types are WebAssembly's own business.

use super::vocabulary::{Class, NumberType, Token};

/// What has been read of a program, as far as it matters for what may follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    place: Place,
    /// The blocks that are open in this function, outermost first.
    blocks: Vec<Opened>,
    number: Number,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before `(module`.
    #[default]
    Outside,
    /// Between functions; imports come before everything else.
    Module { imports: bool },
    /// In the header of a function: what came last of parameters, results and locals.
    Header(Header),
    /// Among its instructions.
    Body,
    /// Behind a block's keyword, where its result may stand.
    BlockStart,
    /// Behind `)` of the module.
    Closed,
    /// Behind the end token.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Header {
    Params,
    Results,
    Locals,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    Block,
    If,
    Else,
}

/// Whether a number is being read, and what there is of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Number {
    #[default]
    None,
    /// Behind `i64.const`: nothing yet.
    Wanted(NumberType),
    /// Only a sign yet.
    Signed(NumberType),
    /// Pieces that make a number.
    Digits { ty: NumberType, point: bool },
    /// Pieces that end with a point, which digits must follow.
    Point,
    /// A number that nothing can be added to.
    Whole,
}

/// A token where it cannot stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} is wanted, not `{found}`")]
pub struct Misplaced {
    /// The token.
    pub found: Token,
    /// What could stand there.
    pub wanted: &'static str,
}

impl Shape {
    /// Whether the module is closed, so that nothing but the end can follow.
    pub const fn is_closed(&self) -> bool {
        matches!(self.place, Place::Closed | Place::Ended)
    }

    /// How many blocks are open.
    pub const fn depth(&self) -> usize {
        self.blocks.len()
    }

    /// Whether a piece that comes next is joined to the one before it.
    pub const fn in_number(&self) -> bool {
        matches!(self.number, Number::Signed(_) | Number::Digits { .. } | Number::Point)
    }

    /// Whether a token can stand here.
    pub fn allows(&self, token: Token) -> bool {
        self.after(token).is_ok()
    }

    /// Reads a token.
    ///
    /// # Errors
    /// A token that cannot stand here; then nothing is changed.
    pub fn push(&mut self, token: Token) -> Result<(), Misplaced> {
        let (class, place, number) = self.after(token)?;
        match class {
            Class::Block => self.blocks.push(Opened::Block),
            Class::If => self.blocks.push(Opened::If),
            Class::Else => {
                self.blocks.pop();
                self.blocks.push(Opened::Else);
            }
            Class::EndBlock => {
                self.blocks.pop();
            }
            _ => {}
        }
        (self.place, self.number) = (place, number);
        Ok(())
    }

    /// Where a token leads.
    fn after(&self, token: Token) -> Result<(Class, Place, Number), Misplaced> {
        let misplaced = |wanted| Misplaced { found: token, wanted };
        let class = token.class().ok_or_else(|| misplaced("a token of the vocabulary"))?;
        let number = self.number_after(token, class).map_err(misplaced)?;
        let place = match number {
            Number::None => self.place_after(class).map_err(misplaced)?,
            _ => Place::Body,
        };
        Ok((class, place, number))
    }

    fn number_after(&self, token: Token, class: Class) -> Result<Number, &'static str> {
        let text = match class {
            Class::Piece => token.text().unwrap_or(""),
            _ => "",
        };
        let piece = |ty: NumberType, point: bool| {
            let float = text.contains(['.', 'e']);
            match () {
                () if text == "-" || text == "." => Err("a digit"),
                () if float && ty != NumberType::F64 => Err("an integer"),
                () if text.contains('e') => Ok(Number::Whole),
                () => Ok(Number::Digits { ty, point: point || float }),
            }
        };
        match (self.number, class) {
            (Number::Wanted(ty), Class::Piece) if text == "-" => Ok(Number::Signed(ty)),
            (Number::Wanted(ty) | Number::Signed(ty), Class::Piece) => piece(ty, false),
            (Number::Wanted(_), Class::Operand(_) | Class::Size(_)) => Ok(Number::Whole),
            (Number::Wanted(_), _) => Err("a number"),
            (Number::Point, Class::Piece) if text.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Number::Digits { ty: NumberType::F64, point: true })
            }
            (Number::Signed(_) | Number::Point, _) => Err("a digit"),
            (Number::Digits { ty: NumberType::F64, point: false }, Class::Piece) if text == "." => {
                Ok(Number::Point)
            }
            (Number::Digits { ty, point }, Class::Piece) => {
                if text.bytes().all(|b| b.is_ascii_digit()) {
                    Ok(Number::Digits { ty, point })
                } else {
                    Err("a digit or an instruction")
                }
            }
            (_, Class::Piece | Class::Operand(_) | Class::Size(_)) => Err("an instruction"),
            (_, Class::Const(ty)) => {
                if self.in_body() {
                    Ok(Number::Wanted(ty))
                } else {
                    Err(self.wanted())
                }
            }
            _ => Ok(Number::None),
        }
    }

    fn place_after(&self, class: Class) -> Result<Place, &'static str> {
        let wanted = Err(self.wanted());
        match (class, self.place) {
            (Class::Module, Place::Outside) => Ok(Place::Module { imports: true }),
            (Class::Import, Place::Module { imports: true }) => Ok(Place::Module { imports: true }),
            (Class::Memory | Class::Data | Class::Fill(_), Place::Module { .. }) => {
                Ok(Place::Module { imports: false })
            }
            (Class::Function, Place::Module { .. }) => Ok(Place::Header(Header::Params)),
            (Class::Close, Place::Module { .. }) => Ok(Place::Closed),
            (Class::Close, _) if self.in_body() && self.blocks.is_empty() => {
                Ok(Place::Module { imports: false })
            }
            (Class::Close, _) if self.in_body() => Err("an instruction or `end`"),
            (Class::End, Place::Closed) => Ok(Place::Ended),
            (Class::Param, Place::Header(Header::Params)) => Ok(Place::Header(Header::Params)),
            (Class::Result, Place::Header(Header::Params | Header::Results)) => {
                Ok(Place::Header(Header::Results))
            }
            (Class::Local, Place::Header(_)) => Ok(Place::Header(Header::Locals)),
            (Class::Result, Place::BlockStart) => Ok(Place::BlockStart),
            (Class::Block | Class::If, _) if self.in_body() => Ok(Place::BlockStart),
            (Class::Else, _) if self.in_body() => match self.blocks.last() {
                Some(Opened::If) => Ok(Place::Body),
                _ => Err("an instruction"),
            },
            (Class::EndBlock, _) if self.in_body() => match self.blocks.last() {
                Some(_) => Ok(Place::Body),
                None => Err("an instruction or `)`"),
            },
            (Class::Branch(depth), _) if self.in_body() => {
                // The function itself is the outermost block.
                if usize::from(depth) <= self.blocks.len() {
                    Ok(Place::Body)
                } else {
                    Err("a block that is open")
                }
            }
            (Class::Plain, _) if self.in_body() => Ok(Place::Body),
            _ => wanted,
        }
    }

    const fn in_body(&self) -> bool {
        matches!(self.place, Place::Header(_) | Place::Body | Place::BlockStart)
    }

    const fn wanted(&self) -> &'static str {
        match self.place {
            Place::Outside => "`(module`",
            Place::Module { .. } => "a function, a memory or `)`",
            Place::Header(_) | Place::Body | Place::BlockStart => "an instruction",
            Place::Closed => "the end",
            Place::Ended => "nothing",
        }
    }
}
