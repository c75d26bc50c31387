// The site without a network. Everything but index.html lies in a folder named by what is in it (xtask/src/site/version.rs), so a
// page never gets another version's files:
// - a visit asks the network for index.html, and takes the one that is kept if none comes in time;
// - files of this version come from the cache, where they lie under their checksums; so do those of a page of the next version
//   that says which content it wants (all but fonts and theme.js do);
// - all else (another version's files, models from other hosts) is the browser's own business.
// The worker of a new version waits until no page of this one is open: such a page may still want files that only this one has.

const VERSION = "";
/** SHA-256 in base64 of each file, by its path below this folder. */
const FILES = {};
/** Kept only once somebody has wanted them: they are large, and most visits do without. */
const ON_DEMAND = /\/(engine\/gpu|taps|checks)\//;
/** Milliseconds after which a network that does not answer counts as none. */
const PATIENCE = 3000;

const here = new URL("./", self.location);
const CACHE = `worldmodel-xray ${here.pathname}`;
const INDEX = new URL(`kept/index-${VERSION}`, here).href;
const kept = (checksum) => new URL(`kept/${encodeURIComponent(checksum)}`, here).href;

/** As an answer to whatever was asked: a kept answer would say under which address it was loaded. */
const fresh = (answer) =>
  new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers: answer.headers });

async function install() {
  const cache = await caches.open(CACHE);
  for (const [path, checksum] of Object.entries(FILES)) {
    if (ON_DEMAND.test(path) || (await cache.match(kept(checksum)))) continue;
    const answer = await fetch(new URL(path, here), { integrity: `sha256-${checksum}` });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await cache.put(kept(checksum), answer);
  }
  // Last: while a site is being replaced there may be a new worker beside an old page. The next visit tries again.
  const index = await fetch(here, { cache: "no-cache" });
  if (!index.ok || !(await index.clone().text()).includes(VERSION)) throw new Error("index.html is of another version");
  await cache.put(INDEX, index);
}

async function activate() {
  const cache = await caches.open(CACHE);
  const wanted = new Set([INDEX, ...Object.values(FILES).map(kept)]);
  for (const { url } of await cache.keys()) {
    if (!wanted.has(url)) await cache.delete(url);
  }
  await self.clients.claim();
}

/** What is kept under an address. A store that cannot be opened keeps nothing. */
const stored = async (address) => {
  try {
    return await (await caches.open(CACHE)).match(address);
  } catch {
    return undefined;
  }
};

/** A visit: the newest page there is. A host that sends elsewhere, or has the site no more, is believed. */
async function page(request) {
  const index = await stored(INDEX);
  const network = fetch(request);
  if (!index) return network;
  network.catch(() => {});
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const answer = await Promise.race([network, late]).catch(() => null);
  return !answer || answer.status >= 500 ? fresh(index) : answer;
}

/** A file of which it is known what is in it. */
async function file(checksum, event) {
  const found = await stored(kept(checksum));
  if (found) return fresh(found);
  // Passed on while it arrives, so that the page can say how much has come; it is kept if it is what it should be.
  const answer = await fetch(event.request);
  if (answer.ok) event.waitUntil(keep(checksum, answer.clone()));
  return answer;
}

async function keep(checksum, answer) {
  const bytes = await answer.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (btoa(String.fromCharCode(...digest)) === checksum) {
    const cache = await caches.open(CACHE);
    await cache.put(kept(checksum), new Response(bytes, { headers: answer.headers }));
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== here.origin || !pathname.startsWith(here.pathname)) return;
  const path = pathname.slice(here.pathname.length);
  if (request.mode === "navigate") {
    if (path === "" || path === "index.html") event.respondWith(page(request));
    return;
  }
  const [, asked] = (path.startsWith("v-") && /^sha256-(\S+)$/.exec(request.integrity)) || [];
  const checksum = asked ?? FILES[path];
  if (checksum && !request.headers.has("range")) event.respondWith(file(checksum, event));
});
