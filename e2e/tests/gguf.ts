// A language model small enough to be made by a test: one layer with weights that mean nothing, in a real GGUF.

type Value = string | number | boolean | string[] | number[];

/** Bytes one after the other, numbers with the lowest byte first. */
class Bytes {
  private readonly parts: Buffer[] = [];
  length = 0;

  add(part: Buffer): this {
    this.parts.push(part);
    this.length += part.length;
    return this;
  }

  u32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value);
    return this.add(part);
  }

  u64(value: number): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt(value));
    return this.add(part);
  }

  text(value: string): this {
    return this.u64(Buffer.byteLength(value)).add(Buffer.from(value));
  }

  float(value: number): this {
    const part = Buffer.alloc(4);
    part.writeFloatLE(value);
    return this.add(part);
  }

  all(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Types of GGUF: 4 u32, 6 f32, 7 bool, 8 string, 9 array. */
function value(bytes: Bytes, value: Value, isFloat: boolean): void {
  if (typeof value === "string") bytes.u32(8).text(value);
  else if (typeof value === "boolean") bytes.u32(7).add(Buffer.from([Number(value)]));
  else if (typeof value === "number" && isFloat) bytes.u32(6).float(value);
  else if (typeof value === "number") bytes.u32(4).u32(value);
  else {
    bytes.u32(9).u32(typeof value[0] === "string" ? 8 : 4).u64(value.length);
    for (const item of value) typeof item === "string" ? bytes.text(item) : bytes.u32(item);
  }
}

/** How byte-level BPE writes a byte as a letter. */
function letter(byte: number): string {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  if (printable) return String.fromCharCode(byte);
  const others = [...Array(256).keys()].filter((b) => !((b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174));
  return String.fromCharCode(256 + others.indexOf(byte));
}

/** A Llama of one layer, some megabytes in 32-bit floats; its tokens are bytes and the marks of a chat. */
export function tinyModel(): Buffer {
  const [hidden, neurons, heads] = [128, 4096, 4];
  const tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", ...[...Array(256).keys()].map(letter), "th", "he"];
  const metadata: [string, Value, boolean?][] = [
    ["general.architecture", "llama"],
    ["general.name", "Tiny"],
    ["general.license", "mit"],
    ["llama.block_count", 1],
    ["llama.context_length", 256],
    ["llama.embedding_length", hidden],
    ["llama.feed_forward_length", neurons],
    ["llama.attention.head_count", heads],
    ["llama.attention.head_count_kv", heads],
    ["llama.attention.layer_norm_rms_epsilon", 1e-5, true],
    ["llama.rope.freq_base", 10_000, true],
    ["llama.vocab_size", tokens.length],
    ["tokenizer.ggml.model", "gpt2"],
    ["tokenizer.ggml.pre", "smollm"],
    ["tokenizer.ggml.tokens", tokens],
    ["tokenizer.ggml.token_type", tokens.map((_, index) => (index < 3 ? 3 : 1))],
    ["tokenizer.ggml.merges", ["t h", "h e"]],
    ["tokenizer.ggml.bos_token_id", 1],
    ["tokenizer.ggml.eos_token_id", 2],
    ["tokenizer.chat_template", "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"],
  ];
  const square: [number, number] = [hidden, hidden];
  const shapes: [string, number[]][] = [
    ["token_embd.weight", [hidden, tokens.length]],
    ["output_norm.weight", [hidden]],
    ["blk.0.attn_norm.weight", [hidden]],
    ["blk.0.attn_q.weight", square],
    ["blk.0.attn_k.weight", square],
    ["blk.0.attn_v.weight", square],
    ["blk.0.attn_output.weight", square],
    ["blk.0.ffn_norm.weight", [hidden]],
    ["blk.0.ffn_gate.weight", [hidden, neurons]],
    ["blk.0.ffn_up.weight", [hidden, neurons]],
    ["blk.0.ffn_down.weight", [neurons, hidden]],
  ];
  const header = new Bytes().add(Buffer.from("GGUF")).u32(3).u64(shapes.length).u64(metadata.length);
  for (const [key, content, isFloat] of metadata) {
    header.text(key);
    value(header, content, isFloat ?? false);
  }
  const sizes = shapes.map(([, shape]) => 4 * shape.reduce((product, side) => product * side, 1));
  let offset = 0;
  shapes.forEach(([name, shape], index) => {
    header.text(name).u32(shape.length);
    for (const side of shape) header.u64(side);
    header.u32(0).u64(offset);
    offset += Math.ceil((sizes[index] ?? 0) / 32) * 32;
  });
  header.add(Buffer.alloc((32 - (header.length % 32)) % 32));
  const weights = new Float32Array(offset / 4);
  let state = 1;
  for (let index = 0; index < weights.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    weights[index] = state / 2 ** 36;
  }
  return Buffer.concat([header.all(), Buffer.from(weights.buffer)]);
}
