//! Instructions in a row, with labels that are filled in later.

use crate::interpreter::full::isa::Op;
use crate::interpreter::full::program::{Address, Indirect, MAX_CODE, NO_TYPE, PAGE, Record};
use crate::source::Span;

/// A place that jumps lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// Instructions so far.
#[derive(Debug, Default)]
pub struct Code {
    records: Vec<Record>,
    /// The address of the first.
    base: usize,
    /// Where each label is, once that is known.
    labels: Vec<Option<usize>>,
    /// Instructions whose immediate is a label's address, or begins with it.
    jumps: Vec<(usize, Label)>,
    /// Tables of jumps, which stand behind all functions: label of each, and where its entries lead.
    tables: Vec<(Label, Vec<Label>)>,
    /// Calls through the table of functions, whose page is filled in later.
    indirect: Vec<usize>,
    /// Where there were more than addresses: from there on nothing is added any more.
    full_at: Option<Option<Span>>,
    /// The source of what is added.
    pub span: Option<Span>,
    /// Values on the operand stack before it.
    pub height: u16,
}

/// How much there was.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    records: usize,
    jumps: usize,
    tables: usize,
    indirect: usize,
}

/// The program is too long for its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The first instruction that has none, if it stands in the source.
    pub span: Option<Span>,
}

impl Code {
    /// Instructions that stand behind so many others.
    pub fn behind(instructions: usize) -> Self {
        Self { base: instructions, ..Self::default() }
    }

    /// A label that is nowhere yet.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Puts a label here.
    pub fn bind(&mut self, label: Label) {
        let here = self.base + self.records.len();
        if let Some(place) = self.labels.get_mut(label.0) {
            *place = Some(here);
        }
    }

    /// Adds an instruction.
    pub fn push(&mut self, op: Op, imm: u32, a: u16, dest: u16) {
        // A few bytes of source can be thousands of instructions: what is refused in the end is not made first.
        if self.base + self.records.len() > MAX_CODE {
            self.full_at.get_or_insert(self.span);
            return;
        }
        let stays = !matches!(op, Op::Jump | Op::Return | Op::Halt | Op::Unreachable);
        if stays && self.offset() == PAGE - 1 {
            // The count of instructions must not carry into the page.
            let next = (self.base + self.records.len() + 1) as u32;
            self.records.push(Record {
                op: Op::Jump,
                imm: next,
                a: 0,
                dest: 0,
                span: self.span,
                height: self.height,
            });
        }
        self.records.push(Record { op, imm, a, dest, span: self.span, height: self.height });
    }

    /// Adds a jump to a label, if a slot says so.
    pub fn jump(&mut self, op: Op, a: u16, to: Label) {
        self.push(op, 0, a, 0);
        self.jumps.push((self.records.len() - 1, to));
    }

    /// Adds a jump to one of several labels, by the number in a slot.
    pub fn jump_table(&mut self, a: u16, to: Vec<Label>) {
        let most = to.len().saturating_sub(1) as u32;
        let table = self.label();
        self.push(Op::JumpTable, most << 16, a, 0);
        self.jumps.push((self.records.len() - 1, table));
        self.tables.push((table, to));
    }

    /// Adds a call of a function of a type that a table names.
    pub fn call_indirect(&mut self, a: u16, call: Indirect) {
        let (imm, dest) = call.encode();
        self.push(Op::CallIndirect, imm, a, dest);
        self.indirect.push(self.records.len() - 1);
    }

    /// Has so many instructions that come now in one page, with no jump between them.
    pub fn together(&mut self, count: usize) {
        let offset = self.offset();
        if offset + count >= PAGE {
            let next = (self.base + self.records.len() - offset + PAGE) as u32;
            self.push(Op::Jump, next, 0, 0);
            (offset + 1..PAGE).for_each(|_| self.push(Op::Unreachable, 0, 0, 0));
        }
    }

    /// Adds the table of functions: a jump for each, with its type. Indirect calls lead there.
    pub fn functions(&mut self, entries: &[Option<(Label, u16)>]) {
        if self.indirect.is_empty() {
            return;
        }
        (self.span, self.height) = (None, 0);
        let offset = self.offset();
        if offset > 0 {
            (offset..PAGE).for_each(|_| self.push(Op::Unreachable, 0, 0, 0));
        }
        // A program that is too long is refused at its end.
        let [_, page] = self.here().bytes();
        for at in std::mem::take(&mut self.indirect) {
            if let Some(record) = self.records.get_mut(at) {
                record.imm |= u32::from(page) << 16;
            }
        }
        for entry in entries {
            match entry {
                Some((label, ty)) => {
                    self.jump(Op::Jump, 0, *label);
                    if let Some(record) = self.records.last_mut() {
                        record.imm = u32::from(*ty) << 16;
                    }
                }
                None => self.push(Op::Unreachable, u32::from(NO_TYPE) << 16, 0, 0),
            }
        }
    }

    /// Where the next instruction stands within its page.
    fn offset(&self) -> usize {
        (self.base + self.records.len()) % PAGE
    }

    /// How much there is.
    pub fn mark(&self) -> Mark {
        let Self { records, jumps, tables, indirect, .. } = self;
        Mark { records: records.len(), jumps: jumps.len(), tables: tables.len(), indirect: indirect.len() }
    }

    /// Takes back what was added since.
    pub fn back(&mut self, to: Mark) {
        self.records.truncate(to.records);
        if self.base + to.records <= MAX_CODE {
            self.full_at = None;
        }
        self.jumps.truncate(to.jumps);
        self.tables.truncate(to.tables);
        self.indirect.truncate(to.indirect);
    }

    /// The address of what comes next.
    pub fn here(&self) -> Address {
        // A program that is too long is refused at its end.
        Address(u16::try_from(self.base + self.records.len()).unwrap_or(u16::MAX))
    }

    /// Adds the tables, fills in all labels, and gives the instructions.
    ///
    /// # Errors
    /// When there are more than addresses.
    pub fn finish(mut self) -> Result<Vec<Record>, TooLong> {
        (self.span, self.height) = (None, 0);
        for (label, entries) in std::mem::take(&mut self.tables) {
            // A table lies in one page, or begins one: an entry's offset is the number's low byte then, and its page the
            // table's plus the high byte. No offset carries.
            let offset = self.offset();
            if offset > 0 && offset + entries.len() > PAGE {
                (offset..PAGE).for_each(|_| self.push(Op::Unreachable, 0, 0, 0));
            }
            self.bind(label);
            entries.into_iter().for_each(|entry| self.jump(Op::Jump, 0, entry));
        }
        if self.base + self.records.len() > MAX_CODE {
            return Err(TooLong { span: self.full_at.flatten() });
        }
        for (at, label) in self.jumps {
            // Every block has its end: a label is always somewhere.
            let Some(to) = self.labels.get(label.0).copied().flatten() else {
                return Err(TooLong { span: None });
            };
            if let Some(record) = self.records.get_mut(at) {
                record.imm |= to as u32;
            }
        }
        Ok(self.records)
    }
}
