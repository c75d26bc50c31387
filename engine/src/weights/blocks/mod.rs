//! Blocks ⇄ numbers. One file a family of formats; each follows GGML's reference code operation by operation,
//! so that every number has the same bits as there.

mod five_bits;
mod floats;
mod four_bits;
mod k_quants;
mod q8_0;

use super::encoding::Encoding;
use half::f16;

/// Numbers that cannot be decoded or encoded.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BlockError {
    /// The bytes and the numbers do not belong together.
    #[error("{bytes} bytes of {encoding} are not {weights} numbers")]
    Length {
        /// The form.
        encoding: Encoding,
        /// Bytes given.
        bytes: usize,
        /// Numbers given.
        weights: usize,
    },
    /// The numbers do not make whole blocks.
    #[error("{weights} numbers do not make whole blocks of {encoding}, which hold {}", encoding.block_weights())]
    Partial {
        /// The form.
        encoding: Encoding,
        /// Numbers given.
        weights: usize,
    },
    /// This form is only read.
    #[error("{0} is read, but not written; Q8_0, Q4_0 and the float forms are")]
    NotWritten(Encoding),
    /// A number is infinite, no number, or too large for 16 bits or for a block's 16-bit scale.
    #[error("number {index} is {value}, which {encoding} cannot hold")]
    OutOfRange {
        /// The form.
        encoding: Encoding,
        /// Which number, from 0.
        index: usize,
        /// The number.
        value: f32,
    },
}

/// Decodes whole blocks: `bytes` into as many numbers as they hold.
///
/// # Errors
/// [`BlockError::Length`] if `into` is not exactly that long.
pub fn dequantize(encoding: Encoding, bytes: &[u8], into: &mut [f32]) -> Result<(), BlockError> {
    if encoding.bytes_for(into.len()) != Some(bytes.len()) {
        return Err(BlockError::Length { encoding, bytes: bytes.len(), weights: into.len() });
    }
    match encoding {
        Encoding::F32 => floats::decode_f32(bytes, into),
        Encoding::F16 => floats::decode_f16(bytes, into),
        Encoding::BF16 => floats::decode_bf16(bytes, into),
        Encoding::Q4_0 => each(bytes, into, four_bits::decode_q4_0),
        Encoding::Q4_1 => each(bytes, into, four_bits::decode_q4_1),
        Encoding::Q5_0 => each(bytes, into, five_bits::decode_q5_0),
        Encoding::Q5_1 => each(bytes, into, five_bits::decode_q5_1),
        Encoding::Q8_0 => each(bytes, into, q8_0::decode),
        Encoding::Q4K => each(bytes, into, k_quants::decode_q4_k),
        Encoding::Q5K => each(bytes, into, k_quants::decode_q5_k),
        Encoding::Q6K => each(bytes, into, k_quants::decode_q6_k),
    }
    Ok(())
}

/// Appends the numbers to `onto` in a form that is also written: Q8_0, Q4_0, F32, F16, BF16.
///
/// # Errors
/// When the form is only read, the numbers do not make whole blocks, or one of them has no place in a block.
/// `onto` may then have grown.
pub fn quantize(encoding: Encoding, weights: &[f32], onto: &mut Vec<u8>) -> Result<(), BlockError> {
    if !weights.len().is_multiple_of(encoding.block_weights()) {
        return Err(BlockError::Partial { encoding, weights: weights.len() });
    }
    match encoding {
        Encoding::F32 => onto.extend(weights.iter().flat_map(|weight| weight.to_le_bytes())),
        Encoding::F16 => encode_each(encoding, weights, onto, floats::encode_f16)?,
        Encoding::BF16 => encode_each(encoding, weights, onto, floats::encode_bf16)?,
        Encoding::Q8_0 => encode_each(encoding, weights, onto, q8_0::encode)?,
        Encoding::Q4_0 => encode_each(encoding, weights, onto, four_bits::encode_q4_0)?,
        other => return Err(BlockError::NotWritten(other)),
    }
    Ok(())
}

/// Decodes block by block.
fn each<const BYTES: usize, const WEIGHTS: usize>(
    bytes: &[u8],
    into: &mut [f32],
    decode: impl Fn(&[u8; BYTES], &mut [f32; WEIGHTS]),
) {
    let (blocks, _) = bytes.as_chunks::<BYTES>();
    let (groups, _) = into.as_chunks_mut::<WEIGHTS>();
    for (block, weights) in blocks.iter().zip(groups) {
        decode(block, weights);
    }
}

/// Encodes block by block; `encode` gives `None` for numbers that fit no block.
fn encode_each<const BYTES: usize, const WEIGHTS: usize>(
    encoding: Encoding,
    weights: &[f32],
    onto: &mut Vec<u8>,
    encode: impl Fn(&[f32; WEIGHTS]) -> Option<[u8; BYTES]>,
) -> Result<(), BlockError> {
    let (groups, _) = weights.as_chunks::<WEIGHTS>();
    for (number, group) in groups.iter().enumerate() {
        let block = encode(group).ok_or_else(|| worst(encoding, number * WEIGHTS, group))?;
        onto.extend_from_slice(&block);
    }
    Ok(())
}

/// The number that keeps a group from being a block: one that is not finite, else the largest.
fn worst(encoding: Encoding, first: usize, group: &[f32]) -> BlockError {
    let (index, value) = group
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))
        .map_or((0, f32::NAN), |(index, value)| (index, *value));
    BlockError::OutOfRange { encoding, index: first + index, value }
}

/// A scale, as blocks hold it.
fn scale(low: u8, high: u8) -> f32 {
    f16::from_le_bytes([low, high]).to_f32()
}

/// The bytes of a scale, or `None` if it is too large for 16 bits, or no number.
fn scale_bytes(scale: f32) -> Option<[u8; 2]> {
    let stored = f16::from_f32(scale);
    stored.is_finite().then(|| stored.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        for encoding in Encoding::ALL {
            let mut weights = vec![0.0; encoding.block_weights()];
            let bytes = vec![0; encoding.block_bytes()];
            assert_eq!(dequantize(encoding, &bytes, &mut weights), Ok(()));
            assert!(dequantize(encoding, &bytes[1..], &mut weights).is_err(), "{encoding}");
            weights.push(0.0);
            assert!(dequantize(encoding, &bytes, &mut weights).is_err(), "{encoding}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_within_a_step() {
        let weights: Vec<f32> = (0..256).map(|i| (i as f32 * 0.37).sin() * 3.0).collect();
        let steps = [(Encoding::F32, 0.0), (Encoding::F16, 0.002), (Encoding::BF16, 0.016)];
        let steps = steps.into_iter().chain([(Encoding::Q8_0, 3.0 / 127.0), (Encoding::Q4_0, 3.0 / 4.0)]);
        for (encoding, step) in steps {
            let mut bytes = Vec::new();
            quantize(encoding, &weights, &mut bytes).unwrap();
            let mut back = vec![0.0; weights.len()];
            dequantize(encoding, &bytes, &mut back).unwrap();
            for (was, is) in weights.iter().zip(&back) {
                assert!((was - is).abs() <= step, "{encoding}: {was} became {is}");
            }
        }
    }

    #[test]
    fn what_no_block_can_hold_is_named() {
        let mut weights = vec![0.5; 64];
        weights[40] = f32::NAN;
        let error = quantize(Encoding::Q8_0, &weights, &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "number 40 is NaN, which Q8_0 cannot hold");
        weights[40] = 1e30;
        assert!(quantize(Encoding::F16, &weights, &mut Vec::new()).is_err());
        assert!(quantize(Encoding::Q4_0, &weights, &mut Vec::new()).is_err());
        assert!(quantize(Encoding::Q4_0, &[0.0; 33], &mut Vec::new()).is_err());
        assert_eq!(
            quantize(Encoding::Q4K, &[0.0; 256], &mut Vec::new()),
            Err(BlockError::NotWritten(Encoding::Q4K))
        );
    }

    #[test]
    fn tiny_numbers_become_zero_without_harm() {
        for encoding in [Encoding::Q8_0, Encoding::Q4_0] {
            let mut bytes = Vec::new();
            quantize(encoding, &[1e-40; 32], &mut bytes).unwrap();
            let mut back = [1.0; 32];
            dequantize(encoding, &bytes, &mut back).unwrap();
            assert!(back.iter().all(|weight| *weight == 0.0), "{encoding}: {back:?}");
        }
    }
}
