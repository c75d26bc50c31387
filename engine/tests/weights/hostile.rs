//! Files that are cut, damaged or lie: an error that says where, no panic, and no memory out of proportion.
//!
//! `WORLDMODEL_FUZZ=1000000` damages that many files instead of the quick share; `PROPTEST_RNG_SEED=7` others.

use engine::weights::{Checkpoint, Encoding, WeightsError, WeightsFile};
use proptest::prelude::*;

use crate::allocations;
use crate::data;

/// Opens a file and reads all that it claims, in each way there is; gives the first error. Whatever happens, it
/// takes no more memory than a small multiple of the file.
fn read_all(bytes: &[u8]) -> Result<(), String> {
    let file = WeightsFile::new("file", bytes.to_vec());
    let (result, peak) = allocations::peak(|| open_and_read(file));
    // Buffers of fixed size, and 32 bytes for each of the file: a quantized row of a byte for two numbers
    // becomes two floats, twice.
    let allowed = (200 << 10) + 32 * bytes.len();
    assert!(peak <= allowed, "{peak} bytes taken for a file of {}", bytes.len());
    result.inspect_err(|message| {
        assert!((8..1200).contains(&message.len()), "{message}");
    })
}

fn open_and_read(file: WeightsFile) -> Result<(), String> {
    let describe = |error: WeightsError| format!("{error} ({})", error.help().unwrap_or_default());
    let checkpoint = Checkpoint::open(vec![file], None, None).map_err(describe)?;
    for (key, value) in checkpoint.metadata().iter() {
        assert!(!value.to_string().is_empty() || checkpoint.metadata().text(key) == Some(""));
    }
    let mut first = Ok(());
    for tensor in checkpoint.tensors() {
        let result = match tensor.shape[..] {
            [len] => checkpoint.vector(&tensor.name, len).map(drop),
            [rows, columns] => checkpoint
                .matrix(&tensor.name, rows, columns, None)
                .and_then(|_| checkpoint.matrix(&tensor.name, rows, columns, Some(Encoding::Q8_0)))
                .map(drop),
            _ => Ok(()),
        };
        first = first.and(result.map_err(|error| {
            let name: String = tensor.name.chars().take(64).collect();
            assert!(error.to_string().contains(&name), "{error}");
            error.to_string()
        }));
    }
    first
}

/// The byte behind the last tensor: what follows is only padding.
fn data_end(bytes: &[u8]) -> usize {
    let file = WeightsFile::new("file", bytes.to_vec());
    let checkpoint = Checkpoint::open(vec![file], None, None).unwrap();
    let end = checkpoint.tensors().iter().map(|tensor| tensor.offset + tensor.bytes).max().unwrap();
    usize::try_from(end).unwrap()
}

fn opening(bytes: Vec<u8>) -> WeightsError {
    Checkpoint::open(vec![WeightsFile::new("file", bytes)], None, None).unwrap_err()
}

#[test]
fn a_file_cut_anywhere_says_where() {
    for name in ["small.gguf", "single.safetensors"] {
        let whole = data(name);
        for end in 0..data_end(&whole) {
            let error = read_all(&whole[..end]).unwrap_err();
            let named = ["ends at byte", "bytes follow", "is empty", "something else"];
            assert!(named.iter().any(|part| error.contains(part)), "{name} cut at {end}: {error}");
        }
    }
}

/// A GGUF header, part by part.
#[derive(Default)]
struct Gguf(Vec<u8>);

impl Gguf {
    fn new(tensors: u64, values: u64) -> Self {
        let mut gguf = Self(b"GGUF".to_vec());
        gguf.0.extend(3_u32.to_le_bytes());
        gguf.u64(tensors).u64(values)
    }

    fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn text(mut self, text: &str) -> Self {
        self = self.u64(text.len() as u64);
        self.0.extend(text.bytes());
        self
    }

    /// A tensor's entry; dimensions in the file's order, innermost first.
    fn tensor(mut self, name: &str, shape: &[u64], type_number: u32, offset: u64) -> Self {
        self = self.text(name).u32(shape.len() as u32);
        for dimension in shape {
            self = self.u64(*dimension);
        }
        self.u32(type_number).u64(offset)
    }

    fn data(mut self, bytes: usize) -> Vec<u8> {
        let end = self.0.len().next_multiple_of(32) + bytes;
        self.0.resize(end, 0);
        self.0
    }

    fn error(self) -> String {
        read_all(&self.data(64)).unwrap_err()
    }
}

#[track_caller]
fn says(error: &str, expected: &str) {
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_header_that_lies_is_not_believed() {
    let million = Gguf::new(1_000_000, 0).error();
    says(&million, "the GGUF file claims 1000000 tensors; the limit is 65536");
    says(&Gguf::new(60_000, 0).error(), "the GGUF file claims 60000 tensors, and 72 bytes follow");
    says(&Gguf::new(0, u64::MAX).error(), "the GGUF file claims 18446744073709551615 values; the limit");

    let long_key = Gguf::new(0, 1).u64(u64::MAX).error();
    says(&long_key, "the GGUF file claims 18446744073709551615 bytes of text in key 1 of 1; the limit");
    let long_text = Gguf::new(0, 1).text("k").u32(8).u64(1 << 25).error();
    says(&long_text, "the GGUF file claims 33554432 bytes of text in the value of `k`, and");
    let long_array = Gguf::new(0, 1).text("k").u32(9).u32(12).u64(1 << 61).error();
    says(&long_array, "the GGUF file claims 2305843009213693952 elements in the value of `k`; the limit");
    let texts = Gguf::new(0, 1).text("k").u32(9).u32(8).u64(1 << 20).error();
    says(&texts, "the GGUF file claims 1048576 elements in the value of `k`, and");

    let mut nested = Gguf::new(0, 1).text("k").u32(9);
    for _ in 0..8 {
        nested = nested.u32(9).u64(1);
    }
    says(&nested.error(), "the GGUF file claims 5 levels of arrays in the value of `k`; the limit is 4");
    says(&Gguf::new(0, 1).text("k").u32(13).error(), "the value of `k` has the unknown type 13");
    let twice = Gguf::new(0, 2).text("k").u32(7).0;
    let twice = Gguf([twice, vec![1]].concat()).text("k").u32(4).u32(1);
    says(&twice.error(), "the key `k` is there twice");
    let alignment = |to| Gguf::new(0, 1).text("general.alignment").u32(4).u32(to).error();
    says(&alignment(0), "`general.alignment` is 0; it must be a power of two");
    says(&alignment(48), "`general.alignment` is 48; it must be a power of two");
    says(&alignment(1 << 31), "`general.alignment` is 2147483648; it must");
    let part = Gguf::new(0, 1).text("split.count").u32(4).u32(3).error();
    says(&part, "the GGUF file is part 1 of 3, and only whole files are read");
    let mut not_text = Gguf::new(0, 1).text("k").u32(8).u64(2);
    not_text.0.extend([0xc3, 0x28]);
    says(&not_text.error(), "the value of `k` is not UTF-8");
}

#[test]
fn tensors_that_lie_are_named() {
    let one = |shape: &[u64], type_number, offset| {
        Gguf::new(1, 0).tensor("liar", shape, type_number, offset).error()
    };
    says(&one(&[1 << 33, 1 << 33], 0, 0), "the tensor `liar` claims the impossible shape");
    says(&one(&[u64::MAX], 1, 0), "the tensor `liar` claims the impossible shape");
    says(&one(&[32, 1 << 40], 2, 0), "the tensor `liar` ends at byte");
    says(&one(&[17], 0, 0), "the tensor `liar` ends at byte 132; the file ends at byte 128");
    says(&one(&[33], 8, 0), "the tensor `liar` has rows of 33, which do not make whole blocks of Q8_0");
    says(&one(&[1; 5], 0, 0), "the tensor `liar` claims 5 dimensions; the limit is 4");
    says(&one(&[4], 20, 0), "the tensor `liar` is stored as IQ4_NL, which cannot be read (read are F32, ");
    says(&one(&[4], 999, 0), "the tensor `liar` is stored as the unknown type 999");
    says(&one(&[4], 0, 4), "the tensor `liar` begins at byte 4 of the data, which 32 does not divide");
    says(&one(&[4], 0, u64::MAX - 31), "the tensor `liar` ends at byte");
    let two =
        |name, offset| Gguf::new(2, 0).tensor("first", &[16], 0, 0).tensor(name, &[4], 0, offset).error();
    says(&two("second", 32), "the tensors `first` and `second` overlap");
    says(&two("first", 64), "the tensor `first` is there twice");
}

#[test]
fn files_of_another_kind_are_called_by_their_name() {
    let cases: [(&[u8], &str); 7] = [
        (b"", "`file` is empty, not GGUF or safetensors"),
        (b"<!DOCTYPE html><html>", "`file` is a web page, not GGUF or safetensors"),
        (b"version https://git-lfs.github.com/spec/v1\n", "`file` is a Git LFS pointer, not"),
        (b"PK\x03\x04aaaaaaaaaaaaaaaa", "`file` is a PyTorch file, not"),
        (b"tjgg\x03\0\0\0aaaaaaaaaa", "`file` is a GGML file from before GGUF, not"),
        (b"{\"error\": \"gated\"}", "`file` is a JSON file, not"),
        (b"\x01\x02\x03\xff\xff\xff\xff\xff\xff\xff\xff", "`file` is something else, not"),
    ];
    for (bytes, expected) in cases {
        says(&opening(bytes.to_vec()).to_string(), expected);
    }
    let version = |number: [u8; 4]| {
        let mut bytes = data("small.gguf");
        bytes[4..8].copy_from_slice(&number);
        opening(bytes).to_string()
    };
    says(&version([1, 0, 0, 0]), "GGUF version 1 is not read; 2 and 3 are");
    says(&version([4, 0, 0, 0]), "GGUF version 4 is not read; 2 and 3 are");
    says(&version([0, 0, 0, 3]), "the GGUF file is big-endian, which is not read");
}

/// A safetensors file with this header and so many bytes of data.
fn safetensors(header: &str, bytes: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.resize(file.len() + bytes, 0);
    file
}

#[test]
fn a_safetensors_header_that_lies_is_not_believed() {
    let error = |header: &str| read_all(&safetensors(header, 64)).unwrap_err();
    let one = |dtype: &str, shape: &str, offsets: &str| {
        error(&format!(r#"{{"liar":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#))
    };
    says(&one("F32", "[17]", "[0,68]"), "the tensor `liar` ends at byte");
    says(&one("F32", "[4]", "[0,12]"), "the tensor `liar` takes 16 bytes by its shape; the file gives it 12");
    says(&one("F32", "[4]", "[16,0]"), "the tensor `liar` takes 16 bytes by its shape; the file gives it 0");
    says(&one("F32", "[4]", "[18446744073709551600,18446744073709551615]"), "the tensor `liar` takes");
    says(&one("F32", "[4294967296,4294967296]", "[0,0]"), "the tensor `liar` claims the impossible shape");
    says(&one("F32", "[1,1,1,1,1]", "[0,4]"), "the tensor `liar` claims 5 dimensions");
    says(&one("F31", "[4]", "[0,16]"), "the tensor `liar` is stored as the unknown type \"F31\"");
    says(
        &one("F32", "[-1]", "[0,4]"),
        "the header of `file`: the tensor `liar`: invalid value: integer `-1`",
    );
    says(&one("F32", "[1e3]", "[0,4000]"), "the header of `file`: the tensor `liar`: invalid type");
    says(&one("F32", "[4]", "[0]"), "the header of `file`: the tensor `liar`: invalid length 1");
    let entry = |name: &str, start: u64| {
        format!(r#""{name}":{{"dtype":"F32","shape":[4],"data_offsets":[{start},{}]}}"#, start + 16)
    };
    says(&error(&format!("{{{},{}}}", entry("a", 0), entry("b", 12))), "the tensors `a` and `b` overlap");
    let twice = error(&format!("{{{},{}}}", entry("a", 0), entry("a", 16)));
    says(&twice, "the header of `file`: the tensor `a` is there twice");
    says(
        &error(&format!("{{{}}}", entry(&"x".repeat(600), 0))),
        "the header of `file`: the name of a tensor",
    );
    says(&error("{"), "the header of `file`: EOF while parsing");
    says(&error("[]"), "the header of `file`: invalid type: sequence, expected an object of tensors");
    says(&error(&"{\"a\":".repeat(200)), "the header of `file`: the tensor `a`: ");

    let mut many = "{".to_owned();
    for number in 0..70_000 {
        many += &format!(r#""{number}":{{"dtype":"F32","shape":[],"data_offsets":[0,4]}},"#);
    }
    many.pop();
    says(&error(&format!("{many}}}")), "the header of `file`: more than 65536 tensors");

    let claims = |length: u64| {
        let mut file = safetensors("{}", 100);
        file[..8].copy_from_slice(&length.to_le_bytes());
        read_all(&file).unwrap_err()
    };
    says(&claims(u64::MAX), "there are 18446744073709551615 bytes of header claimed by `file`; the limit");
    says(&claims(100_000), "`file` ends at byte 110, in its header, which ends at byte 100008");
}

/// A file, where to damage it, and with what.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<Vec<u8>> =
        ["small.gguf", "single.safetensors", "every_encoding.gguf"].into_iter().map(data).collect();
    // Mostly in the header, which is in front.
    let place = prop_oneof![4 => 0..1_000_usize, 1 => 0..12_000_usize];
    let number = prop_oneof![
        any::<u64>(),
        0..64_u64,
        Just(u64::MAX),
        Just(i64::MAX.cast_unsigned()),
        (0..64_u32).prop_map(|bit| 1 << bit),
    ];
    let damage = (place, number, prop_oneof![Just(1_usize), Just(4), Just(8)]);
    let end = prop_oneof![4 => Just(usize::MAX), 1 => 0..12_000_usize];
    (proptest::sample::select(files), proptest::collection::vec(damage, 1..6), end).prop_map(
        |(mut file, damages, end)| {
            for (place, number, width) in damages {
                let place = place % file.len();
                let bytes = number.to_le_bytes();
                for (byte, new) in file[place..].iter_mut().zip(&bytes[..width]) {
                    *byte = *new;
                }
            }
            file.truncate(end);
            file
        },
    )
}

/// Anything after a start that is taken for a header.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        Just(b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0".to_vec()),
        Just(b"GGUF\x02\0\0\0".to_vec()),
        Just(b"\x40\0\0\0\0\0\0\0{\"a\":".to_vec()),
        Just(Vec::new()),
    ];
    let small = prop_oneof![3 => Just(0_u8), 2 => 0..16_u8, 1 => any::<u8>()];
    (start, proptest::collection::vec(small, 0..400)).prop_map(|(start, noise)| [start, noise].concat())
}

/// Damaged files, and files of noise, in `cargo test`.
const QUICK: u32 = 6_000;

fn config() -> ProptestConfig {
    let cases = std::env::var("WORLDMODEL_FUZZ").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases.unwrap_or(QUICK)) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_damaged_file_is_read_or_refused(file in damaged()) {
        let _ = read_all(&file);
    }

    #[test]
    fn noise_is_refused(file in noise()) {
        let _ = read_all(&file);
    }
}
