// Loads the page's first WebAssembly module; index.html has the addresses in this script's element, and the checksum.
import { verified } from "./verified.js";

/** Milliseconds from the visit's beginning to the module's arrival that say that more will come soon. */
const FAST = 1000;
/** Milliseconds for which the fonts are waited for then. */
const PATIENCE = 300;

// The fonts are asked for once the module has arrived, and not beside it. Where that was soon, they will come soon as well, and text
// appears in them; else in system fonts of the same measures (assets/styles/tokens.css), which nobody has to wait for.
async function fonts() {
  const coming = Promise.all(["Inter", "JetBrains Mono"].map((name) => document.fonts.load(`1em "${name}"`)));
  coming.catch(() => {});
  if (performance.now() > FAST) return;
  await Promise.race([coming, new Promise((resolve) => setTimeout(resolve, PATIENCE))]).catch(() => {});
}

const { js, wasm, integrity } = document.querySelector("script[data-wasm]").dataset;
try {
  const [{ default: init }, module] = await Promise.all([
    import(new URL(js, document.baseURI)),
    verified(new URL(wasm, document.baseURI), integrity),
  ]);
  await fonts();
  await init({ module_or_path: module });
} catch (error) {
  document.querySelector("#early")?.remove();
  const text = document.createElement("p");
  text.role = "alert";
  text.className = "start-failed";
  text.textContent = `WorldModel X-ray does not start: ${error?.message ?? error}. Reload the page; if that changes nothing, try a newer browser.`;
  document.body.append(text);
  throw error;
}

// What makes the next visit possible without a network (sw.js); not before the page is there and has asked for its models. Where
// service workers are forbidden, everything else works.
setTimeout(() => navigator.serviceWorker?.register(new URL("sw.js", document.baseURI)).catch(() => {}), 3000);
