#!/usr/bin/env python3
"""Makes the fixtures of the decoder's tests: random models, and what `transformers` computes with them.

    pip install torch transformers safetensors numpy
    python3 engine/tests/qwen/make.py

Each case is a folder with what a checkpoint has (config.json, model.safetensors) and expected.safetensors:
  tokens            [positions]                 the input
  logits            [rows, vocabulary]          at the positions `at`
  at                [rows]
  hidden.N          [rows, hidden]              behind layer N (0: the embedding), before the last norm
  pattern.N         [heads, rows, positions]    softmax of layer N at those rows (short cases)
The weights are stored in the type that the case names, and the model is run with exactly those, in 64 bits.
"""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
F32, BF16 = torch.float32, torch.bfloat16


def qwen3(**changes):
    base = dict(
        vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=12, max_position_embeddings=4096, rope_theta=1e6, rms_norm_eps=1e-6,
        tie_word_embeddings=True, attention_bias=False,
    )
    return transformers.Qwen3Config(**(base | changes)), transformers.Qwen3ForCausalLM


def llama(**changes):
    base = dict(
        vocab_size=97, hidden_size=36, intermediate_size=48, num_hidden_layers=2, num_attention_heads=6,
        num_key_value_heads=2, max_position_embeddings=4096, rope_theta=1e4, rms_norm_eps=1e-5,
        tie_word_embeddings=False, attention_bias=False,
    )
    return transformers.LlamaConfig(**(base | changes)), transformers.LlamaForCausalLM


CASES = {
    # name: (model, tokens, type, rows of logits or None for all)
    "qwen3_grouped_tied": (qwen3(num_hidden_layers=3), 24, F32, None),
    "qwen3_untied": (qwen3(tie_word_embeddings=False), 24, F32, None),
    "qwen3_one_kv_head": (qwen3(num_attention_heads=8, num_key_value_heads=1, head_dim=8), 24, F32, None),
    "qwen3_no_grouping": (qwen3(num_key_value_heads=4), 17, F32, None),
    "qwen3_odd_sizes": (
        qwen3(vocab_size=131, hidden_size=37, intermediate_size=53, head_dim=14, num_attention_heads=3,
              num_key_value_heads=3, num_hidden_layers=2), 19, F32, None),
    "qwen3_wide_heads": (qwen3(head_dim=64, num_hidden_layers=1), 12, F32, None),
    "qwen3_long_positions": (
        qwen3(rope_theta=1e4), 2500, F32, 4),
    "qwen3_yarn": (
        qwen3(num_hidden_layers=2, max_position_embeddings=256,
              rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=64)), 200, F32, 8),
    "qwen3_bf16": (qwen3(), 24, BF16, None),
    "llama_untied": (llama(), 24, F32, None),
    "llama3_scaled": (
        llama(rope_theta=5e5, rope_scaling=dict(
            rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=128)), 600, F32, 4),
    "llama_linear": (llama(rope_scaling=dict(rope_type="linear", factor=2.0)), 60, F32, 8),
}


def in_64_bits(rotary):
    """`transformers` rounds the angles to 32 bits whatever the model is: at position 2,500 that alone is 1e-4."""
    frequencies, scaling = rotary.inv_freq.double(), rotary.attention_scaling

    def forward(_, position_ids):
        angles = position_ids[..., None].double() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos() * scaling, angles.sin() * scaling

    rotary.forward = forward


def make(name, config, kind, positions, dtype, rows):
    torch.manual_seed(sum(name.encode()))
    config._attn_implementation = "eager"
    model = kind(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            # Larger than a fresh model's, so that attention is sharp and the logits differ.
            spread = 0.5 if weight.dim() == 1 else 1.5 / weight.shape[-1] ** 0.5
            weight.copy_(torch.randn(weight.shape) * spread + (1.0 if weight.dim() == 1 else 0.0))
            weight.copy_(weight.to(dtype))
    stored = {key: value.detach().clone().to(dtype) for key, value in model.state_dict().items()}
    if config.tie_word_embeddings:
        stored.pop("lm_head.weight", None)
    model = model.to(torch.float64)
    in_64_bits(model.model.rotary_emb)
    tokens = torch.randint(0, config.vocab_size, (1, positions))
    at = torch.arange(positions) if rows is None else torch.arange(positions - rows, positions)
    # What the last layer adds is only in the last hidden state, which is normed: read it before the norm.
    behind = []
    for layer in model.model.layers:
        layer.register_forward_hook(
            lambda _, __, out: behind.append((out[0] if isinstance(out, tuple) else out).detach()))
    with torch.no_grad():
        out = model(tokens, output_attentions=True, use_cache=False)
    expected = {"tokens": tokens[0].to(torch.int32), "at": at.to(torch.int32), "logits": out.logits[0, at].to(F32)}
    expected["hidden.0"] = model.model.embed_tokens(tokens)[0, at].detach().to(F32)
    for layer, rows_behind in enumerate(behind):
        expected[f"hidden.{layer + 1}"] = rows_behind.reshape(positions, -1)[at].to(F32)
    if rows is None:
        for layer, pattern in enumerate(out.attentions):
            expected[f"pattern.{layer}"] = pattern[0][:, at, :].to(F32)
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    save_file({k: v.contiguous() for k, v in stored.items()}, folder / "model.safetensors", {"format": "pt"})
    save_file({k: v.contiguous() for k, v in expected.items()}, folder / "expected.safetensors")
    text = json.dumps(config.to_dict() | {"torch_dtype": str(dtype).removeprefix("torch.")}, indent=1, sort_keys=True)
    (folder / "config.json").write_text(text + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{name}: {size // 1024} KiB")


if __name__ == "__main__":
    for name, ((config, kind), positions, dtype, rows) in CASES.items():
        make(name, config, kind, positions, dtype, rows)
