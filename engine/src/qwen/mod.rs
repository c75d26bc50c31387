//! The Qwen3 decoder, and the Llama-style one it contains.
