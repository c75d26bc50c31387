// Loads the page's WebAssembly; Trunk.toml writes the hashed names into this script's element, xtask the checksum.
import { verified } from "./verified.js";

const { js, wasm, integrity } = document.querySelector("script[data-wasm]").dataset;
try {
  const [{ default: init }, module] = await Promise.all([
    import(new URL(js, document.baseURI)),
    verified(new URL(wasm, document.baseURI), integrity),
  ]);
  await init({ module_or_path: module });
} catch (error) {
  const text = document.createElement("p");
  text.role = "alert";
  text.className = "start-failed";
  text.textContent = `WorldModel X-ray does not start: ${error?.message ?? error}. Reload the page; if that changes nothing, try a newer browser.`;
  document.body.append(text);
  throw error;
}

// The fonts come behind what makes the page work: system fonts of the same measures stand in (assets/styles/tokens.css).
const fonts = document.createElement("link");
fonts.rel = "stylesheet";
fonts.href = document.querySelector("meta[name=fonts]").content;
document.head.append(fonts);

// What makes the next visit possible without a network (sw.js); not before the page is there and has asked for its models. Where
// service workers are forbidden, everything else works.
setTimeout(() => navigator.serviceWorker?.register(new URL("sw.js", document.baseURI)).catch(() => {}), 3000);
