"""Makes the files in `data`: weights as the reference implementations write and read them.

    python3 -m venv /tmp/weights && /tmp/weights/bin/pip install gguf==0.19.0 safetensors==0.8.0 numpy==2.4.6
    /tmp/weights/bin/python engine/tests/weights/make.py

- `blocks/NAME.blocks`, `blocks/NAME.f32`: blocks of an encoding, and the numbers that the package `gguf` decodes from
  them. All bits of a block occur; its scales are finite.
- `blocks/quantize.f32`, `blocks/quantize.NAME`: numbers, and the blocks that the package `gguf` makes of them.
- `every_encoding.gguf`, `every_encoding.safetensors`: a matrix [3, 256] in each encoding, and the same decoded.
- `small.gguf`: a few hundred bytes with a value of every type, to be cut and damaged.
- `single.safetensors`; `sharded/`: the same tensors in one file, and in two with an index.
"""

import json
import pathlib

import gguf
import numpy as np
import safetensors
import safetensors.numpy
from gguf.quants import dequantize, quantize

HERE = pathlib.Path(__file__).parent / "data"
TYPES = gguf.GGMLQuantizationType
ENCODINGS = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
# Where the 16-bit scales of a block stand, in bytes.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}  # fmt: skip
random = np.random.default_rng(3)


def finite_f16(count):
    """Any finite 16-bit floats, subnormals and zeros of both signs included."""
    bits = random.integers(0, 1 << 16, 4 * count + 8, dtype=np.uint16)
    bits = bits[(bits & 0x7C00) != 0x7C00][: count - 3]
    return np.concatenate([np.array([0, 0x8000, 1], np.uint16), bits])


def blocks_of(name, count):
    """`count` blocks of random bits, as bytes [count, bytes of a block]."""
    _, size = gguf.GGML_QUANT_SIZES[TYPES[name]]
    if name == "F16":
        return finite_f16(count).view(np.uint8).reshape(count, 2)
    if name in ("F32", "BF16"):
        weights = (random.standard_normal(count) * 10.0 ** random.integers(-30, 30, count)).astype(np.float32)
        return quantize(weights.reshape(1, -1), TYPES[name]).view(np.uint8).reshape(count, size)
    blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
    for place in SCALES[name]:
        blocks[:, place : place + 2] = finite_f16(count).view(np.uint8).reshape(count, 2)
    return blocks


def decoded(blocks, name):
    return dequantize(blocks.reshape(1, -1), TYPES[name]).astype(np.float32).reshape(-1)


def make_blocks():
    for name in ENCODINGS:
        weights, _ = gguf.GGML_QUANT_SIZES[TYPES[name]]
        blocks = blocks_of(name, {1: 1024, 32: 64, 256: 12}[weights])
        (HERE / "blocks" / f"{name.lower()}.blocks").write_bytes(blocks.tobytes())
        (HERE / "blocks" / f"{name.lower()}.f32").write_bytes(decoded(blocks, name).tobytes())

    groups = [random.standard_normal(32) * 10.0**power for power in np.linspace(-7, 4, 88)]
    groups += [np.zeros(32), -np.zeros(32), np.full(32, 0.1), np.full(32, -3.0)]
    # Ties: numbers halfway between two steps, and an extreme that occurs with both signs.
    groups += [np.concatenate([[127.0], np.arange(31) - 15.5]), np.concatenate([[-127.0], np.arange(31) - 15.5])]
    groups += [np.concatenate([[-8.0], (np.arange(31) - 15) / 2]), np.concatenate([[8.0], (np.arange(31) - 15) / 2])]
    groups += [np.tile([5.0, -5.0, 1.25, -1.25], 8), np.tile([-5.0, 5.0, 1.25, -1.25], 8)]
    weights = np.array(groups, np.float32).reshape(1, -1)
    (HERE / "blocks" / "quantize.f32").write_bytes(weights.tobytes())
    for name in ["Q8_0", "Q4_0", "BF16", "F16"]:
        (HERE / "blocks" / f"quantize.{name.lower()}").write_bytes(quantize(weights, TYPES[name]).tobytes())


def make_every_encoding():
    writer = gguf.GGUFWriter(HERE / "every_encoding.gguf", "qwen3")
    writer.add_name("Every encoding")
    writer.add_block_count(2)
    writer.add_rope_freq_base(1e6)
    tokens = ["<|endoftext|>", "Ġde", "🙂", ""]
    writer.add_token_list(tokens)
    writer.add_token_types([3, 1, 1, 1])
    writer.add_token_merges(["Ġ d", "Ġd e"])
    expected = {}
    for name in ENCODINGS:
        weights, size = gguf.GGML_QUANT_SIZES[TYPES[name]]
        blocks = blocks_of(name, 3 * 256 // weights).reshape(3, 256 // weights * size)
        tensor = f"blk.0.{name.lower()}.weight"
        expected[tensor] = decoded(blocks, name).reshape(3, 256)
        writer.add_tensor(tensor, blocks, raw_dtype=TYPES[name])
    expected["output_norm.weight"] = np.linspace(-1, 1, 7).astype(np.float32)
    writer.add_tensor("output_norm.weight", expected["output_norm.weight"])
    finish(writer)
    safetensors.numpy.save_file(expected, HERE / "every_encoding.safetensors")


def make_small():
    writer = gguf.GGUFWriter(HERE / "small.gguf", "llama")
    writer.add_uint8("a.u8", 255)
    writer.add_int8("a.i8", -128)
    writer.add_uint16("a.u16", 65535)
    writer.add_int16("a.i16", -32768)
    writer.add_uint32("a.u32", 4294967295)
    writer.add_int32("a.i32", -2147483648)
    writer.add_uint64("a.u64", 18446744073709551615)
    writer.add_int64("a.i64", -9223372036854775808)
    writer.add_float32("a.f32", 0.5)
    writer.add_float64("a.f64", 0.1)
    writer.add_bool("a.flag", True)
    writer.add_string("a.text", "naïve 文字")
    writer.add_array("a.texts", ["", "one", "två"])
    writer.add_array("a.integers", [1, -2, 3])
    writer.add_array("a.floats", [0.25, -0.5])
    writer.add_custom_alignment(64)
    writer.add_tensor("norm.weight", np.arange(5, dtype=np.float32))
    writer.add_tensor("half.weight", np.arange(6, dtype=np.float16).reshape(2, 3))
    writer.add_tensor("four.weight", np.zeros((1, 18), np.uint8) + 1, raw_dtype=TYPES.Q4_0)
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def exact(*shape):
    """Numbers that 8 bits of fraction hold: the tests compute them, too."""
    return ((np.arange(np.prod(shape)) % 61 - 30) / 8).astype(np.float32).reshape(shape)


STORED = {
    "float32": lambda weights: weights,
    "float16": lambda weights: weights.astype(np.float16),
    "bfloat16": lambda weights: quantize(weights.reshape(1, -1), TYPES.BF16),
    "int64": lambda weights: weights.astype(np.int64),
}


def save(tensors, file):
    """`tensors`: array and number type by name. numpy has no bfloat16, so `safetensors.numpy` cannot write it."""
    arrays = {name: np.ascontiguousarray(STORED[dtype](weights)) for name, (weights, dtype) in tensors.items()}
    specs = {
        name: safetensors.TensorSpec(
            dtype=dtype, shape=list(weights.shape), data_ptr=arrays[name].ctypes.data, data_len=arrays[name].nbytes
        )
        for name, (weights, dtype) in tensors.items()
    }
    safetensors.serialize_file(specs, file, {"format": "pt"})
    return sum(array.nbytes for array in arrays.values())


def make_safetensors():
    tensors = {
        "model.embed_tokens.weight": (exact(5, 64), "bfloat16"),
        "model.layers.0.mlp.up_proj.weight": (exact(7, 32), "float16"),
        "model.layers.0.self_attn.q_proj.weight": (exact(4, 96), "float32"),
        "model.layers.0.position_ids": (np.arange(4), "int64"),
        "model.norm.weight": (exact(64), "bfloat16"),
    }
    total = save(tensors, HERE / "single.safetensors")
    folder = HERE / "sharded"
    folder.mkdir(exist_ok=True)
    names = list(tensors)
    weight_map = {}
    for number, part in enumerate([names[:2], names[2:]], 1):
        file = f"model-{number:05}-of-00002.safetensors"
        save({name: tensors[name] for name in part}, folder / file)
        weight_map |= {name: file for name in part}
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    config = {"architectures": ["Qwen3ForCausalLM"], "hidden_size": 64, "rope_theta": 1000000.0}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


make_blocks()
make_every_encoding()
make_small()
make_safetensors()
