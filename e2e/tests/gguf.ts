// Language models small enough to be made by a test, in a real GGUF: one whose weights mean nothing, and one that is
// larger than any machine and has no weights at all. `scripted.ts` has one that says what it is told.
import { ftruncateSync, openSync, writeSync, closeSync } from "node:fs";

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


/** What a Llama of one layer says of itself, besides its tokens. */
export type Shape = { hidden: number; neurons: number; heads: number; layers: number; context: number };

/** The template of the marks that all models here have. */
export const TEMPLATE =
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** The tokens that all models here have: the marks of a chat, the bytes, and two pairs. */
export const TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", ...[...Array(256).keys()].map(letter), "th", "he"];

/** How a text is written in a vocabulary of bytes. */
export const written = (text: string): string => [...Buffer.from(text)].map(letter).join("");

function metadata(name: string, shape: Shape, tokens: string[], template: string): [string, Value, boolean?][] {
  return [
    ["general.architecture", "llama"],
    ["general.name", name],
    ["general.license", "mit"],
    ["llama.block_count", shape.layers],
    ["llama.context_length", shape.context],
    ["llama.embedding_length", shape.hidden],
    ["llama.feed_forward_length", shape.neurons],
    ["llama.attention.head_count", shape.heads],
    ["llama.attention.head_count_kv", shape.heads],
    ["llama.attention.layer_norm_rms_epsilon", 1e-5, true],
    ["llama.rope.freq_base", 10_000, true],
    ["llama.vocab_size", tokens.length],
    ["tokenizer.ggml.model", "gpt2"],
    ["tokenizer.ggml.pre", "smollm"],
    ["tokenizer.ggml.tokens", tokens],
    // 3 is a mark that is not shown, 4 one that is, 1 a piece of text.
    ["tokenizer.ggml.token_type", tokens.map((token, index) => (index < 3 ? 3 : /^<\/?think>$/.test(token) ? 4 : 1))],
    ["tokenizer.ggml.merges", ["t h", "h e"]],
    ["tokenizer.ggml.bos_token_id", 1],
    ["tokenizer.ggml.eos_token_id", 2],
    ["tokenizer.chat_template", template],
  ];
}

/** The tensors of such a Llama, and their sides. */
export function shapes({ hidden, neurons, layers }: Shape, vocabulary: number): [string, number[]][] {
  const square: [number, number] = [hidden, hidden];
  const layer = (index: number): [string, number[]][] => [
    [`blk.${index}.attn_norm.weight`, [hidden]],
    [`blk.${index}.attn_q.weight`, square],
    [`blk.${index}.attn_k.weight`, square],
    [`blk.${index}.attn_v.weight`, square],
    [`blk.${index}.attn_output.weight`, square],
    [`blk.${index}.ffn_norm.weight`, [hidden]],
    [`blk.${index}.ffn_gate.weight`, [hidden, neurons]],
    [`blk.${index}.ffn_up.weight`, [hidden, neurons]],
    [`blk.${index}.ffn_down.weight`, [neurons, hidden]],
  ];
  return [
    ["token_embd.weight", [hidden, vocabulary]],
    ["output_norm.weight", [hidden]],
    ["output.weight", [hidden, vocabulary]],
    ...[...Array(layers).keys()].flatMap(layer),
  ];
}

/** The first bytes of a file: everything before the weights, and the bytes that those have. */
function head(name: string, shape: Shape, tokens: string[], template: string, tensors: [string, number[]][]): [Buffer, number[], number] {
  const facts = metadata(name, shape, tokens, template);
  const header = new Bytes().add(Buffer.from("GGUF")).u32(3).u64(tensors.length).u64(facts.length);
  for (const [key, content, isFloat] of facts) {
    header.text(key);
    value(header, content, isFloat ?? false);
  }
  const places: number[] = [];
  let offset = 0;
  for (const [tensor, sides] of tensors) {
    header.text(tensor).u32(sides.length);
    for (const side of sides) header.u64(side);
    header.u32(0).u64(offset);
    places.push(offset);
    offset += Math.ceil((4 * sides.reduce((product, side) => product * side, 1)) / 32) * 32;
  }
  header.add(Buffer.alloc((32 - (header.length % 32)) % 32));
  return [header.all(), places, offset];
}

/** A model whose weights somebody writes: `fill` gets each tensor's name and its numbers, all 0. */
export function model(
  name: string,
  shape: Shape,
  fill: (tensor: string, weights: Float32Array) => void,
  tokens = TOKENS,
  template = TEMPLATE,
): Buffer {
  const tensors = shapes(shape, tokens.length);
  const [header, places, length] = head(name, shape, tokens, template, tensors);
  const weights = Buffer.alloc(length);
  tensors.forEach(([tensor, sides], index) => {
    const count = sides.reduce((product, side) => product * side, 1);
    fill(tensor, new Float32Array(weights.buffer, weights.byteOffset + (places[index] ?? 0), count));
  });
  return Buffer.concat([header, weights]);
}

/** A Llama of one layer, some megabytes in 32-bit floats; its tokens are bytes and the marks of a chat. */
export function tinyModel(neurons = 4096): Buffer {
  let state = 1;
  return model("Tiny", { hidden: 128, neurons, heads: 4, layers: 1, context: 256 }, (_, weights) => {
    for (let index = 0; index < weights.length; index += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      weights[index] = state / 2 ** 36;
    }
  });
}

/** Writes a model of about so many bytes that takes no room on the disk: behind its header lies a hole. */
export function hollowModel(path: string, bytes: number): void {
  const [hidden, neurons] = [2048, 8192];
  const layers = Math.max(1, Math.round(bytes / (4 * (4 * hidden * hidden + 3 * hidden * neurons))));
  const shape = { hidden, neurons, heads: 16, layers, context: 4096 };
  const [header, , length] = head("Hollow", shape, TOKENS, TEMPLATE, shapes(shape, TOKENS.length));
  const file = openSync(path, "w");
  writeSync(file, header);
  ftruncateSync(file, header.length + length);
  closeSync(file);
}
