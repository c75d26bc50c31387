//! The residual stream of the full machine: what each of its dimensions means. This is the one place that says so.
//!
//! Four groups, by who writes them: the *embedding* (what a token is), the *positional encoding* (a function of the position alone), and
//! what attention and neurons of each layer find.

use crate::interpreter::builder::Dimension;

macro_rules! dims {
    ($($(#[$only:meta])* $dim:ident $([$count:literal])? $name:literal $about:literal;)*) => {
        /// A dimension of the residual stream.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Dim { $(#[doc = $about] $dim $((dims!(@usize $count)))?,)* }

        impl Dim {
            /// All dimensions, by index.
            pub fn all() -> Vec<Self> {
                let mut all = Vec::new();
                $(dims!(@push all $dim $($count)?);)*
                all
            }

            /// The group's number and the place within it.
            const fn place(self) -> (usize, usize) {
                let mut at = 0;
                $(
                    let count = dims!(@count $($count)?);
                    if let dims!(@pattern index $dim $($count)?) = self {
                        return (at, dims!(@own index $($count)?));
                    }
                    at += count;
                )*
                (at, 0)
            }

            /// Its name, as the X-ray shows it.
            pub fn label(self) -> String {
                match self { $(dims!(@pattern index $dim $($count)?) => dims!(@name index $name $($count)?),)* }
            }

            /// What it means, and who writes it.
            pub const fn about(self) -> &'static str {
                match self { $(dims!(@any $dim $($count)?) => $about,)* }
            }
        }
    };
    (@usize $count:literal) => { usize };
    (@count) => { 1 };
    (@count $count:literal) => { $count };
    (@push $all:ident $dim:ident) => { $all.push(Self::$dim) };
    (@push $all:ident $dim:ident $count:literal) => { $all.extend((0..$count).map(Self::$dim)) };
    (@pattern $index:ident $dim:ident) => { Self::$dim };
    (@pattern $index:ident $dim:ident $count:literal) => { Self::$dim($index) };
    (@any $dim:ident) => { Self::$dim };
    (@any $dim:ident $count:literal) => { Self::$dim(_) };
    (@own $index:ident) => { 0 };
    (@own $index:ident $count:literal) => { $index };
    (@name $index:ident $name:literal) => { $name.to_owned() };
    (@name $index:ident $name:literal $count:literal) => { format!(concat!($name, "_{}"), $index) };
}

dims! {
    One "ONE" "1 at every position; constants are weights on it. Embedding.";
    Value "VALUE" "The token's byte, or 0. Embedding.";
    ValueSq "VALUE_SQ" "The byte's square. Embedding.";
    Bit[8] "BIT" "A bit of the byte. Embedding.";
    OpX "TOKEN_OP_X" "Of an opcode, the x of its point on the circle. Embedding.";
    OpY "TOKEN_OP_Y" "Of an opcode, the y of its point on the circle. Embedding.";
    Start "IS_START" "1 at the first token. Embedding.";
    End "IS_END" "1 if an instruction ends with this token. Embedding.";
    Last "IS_LAST" "1 if this token is the last byte of an instruction. Embedding.";
    Transfer "IS_TRANSFER" "1 if this token begins a jump, a call or a return. Embedding.";
    Call "IS_CALL" "1 if this token begins a call. Embedding.";
    Return "IS_RETURN" "1 if this token begins a return. Embedding.";
    Ones "ONES" "How many bits of this byte, and then of the three before it, are 1. Embedding; layer 0, attention.";
    Leading[4] "LEADING" "Leading zeros of this byte and of those 1 to 3 before it. Embedding; layer 0, attention.";
    Trailing[4] "TRAILING" "Trailing zeros of this byte and of those 1 to 3 before it. Embedding; layer 0, attention.";

    Alphabet "IN_ALPHABET" "1 at the 256 bytes behind the start, from which bits are read. Position.";
    Sign "SIGN" "−1 and 1 at two positions of the alphabet, from which signs are read. Position.";
    SignSq "SIGN_SQ" "1 at those two positions. Position.";
    RecordPage "RECORD_PAGE" "The page of the instruction whose record this is. Position.";
    RecordOffset "RECORD_OFFSET" "Its offset within the page. Position.";
    RecordSq "RECORD_SQ" "The sum of both squares. Position.";
    IsOp "IS_OP" "1 where a record's opcode stands. Position.";
    IsImm "IS_IMM" "1 where the last byte of a record's immediate stands. Position.";
    IsSlots "IS_SLOTS" "1 where the last byte of a record stands. Position.";
    PosLow "POS_LOW" "The position modulo 2048. Position.";
    PosHigh "POS_HIGH" "The position divided by 2048. Position.";
    PosSq "POS_SQ" "The sum of both squares. Position.";
    BackLow[3] "BACK_LOW" "The position 1 to 3 before this one, modulo 2048. Position.";
    BackHigh[3] "BACK_HIGH" "The position 1 to 3 before this one, divided by 2048. Position.";

    Byte[3] "BYTE_BEFORE" "The byte 1 to 3 positions before this one. Layer 0, attention.";
    TransferBefore "TRANSFER_BEFORE" "1 if the token two before this one begins a jump, a call or a return. Layer 0, attention.";
    CallBefore "CALL_BEFORE" "1 if the token before this one begins a call. Layer 0, attention.";
    ReturnBefore "RETURN_BEFORE" "1 if the token before this one begins a return. Layer 0, attention.";
    BitNext "BIT_NEXT" "Bit 4 of the byte two before this one: an operand's frame is the next one. Layer 0, attention.";
    BitGlobal "BIT_GLOBAL" "Bit 5 of the byte two before this one: an operand is a global. Layer 0, attention.";
    EndLow "END_LOW" "Where the latest end stands, modulo 2048. Layer 0, attention.";
    EndHigh "END_HIGH" "Where the latest end stands, divided by 2048. Layer 0, attention.";
    Ends "ENDS" "How many ends there were. Layer 0, attention.";
    Depth "DEPTH" "Calls that are open. Layer 0, attention.";
    Phase[4] "PHASE" "1 if so many tokens of the instruction stand there, from 1 to 4. Layer 0.";
    DepthSq "DEPTH_SQ" "DEPTH squared. Layer 0.";
    Deep "IS_DEEP" "1 if there is no room for a further frame. Layer 0.";
    Written[4] "WRITTEN" "A byte of the value that ends here; 0 of one that was never written out. Layer 0.";

    JumpPage "JUMP_PAGE" "The page that the latest transfer led to. Layer 1, attention.";
    JumpOffset "JUMP_OFFSET" "The offset that it led to, less ENDS there. Layer 1, attention.";
    Result[3] "RESULT" "The bytes of this instruction's value that stand there already. Layer 1.";
    Digit "DIGIT" "The digit that was written before this instruction's value. Layer 1.";
    WrittenOnes "WRITTEN_ONES" "How many bits of the value that ends here are 1. Layer 1.";
    WrittenLeading "WRITTEN_LEADING" "Its leading zeros. Layer 1.";
    WrittenTrailing "WRITTEN_TRAILING" "Its trailing zeros. Layer 1.";

    OpcodeX "OPCODE_X" "The x of the point of the instruction that is executed. Layer 2, attention.";
    OpcodeY "OPCODE_Y" "The y of the point of the instruction that is executed. Layer 2, attention.";
    Imm[4] "IMM" "A byte of its immediate. Layer 2, attention.";
    SlotA "SLOT_A" "The slot of its first operand. Layer 2, attention.";
    SlotANext "SLOT_A_NEXT" "1 if that lies in the next frame. Layer 2, attention.";
    SlotAGlobal "SLOT_A_GLOBAL" "1 if that is a global. Layer 2, attention.";
    DestLow "DEST_LOW" "The low byte of the slot that it writes. Layer 2, attention.";
    DestHigh "DEST_HIGH" "The high bits of the slot that it writes. Layer 2, attention.";
    DoneSlot "DONE_SLOT" "The slot that the token's own instruction has written. Layer 2, attention.";
    DoneFrame "DONE_FRAME" "1 if that lies in its frame. Layer 2, attention.";
    DoneNext "DONE_NEXT" "1 if that lies in the next frame. Layer 2, attention.";
    DoneGlobal "DONE_GLOBAL" "1 if that is a global. Layer 2, attention.";
    DonePages "DONE_PAGES" "1 if it added pages instead. Layer 2, attention.";
    BackPage "BACK_PAGE" "The page that a return leads to. Layer 2, attention.";
    BackOffset "BACK_OFFSET" "The offset that a return leads to. Layer 2, attention.";
    Writes "WRITES_SLOT" "1 if a value ends here that was written to a slot. Layer 2.";
    KeyDepth "KEY_DEPTH" "The frame of the value that ends here; −1 of a global. Layer 2.";
    KeySq "KEY_SQ" "The sum of the squares of that and of its slot. Layer 2.";
    QueryDepth "QUERY_DEPTH" "The frame of the first operand; −1 of a global. Layer 2.";
    PagesAdded "PAGES_ADDED" "The pages that the instruction which ends here has added. Layer 2.";
    DigitLow "DIGIT_LOW" "Where the quotient's digit of this phase stands, modulo 2048. Layer 2.";
    DigitHigh "DIGIT_HIGH" "Where the quotient's digit of this phase stands, divided by 2048. Layer 2.";
    ImmNow "IMM_NOW" "The immediate's byte of this phase. Layer 2.";
    OffsetDelta[4] "OFFSET_DELTA" "What makes IMM the offset of an access to memory. Layer 2.";
    Round[4] "ROUND" "1 if the immediate is 0 to 3. Layer 2.";
    Four "WRITES_FOUR" "1 if the instruction writes four bytes. Layer 2.";
    Memory "IS_MEMORY" "1 if it reads or writes memory. Layer 2.";
    Load "IS_LOAD" "1 if it reads memory. Layer 2.";
    Store "IS_STORE" "1 if it writes the second operand to memory. Layer 2.";
    Data "IS_DATA" "1 if it writes the immediate to memory. Layer 2.";
    Width "WIDTH" "Bytes of memory that it reads or writes. Layer 2.";
    StoresNow "STORES_NOW" "1 if the next token is a byte of memory. Layer 2.";
    Copy "IS_COPY" "1 if it copies its operand. Layer 2.";
    Right "IS_RIGHT" "1 if it shifts or rotates to the right. Layer 2.";
    Left "IS_LEFT" "1 if it shifts or rotates to the left. Layer 2.";
    RotateRight "IS_ROTR" "1 if it rotates to the right. Layer 2.";
    RotateLeft "IS_ROTL" "1 if it rotates to the left. Layer 2.";
    ShiftSigned "IS_SHR_S" "1 if it shifts the sign in. Layer 2.";
    Bitwise "IS_BITWISE" "1 if it joins bits. Layer 2.";
    Compare "IS_COMPARE" "1 if it compares two values. Layer 2.";
    CompareSigned "IS_COMPARE_SIGNED" "1 if it does so with signs. Layer 2.";
    Divides "IS_DIGIT" "1 if it finds a quotient's digit. Layer 2.";
    Sums "IS_SUM" "1 if its value is a sum, a difference or a product, whose columns carry. Layer 2.";
    Direct "IS_DIRECT" "1 if it leads to the address in its immediate. Layer 2.";

    A[4] "A" "A byte of the first operand. Layer 3, attention.";
    ALow "A_LOW24" "Its lower three bytes, less 2²³. Layer 3, attention.";
    AOnes "A_ONES" "How many of its bits are 1. Layer 3, attention.";
    ALeading "A_LEADING" "Its leading zeros. Layer 3, attention.";
    ATrailing "A_TRAILING" "Its trailing zeros. Layer 3, attention.";
    B[4] "B" "A byte of the second operand. Layer 3, attention.";
    C[4] "C" "A byte of the third operand. Layer 3, attention.";
    Pages "PAGES" "Pages that the memory has. Layer 3, attention.";
    OldDigit "OLD_DIGIT" "The quotient's digit of this phase. Layer 3, attention.";
    OffsetLow "OFFSET_LOW24" "The lower three bytes of an access's offset, less 2²³. Layer 2.";
    ANow "A_NOW" "The first operand's byte of this phase. Layer 3.";
    BNow "B_NOW" "The second operand's byte of this phase. Layer 3.";
    SignA "SIGN_A" "1 if the first operand's highest bit is 1. Layer 3.";
    SignB "SIGN_B" "1 if the second operand's highest bit is 1. Layer 3.";
    SignByte[2] "SIGN_BYTE" "1 if the highest bit of the first operand's byte 0 or 1 is 1. Layer 3.";
    SignResult[2] "SIGN_RESULT" "1 if the highest bit of the result's byte 0 or 1 is 1. Layer 3.";
    ZeroA "ZERO_A" "1 if the first operand is 0. Layer 3.";
    ZeroB "ZERO_B" "1 if the second operand is 0. Layer 3.";
    ZeroC "ZERO_C" "1 if the third operand is 0. Layer 3.";
    MinusB "MINUS_ONE_B" "1 if the second operand is −1. Layer 3.";
    Carry[3] "CARRY" "What is carried into bytes 1 to 3 of an address. Layer 3.";
    Product[4] "PRODUCT" "A column of the product of both operands. Layer 3.";
    DigitProduct[4] "DIGIT_PRODUCT" "DIGIT times a byte of the second operand. Layer 3.";
    NextByte "NEXT_BYTE" "The dividend's byte of this round. Layer 3.";
    Rest[4] "REST" "What the division has left so far; 0 in its first round. Layer 3.";

    Amount[5] "AMOUNT" "A bit of the second operand: by how much is shifted. Layer 4, attention.";
    Guess "GUESS" "The quotient's digit, or one more or less. Layer 4, attention.";
    AddressSq "ADDRESS_SQ" "The sum of the squares of the address's bytes. Layer 4.";
    Stored "STORED" "The byte of memory that the next token is. Layer 4.";
    High[2] "HIGH" "Of a number whose sign is wanted, what counts 65,536. Layer 4.";
    Low[2] "LOW" "Of a number whose sign is wanted, what counts 1. Layer 4.";
    Source[2] "SOURCE" "The two bytes whose bits are wanted. Layer 4.";
    Column[4] "COLUMN" "A column of a sum, a difference or a product. Layer 4.";
    MinimumA "MINIMUM_A" "1 if the first operand is −2³¹. Layer 4.";

    X[8] "X" "A bit of SOURCE_0. Layer 5, attention.";
    Y[8] "Y" "A bit of SOURCE_1. Layer 5, attention.";
    NotBelow[2] "NOT_BELOW" "1 if the number of HIGH and LOW is 0 or above. Layer 5, attention.";
    Found "FOUND" "The byte of memory at the address. Layer 5, attention.";
    EntryType[2] "ENTRY_TYPE" "A byte of the type of the table's entry. Layer 5, attention.";
    CarryColumn[2] "CARRY_COLUMN" "What is carried into columns 1 and 2. Layers 5 and 6.";
    TypeDiffers "TYPE_DIFFERS" "How far that type is from the expected one. Layer 5.";
    NoEntry "NO_ENTRY" "1 if the table's entry names no function. Layer 5.";
    WrongType "WRONG_TYPE" "1 if that type is not the expected one. Layer 6.";
    Total "TOTAL" "This phase's column with what is carried into it, plus 65,536. Layer 7.";
    Wholes[2] "WHOLES" "How often 8,192 goes into TOTAL, and 256 into MODULO. Layers 8 and 9.";
    Modulo "MODULO" "TOTAL modulo 8,192. Layer 9.";
    Answer "ANSWER" "The token that comes next; of sums and products, what is not the lowest byte of MODULO. Layers 5 and 7.";
}

impl Dimension for Dim {
    const ONE: Self = Self::One;

    fn width() -> usize {
        // Behind the last.
        let (groups, _) = Self::Answer.place();
        groups + 1
    }

    fn index(self) -> usize {
        let (group, own) = self.place();
        group + own
    }

    fn name(self) -> String {
        self.label()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dimension_is_at_its_index_with_a_name_of_its_own() {
        let dims = Dim::all();
        assert_eq!(dims.len(), Dim::width());
        for (index, dim) in dims.iter().enumerate() {
            assert_eq!(dim.index(), index, "{}", dim.label());
        }
        let names: std::collections::BTreeSet<String> = dims.iter().map(|dim| dim.label()).collect();
        assert_eq!(names.len(), dims.len());
    }
}
