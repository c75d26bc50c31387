// The decoder in WebAssembly under Node.js, whose V8 is Chromium's, with random weights in the shape of Qwen3-0.6B.
//
//     node cli/compare/tab.mjs ENCODING [ROUNDS]
//
// ENCODING is q8_0 or q4_0, say. Builds engine/examples/tab.rs as beside_wllama.mjs does. Prints medians in tokens a
// second, of a prompt of 64 tokens and of 32 added to it: by the clock, and by the processor's time.
import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "./build_tab.mjs";

const [encoding = "q8_0", rounds = "3"] = process.argv.slice(2);
const folder = build();
const { default: init, Tab } = await import(path.join(folder, "tab.js"));
await init({ module_or_path: readFileSync(path.join(folder, "tab_bg.wasm")) });
const tab = Tab.random(encoding);
const prompt = Uint32Array.from({ length: 64 }, (_, at) => 100 + 7 * at);
const added = 32;

const timed = (tokens, work) => {
  const [clock, processor] = [performance.now(), process.cpuUsage()];
  work();
  const used = process.cpuUsage(processor);
  return [(1e3 * tokens) / (performance.now() - clock), (1e6 * tokens) / (used.user + used.system)];
};
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

tab.prefill(prompt.subarray(0, 4));
tab.decode(4);
const results = { prefill: [], decode: [] };
for (let round = 0; round < Number(rounds); round++) {
  results.prefill.push(timed(prompt.length, () => tab.prefill(prompt)));
  results.decode.push(timed(added, () => tab.decode(added)));
}
for (const [what, all] of Object.entries(results)) {
  const [clock, processor] = [0, 1].map((at) => median(all.map((result) => result[at])).toFixed(1));
  console.log(`${what}, ${encoding}: ${clock} tokens/s by the clock, ${processor} by the processor's time`);
}
