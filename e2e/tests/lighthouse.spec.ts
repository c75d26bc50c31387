// Lighthouse on every route: accessibility and best practices, with the reports kept in `reports/`.
import { test as base, chromium, expect } from "@playwright/test";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import lighthouse from "lighthouse";

const ROUTES = ["ask", "chat", "repl", "xray", "learn", "models", "bench"];
const REPORTS = join(import.meta.dirname, "..", "reports");
/** What a category must reach, of 1. */
const BAR = 0.95;

/** A port that nobody uses now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise<unknown>((closed) => server.close(closed));
  return port;
}

/** Lighthouse steers a browser of its own. */
const test = base.extend<object, { port: number }>({
  port: [
    async ({ launchOptions }: { launchOptions: { executablePath?: string; args?: string[] } }, use: (port: number) => Promise<void>) => {
      const port = await freePort();
      const args = [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`];
      const browser = await chromium.launch({ ...launchOptions, args });
      await use(port);
      await browser.close();
    },
    { scope: "worker" },
  ],
});

for (const route of ROUTES) {
  test(`Lighthouse finds nothing wrong with ${route}`, async ({ port, baseURL }) => {
    test.setTimeout(120_000);
    const result = await lighthouse(`${baseURL}/#/${route}`, {
      port,
      output: "html",
      onlyCategories: ["accessibility", "best-practices"],
      logLevel: "error",
    });
    expect(result).toBeDefined();
    const { categories, audits } = result!.lhr;
    mkdirSync(REPORTS, { recursive: true });
    writeFileSync(join(REPORTS, `lighthouse-${route}.html`), String(result!.report));
    for (const category of Object.values(categories)) {
      const failed = category.auditRefs.map((ref) => audits[ref.id]).filter((audit) => audit.score !== null && audit.score < 1);
      const why = failed.map((audit) => audit.title).join("; ");
      expect(category.score, `${category.title}: ${why}`).toBeGreaterThanOrEqual(BAR);
    }
  });
}
