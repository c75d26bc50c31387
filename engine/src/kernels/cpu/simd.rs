//! The instructions that products of small integers need, on whatever the processor has.
//!
//! The kernels are written once, against [`Simd`]. [`Portable`] is 128 bits wide, through the crate `wide`, and runs
//! everywhere: SSE2, NEON, wasm's `simd128`. Others are chosen at run time, by a processor that says it has them.

use wide::{f32x4, i16x8, i32x4, u16x8};

/// Instructions of a processor that has them.
pub(super) trait Simd: Copy {
    /// 32 bytes of a block, seen as sixteen lanes of 16 bits. The first eight belong to the first 16 weights of a
    /// group, the others to the second 16.
    type Lanes: Copy;
    /// 32 small integers in split order (see [`super::formats`]).
    type Integers: Copy;
    /// Sums of products of two groups, not yet added up.
    type Sums: Copy;
    /// Four results, each still in parts.
    type Totals: Copy;

    /// Calls the work where these instructions may be used.
    fn run<W: Work>(self, work: W);

    /// 32 bytes.
    fn bytes(self, block: &[u8], at: usize) -> Self::Lanes;
    /// The low nibbles of 16 bytes, as bytes of the first eight lanes, then their high nibbles.
    fn nibbles(self, block: &[u8], at: usize) -> Self::Lanes;
    /// The same number in the first eight lanes, and another one in the others.
    fn halves(self, first: u16, second: u16) -> Self::Lanes;

    /// `lanes & mask`
    fn and(self, lanes: Self::Lanes, mask: u16) -> Self::Lanes;
    /// `a | b`
    fn or(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// `lanes >> by`
    fn shift_right(self, lanes: Self::Lanes, by: u32) -> Self::Lanes;
    /// `lanes << by`
    fn shift_left(self, lanes: Self::Lanes, by: u32) -> Self::Lanes;
    /// Multiplies the first eight lanes, and the others as well, by these.
    fn times(self, lanes: Self::Lanes, factors: [u16; 8]) -> Self::Lanes;

    /// The bytes as integers from 0 to 255.
    fn unsigned(self, lanes: Self::Lanes) -> Self::Integers;
    /// The bytes as integers from −128 to 127.
    fn signed(self, lanes: Self::Lanes) -> Self::Integers;
    /// `integers − less`
    fn minus(self, integers: Self::Integers, less: i16) -> Self::Integers;
    /// Integers in memory.
    fn store(self, integers: Self::Integers) -> [i16x8; 4];
    /// The same from memory.
    fn load(self, integers: &[i16x8; 4]) -> Self::Integers;

    /// The products of weights and activations.
    fn dot(self, weights: &Self::Integers, x: &[i16x8; 4]) -> Self::Sums;
    /// Four results of nothing.
    fn zero(self) -> Self::Totals;
    /// Adds up the products, and adds them to four results, times a scale for each. Where `halves` is set, the
    /// second scales are those of the groups' second halves.
    fn add(self, totals: &mut Self::Totals, sums: [Self::Sums; 4], scales: [f32x4; 2], halves: bool);
    /// The four results.
    fn total(self, totals: Self::Totals) -> f32x4;
}

/// Something to be done with a processor's instructions.
pub(super) trait Work {
    /// Does it. Implementations are `#[inline(always)]`, or the instructions stay out of reach.
    fn call(self);
}

/// 128 bits, on every processor.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Simd for Portable {
    type Lanes = [u16x8; 2];
    type Integers = [i16x8; 4];
    type Sums = [i32x4; 2];
    type Totals = f32x4;

    #[inline(always)]
    fn run<W: Work>(self, work: W) {
        work.call();
    }

    #[inline(always)]
    fn bytes(self, block: &[u8], at: usize) -> [u16x8; 2] {
        [sixteen(block, at), sixteen(block, at + 16)]
    }

    #[inline(always)]
    fn nibbles(self, block: &[u8], at: usize) -> [u16x8; 2] {
        let (bytes, nibble) = (sixteen(block, at), u16x8::splat(0x0f0f));
        [bytes & nibble, (bytes >> 4_u32) & nibble]
    }

    #[inline(always)]
    fn halves(self, first: u16, second: u16) -> [u16x8; 2] {
        [u16x8::splat(first), u16x8::splat(second)]
    }

    #[inline(always)]
    fn and(self, [a, b]: [u16x8; 2], mask: u16) -> [u16x8; 2] {
        [a & u16x8::splat(mask), b & u16x8::splat(mask)]
    }

    #[inline(always)]
    fn or(self, [a, b]: [u16x8; 2], [c, d]: [u16x8; 2]) -> [u16x8; 2] {
        [a | c, b | d]
    }

    #[inline(always)]
    fn shift_right(self, [a, b]: [u16x8; 2], by: u32) -> [u16x8; 2] {
        [a >> by, b >> by]
    }

    #[inline(always)]
    fn shift_left(self, [a, b]: [u16x8; 2], by: u32) -> [u16x8; 2] {
        [a << by, b << by]
    }

    #[inline(always)]
    fn times(self, [a, b]: [u16x8; 2], factors: [u16; 8]) -> [u16x8; 2] {
        [a * u16x8::new(factors), b * u16x8::new(factors)]
    }

    #[inline(always)]
    fn unsigned(self, [a, b]: [u16x8; 2]) -> [i16x8; 4] {
        let low = u16x8::splat(0xff);
        [a & low, b & low, a >> 8_u32, b >> 8_u32].map(bytemuck::cast)
    }

    #[inline(always)]
    fn signed(self, lanes: [u16x8; 2]) -> [i16x8; 4] {
        let [a, b]: [i16x8; 2] = lanes.map(bytemuck::cast);
        // Arithmetic shifts carry the sign of either byte through its lane.
        [(a << 8_u32) >> 8_u32, (b << 8_u32) >> 8_u32, a >> 8_u32, b >> 8_u32]
    }

    #[inline(always)]
    fn minus(self, integers: [i16x8; 4], less: i16) -> [i16x8; 4] {
        integers.map(|lane| lane - i16x8::splat(less))
    }

    #[inline(always)]
    fn store(self, integers: [i16x8; 4]) -> [i16x8; 4] {
        integers
    }

    #[inline(always)]
    fn load(self, integers: &[i16x8; 4]) -> [i16x8; 4] {
        *integers
    }

    #[inline(always)]
    fn dot(self, [a, b, c, d]: &[i16x8; 4], [xa, xb, xc, xd]: &[i16x8; 4]) -> [i32x4; 2] {
        [a.dot(*xa) + c.dot(*xc), b.dot(*xb) + d.dot(*xd)]
    }

    #[inline(always)]
    fn zero(self) -> f32x4 {
        f32x4::ZERO
    }

    #[inline(always)]
    fn add(self, totals: &mut f32x4, sums: [[i32x4; 2]; 4], [first, second]: [f32x4; 2], halves: bool) {
        let [[a, e], [b, f], [c, g], [d, h]] = sums;
        if halves {
            *totals += float(added_up([a, b, c, d])) * first + float(added_up([e, f, g, h])) * second;
        } else {
            *totals += float(added_up([a + e, b + f, c + g, d + h])) * first;
        }
    }

    #[inline(always)]
    fn total(self, totals: f32x4) -> f32x4 {
        totals
    }
}

/// 16 bytes; zeros where the block does not have them.
#[inline(always)]
pub(super) fn sixteen(block: &[u8], at: usize) -> u16x8 {
    let bytes: [u8; 16] = block.get(at..at + 16).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 16]);
    bytemuck::cast(bytes)
}

/// The sum of each vector.
#[inline(always)]
fn added_up([a, b, c, d]: [i32x4; 4]) -> i32x4 {
    pairs(pairs(a, c), pairs(b, d))
}

/// `a₀+a₂, b₀+b₂, a₁+a₃, b₁+b₃`
#[inline(always)]
fn pairs(a: i32x4, b: i32x4) -> i32x4 {
    // Interleaving does not look at what the bits mean.
    let (a, b): (f32x4, f32x4) = (bytemuck::cast(a), bytemuck::cast(b));
    let (low, high): (i32x4, i32x4) = (bytemuck::cast(a.unpack_lo(b)), bytemuck::cast(a.unpack_hi(b)));
    low + high
}

#[inline(always)]
fn float(integers: i32x4) -> f32x4 {
    f32x4::from_i32x4(integers)
}
