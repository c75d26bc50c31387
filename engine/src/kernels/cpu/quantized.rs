//! Activations as integers, once for all the weights they are multiplied with.

use wide::{f32x4, f32x8, i16x8, i32x4, i32x8};

use super::formats::GROUP;

/// Positions that are multiplied at once.
pub(super) const TILE: usize = 4;

/// Rows of 16-bit integers with a scale for each group of 32.
///
/// 16 bits where others take 8: the multiply-and-add of two 16-bit lanes costs the same for both, and the steps are a
/// 256th as wide.
pub(super) enum Quantized {
    /// Of one position.
    One(Vec<QuantizedGroup>),
    /// Of more.
    Tiles(Tiles),
}

/// Positions in tiles, one after the other; the last one is filled up with zeros.
pub(super) struct Tiles {
    groups_per_row: usize,
    groups: Vec<TileGroup>,
}

/// 32 activations.
#[derive(Clone, Copy)]
pub(super) struct QuantizedGroup {
    /// The integers in split order (see [`super::formats`]).
    pub q: [i16x8; 4],
    /// What one of them is worth.
    pub scale: f32,
    /// The sum of the activations: what an offset of the weights is multiplied with.
    pub sum: f32,
}

/// The same group of [`TILE`] positions.
#[derive(Clone, Copy)]
pub(super) struct TileGroup {
    /// The integers of each position.
    pub q: [[i16x8; 4]; TILE],
    /// What one of them is worth.
    pub scale: f32x4,
    /// The sums of the activations.
    pub sum: f32x4,
}

impl Quantized {
    /// Rows of `width` activations, which must be a multiple of 32 (what is left over is ignored).
    pub fn new(values: &[f32], width: usize) -> Self {
        let width = width.max(1);
        if values.len() <= width {
            return Self::One(values.as_chunks().0.iter().map(QuantizedGroup::new).collect());
        }
        let groups = values.chunks(TILE * width).flat_map(|rows| TileGroup::all(rows, width)).collect();
        Self::Tiles(Tiles { groups_per_row: width / GROUP, groups })
    }
}

impl Tiles {
    /// The groups of each tile.
    #[inline(always)]
    pub fn tiles(&self) -> std::slice::ChunksExact<'_, TileGroup> {
        self.groups.chunks_exact(self.groups_per_row.max(1))
    }
}

impl QuantizedGroup {
    /// Nothing.
    const ZERO: Self = Self { q: [i16x8::ZERO; 4], scale: 0.0, sum: 0.0 };

    fn new(values: &[f32; GROUP]) -> Self {
        let eights: [f32x8; 4] = bytemuck::cast(*values);
        let [a, b, c, d] = eights.map(f32x8::abs);
        // Not `f32::max`, which is a call in WebAssembly.
        let larger = |largest, value| if value > largest { value } else { largest };
        let largest = a.fast_max(b).fast_max(c.fast_max(d)).to_array().into_iter().fold(0.0, larger);
        let scale = largest / f32::from(i16::MAX);
        let inverse = f32x8::splat(if scale > 0.0 { 1.0 / scale } else { 0.0 });
        let [first, second, third, fourth] =
            eights.map(|eight| i16x8::from_i32x8_saturate((eight * inverse).round_int()));
        let ([a, c], [b, d]) = (split(first, second), split(third, fourth));
        let [first, second, third, fourth] = eights;
        Self { q: [a, b, c, d], scale, sum: ((first + second) + (third + fourth)).reduce_add() }
    }
}

impl TileGroup {
    /// All groups of some rows, [`TILE`] or fewer.
    fn all(rows: &[f32], width: usize) -> impl Iterator<Item = Self> {
        (0..width / GROUP).map(move |group| {
            let mut tile = [QuantizedGroup::ZERO; TILE];
            for (position, row) in tile.iter_mut().zip(rows.chunks_exact(width)) {
                if let Some(values) = row.as_chunks::<GROUP>().0.get(group) {
                    *position = QuantizedGroup::new(values);
                }
            }
            Self {
                q: tile.map(|position| position.q),
                scale: f32x4::new(tile.map(|position| position.scale)),
                sum: f32x4::new(tile.map(|position| position.sum)),
            }
        })
    }
}

/// The even-numbered and the odd-numbered of sixteen integers.
fn split(first: i16x8, second: i16x8) -> [i16x8; 2] {
    let [a, b]: [i32x4; 2] = [bytemuck::cast(first), bytemuck::cast(second)];
    // The upper half of each lane is the odd one; arithmetic shifts bring the sign along.
    let packed = |a: i32x4, b: i32x4| i16x8::from_i32x8_saturate(bytemuck::cast::<_, i32x8>([a, b]));
    [packed((a << 16_u32) >> 16_u32, (b << 16_u32) >> 16_u32), packed(a >> 16_u32, b >> 16_u32)]
}
