//! 256 bits, for x86-64 processors that say they have AVX2 and FMA.
//!
//! The crate `pulp` asks the processor once, and hands out a token that only exists where the answer was yes; its
//! methods are the instructions.

use core::arch::x86_64::{__m128, __m128i, __m256, __m256i};

use pulp::NullaryFnOnce;
use pulp::x86::V3;
use wide::{f32x4, i16x8};

use super::simd::{Simd, Work};

/// 256 bits.
#[derive(Clone, Copy)]
pub(super) struct Avx2(V3);

impl Avx2 {
    /// If this processor has it.
    pub fn new() -> Option<Self> {
        V3::try_new().map(Self)
    }

    #[inline(always)]
    fn splat(self, value: u16) -> __m256i {
        self.0.avx._mm256_set1_epi16(value as i16)
    }

    #[inline(always)]
    fn pair(self, low: __m128i, high: __m128i) -> __m256i {
        self.0.avx._mm256_set_m128i(high, low)
    }

    /// `a₀+a₂, b₀+b₂, a₁+a₃, b₁+b₃` of each half.
    #[inline(always)]
    fn pairs(self, a: __m256i, b: __m256i) -> __m256i {
        let avx2 = self.0.avx2;
        avx2._mm256_add_epi32(avx2._mm256_unpacklo_epi32(a, b), avx2._mm256_unpackhi_epi32(a, b))
    }
}

/// Work in the form that `pulp` takes.
struct Call<W>(W);

impl<W: Work> NullaryFnOnce for Call<W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.0.call();
    }
}

impl Simd for Avx2 {
    type Lanes = __m256i;
    type Integers = [__m256i; 2];
    type Sums = __m256i;
    type Totals = __m256;

    #[inline(always)]
    fn run<W: Work>(self, work: W) {
        self.0.vectorize(Call(work));
    }

    #[inline(always)]
    fn bytes(self, block: &[u8], at: usize) -> __m256i {
        let bytes: [u8; 32] =
            block.get(at..at + 32).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 32]);
        bytemuck::cast(bytes)
    }

    #[inline(always)]
    fn nibbles(self, block: &[u8], at: usize) -> __m256i {
        let bytes: [u8; 16] =
            block.get(at..at + 16).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 16]);
        let bytes: __m128i = bytemuck::cast(bytes);
        self.and(self.pair(bytes, self.0.sse2._mm_srli_epi16::<4>(bytes)), 0x0f0f)
    }

    #[inline(always)]
    fn halves(self, first: u16, second: u16) -> __m256i {
        let sse2 = self.0.sse2;
        self.pair(sse2._mm_set1_epi16(first as i16), sse2._mm_set1_epi16(second as i16))
    }

    #[inline(always)]
    fn and(self, lanes: __m256i, mask: u16) -> __m256i {
        self.0.avx2._mm256_and_si256(lanes, self.splat(mask))
    }

    #[inline(always)]
    fn or(self, a: __m256i, b: __m256i) -> __m256i {
        self.0.avx2._mm256_or_si256(a, b)
    }

    #[inline(always)]
    fn shift_right(self, lanes: __m256i, by: u32) -> __m256i {
        self.0.avx2._mm256_srl_epi16(lanes, self.0.sse2._mm_cvtsi32_si128(by as i32))
    }

    #[inline(always)]
    fn shift_left(self, lanes: __m256i, by: u32) -> __m256i {
        self.0.avx2._mm256_sll_epi16(lanes, self.0.sse2._mm_cvtsi32_si128(by as i32))
    }

    #[inline(always)]
    fn times(self, lanes: __m256i, factors: [u16; 8]) -> __m256i {
        let factors: __m128i = bytemuck::cast(factors);
        self.0.avx2._mm256_mullo_epi16(lanes, self.pair(factors, factors))
    }

    #[inline(always)]
    fn unsigned(self, lanes: __m256i) -> [__m256i; 2] {
        [self.and(lanes, 0xff), self.0.avx2._mm256_srli_epi16::<8>(lanes)]
    }

    #[inline(always)]
    fn signed(self, lanes: __m256i) -> [__m256i; 2] {
        let avx2 = self.0.avx2;
        // Arithmetic shifts carry the sign of either byte through its lane.
        let even = avx2._mm256_srai_epi16::<8>(avx2._mm256_slli_epi16::<8>(lanes));
        [even, avx2._mm256_srai_epi16::<8>(lanes)]
    }

    #[inline(always)]
    fn minus(self, [even, odd]: [__m256i; 2], less: i16) -> [__m256i; 2] {
        let (avx2, less) = (self.0.avx2, self.0.avx._mm256_set1_epi16(less));
        [avx2._mm256_sub_epi16(even, less), avx2._mm256_sub_epi16(odd, less)]
    }

    #[inline(always)]
    fn store(self, integers: [__m256i; 2]) -> [i16x8; 4] {
        bytemuck::cast(integers)
    }

    #[inline(always)]
    fn load(self, integers: &[i16x8; 4]) -> [__m256i; 2] {
        bytemuck::cast(*integers)
    }

    #[inline(always)]
    fn dot(self, [even, odd]: &[__m256i; 2], x: &[i16x8; 4]) -> __m256i {
        let (avx2, [x_even, x_odd]) = (self.0.avx2, self.load(x));
        avx2._mm256_add_epi32(avx2._mm256_madd_epi16(*even, x_even), avx2._mm256_madd_epi16(*odd, x_odd))
    }

    #[inline(always)]
    fn zero(self) -> __m256 {
        self.0.avx._mm256_setzero_ps()
    }

    #[inline(always)]
    fn add(self, totals: &mut __m256, [a, b, c, d]: [__m256i; 4], [first, second]: [f32x4; 2], halves: bool) {
        // The low half of each vector is the first 16 weights of its group, the high half the second.
        let sums = self.pairs(self.pairs(a, c), self.pairs(b, d));
        let (low, high): (__m128, __m128) =
            (bytemuck::cast(first), bytemuck::cast(if halves { second } else { first }));
        let scales = self.0.avx._mm256_set_m128(high, low);
        *totals = self.0.fma._mm256_fmadd_ps(self.0.avx._mm256_cvtepi32_ps(sums), scales, *totals);
    }

    #[inline(always)]
    fn total(self, totals: __m256) -> f32x4 {
        let [low, high]: [f32x4; 2] = bytemuck::cast(totals);
        low + high
    }
}
