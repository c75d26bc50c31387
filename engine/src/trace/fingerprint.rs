//! Which weights a run was computed with.

use crate::interpreter::model::{Matrix, Transformer};

/// A fingerprint of a compiled model: FNV-1a (Fowler, Noll & Vo) of the bytes of all its tensors, front to back.
pub fn fingerprint(model: &Transformer) -> String {
    let of_blocks = model.blocks.iter().flat_map(|block| {
        let heads = block.heads.iter().flat_map(|head| [&head.wq, &head.wk, &head.wv, &head.wo]);
        heads.chain([&block.mlp.gate, &block.mlp.value, &block.mlp.out])
    });
    let tensors = std::iter::once(&model.embed).chain(of_blocks).chain(std::iter::once(&model.unembed));
    let bytes = tensors.flat_map(Matrix::data).flat_map(|value| value.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
