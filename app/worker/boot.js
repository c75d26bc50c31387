// Starts one of the engine's builds (light, language, gpu) inside a module worker:
//   new Worker("engine/boot.js?engine=light", { type: "module" })
// What the page sends before the engine listens is kept and delivered then. While the module arrives, the page
// gets `{ loading: bytes }`; if the engine cannot start, `{ crash: message }`.

const asked = new URL(import.meta.url).searchParams.get("engine");
const engine = ["language", "gpu"].includes(asked) ? asked : "light";

const early = [];
const keep = (event) => {
  event.stopImmediatePropagation();
  early.push(event.data);
};
self.addEventListener("message", keep);

// The module as a response that counts its bytes while it is compiled.
async function counted(address) {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Error(`${address.pathname}: ${response.status} ${response.statusText}`);
  let loading = 0;
  let told = 0;
  const count = new TransformStream({
    transform(chunk, controller) {
      loading += chunk.byteLength;
      if (loading - told > 250_000) self.postMessage({ loading: (told = loading) });
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(count), { headers: { "Content-Type": "application/wasm" } });
}

async function boot() {
  const { default: init } = await import(`./${engine}/worker.js`);
  // Runs the engine's `start()`, which takes over the messages.
  await init({ module_or_path: await counted(new URL(`./${engine}/worker_bg.wasm`, import.meta.url)) });
  self.removeEventListener("message", keep);
  for (const data of early) {
    self.dispatchEvent(new MessageEvent("message", { data }));
  }
}

boot().catch((error) => self.postMessage({ crash: `The ${engine} engine does not start: ${error?.message ?? error}` }));
