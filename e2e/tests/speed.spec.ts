// How soon one can work. Times here are of this machine; the bounds are wide, the order of things is not.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { open, outputs, test } from "./app";

test("the page paints before the engine is asked for", async ({ page }) => {
  const order: string[] = [];
  let asked = 0;
  page.on("request", (request) => {
    const file = new URL(request.url()).pathname.split("/").at(-1) ?? "";
    order.push(file);
    if (file === "worker_bg.wasm") asked = Date.now();
  });
  await page.goto("./#/repl");
  await expect(page.getByTestId("device-name")).toHaveText("CPU, sparse");
  const painted = await page.evaluate(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return performance.timeOrigin + (paint?.startTime ?? Number.POSITIVE_INFINITY);
  });
  test.info().annotations.push({ type: "paint before engine", description: `${(asked - painted).toFixed(0)} ms` });
  expect(order).toContain("worker_bg.wasm");
  expect(painted).toBeLessThan(asked);
  // Nothing of the WebGPU engine is loaded before somebody wants it.
  expect(order.filter((file) => file === "worker_bg.wasm")).toHaveLength(1);
});

/** Milliseconds from a click until an element says something else, as the page itself sees it; the least of some. */
async function opened(page: Page, clicks: string[], shows: string, done: string): Promise<number> {
  const times: number[] = [];
  for (const click of clicks) {
    times.push(
      await page.evaluate(
        async ([click, shows, done]) => {
          const now = (): string => document.querySelector(shows ?? "")?.textContent ?? "";
          const before = now();
          const begin = performance.now();
          document.querySelector<HTMLElement>(click ?? "")?.click();
          while (now() === before || !document.querySelector(done ?? "")) {
            if (performance.now() - begin > 10_000) throw new Error(`${click} opens nothing`);
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          return performance.now() - begin;
        },
        [click, shows, done],
      ),
    );
  }
  console.log(`${clicks.at(-1)}: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
  return Math.min(...times);
}

const id = (name: string): string => `[data-testid="${name}"]`;

test("any view of classic opens in less than a tenth of a second", async ({ page }) => {
  await open(page, "xray");
  await expect(page.getByTestId("position")).toBeVisible();
  const title = id("xray-layer-title");
  expect(await opened(page, [3, 2, 4, 1].map((layer) => id(`layer-${layer}`)), title, title)).toBeLessThan(100);
  const position = id("position");
  expect(await opened(page, [20, 22, 21, 23].map((token) => id(`token-${token}`)), position, position)).toBeLessThan(100);
});

test("any view of nano opens in less than a tenth of a second", async ({ page }) => {
  await page.goto("./#/xray/nano");
  await expect(page.getByTestId("lm-strip")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
  const look = `${id("look")}[aria-busy="false"]`;
  expect(await opened(page, [3, 7, 11, 5].map((layer) => id(`lm-layer-${layer}`)), id("neurons"), look)).toBeLessThan(100);
  expect(await opened(page, [5, 9, 12, 4].map((token) => `[data-token="${token}"]`), id("inside-here"), look)).toBeLessThan(100);
  const numbers = [1, 2, 3, 4].map((row) => `${id("neurons")} tbody tr:nth-child(${row}) td:nth-of-type(3) .xr-number`);
  expect(await opened(page, numbers, id("explain-site"), id("explain-verdict"))).toBeLessThan(100);
  // What is computed of the whole text. Each is closed and opened again: the text is known by then, what is shown is computed anew.
  for (const [button, shown] of [
    ["who-wrote", "attribution"],
    ["who-wrote-dimension", "written"],
    ["peaks", "peak-table"],
    ["lens-map", "lens-cells"],
    ["all-heads", "head-grid"],
  ] as const) {
    await page.getByTestId(button).click();
    await expect(page.getByTestId(shown)).toBeVisible();
    await page.getByTestId(button).click();
    const time = await opened(page, [id(button)], `section:has(> h3 > ${id(button)})`, id(shown));
    test.info().annotations.push({ type: button, description: `${time.toFixed(0)} ms` });
    // One try each, beside whatever else this machine does; alone they take a part of it.
    expect(time, button).toBeLessThan(1_000);
  }
});

test("the interpreter is usable in less than a second", async ({ page }) => {
  const times: number[] = [];
  // Each visit is a first one: nothing typed before comes back.
  await page.addInitScript(() => void (location.protocol.startsWith("http") && sessionStorage.clear()));
  for (let visit = 0; visit < 3; visit += 1) {
    await page.goto("about:blank");
    const begin = Date.now();
    await page.goto("./#/repl");
    await page.getByRole("button", { name: "Run these four lines" }).click();
    await expect(outputs(page)).toHaveText(["8"]);
    times.push(Date.now() - begin);
  }
  test.info().annotations.push({ type: "page to output 8", description: `${times.join(", ")} ms` });
  console.log(`From the address to the output 8: ${times.join(", ")} ms`);
  // Other work may be going on on this machine: the best of three is what the page can do.
  expect(Math.min(...times)).toBeLessThan(1_000);
});
