// The decoder in a browser's tab beside @wllama/wllama, llama.cpp in WebAssembly: the same file, the same Chromium, one
// thread each, in turns, so that all meet the same machine.
//
//     node cli/compare/beside_wllama.mjs MODEL.gguf [ROUNDS]
//
// Builds engine/examples/tab.rs; needs wasm-bindgen (xtask installs it when it builds the site), npm and a Chromium,
// which WORLDMODEL_CHROMIUM may name. npm's packages go to the system's folder for temporary files. Prints medians, in
// tokens a second, of a prompt of 256 tokens and of 128 that each adds to it greedily, and ours over each of theirs.
// wllama 2 is driven token by token, as ours is; wllama 3 only completes texts, and is measured from the call to the
// first token, and from there to the last one (its own count agrees).
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "./build_tab.mjs";

const PACKAGES = {
  "wllama-2": "npm:@wllama/wllama@2.4.0",
  "wllama-3": "npm:@wllama/wllama@3.8.1",
  "playwright-core": "1.65.1",
};
const PROMPT = 256;
const ADDED = 128;

const [model, rounds = "5"] = process.argv.slice(2);
if (!model) throw new Error("which model? node cli/compare/beside_wllama.mjs MODEL.gguf [ROUNDS]");
const folder = path.join(tmpdir(), "worldmodel-beside-wllama");

function install() {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true, dependencies: PACKAGES }));
  const env = { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund"], { cwd: folder, env, stdio: "inherit" });
}

// Without the headers that isolate a page there are no shared buffers, and so no threads for anybody.
function serve() {
  const types = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };
  const server = createServer((request, response) => {
    if (request.url === "/") return response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
    const [, first, ...rest] = path.normalize(request.url).split("/");
    const file = first === "model.gguf" ? model : path.join(first === "tab" ? tab : path.join(folder, first), ...rest);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    const type = types[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-length": statSync(file).size });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** In the page: loads the three engines and gives a function for each, which measures it once. */
async function load() {
  const blob = await (await fetch("/model.gguf")).blob();
  const tab = await import("/tab/tab.js");
  await tab.default();
  const ours = tab.Tab.load(new Uint8Array(await blob.arrayBuffer()));
  const tokens = (count) => Array.from({ length: count }, (_, at) => 100 + 7 * at);
  const engines = {
    async ours(prompt, added) {
      const start = performance.now();
      ours.prefill(Uint32Array.from(tokens(prompt)));
      const first = performance.now();
      ours.decode(added);
      return [(1e3 * prompt) / (first - start), (1e3 * added) / (performance.now() - first)];
    },
  };
  const quiet = { suppressNativeLog: true };
  const options = { n_threads: 1, n_ctx: 1024, n_batch: 256, n_gpu_layers: 0 };

  const second = await import("/node_modules/wllama-2/esm/index.js");
  const binary = "/node_modules/wllama-2/esm/single-thread/wllama.wasm";
  const two = new second.Wllama({ "single-thread/wllama.wasm": binary }, quiet);
  await two.loadModel([blob], options);
  engines["wllama 2.4.0"] = async (prompt, added) => {
    await two.kvClear();
    await two.samplingInit({ temp: 0, top_k: 1 });
    const start = performance.now();
    await two.decode(tokens(prompt), {});
    let next = await two.samplingSample();
    const first = performance.now();
    for (let at = 0; at < added; at++) {
      await two.samplingAccept([next.token]);
      await two.decode([next.token], {});
      next = await two.samplingSample();
    }
    return [(1e3 * prompt) / (first - start), (1e3 * added) / (performance.now() - first)];
  };

  const third = await import("/node_modules/wllama-3/esm/index.js");
  const three = new third.Wllama({ default: "/node_modules/wllama-3/esm/wasm/wllama.wasm" }, quiet);
  await three.loadModel([blob], options);
  let calls = 0;
  engines["wllama 3.8.1"] = async (prompt, added) => {
    const times = [];
    calls++;
    const start = performance.now();
    await three.createCompletion({
      // A digit is a token. The first one differs from the last call's, so that nothing is found in a cache.
      prompt: Array.from({ length: prompt }, (_, at) => `${(calls + at * at) % 10}`).join(""),
      max_tokens: added + 1,
      temperature: 0,
      top_k: 1,
      ignore_eos: true,
      stream: true,
      onData: () => times.push(performance.now()),
    });
    return [(1e3 * prompt) / (times[0] - start), (1e3 * (times.length - 1)) / (times.at(-1) - times[0])];
  };
  globalThis.engines = engines;
  return [two.isMultithread(), three.isMultithread()];
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

install();
const tab = build();
const server = await serve();
const { chromium } = createRequire(path.join(folder, "package.json"))("playwright-core");
const executablePath = process.env.WORLDMODEL_CHROMIUM || "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  page.on("console", (message) => process.env.VERBOSE && console.log(message.text()));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const threads = await page.evaluate(load);
  if (threads.some(Boolean)) throw new Error("one of them computes on several threads");
  const measure = (name, prompt, added) =>
    page.evaluate(([name, prompt, added]) => engines[name](prompt, added), [name, prompt, added]);
  const names = await page.evaluate(() => Object.keys(engines));
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await measure(name, 32, 16);
  for (let round = 0; round < Number(rounds); round++) {
    for (const name of names) results[name].push(await measure(name, PROMPT, ADDED));
  }
  console.log(browser.version());
  for (const [at, what] of ["prefill", "decode"].entries()) {
    const medians = names.map((name) => median(results[name].map((result) => result[at])));
    names.forEach((name, of) => {
      const ratio = of === 0 ? "" : `, ours is ${(medians[0] / medians[of]).toFixed(2)} x`;
      console.log(`${what}, ${name}: ${medians[of].toFixed(1)} tokens/s${ratio}`);
    });
  }
  if (process.env.VERBOSE) console.log(JSON.stringify(results));
} finally {
  await browser.close();
  server.close();
}
