//! Which numbers are held out of training.

use super::slots::Filling;

/// A part of all questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// What is trained on.
    Train,
    /// Sentences never trained on, with numbers that are.
    HeldOutWordings,
    /// Numbers never trained on together, in sentences that are. Families without any give nothing here.
    HeldOutNumbers,
}

impl Split {
    /// As tables name it: what is new in it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "training",
            Self::HeldOutWordings => "wordings",
            Self::HeldOutNumbers => "numbers",
        }
    }
}

/// One of so many tuples is held out.
const ONE_OF: u64 = 12;
/// Tuples with fewer digits in all are trained on, and never held out: there are too few of them to divide.
const TRIVIAL: usize = 3;

/// The numbers and texts of a question, in no order.
pub(super) struct Tuple {
    parts: Vec<String>,
    digits: usize,
}

impl Tuple {
    pub(super) fn of<'a>(fillings: impl Iterator<Item = &'a (String, Filling)>) -> Self {
        let mut tuple = Self { parts: Vec::new(), digits: 0 };
        for (_, filling) in fillings {
            match filling {
                Filling::Number(quantity) => tuple.number(*quantity),
                Filling::List(quantities) => quantities.iter().for_each(|quantity| tuple.number(*quantity)),
                Filling::Chain(chain) => chain.numbers().for_each(|quantity| tuple.number(quantity)),
                Filling::Text(text) => {
                    tuple.digits += TRIVIAL;
                    tuple.parts.push(text.clone());
                }
            }
        }
        tuple.parts.sort();
        tuple
    }

    fn number(&mut self, quantity: super::quantity::Quantity) {
        // 2.50 is 2.5, and equal numbers are in the same split.
        let plain = quantity.plain();
        let short =
            if quantity.places > 0 { plain.trim_end_matches('0').trim_end_matches('.') } else { &plain };
        self.digits += short.bytes().filter(u8::is_ascii_digit).count();
        self.parts.push(short.to_owned());
    }

    /// Whether an example with these numbers may be in a split.
    pub(super) fn belongs(&self, split: Split) -> bool {
        let held_out = self.digits >= TRIVIAL && self.held_out();
        held_out == (split == Split::HeldOutNumbers)
    }

    /// What the numbers come to: equal for equal ones in any order.
    pub(super) fn hash(&self) -> u64 {
        // FNV alone hardly tells short texts apart in its upper bits.
        let hash = fnv(self.parts.join(" ").bytes());
        let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn held_out(&self) -> bool {
        self.hash().is_multiple_of(ONE_OF)
    }
}

/// FNV-1a of 64 bits.
pub(super) fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
