// A WebAssembly module of the site, compiled while its bytes arrive and handed out only if they are the ones that were built.

/**
 * Fetches and compiles a module.
 *
 * `integrity` is the SHA-256 of its bytes, in base64; an empty one is not asked for. Without `crypto.subtle`, which browsers keep
 * from pages that came over plain http from another machine, there is nothing to check with. `count` hears how many bytes came,
 * each time some did.
 */
export async function verified(address, integrity, count = () => {}) {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Error(`${address.pathname}: ${response.status} ${response.statusText}`);
  const counting = new TransformStream({
    transform(chunk, controller) {
      count(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  const body = response.body.pipeThrough(counting);
  const compile = (bytes) =>
    WebAssembly.compileStreaming(new Response(bytes, { headers: { "Content-Type": "application/wasm" } }));
  if (!integrity || !globalThis.crypto?.subtle) return compile(body);
  const [compiled, checked] = body.tee();
  const [module, bytes] = await Promise.all([compile(compiled), new Response(checked).arrayBuffer()]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (btoa(String.fromCharCode(...digest)) !== integrity) {
    throw new Error(`${address.pathname} is not the file that belongs to this page`);
  }
  return module;
}
