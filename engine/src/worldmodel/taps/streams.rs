//! What taps read: the residual streams behind some layers of a decoder.

use crate::kernels::Compute;
use crate::qwen::decoder::Logits;
use crate::qwen::hooks::{Hook, Hooks, Recorder};
use crate::qwen::{Decoder, DecoderError};

/// The residual streams behind some layers, first to last, `[tokens, hidden]` each, and the logits that were asked for.
pub type Streams<C> = (Vec<<C as Compute>::Rows>, Option<<C as Compute>::Rows>);

/// Takes in more tokens, and keeps the residual streams behind these layers (3: behind the third), as they are once `hooks`
/// have meddled.
///
/// # Errors
/// As [`Decoder::forward`].
pub fn streams<C: Compute>(
    decoder: &mut Decoder<C>,
    behind: &[usize],
    tokens: &[u32],
    logits: Logits,
    hooks: &mut impl Hooks<C>,
) -> Result<Streams<C>, DecoderError> {
    let places = behind.iter().map(|layer| (layer.saturating_sub(1), Hook::ResidPost));
    let mut both = (hooks, Recorder::new(places.clone(), []));
    let logits = decoder.forward(tokens, logits, &mut both)?;
    let (_, mut recorder) = both;
    Ok((places.filter_map(|place| recorder.rows.remove(&place)).collect(), logits))
}
