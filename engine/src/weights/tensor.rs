//! What a file says about a tensor, and whether that can be true.

use super::encoding::Encoding;
use super::matrix::MatrixError;
use super::source::ReadError;

/// Tensors a file may hold. The largest models with experts have some 40,000.
pub const MAX_TENSORS: u64 = 1 << 16;
/// Dimensions a tensor may have, as in GGML.
pub const MAX_DIMENSIONS: usize = 4;
/// Bytes of a tensor's name.
pub const MAX_NAME_BYTES: u64 = 512;

/// A tensor in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// Its shape, outermost first: `[rows, columns]` for a matrix, whose rows lie one after the other.
    pub shape: Vec<usize>,
    /// The form of its numbers.
    pub encoding: Encoding,
    /// Bytes it takes.
    pub bytes: u64,
    /// Where its first byte is in its file.
    pub offset: u64,
    /// Which of the checkpoint's files holds it, from 0.
    pub file: usize,
}

/// A tensor that is not what it should be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TensorError {
    /// There is none of that name.
    #[error("the tensor `{name}` is missing")]
    Missing {
        /// The name asked for.
        name: String,
        /// Tensors there are.
        count: usize,
    },
    /// It has another shape.
    #[error("the tensor `{name}` has the shape {found:?}; expected is {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// What was asked for, outermost first.
        expected: Vec<usize>,
        /// What the file says.
        found: Vec<usize>,
    },
    /// Its form is none that is read.
    #[error("the tensor `{name}` is stored as {found}, which cannot be read")]
    Encoding {
        /// Its name.
        name: String,
        /// Name or number of the form.
        found: String,
    },
    /// Two tensors have the name.
    #[error("the tensor `{name}` is there twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// It has more dimensions than any tensor of a language model.
    #[error("the tensor `{name}` claims {found} dimensions; the limit is {MAX_DIMENSIONS}")]
    Dimensions {
        /// Its name.
        name: String,
        /// What the file says.
        found: u64,
    },
    /// Its shape makes more bytes than can be counted.
    #[error("the tensor `{name}` claims the impossible shape {shape:?}, outermost first")]
    Overflow {
        /// Its name.
        name: String,
        /// What the file says.
        shape: Vec<u64>,
    },
    /// Its rows are no whole blocks.
    #[error("the tensor `{name}` has rows of {columns}, which do not make whole blocks of {encoding}")]
    Partial {
        /// Its name.
        name: String,
        /// Numbers in a row.
        columns: usize,
        /// Its form.
        encoding: Encoding,
    },
    /// Its shape and its place in the file disagree.
    #[error("the tensor `{name}` takes {expected} bytes by its shape; the file gives it {found}")]
    Size {
        /// Its name.
        name: String,
        /// Bytes its shape makes.
        expected: u64,
        /// Bytes between its offsets.
        found: u64,
    },
    /// It does not begin where tensors begin.
    #[error("the tensor `{name}` begins at byte {offset} of the data, which {alignment} does not divide")]
    Alignment {
        /// Its name.
        name: String,
        /// Where it begins.
        offset: u64,
        /// What divides the place of every tensor.
        alignment: u64,
    },
    /// It ends behind the file's end.
    #[error("the tensor `{name}` ends at byte {end}; the file ends at byte {len}")]
    OutsideFile {
        /// Its name.
        name: String,
        /// Where it would end.
        end: u64,
        /// Bytes of the file.
        len: u64,
    },
    /// It shares bytes with another.
    #[error("the tensors `{name}` and `{other}` overlap")]
    Overlap {
        /// The one that begins first.
        name: String,
        /// The other.
        other: String,
    },
    /// Its bytes could not be read.
    #[error("the tensor `{name}` could not be read: {error}")]
    Read {
        /// Its name.
        name: String,
        /// Why, in the system's words.
        error: ReadError,
    },
    /// It cannot be kept in memory as asked.
    #[error("the tensor `{name}`: {error}")]
    Matrix {
        /// Its name.
        name: String,
        /// Why.
        error: MatrixError,
    },
}

impl TensorError {
    /// What would help, if there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Missing { count, .. } => Some(format!(
                "there are {count} others: the file is of another architecture, or not complete"
            )),
            Self::Encoding { .. } => Some(format!(
                "read are {}; the model's page may offer one of them",
                Encoding::ALL.map(Encoding::name).join(", ")
            )),
            Self::OutsideFile { .. } => {
                Some("the file was cut short, perhaps by a broken download: fetch it again".to_owned())
            }
            Self::Overflow { .. }
            | Self::Size { .. }
            | Self::Alignment { .. }
            | Self::Overlap { .. }
            | Self::Dimensions { .. }
            | Self::Twice { .. }
            | Self::Partial { .. } => Some("the file is damaged: fetch it again".to_owned()),
            Self::Matrix { error: MatrixError::OutOfMemory { .. }, .. } => {
                Some("a smaller model, or 4 bits a weight, takes less memory".to_owned())
            }
            Self::Matrix { error: MatrixError::Partial { .. }, .. } => {
                Some("keep this tensor as it is stored".to_owned())
            }
            Self::Matrix { .. } | Self::Shape { .. } | Self::Read { .. } => None,
        }
    }
}

/// A shape as a file claims it, outermost first, as one that can be: its dimensions and its bytes.
pub(super) fn check_shape(
    name: &str,
    claimed: &[u64],
    encoding: Encoding,
) -> Result<(Vec<usize>, u64), TensorError> {
    if claimed.len() > MAX_DIMENSIONS {
        return Err(TensorError::Dimensions { name: name.to_owned(), found: claimed.len() as u64 });
    }
    let overflow = || TensorError::Overflow { name: name.to_owned(), shape: claimed.to_vec() };
    let shape: Vec<usize> = claimed
        .iter()
        .map(|dimension| usize::try_from(*dimension).map_err(|_| overflow()))
        .collect::<Result<_, _>>()?;
    // A tensor without dimensions is one number.
    let columns = shape.last().copied().unwrap_or(1);
    if !columns.is_multiple_of(encoding.block_weights()) {
        return Err(TensorError::Partial { name: name.to_owned(), columns, encoding });
    }
    let row = encoding.bytes_for(columns).ok_or_else(overflow)? as u64;
    let rows = claimed.iter().rev().skip(1);
    let bytes = rows.copied().try_fold(row, u64::checked_mul).ok_or_else(overflow)?;
    Ok((shape, bytes))
}

/// Checks that every tensor lies inside its file and none over another. `lengths` are the files' bytes.
pub(super) fn check_places(tensors: &[TensorInfo], lengths: &[u64]) -> Result<(), TensorError> {
    let mut by_place: Vec<&TensorInfo> = tensors.iter().filter(|tensor| tensor.bytes > 0).collect();
    by_place.sort_by_key(|tensor| (tensor.file, tensor.offset));
    let mut before: Option<(&TensorInfo, u64)> = None;
    for tensor in by_place {
        let name = || tensor.name.clone();
        let len = lengths.get(tensor.file).copied().unwrap_or_default();
        let end = tensor.offset.saturating_add(tensor.bytes);
        if end > len {
            return Err(TensorError::OutsideFile { name: name(), end, len });
        }
        if let Some((other, other_end)) = before
            && other.file == tensor.file
            && other_end > tensor.offset
        {
            return Err(TensorError::Overlap { name: other.name.clone(), other: name() });
        }
        before = Some((tensor, end));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, offset: u64, bytes: u64) -> TensorInfo {
        let shape = vec![bytes as usize / 4];
        TensorInfo { name: name.to_owned(), shape, encoding: Encoding::F32, bytes, offset, file: 0 }
    }

    #[test]
    fn shapes_make_bytes() {
        assert_eq!(check_shape("a", &[3, 64], Encoding::Q4_0), Ok((vec![3, 64], 108)));
        assert_eq!(check_shape("a", &[], Encoding::F32), Ok((vec![], 4)));
        assert_eq!(check_shape("a", &[0, 64], Encoding::F32), Ok((vec![0, 64], 0)));
    }

    #[test]
    fn shapes_that_lie_are_named() {
        for shape in [&[1 << 40, 1 << 40][..], &[u64::MAX], &[u64::MAX, 2], &[1 << 62, 1]] {
            let error = check_shape("big", shape, Encoding::F32).unwrap_err();
            assert!(matches!(error, TensorError::Overflow { .. }), "{error}");
            assert!(error.to_string().contains("`big`"));
        }
        assert!(matches!(check_shape("a", &[1; 5], Encoding::F32), Err(TensorError::Dimensions { .. })));
        assert!(matches!(check_shape("a", &[2, 33], Encoding::Q8_0), Err(TensorError::Partial { .. })));
    }

    #[test]
    fn tensors_lie_inside_the_file_and_apart() {
        assert_eq!(check_places(&[at("b", 40, 4), at("a", 0, 40), at("none", 20, 0)], &[44]), Ok(()));
        let overlap = check_places(&[at("b", 36, 4), at("a", 0, 40)], &[44]).unwrap_err();
        assert_eq!(overlap.to_string(), "the tensors `a` and `b` overlap");
        let outside = check_places(&[at("a", 8, 40)], &[44]).unwrap_err();
        assert_eq!(outside.to_string(), "the tensor `a` ends at byte 48; the file ends at byte 44");
        assert!(check_places(&[at("a", u64::MAX, 40)], &[u64::MAX - 1]).is_err());
    }
}
