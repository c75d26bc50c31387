// Starts one of the engine's builds (light, language, gpu) inside a module worker:
//   new Worker("engine/boot.js?engine=light", { type: "module" })
// What the page sends before the engine listens is kept and delivered then. While the module arrives, the page
// gets `{ loading: bytes }`; if the engine cannot start, `{ crash: message }`.
import { verified } from "../verified.js";

/** SHA-256 in base64 of the files that are fetched here, by their path in the site; xtask writes it. */
const INTEGRITY = {};
// The engine's own fetches ask for it as well (app/worker/src/language/own_site.rs).
self.worldmodelIntegrity = INTEGRITY;

const asked = new URL(import.meta.url).searchParams.get("engine");
const engine = ["language", "gpu"].includes(asked) ? asked : "light";

const early = [];
const keep = (event) => {
  event.stopImmediatePropagation();
  early.push(event.data);
};
self.addEventListener("message", keep);

let loading = 0;
let told = 0;
const count = (bytes) => {
  loading += bytes;
  if (loading - told > 250_000) self.postMessage({ loading: (told = loading) });
};

async function boot() {
  const { default: init } = await import(`./${engine}/worker.js`);
  const path = `engine/${engine}/worker_bg.wasm`;
  const module = await verified(new URL(`../${path}`, import.meta.url), INTEGRITY[path], count);
  // Runs the engine's `start()`, which takes over the messages.
  await init({ module_or_path: module });
  self.removeEventListener("message", keep);
  for (const data of early) {
    self.dispatchEvent(new MessageEvent("message", { data }));
  }
}

boot().catch((error) => self.postMessage({ crash: `The ${engine} engine does not start: ${error?.message ?? error}` }));
