// A small Qwen3 with random weights as its publishers would give it away: weights in two files with an index, and beside
// them what describes them. Its tokenizer is Qwen3's own.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./app";

const TOKENIZER = process.env.WORLDMODEL_QWEN3_TOKENIZER ?? "";
export const HAS_QWEN3 = TOKENIZER !== "" && existsSync(TOKENIZER);
export const NO_QWEN3 = "Qwen3's tokenizer could not be fetched: set WORLDMODEL_QWEN3_TOKENIZER to its file";

/** The model's files. */
export type Checkpoint = Record<"config" | "tokenizer" | "settings" | "index" | "first" | "second", string>;

type Info = { dtype: string; shape: number[]; data_offsets: [number, number] };

/** A safetensors file with these tensors, all in bfloat16. */
function safetensors(tensors: [string, number[], Buffer][]): Buffer {
  const header: Record<string, Info> = {};
  let offset = 0;
  for (const [name, shape, bytes] of tensors) {
    header[name] = { dtype: "BF16", shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...tensors.map(([, , bytes]) => bytes)]);
}

/** Random numbers between -1/4 and 1/4 in bfloat16. */
function random(count: number): Buffer {
  const numbers = new Float32Array(count);
  let state = 7;
  for (let index = 0; index < count; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    numbers[index] = state / 2 ** 33;
  }
  const halves = new Uint16Array(numbers.buffer);
  return Buffer.from(Uint16Array.from({ length: count }, (_, index) => halves[2 * index + 1] ?? 0).buffer);
}

/** Writes the model into a folder: the one that the decoder is tested with, its embedding made as wide as Qwen3's. */
export function checkpoint(folder: string): Checkpoint {
  mkdirSync(folder, { recursive: true });
  const fixture = join(ROOT, "engine/tests/qwen/qwen3_bf16");
  const vocabulary = 151_936;
  const config = { ...JSON.parse(readFileSync(join(fixture, "config.json"), "utf8")), vocab_size: vocabulary };
  const bytes = readFileSync(join(fixture, "model.safetensors"));
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, end).toString()) as Record<string, Info>;
  const tensors = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, { shape, data_offsets: [from, to] }]): [string, number[], Buffer] => {
      if (name !== "model.embed_tokens.weight") return [name, shape, bytes.subarray(end + from, end + to)];
      const sides = [vocabulary, shape[1] ?? 0];
      return [name, sides, random(vocabulary * (shape[1] ?? 0))];
    });
  const parts = [false, true].map((late) => tensors.filter(([name]) => name.includes("layers.1.") === late));
  const names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const map = parts.flatMap((part, index) => part.map(([name]) => [name, names[index]]));
  const write = (name: string, content: Buffer | string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const copy = (name: string): string => {
    copyFileSync(join(dirname(TOKENIZER), name), join(folder, name));
    return join(folder, name);
  };
  return {
    config: write("config.json", JSON.stringify(config)),
    tokenizer: copy("tokenizer.json"),
    settings: copy("tokenizer_config.json"),
    index: write("model.safetensors.index.json", JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(map) })),
    first: write(names[0] ?? "", safetensors(parts[0] ?? [])),
    second: write(names[1] ?? "", safetensors(parts[1] ?? [])),
  };
}
