//! Taps that the site has for models of others: whoever loads such a model need not look for them.

use engine::worldmodel::adapter;
use protocol::language::{LanguageCard, ShippedTaps};
use protocol::{AppError, Problem};

use super::errand::Errand;
use super::files::{Opened, open_adapter, taps_among};
use super::own_site::SiteFiles;

/// Taps, and the model they belong to.
struct Shipped {
    files: SiteFiles,
    /// The model they were trained on, as people call it.
    base: &'static str,
    /// Its width and layers, which its headers say.
    shape: (usize, usize),
    /// Its fingerprint, which only its weights say.
    fingerprint: &'static str,
    /// Bytes of the files.
    bytes: u64,
}

/// All there are. A test compares them with `assets/`.
const ALL: [Shipped; 1] = [Shipped {
    files: SiteFiles {
        folder: "taps/smollm2-135m-instruct",
        files: &["adapter.safetensors", "adapter.json"],
        what: "the taps for SmolLM2-135M-Instruct",
        without: "Load the model without taps, or choose an adapter beside its file.",
    },
    base: "SmolLM2-135M-Instruct",
    shape: (576, 30),
    fingerprint: "ea814bed6299e304",
    bytes: 8_122_906,
}];

/// The taps that there are for a model of that shape, if it is the one they were trained on.
pub fn offered(width: usize, layers: usize) -> Option<ShippedTaps> {
    let shipped = ALL.iter().find(|shipped| shipped.shape == (width, layers))?;
    Some(ShippedTaps { base: shipped.base.to_owned(), bytes: shipped.bytes })
}

/// Gives a model the taps that were trained on it, where the site has them and it brought none. `Some` says why it has none
/// although there are some for its shape: it is another, or there is no network.
///
/// # Errors
/// When the site does not have them, they are not what they should be, or somebody stops it.
pub async fn give(
    opened: &mut Opened,
    card: &LanguageCard,
    errand: &Errand<'_>,
) -> Result<Option<String>, AppError> {
    let shape = (card.width, card.layers);
    let Some(shipped) = ALL.iter().find(|shipped| shipped.shape == shape) else { return Ok(None) };
    if opened.adapter.is_some() {
        return Ok(None);
    }
    if adapter::fingerprint(&opened.checkpoint).is_none_or(|found| found != shipped.fingerprint) {
        return Ok(Some(format!(
            "The taps of this site were trained on {}, and this is another model of its shape: it was loaded without them.",
            shipped.base
        )));
    }
    let files = match shipped.files.fetch(errand).await {
        Ok(files) => files,
        // A model that this browser keeps loads without a network, too.
        Err(failure) if failure.problem == Problem::Unreachable => {
            return Ok(Some(format!("It was loaded without taps: {}. {}", failure.message, failure.remedy)));
        }
        Err(failure) => return Err(failure),
    };
    let (taps, json) = taps_among(files)?;
    opened.adapter = open_adapter(taps, json, &opened.checkpoint)?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::worldmodel::adapter::AdapterConfig;
    use std::path::Path;

    #[test]
    fn what_is_said_of_the_taps_is_what_their_files_say() {
        for shipped in &ALL {
            let name = shipped.files.folder.strip_prefix("taps/").unwrap();
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets").join(name);
            let config = AdapterConfig::read(&std::fs::read(folder.join("adapter.json")).unwrap()).unwrap();
            assert_eq!(shipped.fingerprint, config.fingerprint);
            assert_eq!(shipped.shape, (config.hidden, config.layers));
            assert!(config.base.starts_with(shipped.base), "{}", config.base);
            let bytes =
                shipped.files.files.iter().map(|file| std::fs::metadata(folder.join(file)).unwrap().len());
            assert_eq!(shipped.bytes, bytes.sum::<u64>());
        }
    }
}
