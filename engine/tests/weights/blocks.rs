//! Blocks against the Python package `gguf`. All comparisons are exact: of bits, not of values.

use engine::weights::Encoding;
use engine::weights::blocks::{dequantize, quantize};

use crate::{bits, data, floats};

#[test]
fn every_block_is_decoded_to_the_same_bits() {
    for encoding in Encoding::ALL {
        let name = encoding.name().to_lowercase();
        let blocks = data(&format!("blocks/{name}.blocks"));
        let expected = floats(&data(&format!("blocks/{name}.f32")));
        let mut decoded = vec![f32::NAN; expected.len()];
        dequantize(encoding, &blocks, &mut decoded).unwrap();
        for (index, (found, expected)) in decoded.iter().zip(&expected).enumerate() {
            assert_eq!(found.to_bits(), expected.to_bits(), "{encoding}, {index}: {found}, not {expected}");
        }
    }
}

#[test]
fn every_number_is_encoded_to_the_same_bytes() {
    let weights = floats(&data("blocks/quantize.f32"));
    for encoding in [Encoding::Q8_0, Encoding::Q4_0, Encoding::F16, Encoding::BF16] {
        let expected = data(&format!("blocks/quantize.{}", encoding.name().to_lowercase()));
        let mut encoded = Vec::new();
        quantize(encoding, &weights, &mut encoded).unwrap();
        let size = encoding.block_bytes();
        for (index, (found, expected)) in encoded.chunks(size).zip(expected.chunks(size)).enumerate() {
            assert_eq!(found, expected, "{encoding}, block {index}");
        }
        assert_eq!(encoded.len(), expected.len());
    }
    let mut encoded = Vec::new();
    quantize(Encoding::F32, &weights, &mut encoded).unwrap();
    assert_eq!(bits(&floats(&encoded)), bits(&weights));
}
