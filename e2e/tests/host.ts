// A plain web host: files of a folder, under any path, with the types that browsers need and nothing else. It can go away, and come
// back with another site under the same address.
import { createServer } from "node:http";
import type { Server } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { brotliCompressSync } from "node:zlib";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** What a host compresses, as docs/deploy.md has it. */
const PACKED = [".html", ".js", ".css", ".json", ".wasm"];

const WORKER_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https: http://localhost:* http://127.0.0.1:*";

/** A host that is there until `stop`. */
export class Host {
  /** The paths it was asked for, below the site. */
  readonly asked: string[] = [];
  /** Whether browsers may keep what they get; else only what the page keeps is there the next time. */
  isCacheable = false;
  /** Whether it sends what it has with brotli, compressed once. */
  isPacked = false;
  readonly #packed = new Map<string, Buffer>();
  /** Takes requests and never answers. */
  isSilent = false;
  #server: Server | null = null;
  #port = 0;

  constructor(
    /** The folder with the site. */
    public folder: string,
    /** Where the site lies on the host, with slashes on both sides. */
    readonly path = "/",
  ) {}

  /** The site's address. */
  get address(): string {
    return `http://127.0.0.1:${this.#port}${this.path}`;
  }

  /** Begins to answer; after `stop`, under the same address. */
  async start(): Promise<void> {
    const server = createServer(async (request, response) => {
      if (this.isSilent) return;
      const { pathname } = new URL(request.url ?? "/", "http://host");
      const inside = pathname.startsWith(this.path) ? decodeURIComponent(pathname.slice(this.path.length)) : null;
      if (inside !== null) this.asked.push(inside);
      const file = inside === null ? null : join(this.folder, normalize(`/${inside || "index.html"}`));
      const isPacked = this.isPacked && file !== null && PACKED.includes(extname(file));
      const body = file && (isPacked ? await this.#pack(file) : await readFile(file).catch(() => null));
      if (!file || !body) return void response.writeHead(404).end("Not found");
      // As docs/deploy.md has it.
      const cache = inside?.startsWith("v-") ? "public, max-age=31536000, immutable" : "no-cache";
      response.writeHead(200, {
        ...(inside?.endsWith("engine/boot.js") ? { "Content-Security-Policy": WORKER_POLICY } : {}),
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        "Content-Length": body.length,
        ...(isPacked ? { "Content-Encoding": "br" } : {}),
        "Cache-Control": this.isCacheable ? cache : "no-store",
      });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async #pack(file: string): Promise<Buffer | null> {
    const found = this.#packed.get(file) ?? (await readFile(file).then(brotliCompressSync, () => null));
    if (found) this.#packed.set(file, found);
    return found;
  }

  /** Goes away, in the middle of whatever it does. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }
}
