// After the first visit the site works without a network, under any path of any host, and a new version never mixes with the old one.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, THREE_PLUS_FIVE, isOn, outputs, test, type } from "./app";
import { ask, computed, isReady } from "./ask";
import { attempt } from "./attempt";
import { Host } from "./host";
import { SITE } from "./site";

test.use({ serviceWorkers: "allow" });

const DIST = join(ROOT, "dist");
const VERSION = SITE.replace("/", "");

/** The versions whose pages are kept. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const urls = (await Promise.all(stores.map((store) => store.keys()))).flat().map((request) => request.url);
    return urls.flatMap((url) => url.split("/kept/index-").slice(1));
  });

/** Waits until a version is kept, and no other. */
const isKept = (page: Page, version: string) =>
  expect.poll(() => kept(page), { timeout: 40_000 }).toEqual([version]);

test("everything but WebGPU works without a network after one visit", async ({ page }) => {
  const host = new Host(DIST, "/some/where/");
  await host.start();
  await page.goto(`${host.address}#/ask`);
  await isReady(page);
  await isKept(page, VERSION);
  await host.stop();

  await page.goto("about:blank");
  await page.goto(`${host.address}#/ask`);
  await isReady(page);
  await ask(page, "Calculate 12 * 11");
  await expect(computed(page)).toHaveText("132");

  const [worker] = await Promise.all([page.waitForEvent("worker"), page.goto(`${host.address}?again#/repl`)]);
  await isOn(page, "CPU, sparse");
  // The engine's policy is kept with it.
  expect(await worker.evaluate(attempt, "http://192.0.2.1/model")).toBe("blocked");
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
  await page.goto(`${host.address}#/xray`);
  await expect(page.getByTestId("xray")).toBeVisible();
});

test("a visit after a new version is of that version alone, and loads only what has changed", async ({ page }) => {
  test.setTimeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "worldmodel-"));
  const [first, second] = [join(folder, "first"), join(folder, "second")];
  for (const site of [first, second]) cpSync(DIST, site, { recursive: true });
  const next = "v-0123456789abcdef";
  renameSync(join(second, VERSION), join(second, next));
  for (const name of ["index.html", "sw.js"]) {
    const path = join(second, name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(VERSION, next));
  }
  const host = new Host(first);
  await host.start();
  await page.goto(`${host.address}#/ask`);
  await isReady(page);
  await isKept(page, VERSION);

  host.folder = second;
  host.asked.length = 0;
  await page.goto("about:blank");
  await page.goto(`${host.address}#/ask`);
  await isReady(page);
  expect(host.asked.filter((path) => path.startsWith(VERSION))).toEqual([]);
  // The content of nano and the engines is the same: they are not loaded again. The page's module is, by a hint in its head.
  expect(host.asked.filter((path) => /\/(nano|engine)\/.*\.(gguf|safetensors|wasm)$/.test(path))).toEqual([]);
  // The old version's worker waits until nobody needs it.
  await expect.poll(() => kept(page), { timeout: 40_000 }).toEqual([VERSION, next]);
  await page.goto("about:blank");
  await page.goto(`${host.address}#/ask`);
  await isReady(page);
  await isKept(page, next);
  // What only the service worker asks for, and has.
  expect(host.asked.filter((path) => path.endsWith("licences.txt"))).toEqual([]);

  await host.stop();
  await page.goto("about:blank");
  await page.goto(`${host.address}#/ask`);
  await isReady(page);
  expect(await page.locator('meta[name="site"]').getAttribute("content")).toBe(`./${next}/`);
  rmSync(folder, { recursive: true });
});

test("a host that sends elsewhere, or has the site no more, is believed", async ({ page, problems }) => {
  const host = new Host(DIST, "/site/");
  await host.start();
  await page.goto(`${host.address}#/repl`);
  await isOn(page, "CPU, sparse");
  await isKept(page, VERSION);
  host.folder = join(DIST, "nothing");
  const answer = await page.goto(`${host.address}?gone`);
  expect(answer?.status()).toBe(404);
  // Which the browser tells of, too.
  expect(problems.filter((problem) => !problem.includes("404"))).toEqual([]);
  problems.length = 0;
  await host.stop();
});

test("a host that does not answer is not waited for", async ({ page }) => {
  const host = new Host(DIST);
  await host.start();
  await page.goto(`${host.address}#/repl`);
  await isOn(page, "CPU, sparse");
  await isKept(page, VERSION);
  host.isSilent = true;
  await page.goto("about:blank");
  await page.goto(`${host.address}#/repl`);
  await isOn(page, "CPU, sparse");
  await host.stop();
});
