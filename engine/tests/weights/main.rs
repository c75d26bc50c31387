//! Weights from files: as the reference implementations write them, and as nobody should.
//!
//! The files in `data` are made by `make.py`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test fail as the test does"
)]

mod allocations;
mod blocks;
mod checkpoints;
mod hostile;

use std::path::PathBuf;

/// The bytes of a file in `data`.
fn data(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/weights/data").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of a file in `data`.
fn text(name: &str) -> String {
    String::from_utf8(data(name)).unwrap()
}

/// Little-endian floats.
fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|raw| f32::from_le_bytes(raw.try_into().unwrap())).collect()
}

/// Bits of floats: equality of bits tells 0 from −0.
fn bits(weights: &[f32]) -> Vec<u32> {
    weights.iter().map(|weight| weight.to_bits()).collect()
}
