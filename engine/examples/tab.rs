//! The decoder in a browser's tab, to be measured: `cli/compare/beside_wllama.mjs` builds and runs it.

#[cfg(target_arch = "wasm32")]
mod tab {
    use std::sync::Arc;

    use engine::kernels::cpu::Cpu;
    use engine::qwen::decoder::Logits;
    use engine::qwen::generate::CHUNK;
    use engine::qwen::sampling::highest;
    use engine::qwen::{Decoder, LoadOptions, Loader, random};
    use engine::weights::{Checkpoint, Encoding, WeightsFile};
    use wasm_bindgen::prelude::*;

    /// A model and what it has read.
    #[wasm_bindgen]
    pub struct Tab {
        decoder: Decoder<Cpu>,
        next: u32,
    }

    #[wasm_bindgen]
    impl Tab {
        /// Loads a GGUF file.
        pub fn load(gguf: Vec<u8>) -> Result<Self, JsError> {
            let checkpoint = Checkpoint::open(vec![WeightsFile::new("gguf", gguf)], None, None)?;
            let mut loader = Loader::new(&checkpoint, LoadOptions::default())?;
            while loader.step(&checkpoint, &mut Cpu)? {}
            let model = loader.finish().ok_or_else(|| JsError::new("the model is not complete"))?;
            Ok(Self { decoder: Decoder::new(Cpu, Arc::new(model), usize::MAX), next: 0 })
        }

        /// Makes a model of the size of Qwen3-0.6B.
        pub fn random(encoding: &str) -> Result<Self, JsError> {
            let encoding = Encoding::by_name(encoding).ok_or_else(|| JsError::new("no such encoding"))?;
            let model = random::model(&mut Cpu, random::qwen3_0_6b(), encoding)?;
            Ok(Self { decoder: Decoder::new(Cpu, Arc::new(model), usize::MAX), next: 0 })
        }

        /// Forgets what it read, and reads these tokens.
        pub fn prefill(&mut self, tokens: &[u32]) -> Result<u32, JsError> {
            self.decoder.truncate(0);
            let mut left = tokens.len();
            for chunk in tokens.chunks(CHUNK) {
                left -= chunk.len();
                let wanted = if left == 0 { Logits::Last } else { Logits::None };
                let logits = self.decoder.forward(chunk, wanted, &mut ())?;
                self.next = logits.and_then(|logits| highest(logits.values())).unwrap_or(self.next);
            }
            Ok(self.next)
        }

        /// Adds tokens, each the likeliest.
        pub fn decode(&mut self, tokens: usize) -> Result<Vec<u32>, JsError> {
            let mut added = Vec::new();
            for _ in 0..tokens {
                let logits = self.decoder.forward(&[self.next], Logits::Last, &mut ())?;
                self.next = logits.and_then(|logits| highest(logits.values())).unwrap_or(self.next);
                added.push(self.next);
            }
            Ok(added)
        }
    }
}
