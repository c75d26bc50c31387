// #/bench: both models measured in this browser, and the figures copied. With WORLDMODEL_ALL=1 the lengths are those of
// docs/benchmarks.md, and WebGPU (here SwiftShader, a software adapter) is measured, too; the figures are printed.
import AxeBuilder from "@axe-core/playwright";
import { expect, test as plain } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { THREE_PLUS_FIVE, isOn, nav, open, outputs, type } from "./app";
import { tinyModel } from "./gguf";
import { HAS_SMOLLM2, NO_SMOLLM2, SMOLLM2, messages, say, set, test } from "./language";
import { GPU } from "./site";

const ALL = Boolean(process.env.WORLDMODEL_ALL);


/** A line of a table, its name first; of the language model's if nothing else is said. */
const row = (page: Page, name: string, table = "bench-language"): Locator =>
  page.getByTestId(table).getByRole("row").filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${name}`) }) });

/** The number that a cell begins with. */
async function number(cell: Locator): Promise<number> {
  return Number(((await cell.textContent()) ?? "").replaceAll(",", "").match(/^[\d.]+/)?.[0]);
}

/** What is in the clipboard after a button was pressed. */
async function copied(page: Page, button: string): Promise<string> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByTestId(button).click();
  await expect(page.getByTestId("copy-status")).toHaveText("Copied.");
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Measures the loaded model: prompt and answer by their place in the list, and so often. */
async function measure(page: Page, sizes: number, rounds: number, timeout = 120_000): Promise<void> {
  await page.getByTestId("bench-sizes").selectOption({ index: sizes });
  await page.getByTestId("bench-rounds").selectOption(String(rounds));
  const [, prompt, written] = /prompt ([\d,]+), write (\d+)/.exec((await page.getByTestId("bench-sizes").locator("option").nth(sizes).textContent()) ?? "") ?? [];
  await page.getByTestId("bench-measure").click();
  const times = rounds === 1 ? "1 round" : `${rounds} rounds`;
  const column = page.getByTestId("bench-language").getByRole("columnheader", { name: `prompt ${prompt}, write ${written}; ${times}` });
  await expect(column.last()).toBeVisible({ timeout });
  await expect(page.getByTestId("bench-measure")).toBeVisible({ timeout });
  await expect(page.getByTestId("bench-failure")).toHaveCount(0);
}

/** Screenshots in light, dark and on a phone, and what axe finds in them. */
async function look(page: Page): Promise<void> {
  for (const look of ["light", "dark", "phone"] as const) {
    await page.emulateMedia({ colorScheme: look === "dark" ? "dark" : "light", reducedMotion: "reduce" });
    await page.evaluate(() => scrollTo(0, 0));
    await page.setViewportSize(look === "phone" ? { width: 360, height: 740 } : { width: 1280, height: 720 });
    // A window that has just become narrow is laid out anew first.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path: `screenshots/bench-measured-${look}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${look} ${id}: ${node.html.slice(0, 140)}`))).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look === "phone" ? 360 : 1280);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
}

test("without a model it says where to load one, and there is nothing to copy", async ({ page }) => {
  await open(page, "bench");
  await expect(page.getByTestId("bench-no-model")).toContainText("No language model is loaded.");
  await expect(page.getByTestId("copy-markdown")).toBeDisabled();
  await page.getByTestId("bench-no-model").getByRole("link", { name: "Models" }).click();
  await expect(page.getByTestId("not-loaded")).toBeVisible();
});

test("the interpreter is measured beside the byte machine, and the program of the REPL stays", async ({ page }) => {
  test.setTimeout(180_000);
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await nav(page, "Bench").click();
  await expect(page.getByTestId("bench-last-run")).toContainText(/^\d+ tokens in/);
  await page.getByTestId("bench-run").click();
  await expect(page.getByTestId("bench-stage")).toContainText("CPU, sparse");
  await expect(page.getByTestId("bench-run")).toBeVisible({ timeout: 120_000 });
  const speeds = page.getByTestId("bench-interpreter").locator("td.number");
  // The examples, three lengths of a loop, the full machine's modules, and the start.
  await expect(speeds).toHaveCount(6);
  for (const name of ["the 12 example programs", "a loop of 100 steps", "a loop of 1,000 steps", "a loop of 10,000 steps"]) {
    expect(await number(row(page, name, "bench-interpreter").getByRole("cell"))).toBeGreaterThan(1_000);
  }
  const agrees = await row(page, "agrees", "bench-interpreter").getByRole("cell").textContent();
  const [, same, all] = /^([\d,]+) of ([\d,]+) runs/.exec(agrees ?? "") ?? [];
  expect(same).toBe(all);
  await expect(row(page, "full machine agrees", "bench-interpreter").getByRole("cell")).toHaveText("18 of 18 modules");
  expect(await number(row(page, "18 modules", "bench-interpreter").getByRole("cell"))).toBeGreaterThan(10_000);
  await expect(page.getByTestId("bench-run-failure")).toHaveCount(0);
  const csv = await copied(page, "copy-csv");
  expect(csv.split("\n")[0]).toBe('"table","of","how","figure","unit","median or text","least","most"');
  expect(csv).toMatch(/"","","","browser","","Mozilla[^"]*Chrom/);
  expect(csv).toMatch(/"","","","machine","","\d+ cores, graphics: \w/);
  expect(csv).toMatch(/"Interpreter transformer","CPU, sparse","","a loop of 10,000 steps","tokens\/s","[\d.]+","[\d.]+","[\d.]+"/);
  // What the page's own engine ran is still there to be looked into.
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("here-step")).toContainText("output");
  await nav(page, "REPL").click();
  await expect(outputs(page)).toHaveText(["8"]);
  await nav(page, "Bench").click();
  await expect(speeds).toHaveCount(6);
});

test("measuring the interpreter can be stopped, and keeps what it has", async ({ page }) => {
  await open(page, "bench");
  await page.getByTestId("bench-device").selectOption("CPU, dense");
  await page.getByTestId("bench-run").click();
  await expect(page.getByTestId("bench-stage")).toContainText("a loop of 1,000 steps", { timeout: 60_000 });
  await page.getByTestId("bench-stop").click();
  await expect(page.getByTestId("bench-run")).toBeVisible();
  await expect(page.getByTestId("bench-run-failure")).toHaveCount(0);
  await expect(row(page, "a loop of 100 steps", "bench-interpreter").getByRole("cell")).toContainText(/^[\d.,]+/);
  await expect(row(page, "the 12 example programs", "bench-interpreter")).toHaveCount(0);
  await isOn(page, "CPU, sparse");
});

// What does not arrive is what `watch` would report.
plain("an engine that does not arrive is explained", async ({ page }) => {
  await open(page, "bench");
  await page.route("**/engine/light/worker_bg.wasm", (route) => route.fulfill({ status: 404, body: "Not found" }));
  await page.getByTestId("bench-run").click();
  await expect(page.getByTestId("bench-run-failure")).toContainText("404");
  await expect(page.getByTestId("bench-run")).toBeVisible();
});

test("a model whose context is short is measured with what fits", async ({ page }) => {
  await open(page, "models");
  const buffer = tinyModel();
  await page.getByTestId("choose-files").setInputFiles({ name: "tiny.gguf", mimeType: "application/octet-stream", buffer });
  await page.getByTestId("load").click();
  await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 60_000 });
  await nav(page, "Bench").click();
  await expect(page.getByTestId("bench-sizes").locator("option:disabled")).toHaveCount(2);
  // What it was set to before any model was there is too long.
  await page.getByTestId("bench-measure").click();
  await expect(page.getByTestId("bench-failure")).toContainText("256 tokens and 128 more do not fit the context of 256");
  await measure(page, 0, 5);
  await expect(row(page, "prefill").getByRole("cell")).toHaveText(/^[\d.,]+ tokens\/s [\d.,]+–[\d.,]+$/);
  await expect(row(page, "load from a file").getByRole("cell")).toHaveText(/^[\d.]+ s *$/);
  for (const origin of ["the network", "what the browser keeps"]) {
    await expect(row(page, `load from ${origin}`).getByRole("cell")).toHaveText(/^not measured *$/);
  }
  await expect(row(page, "dispatches").getByRole("cell")).toHaveText(/^none *$/);
  // Another length is another column; the same again takes its place.
  await measure(page, 1, 1);
  await measure(page, 0, 1);
  await expect(row(page, "decode").first().getByRole("cell")).toHaveCount(2);
  await page.getByTestId("bench-load-again").click();
  await expect(page.getByTestId("bench-measure")).toBeVisible({ timeout: 60_000 });
  // What was measured outlives the model.
  await nav(page, "Models").click();
  await page.getByTestId("unload").click();
  await nav(page, "Bench").click();
  await expect(page.getByTestId("bench-no-model")).toBeVisible();
  await expect(row(page, "decode").first().getByRole("cell")).toHaveCount(2);
  expect(await copied(page, "copy-markdown")).toMatch(/### Language model\n\n\|  \| Tiny, CPU/);
});

// A host stands in for the web, which `watch` would report.
plain("a load from the network stands beside one from what the browser keeps", async ({ page }) => {
  const host = "https://models.example";
  const model = tinyModel();
  await page.context().route(`${host}/**`, async (route) => {
    const range = /bytes=(\d+)-(\d*)/.exec(route.request().headers()["range"] ?? "");
    const from = Number(range?.[1] ?? 0);
    const to = range?.[2] ? Math.min(Number(range[2]) + 1, model.length) : model.length;
    const headers = {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "Content-Range, ETag, Accept-Ranges",
      "Cross-Origin-Resource-Policy": "cross-origin",
      "Accept-Ranges": "bytes",
      ...(range ? { "Content-Range": `bytes ${from}-${to - 1}/${model.length}` } : {}),
    };
    await route.fulfill({ status: range ? 206 : 200, headers, body: model.subarray(from, to) });
  });
  await open(page, "models");
  await page.getByTestId("address").fill(`${host}/tiny.gguf`);
  await page.getByTestId("address-read").click();
  await page.getByTestId("load").click();
  await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 60_000 });
  await nav(page, "Bench").click();
  await measure(page, 0, 1);
  const network = row(page, "load from the network").getByRole("cell");
  const kept = row(page, "load from what the browser keeps").getByRole("cell");
  await expect(network).toHaveText(/^[\d.]+ s [\d.]+ to fetch$/);
  await expect(kept).toHaveText(/^not measured *$/);
  await page.getByTestId("bench-load-again").click();
  await expect(kept).toHaveText(/^[\d.]+ s *$/, { timeout: 60_000 });
});

test.describe("with SmolLM2", () => {
  test.skip(!HAS_SMOLLM2, NO_SMOLLM2);
  test.describe.configure({ timeout: ALL ? 1_800_000 : 300_000 });

  async function load(page: Page, context: number): Promise<void> {
    await open(page, "models");
    await page.getByTestId("choose-files").setInputFiles(SMOLLM2);
    if (ALL) await page.getByTestId("keep").check();
    await page.getByTestId("context").fill(String(context));
    await page.getByTestId("load").click();
    await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 60_000 });
  }

  test("it is measured, stopped, and answers afterwards", async ({ page }) => {
    await load(page, 512);
    await page.getByTestId("to-chat").click();
    await set(page, "set-tokens", "8");
    await nav(page, "Bench").click();
    await page.getByTestId("bench-measure").click();
    await expect(page.getByTestId("work-numbers")).toContainText(/^round 1 of 3: \d+ of 384 tokens$/);
    // Meanwhile it answers nobody, and says why.
    await nav(page, "Chat").click();
    await page.getByTestId("draft").fill("What is the capital of France?");
    await expect(page.getByTestId("send")).toBeDisabled();
    await expect(page.getByTestId("draft-note")).toContainText("is being measured");
    await nav(page, "Bench").click();
    await page.getByTestId("load-cancel").click();
    await expect(page.getByTestId("bench-measure")).toBeVisible();
    await expect(page.getByTestId("bench-failure")).toHaveCount(0);
    await measure(page, 0, 3);
    expect(await number(row(page, "decode").first().getByRole("cell").last())).toBeGreaterThan(0.1);
    // Its memory holds the weights.
    const memory = await row(page, "memory").getByRole("cell").last().textContent();
    expect(memory).toMatch(/^\d{3} MB/);
    await nav(page, "Chat").click();
    const answer = await say(page, "What is the capital of France?");
    await expect(answer.getByTestId("message-text")).toContainText("Paris");
    await expect(messages(page)).toHaveCount(2);
    await expect(answer.getByTestId("stats")).toContainText(/\(\d+ read at \d+ a second\)/);
  });

  test("its figures and the interpreter's stand on one page that reads well", async ({ page }) => {
    await load(page, 2048);
    await nav(page, "Bench").click();
    await measure(page, ALL ? 2 : 0, ALL ? 5 : 1);
    if (ALL) {
      await page.getByTestId("bench-load-again").click();
      await expect(page.getByTestId("bench-measure")).toBeVisible({ timeout: 60_000 });
    }
    if (ALL && GPU) {
      await page.getByTestId("bench-other-device").click();
      await expect(page.getByTestId("bench-measure")).toBeVisible({ timeout: 300_000 });
      await measure(page, 0, 3, 600_000);
      expect(await number(row(page, "dispatches").getByRole("cell").last())).toBeGreaterThan(30);
    }
    for (const device of ALL ? ["CPU, sparse", "CPU, dense", ...(GPU ? ["WebGPU"] : [])] : ["CPU, sparse"]) {
      await page.getByTestId("bench-device").selectOption(device);
      await page.getByTestId("bench-run").click();
      await expect(page.getByTestId("bench-run")).toBeVisible({ timeout: 600_000 });
      await expect(page.getByTestId("bench-run-failure")).toHaveCount(0);
    }
    console.log(await copied(page, "copy-markdown"));
    await look(page);
  });
});
