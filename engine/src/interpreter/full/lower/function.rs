//! A function's body as records.
//!
//! Validation fixes how high the operand stack is at every instruction, so each operand has a slot. Blocks are gone: a branch
//! knows where it leads, and copies what it takes along to where the block's values are expected.

use wasmparser::{BlockType, MemArg, Operator};

use super::code::{Code, Label};
use super::division::Division;
use super::types::{Import, Types};
use super::{Outside, outside};
use crate::interpreter::full::isa::Op;
use crate::interpreter::full::program::{Indirect, MAX_OPERANDS, SCRATCH, local};
use crate::source::Span;

/// A block that is open.
struct Frame {
    /// Where a branch to it leads.
    label: Label,
    /// Where its `else` is, while it is open.
    otherwise: Option<Label>,
    /// Values below it.
    height: usize,
    params: usize,
    results: usize,
    is_loop: bool,
    /// It begins where nothing ever comes.
    is_dead: bool,
}

/// A body being lowered.
pub struct Body<'a> {
    types: &'a Types,
    code: &'a mut Code,
    frames: Vec<Frame>,
    height: usize,
    /// Nothing comes here: behind a branch, until the block's end.
    is_dead: bool,
    /// Functions that it calls.
    pub calls: Vec<u32>,
    /// Whether it calls through the table.
    pub calls_table: bool,
}

impl<'a> Body<'a> {
    /// The body of a function with so many results.
    pub fn new(types: &'a Types, code: &'a mut Code, results: usize) -> Self {
        let label = code.label();
        let frame =
            Frame { label, otherwise: None, height: 0, params: 0, results, is_loop: false, is_dead: false };
        Self {
            types,
            code,
            frames: vec![frame],
            height: 0,
            is_dead: false,
            calls: Vec::new(),
            calls_table: false,
        }
    }

    /// Sets locals that are no parameters to 0.
    pub fn begin(&mut self, params: usize, locals: usize) {
        (params..locals).for_each(|index| self.code.push(Op::Init, 0, 0, local(index)));
    }

    /// What comes now stands there in the source.
    pub fn at(&mut self, span: Span) {
        self.code.span = Some(span);
        self.code.height = self.slot(0);
    }

    /// An operator.
    ///
    /// # Errors
    /// One that the machine does not know.
    pub fn operator(&mut self, operator: &Operator<'_>) -> Result<(), Outside> {
        match operator {
            Operator::Block { blockty } => self.open(*blockty, false, None)?,
            Operator::Loop { blockty } => self.open(*blockty, true, None)?,
            Operator::If { blockty } => {
                let otherwise = self.code.label();
                if !self.is_dead {
                    self.height -= 1;
                    self.code.jump(Op::JumpUnless, self.slot(0), otherwise);
                }
                self.open(*blockty, false, Some(otherwise))?;
            }
            Operator::Else => self.otherwise(),
            Operator::End => self.close(),
            _ if self.is_dead => {}
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth as usize);
                self.is_dead = true;
            }
            Operator::BrIf { relative_depth } => self.branch_if(*relative_depth as usize),
            Operator::BrTable { targets } => {
                self.height -= 1;
                let mut depths: Vec<usize> = Vec::new();
                for target in targets.targets() {
                    depths.push(target.map_err(|_| outside("this table of branches"))? as usize);
                }
                depths.push(targets.default() as usize);
                self.branch_table(&depths);
                self.is_dead = true;
            }
            Operator::Return => {
                self.branch(self.frames.len() - 1);
                self.is_dead = true;
            }
            Operator::Unreachable => {
                self.code.push(Op::Unreachable, 0, 0, 0);
                self.is_dead = true;
            }
            Operator::Call { function_index } => self.call(*function_index)?,
            Operator::CallIndirect { type_index, table_index: 0 } => self.call_indirect(*type_index)?,
            other => self.plain(other)?,
        }
        const MOST: usize = MAX_OPERANDS - SCRATCH;
        if self.height > MOST {
            return Err(outside(format!("more than {MOST} values on the operand stack")));
        }
        Ok(())
    }

    /// The slot so many above the height.
    const fn slot(&self, above: usize) -> u16 {
        (self.height + above) as u16
    }

    fn open(&mut self, ty: BlockType, is_loop: bool, otherwise: Option<Label>) -> Result<(), Outside> {
        let (params, results) = match ty {
            // Nothing of it is written.
            _ if self.is_dead => (0, 0),
            BlockType::Empty => (0, 0),
            BlockType::Type(ty) => (0, self.types.one(ty)?),
            BlockType::FuncType(index) => self.types.signature(index)?,
        };
        let label = self.code.label();
        if is_loop {
            self.code.bind(label);
        }
        let height = self.height.saturating_sub(params);
        self.frames.push(Frame { label, otherwise, height, params, results, is_loop, is_dead: self.is_dead });
        Ok(())
    }

    fn otherwise(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let (label, otherwise) = (frame.label, frame.otherwise.take());
        if !self.is_dead {
            self.code.jump(Op::Jump, 0, label);
        }
        if let Some(otherwise) = otherwise {
            self.code.bind(otherwise);
        }
        self.is_dead = frame.is_dead;
        self.height = frame.height + frame.params;
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if let Some(otherwise) = frame.otherwise {
            self.code.bind(otherwise);
        }
        if !frame.is_loop {
            self.code.bind(frame.label);
        }
        self.height = frame.height + frame.results;
        self.code.height = self.slot(0);
        self.is_dead = frame.is_dead;
        if self.frames.is_empty() {
            self.code.push(Op::Return, 0, 0, 0);
        }
    }

    /// Where a branch out of so many blocks leads, with how many values, and to what height.
    fn target(&self, depth: usize) -> Option<(Label, usize, usize)> {
        let at = self.frames.len().checked_sub(depth + 1)?;
        let frame = self.frames.get(at)?;
        Some((frame.label, if frame.is_loop { frame.params } else { frame.results }, frame.height))
    }

    /// Copies the uppermost values to where they are expected.
    fn carry(&mut self, values: usize, height: usize) {
        let from = self.height - values;
        if from != height {
            for value in 0..values {
                self.code.push(Op::Get, 0, (from + value) as u16, (height + value) as u16);
            }
        }
    }

    fn branch(&mut self, depth: usize) {
        let Some((label, values, height)) = self.target(depth) else { return };
        self.carry(values, height);
        self.code.jump(Op::Jump, 0, label);
    }

    fn branch_if(&mut self, depth: usize) {
        self.height -= 1;
        let condition = self.slot(0);
        let Some((label, values, height)) = self.target(depth) else { return };
        if values == 0 || self.height - values == height {
            self.code.jump(Op::JumpIf, condition, label);
            return;
        }
        let stay = self.code.label();
        self.code.jump(Op::JumpUnless, condition, stay);
        self.branch(depth);
        self.code.bind(stay);
    }

    fn branch_table(&mut self, depths: &[usize]) {
        let index = self.slot(0);
        // Branches that copy do so on the way.
        let mut ways: Vec<(usize, Label)> = Vec::new();
        for &depth in depths {
            if ways.iter().all(|(known, _)| *known != depth) {
                let label = match self.target(depth) {
                    Some((label, values, height)) if values == 0 || self.height - values == height => label,
                    _ => self.code.label(),
                };
                ways.push((depth, label));
            }
        }
        let way = |depth: &usize| ways.iter().find(|(known, _)| known == depth).map(|(_, label)| *label);
        self.code.jump_table(index, depths.iter().filter_map(way).collect());
        for (depth, label) in ways {
            if self.target(depth).is_some_and(|(own, ..)| own != label) {
                self.code.bind(label);
                self.branch(depth);
            }
        }
    }

    fn call(&mut self, index: u32) -> Result<(), Outside> {
        self.calls.push(index);
        let (params, results) = self.types.function(index)?;
        if self.types.is_imported(index) {
            let import = self.types.import(index);
            if (params, results) != (1, 0) || import == Import::Other {
                return Err(outside(
                    "an import other than `output.i32` and `output.byte`, which take one i32 and give nothing",
                ));
            }
            self.height -= 1;
            self.code.push(Op::Output, u32::from(import == Import::OutputByte), self.slot(0), 0);
            return Ok(());
        }
        self.arguments(params);
        let entry = self.types.entry(self.code, index);
        self.code.jump(Op::Call, 0, entry);
        self.results(results);
        Ok(())
    }

    fn call_indirect(&mut self, ty: u32) -> Result<(), Outside> {
        self.calls_table = true;
        let (params, results) = self.types.signature(ty)?;
        self.height -= 1;
        let index = self.slot(0);
        self.arguments(params);
        let ty = self.types.type_id(ty)?;
        self.code.call_indirect(index, Indirect { ty, page: 0, entries: self.types.table_entries });
        self.results(results);
        Ok(())
    }

    /// Takes the uppermost values into the frame that a call opens.
    fn arguments(&mut self, params: usize) {
        self.height -= params;
        for param in 0..params {
            self.code.push(Op::Arg, 0, self.slot(param), local(param));
        }
    }

    fn results(&mut self, results: usize) {
        for result in 0..results {
            self.code.push(Op::Take, 0, result as u16, self.slot(result));
        }
        self.height += results;
    }

    /// An instruction with operands, and no say in what comes next.
    fn plain(&mut self, operator: &Operator<'_>) -> Result<(), Outside> {
        if let Some((op, operands)) = arithmetic(operator) {
            self.height -= operands;
            self.code.push(op, 0, self.slot(0), self.slot(0));
            self.height += 1;
            return Ok(());
        }
        if let Some(division) = Division::of(operator) {
            self.height -= 2;
            division.lower(self.code, self.slot(0));
            self.height += 1;
            return Ok(());
        }
        if let Some((op, memarg)) = memory(operator) {
            let offset = u32::try_from(memarg.offset).map_err(|_| outside("an offset of 64 bits"))?;
            let stores = matches!(op, Op::Store | Op::Store8 | Op::Store16);
            self.height -= if stores { 2 } else { 1 };
            self.code.push(op, offset, self.slot(0), self.slot(0));
            self.height += usize::from(!stores);
            return Ok(());
        }
        match operator {
            Operator::Nop => self.code.push(Op::Step, 0, 0, 0),
            Operator::Drop => {
                self.height -= 1;
                self.code.push(Op::Step, 0, 0, 0);
            }
            Operator::I32Const { value } => {
                self.code.push(Op::Const, value.cast_unsigned(), 0, self.slot(0));
                self.height += 1;
            }
            Operator::LocalGet { local_index } => {
                self.code.push(Op::Get, 0, local(*local_index as usize), self.slot(0));
                self.height += 1;
            }
            Operator::LocalSet { local_index } => {
                self.height -= 1;
                self.code.push(Op::Get, 0, self.slot(0), local(*local_index as usize));
            }
            Operator::LocalTee { local_index } => {
                let top = (self.height - 1) as u16;
                self.code.push(Op::Get, 0, top, local(*local_index as usize));
            }
            Operator::GlobalGet { global_index } => {
                self.types.global(*global_index)?;
                self.code.push(Op::GlobalGet, 0, *global_index as u16, self.slot(0));
                self.height += 1;
            }
            Operator::GlobalSet { global_index } => {
                self.types.global(*global_index)?;
                self.height -= 1;
                self.code.push(Op::GlobalSet, 0, self.slot(0), *global_index as u16);
            }
            Operator::MemorySize { mem: 0 } => {
                self.code.push(Op::MemorySize, 0, 0, self.slot(0));
                self.height += 1;
            }
            Operator::MemoryGrow { mem: 0 } => {
                let top = (self.height - 1) as u16;
                self.code.push(Op::MemoryGrow, self.types.max_pages, top, top + 1);
                self.code.push(Op::Grown, 0, top, 0);
                self.code.push(Op::Get, 0, top + 1, top);
            }
            other => return Err(outside(format!("`{}`", super::names::of(other)))),
        }
        Ok(())
    }
}

/// An instruction that replaces so many values by one.
const fn arithmetic(operator: &Operator<'_>) -> Option<(Op, usize)> {
    use Operator as O;
    Some(match operator {
        O::Select | O::TypedSelect { .. } => (Op::Select, 3),
        O::I32Eqz => (Op::Eqz, 1),
        O::I32Clz => (Op::Clz, 1),
        O::I32Ctz => (Op::Ctz, 1),
        O::I32Popcnt => (Op::Popcnt, 1),
        O::I32Extend8S => (Op::Extend8, 1),
        O::I32Extend16S => (Op::Extend16, 1),
        O::I32Add => (Op::Add, 2),
        O::I32Sub => (Op::Sub, 2),
        O::I32Mul => (Op::Mul, 2),
        O::I32And => (Op::And, 2),
        O::I32Or => (Op::Or, 2),
        O::I32Xor => (Op::Xor, 2),
        O::I32Shl => (Op::Shl, 2),
        O::I32ShrS => (Op::ShrS, 2),
        O::I32ShrU => (Op::ShrU, 2),
        O::I32Rotl => (Op::Rotl, 2),
        O::I32Rotr => (Op::Rotr, 2),
        O::I32Eq => (Op::Eq, 2),
        O::I32Ne => (Op::Ne, 2),
        O::I32LtS => (Op::LtS, 2),
        O::I32LtU => (Op::LtU, 2),
        O::I32GtS => (Op::GtS, 2),
        O::I32GtU => (Op::GtU, 2),
        O::I32LeS => (Op::LeS, 2),
        O::I32LeU => (Op::LeU, 2),
        O::I32GeS => (Op::GeS, 2),
        O::I32GeU => (Op::GeU, 2),
        _ => return None,
    })
}

/// An instruction that reads or writes memory.
const fn memory<'a>(operator: &'a Operator<'_>) -> Option<(Op, &'a MemArg)> {
    use Operator as O;
    Some(match operator {
        O::I32Load { memarg } => (Op::Load, memarg),
        O::I32Load8S { memarg } => (Op::Load8S, memarg),
        O::I32Load8U { memarg } => (Op::Load8U, memarg),
        O::I32Load16S { memarg } => (Op::Load16S, memarg),
        O::I32Load16U { memarg } => (Op::Load16U, memarg),
        O::I32Store { memarg } => (Op::Store, memarg),
        O::I32Store8 { memarg } => (Op::Store8, memarg),
        O::I32Store16 { memarg } => (Op::Store16, memarg),
        _ => return None,
    })
}
