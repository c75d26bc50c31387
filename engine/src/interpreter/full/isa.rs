//! The machine's instructions: those of WebAssembly's 32-bit part, and the few that a lowered program has besides.

use serde::{Deserialize, Serialize};

/// Where a slot lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: there is none.
    Nowhere,
    /// In the frame of the function that runs.
    Frame,
    /// In the frame that the next call opens, or that the last call has left.
    NextFrame,
    /// Among the globals.
    Global,
    /// It is the memory's size, to which pages are added.
    Pages,
}

/// What happens at an instruction, as far as the trace is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A value is written: four bytes.
    Value,
    /// A digit of a quotient is written: one byte.
    Digit,
    /// So many bytes are written to memory.
    Store(u8),
    /// Nothing is written.
    Nothing,
    /// The next instruction may be another than the one behind it.
    Transfer,
    /// The run ends.
    End,
}

macro_rules! ops {
    ($($op:ident $name:literal $effect:expr, $about:literal;)*) => {
        /// An instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Op { $(#[doc = $about] $op,)* }

        impl Op {
            /// All of them, in the order of their tokens.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$op),*];

            /// As it is written: as WebAssembly does, if it is one of its instructions.
            pub const fn mnemonic(self) -> &'static str {
                match self { $(Self::$op => $name,)* }
            }

            /// What it does, in a sentence.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$op => $about,)* }
            }

            /// What it leaves in the trace.
            pub const fn effect(self) -> Effect {
                match self { $(Self::$op => $effect,)* }
            }
        }
    };
}

ops! {
    Const "i32.const" Effect::Value, "Writes the immediate.";
    Get "get" Effect::Value, "Copies a slot of the frame to another: `local.get`, `local.set`, `local.tee`, and what a branch takes along.";
    Arg "arg" Effect::Value, "Copies a slot to a slot of the frame that the next call opens.";
    Take "take" Effect::Value, "Copies a slot of the frame that the last call has left to one of this frame.";
    GlobalGet "global.get" Effect::Value, "Copies a global to a slot.";
    GlobalSet "global.set" Effect::Value, "Copies a slot to a global.";
    Init "init" Effect::Nothing, "Sets a local to 0, where a function begins.";
    Select "select" Effect::Value, "The first of two values if a third is not 0, else the second.";
    Eqz "i32.eqz" Effect::Value, "1 if the value is 0, else 0.";
    Clz "i32.clz" Effect::Value, "How many bits are 0 from the highest down.";
    Ctz "i32.ctz" Effect::Value, "How many bits are 0 from the lowest up.";
    Popcnt "i32.popcnt" Effect::Value, "How many bits are 1.";
    Extend8 "i32.extend8_s" Effect::Value, "The lowest byte with its sign.";
    Extend16 "i32.extend16_s" Effect::Value, "The lowest two bytes with their sign.";
    Add "i32.add" Effect::Value, "Sum modulo 2³².";
    Sub "i32.sub" Effect::Value, "Difference modulo 2³².";
    Mul "i32.mul" Effect::Value, "Product modulo 2³².";
    DivCheck "div_check" Effect::Nothing, "Traps where a divisor is 0; with the immediate 1, where −2³¹ is divided by −1, too.";
    Magnitude "magnitude" Effect::Value, "The absolute value.";
    DivDigit "div_digit" Effect::Digit, "A digit of a quotient, of a long division in base 256: how often the second goes into the third times 256 plus a byte of the first.";
    DivRest "div_rest" Effect::Value, "What that leaves.";
    Quotient "quotient" Effect::Value, "The last four digits as a value.";
    Signed "signed" Effect::Value, "The third, negative if the first is; with the immediate 1, if one of the first two is.";
    And "i32.and" Effect::Value, "Bits that are 1 in both.";
    Or "i32.or" Effect::Value, "Bits that are 1 in either.";
    Xor "i32.xor" Effect::Value, "Bits that differ.";
    Shl "i32.shl" Effect::Value, "Shifts to the left.";
    ShrS "i32.shr_s" Effect::Value, "Shifts to the right, the sign comes in.";
    ShrU "i32.shr_u" Effect::Value, "Shifts to the right, zeros come in.";
    Rotl "i32.rotl" Effect::Value, "Rotates to the left.";
    Rotr "i32.rotr" Effect::Value, "Rotates to the right.";
    Eq "i32.eq" Effect::Value, "1 if both are equal, else 0.";
    Ne "i32.ne" Effect::Value, "1 if they differ, else 0.";
    LtS "i32.lt_s" Effect::Value, "1 if the first is less, with signs, else 0.";
    LtU "i32.lt_u" Effect::Value, "1 if the first is less, without signs, else 0.";
    GtS "i32.gt_s" Effect::Value, "1 if the first is greater, with signs, else 0.";
    GtU "i32.gt_u" Effect::Value, "1 if the first is greater, without signs, else 0.";
    LeS "i32.le_s" Effect::Value, "1 if the first is not greater, with signs, else 0.";
    LeU "i32.le_u" Effect::Value, "1 if the first is not greater, without signs, else 0.";
    GeS "i32.ge_s" Effect::Value, "1 if the first is not less, with signs, else 0.";
    GeU "i32.ge_u" Effect::Value, "1 if the first is not less, without signs, else 0.";
    Load "i32.load" Effect::Value, "Four bytes of memory.";
    Load8S "i32.load8_s" Effect::Value, "A byte of memory with its sign.";
    Load8U "i32.load8_u" Effect::Value, "A byte of memory.";
    Load16S "i32.load16_s" Effect::Value, "Two bytes of memory with their sign.";
    Load16U "i32.load16_u" Effect::Value, "Two bytes of memory.";
    Store "i32.store" Effect::Store(4), "Writes four bytes to memory.";
    Store8 "i32.store8" Effect::Store(1), "Writes the lowest byte to memory.";
    Store16 "i32.store16" Effect::Store(2), "Writes the lowest two bytes to memory.";
    Data "data" Effect::Store(4), "Writes the immediate to memory, before the run.";
    MemorySize "memory.size" Effect::Value, "Pages of 64 KiB that the memory has.";
    MemoryGrow "memory.grow" Effect::Value, "The number of pages, or −1 if the memory has no room for so many more.";
    Grown "grown" Effect::Value, "Adds the first to the pages, or 0 if the second, which `memory.grow` gave, is −1.";
    Output "output" Effect::Value, "Gives a value to the world; with the immediate 1, its low eight bits.";
    Step "nop" Effect::Nothing, "Nothing: `nop`, and `drop`, since heights are known.";
    Jump "jump" Effect::Transfer, "Goes on elsewhere: `br`, and the end of a page of instructions.";
    JumpIf "jump_if" Effect::Transfer, "Goes on elsewhere if a value is not 0: `br_if`.";
    JumpUnless "jump_unless" Effect::Transfer, "Goes on elsewhere if a value is 0: `if`.";
    JumpTable "jump_table" Effect::Transfer, "Goes on at an entry of a table, at the last if there are fewer: `br_table`.";
    Call "call" Effect::Transfer, "Opens a frame and goes on at a function.";
    CallIndirect "call_indirect" Effect::Transfer, "The same at the function that a table's entry names, if its type is the expected one.";
    Return "return" Effect::Transfer, "Closes the frame and goes on behind its call.";
    Unreachable "unreachable" Effect::End, "Traps.";
    Halt "halt" Effect::End, "Ends the run.";
}

/// Points with integer coordinates on the circle x² + y² = [`RADIUS_SQUARED`]: this many.
pub const POINTS: usize = 64;
/// The circle on which opcodes stand: the dot product of a point with itself is this, with any other at least 8 less.
pub const RADIUS_SQUARED: i32 = 32_045;

const _: () = assert!(Op::ALL.len() <= POINTS);

impl Op {
    /// Its number, from 0: the order of [`Op::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The point that stands for it in the residual stream.
    pub fn point(self) -> (i32, i32) {
        circle().nth(self.index()).unwrap_or((0, 0))
    }

    /// Bytes of memory that it reads or writes, from the lowest; 0 if none.
    pub const fn width(self) -> u8 {
        match self {
            Self::Load | Self::Store | Self::Data => 4,
            Self::Load16S | Self::Load16U | Self::Store16 => 2,
            Self::Load8S | Self::Load8U | Self::Store8 => 1,
            _ => 0,
        }
    }

    /// Where its operands are; those of instructions that have none do not matter.
    pub const fn reads(self) -> Place {
        match self {
            Self::Take => Place::NextFrame,
            Self::GlobalGet => Place::Global,
            _ => Place::Frame,
        }
    }

    /// Where what it writes is.
    pub const fn writes(self) -> Place {
        match (self, self.effect()) {
            (Self::Arg, _) => Place::NextFrame,
            (Self::GlobalSet, _) => Place::Global,
            (Self::Grown, _) => Place::Pages,
            (Self::Output, _) => Place::Nowhere,
            (Self::Init, _) | (_, Effect::Value) => Place::Frame,
            _ => Place::Nowhere,
        }
    }
}

/// The circle's points, by x, then by y.
fn circle() -> impl Iterator<Item = (i32, i32)> {
    (-180..180_i32)
        .flat_map(|x| (-180..180_i32).map(move |y| (x, y)))
        .filter(|(x, y)| x * x + y * y == RADIUS_SQUARED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_circle_has_its_points_and_they_are_apart() {
        let points: Vec<(i32, i32)> = circle().collect();
        assert_eq!(points.len(), POINTS);
        for (at, (x, y)) in points.iter().enumerate() {
            for (u, v) in points.iter().skip(at + 1) {
                assert!(x * u + y * v <= RADIUS_SQUARED - 8, "({x}, {y}) and ({u}, {v})");
            }
        }
    }

    #[test]
    fn opcodes_know_their_place() {
        for (at, op) in Op::ALL.into_iter().enumerate() {
            assert_eq!(op.index(), at);
            let (x, y) = op.point();
            assert_eq!(x * x + y * y, RADIUS_SQUARED, "{op:?}");
        }
    }
}
