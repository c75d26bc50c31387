// A WebAssembly module of the site, compiled while its bytes arrive and handed out only if they are the ones that were built.

/**
 * Fetches and compiles a module.
 *
 * `integrity` is the SHA-256 of its bytes, in base64; an empty one is not asked for. Without `crypto.subtle`, which browsers keep
 * from pages that came over plain http from another machine, there is nothing to check with. `count` hears how many bytes came,
 * each time some did.
 */
export async function verified(address, integrity, count = () => {}) {
  const response = (await kept(integrity)) ?? (await fetch(address));
  if (!response.ok || !response.body) throw new Error(`${address.pathname}: ${response.status} ${response.statusText}`);
  // The bytes are read a second time, beside the compiler, which wants the browser's own answer: what it is made of may be
  // compiled already.
  const copy = response.clone();
  const module = WebAssembly.compileStreaming(response);
  // What is wrong with the bytes says more than what is wrong with the module.
  module.catch(() => {});
  const bytes = await read(copy, count);
  if (integrity && globalThis.crypto?.subtle) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer()));
    if (btoa(String.fromCharCode(...digest)) !== integrity) {
      throw new Error(`${address.pathname} is not the file that belongs to this page`);
    }
  }
  return module;
}

/** What the service worker has kept of another version with the same content (sw.js). */
async function kept(integrity) {
  if (!integrity) return undefined;
  const address = new URL(`../kept/${encodeURIComponent(integrity)}`, import.meta.url);
  return globalThis.caches?.match(address).catch(() => undefined);
}

async function read(response, count) {
  const chunks = [];
  const reader = response.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    count(next.value.byteLength);
    chunks.push(next.value);
  }
  return new Blob(chunks);
}
