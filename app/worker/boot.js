// Starts one of the engine's two builds inside a module worker:
//   new Worker("engine/boot.js?engine=light", { type: "module" })
// What the page sends before the engine listens is kept and delivered then. If the engine cannot start, the
// page gets `{ crash: message }`.

const engine = new URL(import.meta.url).searchParams.get("engine") === "gpu" ? "gpu" : "light";

const early = [];
const keep = (event) => {
  event.stopImmediatePropagation();
  early.push(event.data);
};
self.addEventListener("message", keep);

async function boot() {
  const { default: init } = await import(`./${engine}/worker.js`);
  // Runs the engine's `start()`, which takes over the messages.
  await init({ module_or_path: new URL(`./${engine}/worker_bg.wasm`, import.meta.url) });
  self.removeEventListener("message", keep);
  for (const data of early) {
    self.dispatchEvent(new MessageEvent("message", { data }));
  }
}

boot().catch((error) => self.postMessage({ crash: `The ${engine} engine does not start: ${error?.message ?? error}` }));
