//! Memory that a model needs, and memory that is there.

use protocol::language::LanguageCard;
use protocol::memory::{BESIDES, REACH};
use protocol::{AppError, Problem};

use super::error;

/// Checks that a worker can have the memory that a model needs. Whether a machine has it nobody can tell: the page
/// warns, and a person decides.
///
/// # Errors
/// Says what is needed, what there is, and what would fit.
pub fn check(card: &LanguageCard, quantize: Option<u8>, context: usize) -> Result<(), AppError> {
    let needed = card.needed(quantize, context);
    if needed <= REACH {
        return Ok(());
    }
    let weights = card.weights(quantize);
    let message = format!(
        "this model needs {} of memory: {} of weights and {} for {context} positions; a page in a browser can have \
         about 4 GB",
        gigabytes(needed),
        gigabytes(weights),
        gigabytes(card.caches(context)),
    );
    let left = REACH.saturating_sub(weights.saturating_add(BESIDES));
    let positions = left.checked_div(card.bytes_per_position).unwrap_or_default();
    let remedy = if positions >= 256 {
        format!("Load it with a context of {positions} positions at most.")
    } else {
        "Take a smaller quantization (Q4_0 has 4.5 bits a weight) or a smaller model; files with 16-bit weights can \
         be brought to 4 or 8 bits while they load."
            .to_owned()
    };
    Err(error::error(Problem::NoRoom, message, remedy))
}

/// Bytes as a person reads them.
pub fn gigabytes(bytes: u64) -> String {
    match bytes {
        0..10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(weight_bytes: u64) -> LanguageCard {
        LanguageCard {
            name: String::new(),
            format: String::new(),
            facts: Vec::new(),
            encodings: Vec::new(),
            licence: None,
            layers: 28,
            heads: 16,
            neurons: 3072,
            width: 1024,
            context: 40_960,
            parameters: 0,
            weight_bytes,
            quantized_bytes: [weight_bytes / 4, weight_bytes / 2],
            bytes_per_position: 229_376,
            chats: true,
            thinks: true,
            taps: None,
        }
    }

    #[test]
    fn only_what_addresses_do_not_reach_is_refused() {
        let all = REACH - BESIDES - card(0).caches(4096);
        assert_eq!(check(&card(all), None, 4096), Ok(()));
        let refused = check(&card(all + 1), None, 4096).unwrap_err();
        assert_eq!(refused.problem, Problem::NoRoom);
        assert!(refused.remedy.contains("a context of 4095 positions"), "{}", refused.remedy);
        // Fewer bits make room.
        assert_eq!(check(&card(all + 1), Some(8), 4096), Ok(()));
    }

    #[test]
    fn weights_beyond_the_address_space_are_refused_with_advice() {
        let refused = check(&card(8 << 30), None, 4096).unwrap_err();
        assert!(refused.message.starts_with("this model needs 9.73 GB"), "{}", refused.message);
        assert!(refused.remedy.contains("smaller quantization"), "{}", refused.remedy);
        assert!(check(&card(u64::MAX), None, 4096).is_err());
    }

    #[test]
    fn bytes_are_written_as_people_do() {
        assert_eq!(gigabytes(98_362_432), "98 MB");
        assert_eq!(gigabytes(1_234_567_890), "1.23 GB");
        assert_eq!(gigabytes(11_422_654), "11 MB");
    }
}
