// Views as files: the numbers in them are those on screen, pictures parse, and the control works by keys alone.
import { expect } from "@playwright/test";
import type { Download, Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { number, open, test } from "./app";
import { ask, computed, openAsk } from "./ask";

interface Named {
  value: number;
  site: string;
}

interface Sheet {
  title: string;
  model: string;
  view: string;
  position: number | null;
  layer: number | null;
  columns: string[];
  rows: (string | number | Named)[][];
}

/** Saves a view in a format, and says what came. */
async function save(page: Page, view: string, kind: string): Promise<Download> {
  const panel = page.getByTestId(`export-${view}-panel`);
  if ((await panel.count()) === 0) await page.getByTestId(`export-${view}`).click();
  const download = page.waitForEvent("download");
  await panel.getByTestId(`export-${kind}`).click();
  const saved = await download;
  await expect(panel.getByTestId("export-said")).toHaveText(`Saved ${saved.suggestedFilename()}`);
  return saved;
}

const bytes = async (download: Download): Promise<Buffer> => readFileSync((await download.path()) ?? "");

const text = async (page: Page, view: string, kind: string): Promise<string> => (await bytes(await save(page, view, kind))).toString("utf8");

const json = async (page: Page, view: string): Promise<Sheet> => JSON.parse(await text(page, view, "json"));

/** What an SVG says in words, as the browser parses it; it must be whole in itself. */
async function words(page: Page, svg: string): Promise<string> {
  expect(svg).not.toMatch(/href=|url\(|@import|#0[1-6]0000/);
  return page.evaluate((svg) => {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    if (parsed.querySelector("parsererror") !== null) throw new Error(parsed.documentElement.textContent ?? "");
    return [...parsed.querySelectorAll("text")].map((text) => text.textContent?.trim() ?? "").join("\n");
  }, svg);
}

/** The width and height that a PNG says it has. */
function size(png: Buffer): [number, number] {
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

/** All numbers on screen in a part of the page, by their names. */
async function shown(page: Page, testid: string): Promise<Map<string, number>> {
  const numbers = page.getByTestId(testid).locator(".xr-number");
  const pairs = await numbers.evaluateAll((all) => all.map((one): [string, string] => [one.getAttribute("data-site") ?? "", one.textContent ?? ""]));
  return new Map(pairs.map(([site, value]) => [site, number(value)]));
}

/** All numbers of a sheet that have names. */
const named = (sheet: Sheet): Map<string, number> =>
  new Map(sheet.rows.flat().flatMap((cell): [string, number][] => (typeof cell === "object" ? [[cell.site, cell.value]] : [])));

/** Opens X-ray at the `i32.add` of 3 + 5. */
async function openAtAdd(page: Page): Promise<void> {
  await open(page, "xray");
  await page.getByTestId("token-23").click();
  await expect(page.getByTestId("here-step")).toContainText("i32.add");
  await expect(page.getByTestId("xray-here")).toHaveAttribute("aria-busy", "false");
  await page.getByTestId("layer-4").click();
}

test("the numbers in a file are those on screen, with their names", async ({ page }) => {
  await openAtAdd(page);
  for (const [view, part] of [["residual", "xray-residual"], ["changes", "xray-changes"], ["logits", "logit-table"]] as const) {
    const sheet = await json(page, view);
    expect([sheet.model, sheet.view, sheet.position]).toEqual(["classic", view, 23]);
    const inFile = named(sheet);
    const onScreen = await shown(page, part);
    expect(onScreen.size).toBeGreaterThan(2);
    for (const [site, value] of onScreen) expect([site, inFile.get(site)]).toEqual([site, value]);
    await page.keyboard.press("Escape");
  }
  // Neurons: also those that are folded away.
  const neurons = named(await json(page, "neurons"));
  for (const [site, value] of await shown(page, "xray-neurons")) expect(neurons.get(site)).toBe(value);
  await page.keyboard.press("Escape");
  const heads = named(await json(page, "heads"));
  expect([...heads.keys()].every((site) => site.startsWith("blocks.4.attn.hook_"))).toBe(true);
});

test("CSV holds the same, quoted where it must be", async ({ page }) => {
  await openAtAdd(page);
  const download = await save(page, "logits", "csv");
  expect(download.suggestedFilename()).toBe("classic-logits-position-23.csv");
  const lines = (await bytes(download)).toString("utf8").trimEnd().split("\r\n");
  expect(lines).toHaveLength(1 + 260);
  expect(lines[0]).toBe("token,meaning,logit,site of logit");
  const best = await page.getByTestId("logit-table").locator("tr.winner .xr-number").textContent();
  expect(lines[9]).toBe(`8,byte 8,${number(best ?? "")},"hook_logits[23, 8]"`);
  const residual = await save(page, "residual", "csv");
  expect(residual.suggestedFilename()).toBe("classic-residual-position-23-layer-4.csv");
});

test("pictures are whole in themselves", async ({ page }) => {
  await openAtAdd(page);
  const bars = await words(page, await text(page, "residual", "svg"));
  expect(bars).toContain("Residual stream, classic, layer 4, position 23");
  expect(bars).toContain("before; after FFN");
  const [width, height] = size(await bytes(await save(page, "residual", "png")));
  expect(width).toBe(1520);
  expect(height).toBeGreaterThan(200);
  await page.keyboard.press("Escape");
  expect(await words(page, await text(page, "changes", "svg"))).toContain("4 FFN");
  await page.keyboard.press("Escape");
  expect(await words(page, await text(page, "logits", "svg"))).toContain("logit");
  await page.keyboard.press("Escape");
  // A head's keys: the charts of the page, and each key with its score and share.
  await page.getByTestId("layer-0").click();
  await page.getByTestId("head-0").getByRole("button").first().click();
  const attention = await words(page, await text(page, "attention", "svg"));
  expect(attention).toContain("q · k");
  const sheet = await json(page, "attention");
  expect(sheet.columns).toEqual(expect.arrayContaining(["key", "token", "score", "share"]));
  const shares = [...named(sheet)].filter(([site]) => site.includes("hook_pattern"));
  expect(shares.reduce((sum, [, share]) => sum + share, 0)).toBe(1);
});

test("the control works by keys, and gives the focus back", async ({ page }) => {
  await openAtAdd(page);
  const button = page.getByRole("button", { name: "Export the logits" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(button).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("Tab");
  await expect(page.getByTestId("export-logits-panel").getByTestId("export-svg")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
  await expect(page.getByTestId("export-logits-panel")).toHaveCount(0);
  // A number with its operands.
  await page.getByTestId("logit-table").locator("tr.winner .xr-number").click();
  await expect(page.getByTestId("explain-verdict")).toContainText("the same");
  const sheet = await json(page, "number");
  const [used, again] = [sheet.rows[0]?.[2] as Named, sheet.rows[1]?.[2]];
  expect([used.site, used.value]).toEqual(["hook_logits[23, 8]", again]);
});

test("a question's programs and scores, and what is inside", async ({ page }) => {
  await openAsk(page);
  await ask(page, "Calculate 12 * 11");
  await expect(computed(page)).toHaveText("132");
  const candidates = await json(page, "candidates");
  expect(candidates.rows.map((row) => row[3])).toContain("132");
  const scores = await json(page, "scores");
  const total = scores.rows.find((row) => row[0] === "score")?.at(-1) as number;
  const onScreen = await page.getByTestId("total-2").locator("b").first().textContent();
  expect(number((onScreen ?? "").replace("+ ", "").replace("− ", "−"))).toBeCloseTo(total, 1);
  expect(await words(page, await text(page, "scores", "svg"))).toContain("agreement");
  await page.getByTestId("ask-inside").click();
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  const neurons = named(await json(page, "neurons"));
  for (const [site, value] of await shown(page, "neurons")) expect(neurons.get(site)).toBe(value);
  const heads = named(await json(page, "heads"));
  // Each of the four heads divides its attention.
  expect([...heads.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(4, 3);
  for (const [part, view] of [["who-wrote", "attribution"], ["lens-map", "lens-map"], ["all-heads", "all-heads"]] as const) {
    await page.getByTestId(part).click();
    await expect(page.getByTestId(`export-${view}`)).toBeVisible({ timeout: 20_000 });
    expect((await json(page, view)).rows.length).toBeGreaterThan(10);
    expect(await words(page, await text(page, view, "svg"))).toContain("nano");
  }
  size(await bytes(await save(page, "all-heads", "png")));
});

test("the map of a run, and the runs with and without parts, are tables", async ({ page }) => {
  await openAtAdd(page);
  const map = await json(page, "run-map");
  expect(map.columns.slice(0, 3)).toEqual(["from token", "to token", "prompt"]);
  const tokens = map.rows.flatMap((row) => row.slice(2) as number[]).reduce((sum, count) => sum + count, 0);
  const last = await page.getByTestId("minimap").getAttribute("aria-valuemax");
  expect([tokens, map.rows.at(-1)?.[1]]).toEqual([Number(last) + 2, Number(last) + 1]);
  expect(await words(page, await text(page, "run-map", "svg"))).toContain("arithmetic");
  await page.keyboard.press("Escape");

  await page.getByTestId("off-head-0").check();
  await expect(page.getByTestId("run-after")).toBeVisible();
  const both = await json(page, "compare");
  expect(both.title).toBe("With and without: layer 4, head 0 at zero");
  expect(both.rows[2]?.slice(0, 3)).toEqual(["outputs", "", "8"]);
  const shown = async (side: string): Promise<string[]> => ((await page.getByTestId(side).locator(".xr-run-words").textContent()) ?? "").trim().split(/\s+/);
  const wordsOf = (column: number): (string | number | Named)[] => both.rows.filter((row) => row[0] === "token" && row[column] !== "").map((row) => row[column] ?? "");
  expect(wordsOf(2)).toEqual(await shown("run-before"));
  expect(wordsOf(3)).toEqual(await shown("run-after"));
  const logits = both.rows.filter((row) => String(row[0]).startsWith("logit of"));
  expect(logits).toHaveLength(260);
  expect(logits[8]?.[2]).toMatchObject({ site: "hook_logits[23, 8]" });
  await expect(page.getByTestId("export-compare-panel").getByTestId("export-svg")).toHaveCount(0);
});

test("an answer with and without parts is a table", async ({ page }) => {
  await openAsk(page);
  await ask(page, "Calculate 12 * 11");
  await page.getByTestId("ask-inside").click();
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  await page.getByTestId("part-kind").selectOption("head");
  await page.getByTestId("part-number").fill("0");
  await page.getByTestId("part-add").click();
  await page.getByTestId("compare").click();
  await expect(page.getByTestId("changed-after")).toBeVisible({ timeout: 30_000 });
  const both = await json(page, "changed");
  expect(both.columns).toEqual(["what", "place", "as it is", "with parts replaced"]);
  expect(both.rows[0]?.[2]).toContain("132");
  expect(both.rows.filter((row) => row[0] === "program")).toHaveLength(3);
  expect(both.rows.filter((row) => row[0] === "token").length).toBeGreaterThan(20);
});
