// A first visit over a slow network, and the parts of the page that come behind its first module.
import { expect, test } from "@playwright/test";
import type { Browser, Page } from "@playwright/test";
import { pageFunctions } from "lighthouse/core/lib/page-functions.js";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./app";
import { Host } from "./host";
import { SITE, otherwise } from "./site";

/** Slow 4G as Lighthouse has it: bytes in a millisecond, and milliseconds from a question to the answer's first byte. */
const RATE = 1_600 / 8;
const ROUND_TRIP = 150;
/** How fast a computer is by Lighthouse's BenchmarkIndex, which is 2,000 for a fast desktop: a quarter of that. */
const COMPUTER = 2_000 / 4;
/** When one must be able to use the page. */
const BAR = 2_000;
/** Milliseconds of these for what no byte says: the browser's own start, compiling, drawing. */
const COMPUTING = 650;
/** Other work may be going on on this machine: the best of so many visits is what the page can do. */
const VISITS = 8;

interface Visit {
  /** How much slower than here the page computed. */
  rate: number;
  /** Milliseconds from the address until what is typed has an effect. */
  time: number;
  /** Bytes that had been asked for by then, as they were sent. */
  bytes: number;
  files: string[];
}

async function visit(browser: Browser, host: Host): Promise<Visit> {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  // As fast as this computer is now: where others use it, less is taken away.
  const rate = Math.max(1, (await page.evaluate(pageFunctions.computeBenchmarkIndex)) / COMPUTER);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const conditions = { offline: false, latency: ROUND_TRIP, downloadThroughput: RATE * 1_000, uploadThroughput: 93_750 };
  await session.send("Network.emulateNetworkConditions", conditions);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  const sizes = new Map<string, { url: string; bytes: number }>();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => void sizes.set(requestId, { url: request.url, bytes: 0 }));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const found = sizes.get(requestId);
    if (found) found.bytes = encodedDataLength;
  });
  await page.addInitScript(() => {
    const look = setInterval(() => {
      const field = document.querySelector<HTMLInputElement>("#question");
      const button = document.querySelector<HTMLButtonElement>("[data-testid=ask]");
      if (!field || !button) return;
      field.value = "1";
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      if (button.disabled || !document.querySelector("nav [aria-current=page]")) return;
      clearInterval(look);
      (window as unknown as { usable: number }).usable = performance.now();
    }, 10);
  });
  await page.goto(host.address, { waitUntil: "commit" });
  const usable = await page.waitForFunction(() => (window as unknown as { usable?: number }).usable);
  const time = (await usable.jsonValue()) as number;
  // What has arrived by now; what the page asks for next cannot have.
  const needed = [...sizes.values()].filter(({ bytes }) => bytes > 0);
  await context.close();
  return { rate, time, bytes: needed.reduce((sum, { bytes }) => sum + bytes, 0), files: needed.map(({ url }) => url) };
}

test("a first visit over slow 4G can use the page in two seconds", async ({ browser }) => {
  test.setTimeout(120_000);
  const host = new Host(join(ROOT, "dist"));
  host.isPacked = true;
  await host.start();
  // The host compresses each file when it is first asked for.
  const [times, rates]: [number[], string[]] = [[], []];
  let { bytes, files } = await visit(browser, host);
  for (let count = 0; count < VISITS && !(Math.min(...times) < BAR); count += 1) {
    const found = await visit(browser, host);
    times.push(Math.round(found.time));
    rates.push(found.rate.toFixed(1));
    ({ bytes, files } = found);
  }
  await host.stop();
  // index.html, and then all that it names: two questions, one after the other.
  const network = 2 * ROUND_TRIP + bytes / RATE;
  console.log(`Usable after ${times.join(", ")} ms (${rates.join(", ")} times slower than here), ${bytes} bytes, of which the network needs ${Math.round(network)} ms`);
  expect(network, files.join("\n")).toBeLessThan(BAR - COMPUTING);
  expect(Math.min(...times)).toBeLessThan(BAR);
});

/** The modules that are not there from the beginning. */
const LATER = readdirSync(join(ROOT, "dist", SITE, "page")).filter((name) => /\.wasm$/.test(name) && name !== "page_bg.wasm");

test("all parts come by themselves, and then no page asks for more", async ({ page, context }) => {
  const arrived = new Set<string>();
  page.on("requestfinished", (request) => arrived.add(new URL(request.url()).pathname.split("/").at(-1) ?? ""));
  await page.goto("./");
  await expect.poll(() => LATER.filter((name) => !arrived.has(name)), { timeout: 20_000 }).toEqual([]);
  await context.setOffline(true);
  for (const route of ["chat", "repl", "xray", "learn", "models", "bench"]) {
    await page.getByTestId(`nav-${route}`).click();
    await expect(page.locator("main h1")).toBeVisible();
    await expect(page.getByTestId("part-missing")).toHaveCount(0);
  }
});

/** The page says that a part is missing, and gets it when it can be had. */
async function comesWhenAskedAgain(page: Page, module: string): Promise<void> {
  await page.goto("./#/repl");
  const missing = page.getByTestId("part-missing");
  await expect(missing).toContainText("did not arrive");
  await expect(page.getByTestId("nav-ask")).toBeVisible();
  await page.unroute(module);
  await page.getByTestId("part-again").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("repl")).toBeVisible();
  // Whoever uses a keyboard goes on where the part is, not at the top of the page.
  await expect(page.locator("#main")).toBeFocused();
  await expect(missing).toHaveCount(0);
}

test("a part that does not arrive says so, and comes when it is asked for again", async ({ page }) => {
  const module = "**/page/split_machines.wasm";
  await page.route(module, (route) => route.abort());
  await comesWhenAskedAgain(page, module);
});

test("a part that is another one is not taken", async ({ page }) => {
  const module = "**/page/split_machines.wasm";
  await page.route(module, otherwise);
  await comesWhenAskedAgain(page, module);
});

test("engines that cannot be spoken with say so, and start when they are asked again", async ({ page }) => {
  const module = "**/page/split_messages.wasm";
  await page.route(module, (route) => route.abort());
  await page.goto("./#/repl");
  const notice = page.getByTestId("notice");
  await expect(notice).toContainText("did not arrive");
  await page.unroute(module);
  await notice.getByTestId("notice-action").click();
  await expect(page.getByTestId("device-name")).toHaveText("CPU, sparse");
});
