//! Instructions in a row, with labels that are filled in later.

use crate::interpreter::full::isa::Op;
use crate::interpreter::full::program::{Address, MAX_CODE, PAGE, Record};
use crate::source::Span;

/// A place that jumps lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// Instructions so far.
#[derive(Debug, Default)]
pub struct Code {
    records: Vec<Record>,
    /// The address of the first; it begins a page.
    base: usize,
    /// Where each label is, once that is known.
    labels: Vec<Option<usize>>,
    /// Instructions whose immediate is a label's address, or begins with it.
    jumps: Vec<(usize, Label)>,
    /// Tables of jumps, which stand behind all functions: label of each, and where its entries lead.
    tables: Vec<(Label, Vec<Label>)>,
    /// The source of what is added.
    pub span: Option<Span>,
}

/// How much there was.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    records: usize,
    jumps: usize,
    tables: usize,
}

/// The program is too long for its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Code {
    /// Instructions that stand behind so many others: at the next page.
    pub fn behind(instructions: usize) -> Self {
        Self { base: instructions.next_multiple_of(PAGE), ..Self::default() }
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
        let stays = !matches!(op, Op::Jump | Op::Return | Op::Halt | Op::Unreachable);
        if stays && self.records.len() % PAGE == PAGE - 1 {
            // The count of instructions must not carry into the page.
            let next = (self.base + self.records.len() + 1) as u32;
            self.records.push(Record { op: Op::Jump, imm: next, a: 0, dest: 0, span: self.span });
        }
        self.records.push(Record { op, imm, a, dest, span: self.span });
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

    /// How much there is.
    pub fn mark(&self) -> Mark {
        Mark { records: self.records.len(), jumps: self.jumps.len(), tables: self.tables.len() }
    }

    /// Takes back what was added since.
    pub fn back(&mut self, to: Mark) {
        self.records.truncate(to.records);
        self.jumps.truncate(to.jumps);
        self.tables.truncate(to.tables);
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
        self.span = None;
        for (label, entries) in std::mem::take(&mut self.tables) {
            // A table lies in one page, or begins one: an entry's offset is the number's low byte then, and its page the
            // table's plus the high byte. No offset carries.
            let offset = self.records.len() % PAGE;
            if offset > 0 && offset + entries.len() > PAGE {
                (offset..PAGE).for_each(|_| self.push(Op::Unreachable, 0, 0, 0));
            }
            self.bind(label);
            entries.into_iter().for_each(|entry| self.jump(Op::Jump, 0, entry));
        }
        if self.base + self.records.len() > MAX_CODE {
            return Err(TooLong);
        }
        for (at, label) in self.jumps {
            // Every block has its end: a label is always somewhere.
            let Some(to) = self.labels.get(label.0).copied().flatten() else { return Err(TooLong) };
            if let Some(record) = self.records.get_mut(at) {
                record.imm |= to as u32;
            }
        }
        Ok(self.records)
    }
}
