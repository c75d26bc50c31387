import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { line, nav, number, open, outputs, test, type } from "./app";

/** Opens X-ray at the `i32.add` of 3 + 5: position 23 of the program that runs when there is none. */
async function openAtAdd(page: Page): Promise<void> {
  await open(page, "xray");
  await page.getByTestId("token-23").click();
  await isAt(page, 23);
  await expect(page.getByTestId("here-step")).toContainText("i32.add");
}

async function isAt(page: Page, position: number): Promise<void> {
  await expect(page.getByTestId("position")).toHaveText(new RegExp(`^position ${position} of `));
  await expect(page.getByTestId("xray-here")).toContainText(`Position ${position}:`);
  await expect(page.getByTestId("xray-here")).toHaveAttribute("aria-busy", "false");
}

const layer = (page: Page): Locator => page.getByTestId("xray-layer-title");

/** The numbers of a table row. */
const numbers = async (row: Locator): Promise<number[]> => (await row.locator("td").allTextContents()).map(number);

test("without a program X-ray shows one, token by token", async ({ page }) => {
  await open(page, "xray");
  const tokens = page.getByRole("listbox", { name: /^Tokens of the run/ }).getByRole("option");
  // Program start, four instructions of five bytes, program end; then an answer each.
  await expect(tokens).toHaveCount(1 + 4 * 5 + 1 + 4);
  await expect(page.getByTestId("token-2")).toHaveAccessibleName("position 2, byte 3, operand of i32.const 3 (instruction 0)");
  await expect(page.getByTestId("token-24")).toHaveAccessibleName(/byte 8, answer to i32.add/);
});

test("positions step by keys, buttons, slider and click", async ({ page }) => {
  await open(page, "xray");
  await page.getByTestId("xray-strip").focus();
  await page.keyboard.press("Home");
  await isAt(page, 0);
  await expect(page.getByRole("button", { name: "Previous position" })).toBeDisabled();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await isAt(page, 2);
  await page.keyboard.press("ArrowLeft");
  await isAt(page, 1);
  await page.getByRole("button", { name: "Next position" }).click();
  await isAt(page, 2);
  await page.getByRole("slider", { name: "Position" }).fill("22");
  await isAt(page, 22);
  await expect(page.getByTestId("here-step")).toContainText("i32.const 5");
  await page.getByTestId("token-23").click();
  await isAt(page, 23);
  await expect(page.getByTestId("token-23")).toHaveAttribute("aria-selected", "true");
  await page.getByRole("button", { name: "First position" }).click();
  await isAt(page, 0);
});

test("the end is where the run ended, and says so", async ({ page }) => {
  await open(page, "xray");
  await page.getByTestId("xray-strip").focus();
  await page.keyboard.press("Home");
  await isAt(page, 0);
  await page.keyboard.press("End");
  // The last forward pass stands at position 24; its answer was never read, so it is no position of its own.
  await isAt(page, 24);
  await expect(page.getByTestId("position")).toHaveText("position 24 of 24");
  await expect(page.getByRole("button", { name: "Next position" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Last position" })).toBeDisabled();
  await expect(page.getByRole("slider", { name: "Position" })).toHaveValue("24");
  await page.keyboard.press("ArrowRight");
  await isAt(page, 24);
});

test("layers step by keys and rail", async ({ page }) => {
  await openAtAdd(page);
  await expect(layer(page)).toHaveText(/^Layer 0: /);
  for (let next = 1; next < 8; next += 1) {
    await page.keyboard.press("ArrowDown");
    await expect(layer(page)).toHaveText(new RegExp(`^Layer ${next}: `));
  }
  await page.keyboard.press("ArrowDown");
  await expect(layer(page)).toHaveText(/^Layer 7: /);
  await page.keyboard.press("ArrowUp");
  await expect(layer(page)).toHaveText(/^Layer 6: /);
  await page.getByRole("navigation", { name: "Layers" }).getByRole("button", { name: /^Layer 2:/ }).click();
  await expect(layer(page)).toHaveText(/^Layer 2: /);
  await expect(page.getByTestId("layer-2")).toHaveAttribute("aria-current", "true");
});

test("the residual stream has names, and shows what each layer changed", async ({ page }) => {
  await openAtAdd(page);
  const residual = page.getByRole("region", { name: "Residual stream" });
  const rows = residual.locator("tr[data-testid^=dim-]");
  await expect(rows.first()).toBeVisible();
  for (const name of await rows.locator(".xr-name").allTextContents()) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
  // The layer's list says what changed; all 100 are there when asked for.
  for (const row of await rows.all()) {
    const [before, between, after] = await row.locator(".xr-number").allTextContents();
    expect([before, before]).not.toEqual([between, after]);
  }
  await residual.getByRole("radio", { name: "all" }).check();
  await expect(rows).toHaveCount(100);
  // The rail counts the same changes.
  await residual.getByRole("radio", { name: "changed" }).check();
  const summary = (await page.getByTestId("layer-0").textContent()) ?? "";
  const counted = [...summary.matchAll(/(?:changes|FFN) (\d+)/g)].map((match) => Number(match[1]));
  expect(counted.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(await rows.count());
  await expect(page.getByTestId("xray-changes").getByRole("rowheader").first()).toBeVisible();
});

test("a head shows its query, its winner and the parabola of its keys", async ({ page }) => {
  await openAtAdd(page);
  const head = page.getByTestId("head-0");
  await expect(head).toContainText("query");
  const winner = Number(((await head.getByTestId("winner-0").textContent()) ?? "").replace("position ", ""));
  await head.getByRole("heading").getByRole("button").click();
  const attention = head.getByTestId("attention");
  const chart = attention.getByTestId("attention-chart-0").locator("[role=img]");
  await expect(chart.locator("svg")).toBeVisible();
  await expect(chart).toHaveAccessibleName(/.{20}/);
  // The winner is the best of the listed keys, and its score is its query times its key.
  const keys = attention.getByRole("table").locator("tbody tr");
  await expect(keys.first()).toContainText("wins");
  await expect(keys.first()).toContainText(new RegExp(`^${winner}:`));
  const scores = await keys.locator("td:nth-of-type(2)").allTextContents();
  expect(Math.max(...scores.map(number))).toBe(number(scores[0]));
  const query = (await head.locator("dl .xr-pair").first().locator(".xr-number").allTextContents()).map(number);
  const key = (await keys.first().locator(".xr-pair").first().locator(".xr-number").allTextContents()).map(number);
  expect(query[0] * key[0] + query[1] * key[1]).toBe(number(scores[0]));
  // The winner is a way to go.
  await head.getByTestId("winner-0").click();
  await isAt(page, winner);
});

test("a head shows only what takes part", async ({ page }) => {
  await openAtAdd(page);
  const shown = (head: Locator): Promise<string[]> => head.locator("dl").first().locator("dt").allTextContents();
  const kinds = new Set<string>();
  for (let layer = 0; layer < 8; layer += 1) {
    await page.getByTestId(`layer-${layer}`).click();
    await expect(page.getByTestId("xray-layer-title")).toHaveText(new RegExp(`^Layer ${layer}: `));
    for (const head of await page.getByTestId("xray-heads").locator("article").all()) {
      const kind = (await head.locator(".xr-kind").textContent()) ?? "";
      kinds.add(kind);
      const words = (await shown(head)).join(" ");
      expect(words.includes("query"), `${kind}: ${words}`).toBe(kind !== "sum");
      // The keys of a cross head come from its store; a sum head compares none.
      expect(words.includes("own key"), `${kind}: ${words}`).toBe(kind === "hard-max");
      expect(words.includes("own value"), `${kind}: ${words}`).toBe(kind !== "cross");
    }
  }
  expect([...kinds].sort()).toEqual(["cross", "hard-max", "sum"]);
});

test("a neuron shows gate, value, product and what they read", async ({ page }) => {
  await openAtAdd(page);
  await page.getByTestId("layer-4").click();
  await expect(layer(page)).toHaveText(/^Layer 4: /);
  const speaking = page.getByTestId("xray-neurons").locator("tbody.xr-neuron:not(.silent)");
  await expect(speaking.first()).toBeVisible();
  for (const neuron of await speaking.all()) {
    const [gate, value, product] = (await neuron.locator("tr").first().locator(".xr-number").allTextContents()).map(number);
    expect(Math.max(0, gate) * value).toBe(product);
    await expect(neuron.locator(".xr-label")).not.toBeEmpty();
  }
  const neuron = page.getByTestId((await speaking.first().getAttribute("data-testid")) ?? "");
  const gate = number((await neuron.locator(".xr-number").first().textContent()) ?? "");
  await neuron.getByRole("rowheader").getByRole("button").first().click();
  const reads = neuron.getByTestId("reads-gate").getByRole("table");
  await expect(reads).toBeVisible();
  await expect(neuron.getByTestId("reads-value").getByRole("table")).toBeVisible();
  let sum = 0;
  for (const row of await reads.locator("tbody tr").all()) {
    const gives = (await numbers(row)).at(-1) ?? Number.NaN;
    sum += gives;
  }
  expect(sum).toBe(gate);
});

test("the logits are a parabola with its top at the answer", async ({ page }) => {
  await openAtAdd(page);
  const chart = page.getByTestId("logit-chart").locator("[role=img]");
  await expect(chart).toHaveAccessibleName("Logits of 260 tokens, a parabola; the highest is 64 at token 8.");
  await expect(chart.locator("svg")).toBeVisible();
  const rows = page.getByTestId("logit-table").locator("tbody tr");
  await expect(rows.first()).toContainText("byte 8");
  for (const row of await rows.all()) {
    const token = number(((await row.getByRole("rowheader").textContent()) ?? "").replace("byte ", ""));
    const logit = number((await row.locator(".xr-number").textContent()) ?? "");
    expect(logit).toBe(2 * token * 8 - token * token);
  }
});

test("an opened number is recomputed, and its inputs lead on and back", async ({ page }) => {
  await openAtAdd(page);
  await page.getByTestId("layer-4").click();
  const shown = page.getByTestId("xray-logits").locator(".xr-number").first();
  await shown.click();
  const dialog = page.getByRole("dialog", { name: "Where does it come from?" });
  const site = dialog.getByTestId("explain-site");
  await expect(site).toHaveText("hook_logits[23, 8]");
  await expect(dialog.getByTestId("explain-value")).toHaveText((await shown.textContent()) ?? "");
  await expect(dialog.getByTestId("explain-recomputed")).toHaveText("64");
  await expect(dialog.getByTestId("explain-verdict")).toHaveText("the same");
  // Follow inputs back through the model; every stop recomputes.
  const way = ["hook_logits[23, 8]"];
  for (let hop = 0; hop < 4; hop += 1) {
    const inputs = dialog.getByTestId("explain-inputs").locator("tbody tr:not(.silent)");
    await expect(inputs.first()).toBeVisible();
    const input = inputs.first().getByRole("button");
    const name = (await input.getAttribute("data-site")) ?? "";
    const value = (await inputs.first().locator("td").first().textContent()) ?? "";
    await input.click();
    await expect(site).toHaveText(name);
    await expect(dialog.getByTestId("explain-value")).toHaveText(value);
    await expect(dialog.getByTestId("explain-recomputed")).toHaveText(value);
    way.push(name);
  }
  const trail = dialog.getByRole("navigation", { name: "The way here" }).getByRole("button");
  await expect(trail).toHaveText(way.slice(0, -1));
  await trail.first().click();
  await expect(site).toHaveText("hook_logits[23, 8]");
  await expect(trail).toHaveCount(0);
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toHaveCount(0);
});

test("a number of the residual stream is the sum of its inputs", async ({ page }) => {
  await openAtAdd(page);
  for (const at of [0, 3, 4, 7]) {
    await page.getByTestId(`layer-${at}`).click();
    await expect(layer(page)).toHaveText(new RegExp(`^Layer ${at}: `));
    const changed = page.getByTestId("xray-residual").locator("td.changed .xr-number");
    if ((await changed.count()) === 0) continue;
    await changed.last().click();
    const dialog = page.getByRole("dialog", { name: "Where does it come from?" });
    await expect(dialog.getByTestId("explain-verdict")).toHaveText("the same");
    const value = number((await dialog.getByTestId("explain-value").textContent()) ?? "");
    let sum = 0;
    for (const row of await dialog.getByTestId("explain-inputs").locator("tbody tr").all()) {
      const [input, weight, product] = await numbers(row);
      expect(input * weight).toBe(product);
      sum += product;
    }
    expect(sum).toBe(value);
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
  }
});

test("every number on screen recomputes", async ({ page }) => {
  await openAtAdd(page);
  await page.getByTestId("layer-5").click();
  await expect(layer(page)).toHaveText(/^Layer 5: /);
  const dialog = page.getByRole("dialog");
  const shown = page.locator("main .xr-number");
  const count = await shown.count();
  expect(count).toBeGreaterThan(20);
  // Evenly spread over the page.
  for (let index = 0; index < count; index += Math.ceil(count / 16)) {
    const button = shown.nth(index);
    const name = (await button.getAttribute("data-site")) ?? "";
    await button.evaluate((element: HTMLElement) => element.click());
    await expect(dialog.getByTestId("explain-site")).toHaveText(name);
    await expect(dialog.getByTestId("explain-value")).toHaveText((await button.textContent()) ?? "");
    await expect(dialog.getByTestId("explain-verdict")).toHaveText("the same");
  }
});

test("where the host helps, the position says so", async ({ page }) => {
  await open(page, "xray");
  await page.getByRole("combobox", { name: "Program" }).selectOption({ label: "Countdown from 5" });
  const branch = page.getByTestId("xray-strip").getByRole("option", { name: /branch taken/ }).first();
  await expect(branch).toBeAttached();
  const after = Number(await branch.getAttribute("data-position"));
  // The answer "branch taken" was given one position earlier.
  await page.getByRole("slider", { name: "Position" }).fill(String(after - 1));
  await isAt(page, after - 1);
  await expect(page.getByTestId("here-host")).toContainText("jumped back to the loop");
});

test("X-ray shows the program of the REPL", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 250", "i32.const 10", "i32.add");
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("logit-table").locator("tbody tr").first()).toContainText("byte 255");
  await nav(page, "REPL").click();
  await line(page).click();
  await type(page, "output");
  await expect(outputs(page)).toHaveText(["255"]);
});
