//! The residual stream of the classic model: what each of its 100 dimensions means.
//!
//! This is the one place that says so. Three groups, by who writes them: the *embedding* (what a token is),
//! the *positional encoding* (what the host knows: where in the program, where in the files), and the
//! *layers* (what is computed).

use super::isa::{FILES, Op};

/// Width of the residual stream.
pub const D_MODEL: usize = 100;
/// Bits of a value.
pub const BITS: usize = 8;

/// What an instruction makes the model do: one flag for each pair of dimensions `BYTE_IS_…` (this byte, read
/// as an opcode) and `OP_…` (the instruction being executed).
///
/// Twenty-four operations reach the model (it never sees the two loop markers). Two pairs of them look alike
/// to it and share a flag: `fd_open` pushes its operand just like `i32.const`, and `fd_close` pops and shows
/// a value just like `output`; what sets them apart is done by the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `i32.const`, `fd_open`: push the operand.
    Const,
    /// `i32.add`
    Add,
    /// `i32.sub`
    Sub,
    /// `i32.mul`
    Mul,
    /// `i32.and`
    And,
    /// `i32.or`
    Or,
    /// `i32.eq`
    Eq,
    /// `i32.ne`
    Ne,
    /// `i32.lt_s`
    LtS,
    /// `i32.gt_s`
    GtS,
    /// `i32.le_s`
    LeS,
    /// `i32.ge_s`
    GeS,
    /// `i32.load`
    Load,
    /// `i32.store`
    Store,
    /// `local.get`
    LocalGet,
    /// `local.set`
    LocalSet,
    /// `local.tee`
    LocalTee,
    /// `fd_read`
    FdRead,
    /// `fd_write`
    FdWrite,
    /// `br_if`
    BrIf,
    /// `output`, `fd_close`: pop and show.
    Output,
    /// `halt`
    Halt,
}

impl Flag {
    /// All flags, in the order of their dimensions. Neighbours share a fetch head in layer 0.
    pub const ALL: [Self; 22] = [
        Self::Const,
        Self::Add,
        Self::Sub,
        Self::Mul,
        Self::And,
        Self::Or,
        Self::Eq,
        Self::Ne,
        Self::LtS,
        Self::GtS,
        Self::LeS,
        Self::GeS,
        Self::Load,
        Self::Store,
        Self::LocalGet,
        Self::LocalSet,
        Self::LocalTee,
        Self::FdRead,
        Self::FdWrite,
        Self::BrIf,
        Self::Output,
        Self::Halt,
    ];

    /// The flag that an operation raises; `None` for the loop markers.
    pub const fn of(op: Op) -> Option<Self> {
        Some(match op {
            Op::Const | Op::FdOpen => Self::Const,
            Op::Add => Self::Add,
            Op::Sub => Self::Sub,
            Op::Mul => Self::Mul,
            Op::And => Self::And,
            Op::Or => Self::Or,
            Op::Eq => Self::Eq,
            Op::Ne => Self::Ne,
            Op::LtS => Self::LtS,
            Op::GtS => Self::GtS,
            Op::LeS => Self::LeS,
            Op::GeS => Self::GeS,
            Op::Load => Self::Load,
            Op::Store => Self::Store,
            Op::LocalGet => Self::LocalGet,
            Op::LocalSet => Self::LocalSet,
            Op::LocalTee => Self::LocalTee,
            Op::FdRead => Self::FdRead,
            Op::FdWrite => Self::FdWrite,
            Op::BrIf => Self::BrIf,
            Op::Output | Op::FdClose => Self::Output,
            Op::Halt => Self::Halt,
            Op::Loop | Op::EndLoop => return None,
        })
    }

    /// Names of the operations that raise it ("i32.const, fd_open").
    pub fn names(self) -> String {
        let names: Vec<&str> = self.ops().map(Op::mnemonic).collect();
        names.join(", ")
    }

    /// The operations that raise it.
    pub fn ops(self) -> impl Iterator<Item = Op> {
        Op::ALL.into_iter().filter(move |op| Self::of(*op) == Some(self))
    }

    /// Change of the stack's depth; the operations of one flag agree.
    pub fn depth_change(self) -> i32 {
        self.ops().map(Op::depth_change).next().unwrap_or(0)
    }

    /// The flag as part of a dimension's name ("I32_CONST").
    fn name(self) -> String {
        self.ops().next().map(|op| op.mnemonic().replace('.', "_").to_uppercase()).unwrap_or_default()
    }
}

/// One dimension of the residual stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim {
    /// 1 at every position: where constants come from.
    One,
    /// The token's value: the byte, or 0 for the four special tokens.
    Value,
    /// The value's square.
    ValueSq,
    /// One bit of the value, least significant first.
    Bit(usize),
    /// 1 if this byte, read as an opcode, raises the flag.
    ByteIs(Flag),
    /// 1 if this byte, read as an opcode, is of an operation that pushes its answer.
    BytePushes,
    /// Number in its list: of the instruction, for a program byte; of the byte, for a file byte; −1 for the
    /// start token, which stands for "no instruction".
    Index,
    /// The number's square.
    IndexSq,
    /// 1 if this position holds an opcode (or is the start token).
    IsOpcode,
    /// 1 if this position holds an operand's low byte (or is the start token).
    IsOperand,
    /// Number of the instruction executed here; −1 for none.
    Ip,
    /// Number of the instruction executed before it, whose answer is this position's token; −1 for none.
    PrevIp,
    /// The cursor of a file.
    Cursor(usize),
    /// 1 if the instruction executed here raises the flag.
    Op(Flag),
    /// 1 if this position's token was pushed on the stack by the instruction before.
    PrevPushes,
    /// The operand of the instruction executed here.
    Operand,
    /// The operand's square.
    OperandSq,
    /// Depth of the stack after the instruction executed here.
    DepthAfter,
    /// Depth of the stack before it; if `PREV_PUSHES`, this position's token is the value at that depth.
    Depth,
    /// The depth's square.
    DepthSq,
    /// One bit of the value on top of the stack.
    TopBit(usize),
    /// One bit of the value under it.
    SecondBit(usize),
    /// The value on top of the stack.
    Top,
    /// The value under it.
    Second,
    /// The value found by the search for a local.
    LocalValue,
    /// 512 + the local's index, if a write was found; below 512 if not.
    LocalTag,
    /// The value found by the search for a memory cell.
    MemValue,
    /// 512 + its address, if a write was found; below 512 if not.
    MemTag,
    /// The byte at the cursor of a file.
    File(usize),
    /// A sum or product before it is cut to 255.
    Unclamped,
    /// The answer: the token this position predicts.
    Result,
}

const FLAGS: usize = Flag::ALL.len();
const BYTE_IS: usize = 3 + BITS;
const POSITIONAL: usize = BYTE_IS + FLAGS + 1;
const OP: usize = POSITIONAL + 6 + FILES;
const REST: usize = OP + FLAGS + 3;

impl Dim {
    /// Its index in the residual stream.
    pub const fn index(self) -> usize {
        match self {
            Self::One => 0,
            Self::Value => 1,
            Self::ValueSq => 2,
            Self::Bit(bit) => 3 + bit,
            Self::ByteIs(flag) => BYTE_IS + flag as usize,
            Self::BytePushes => BYTE_IS + FLAGS,
            Self::Index => POSITIONAL,
            Self::IndexSq => POSITIONAL + 1,
            Self::IsOpcode => POSITIONAL + 2,
            Self::IsOperand => POSITIONAL + 3,
            Self::Ip => POSITIONAL + 4,
            Self::PrevIp => POSITIONAL + 5,
            Self::Cursor(file) => POSITIONAL + 6 + file,
            Self::Op(flag) => OP + flag as usize,
            Self::PrevPushes => OP + FLAGS,
            Self::Operand => OP + FLAGS + 1,
            Self::OperandSq => OP + FLAGS + 2,
            Self::DepthAfter => REST,
            Self::Depth => REST + 1,
            Self::DepthSq => REST + 2,
            Self::TopBit(bit) => REST + 3 + bit,
            Self::SecondBit(bit) => REST + 3 + BITS + bit,
            Self::Top => REST + 3 + 2 * BITS,
            Self::Second => REST + 4 + 2 * BITS,
            Self::LocalValue => REST + 5 + 2 * BITS,
            Self::LocalTag => REST + 6 + 2 * BITS,
            Self::MemValue => REST + 7 + 2 * BITS,
            Self::MemTag => REST + 8 + 2 * BITS,
            Self::File(file) => REST + 9 + 2 * BITS + file,
            Self::Unclamped => REST + 9 + 2 * BITS + FILES,
            Self::Result => REST + 10 + 2 * BITS + FILES,
        }
    }

    /// All dimensions, by index.
    pub fn all() -> Vec<Self> {
        let mut dims = vec![Self::One, Self::Value, Self::ValueSq];
        dims.extend((0..BITS).map(Self::Bit));
        dims.extend(Flag::ALL.map(Self::ByteIs));
        dims.extend([Self::BytePushes, Self::Index, Self::IndexSq, Self::IsOpcode, Self::IsOperand]);
        dims.extend([Self::Ip, Self::PrevIp]);
        dims.extend((0..FILES).map(Self::Cursor));
        dims.extend(Flag::ALL.map(Self::Op));
        dims.extend([Self::PrevPushes, Self::Operand, Self::OperandSq]);
        dims.extend([Self::DepthAfter, Self::Depth, Self::DepthSq]);
        dims.extend((0..BITS).map(Self::TopBit));
        dims.extend((0..BITS).map(Self::SecondBit));
        dims.extend([Self::Top, Self::Second, Self::LocalValue, Self::LocalTag]);
        dims.extend([Self::MemValue, Self::MemTag]);
        dims.extend((0..FILES).map(Self::File));
        dims.extend([Self::Unclamped, Self::Result]);
        dims
    }

    /// Its name, as the X-ray shows it.
    pub fn name(self) -> String {
        match self {
            Self::One => "ONE".into(),
            Self::Value => "VALUE".into(),
            Self::ValueSq => "VALUE_SQ".into(),
            Self::Bit(bit) => format!("BIT_{bit}"),
            Self::ByteIs(flag) => format!("BYTE_IS_{}", flag.name()),
            Self::BytePushes => "BYTE_PUSHES".into(),
            Self::Index => "INDEX".into(),
            Self::IndexSq => "INDEX_SQ".into(),
            Self::IsOpcode => "IS_OPCODE".into(),
            Self::IsOperand => "IS_OPERAND".into(),
            Self::Ip => "IP".into(),
            Self::PrevIp => "PREV_IP".into(),
            Self::Cursor(file) => format!("CURSOR_{file}"),
            Self::Op(flag) => format!("OP_{}", flag.name()),
            Self::PrevPushes => "PREV_PUSHES".into(),
            Self::Operand => "OPERAND".into(),
            Self::OperandSq => "OPERAND_SQ".into(),
            Self::DepthAfter => "STACK_DEPTH_AFTER".into(),
            Self::Depth => "STACK_DEPTH".into(),
            Self::DepthSq => "STACK_DEPTH_SQ".into(),
            Self::TopBit(bit) => format!("TOP_BIT_{bit}"),
            Self::SecondBit(bit) => format!("SECOND_BIT_{bit}"),
            Self::Top => "TOP".into(),
            Self::Second => "SECOND".into(),
            Self::LocalValue => "LOCAL_VALUE".into(),
            Self::LocalTag => "LOCAL_TAG".into(),
            Self::MemValue => "MEM_VALUE".into(),
            Self::MemTag => "MEM_TAG".into(),
            Self::File(file) => format!("FILE_{file}"),
            Self::Unclamped => "UNCLAMPED".into(),
            Self::Result => "RESULT".into(),
        }
    }

    /// What it means, and who writes it.
    pub fn about(self) -> String {
        match self {
            Self::One => "1 at every position; constants are weights on it. Embedding.".into(),
            Self::Value => "The token's value: its byte, or 0 for a special token. Embedding.".into(),
            Self::ValueSq => "The value's square. Embedding.".into(),
            Self::Bit(bit) => format!("Bit {bit} of the value. Embedding."),
            Self::ByteIs(flag) => {
                format!("1 if this byte, read as an opcode, is {}. Embedding.", flag.names())
            }
            Self::BytePushes => {
                "1 if this byte, read as an opcode, is of an operation that pushes its answer. Embedding.".into()
            }
            Self::Index => {
                "Number of the instruction (program bytes) or of the byte (file bytes); −1 at the start token. Host."
                    .into()
            }
            Self::IndexSq => "INDEX squared. Host.".into(),
            Self::IsOpcode => "1 where an opcode stands, and at the start token. Host.".into(),
            Self::IsOperand => "1 where an operand's low byte stands, and at the start token. Host.".into(),
            Self::Ip => "Number of the instruction executed here; −1 for none. Host.".into(),
            Self::PrevIp => {
                "Number of the instruction whose answer is this token; −1 for none. Host.".into()
            }
            Self::Cursor(file) => format!("Cursor of file {file}. Host."),
            Self::Op(flag) => format!("1 if the instruction executed here is {}. Layer 0.", flag.names()),
            Self::PrevPushes => "1 if this token was pushed on the stack. Layer 0.".into(),
            Self::Operand => "The operand of the instruction executed here. Layer 0.".into(),
            Self::OperandSq => "OPERAND squared. Layer 0.".into(),
            Self::DepthAfter => "Depth of the stack after this instruction. Layer 1, attention.".into(),
            Self::Depth => "Depth of the stack before this instruction. Layer 1, FFN.".into(),
            Self::DepthSq => "STACK_DEPTH squared. Layer 2.".into(),
            Self::TopBit(bit) => format!("Bit {bit} of the stack's top. Layer 3."),
            Self::SecondBit(bit) => format!("Bit {bit} of the value under the top. Layer 3."),
            Self::Top => "The stack's top. Layer 4, attention.".into(),
            Self::Second => "The value under the top. Layer 4, attention.".into(),
            Self::LocalValue => "What was last written to the local. Layer 5, attention.".into(),
            Self::LocalTag => "512 + the local that was found; below 512 if none was. Layer 5, attention.".into(),
            Self::MemValue => "What was last stored at the address. Layer 6, attention.".into(),
            Self::MemTag => "512 + the address that was found; below 512 if none was. Layer 6, attention.".into(),
            Self::File(file) => format!("The byte at the cursor of file {file}. Layer 7, attention."),
            Self::Unclamped => "A sum or product before it is cut to 255. Layer 4, FFN.".into(),
            Self::Result => "The answer: the token predicted here. Layers 4 to 7, FFN.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_dimensions_each_at_its_index_with_a_name_of_its_own() {
        let dims = Dim::all();
        assert_eq!(dims.len(), D_MODEL);
        for (index, dim) in dims.iter().enumerate() {
            assert_eq!(dim.index(), index, "{}", dim.name());
        }
        let names: std::collections::BTreeSet<String> = dims.iter().map(|dim| dim.name()).collect();
        assert_eq!(names.len(), D_MODEL);
    }

    #[test]
    fn operations_of_one_flag_change_the_depth_alike() {
        for flag in Flag::ALL {
            assert!(flag.ops().all(|op| op.depth_change() == flag.depth_change()), "{flag:?}");
        }
    }
}
