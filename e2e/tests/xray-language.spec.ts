// The X-ray of a language model: its text, all its layers at the token looked at, and links to them.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { number } from "./app";
import { share, test } from "./ask";
import { fits, violations } from "./axe";

/** Opens nano in the X-ray and waits until its map is that of the token looked at. */
async function openXray(page: Page, hash = "#/xray/nano"): Promise<void> {
  await page.goto(`./${hash}`);
  await isThere(page);
}

async function isThere(page: Page): Promise<void> {
  await expect(page.getByTestId("lm-map")).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
}

const layers = (page: Page) => page.getByTestId("lm-map").locator('[data-testid^="lm-layer-"]');
const position = (page: Page) => page.getByTestId("position");

test("all layers stand at one token, with what each adds, and the taps branch off behind their layers", async ({ page }) => {
  await openXray(page);
  await expect(page.getByTestId("xray-question")).toHaveValue("Calculate 12 * 11");
  await expect(layers(page)).toHaveCount(12);
  const rows = await page.getByTestId("lm-map").locator("tbody tr").allTextContents();
  // Behind layers 2, 6 and 10, counted from 0: the tap's rows follow theirs.
  const taps = rows.flatMap((row, place) => (row.includes("tap ") ? [rows[place - 1]?.slice(0, 8).trim()] : []));
  expect(taps.map((row) => /layer \d+/.exec(row ?? "")?.[0])).toEqual(["layer 2", "layer 6", "layer 10"]);
  for (const tap of [0, 1, 2]) await expect(page.getByTestId(`lm-tap-${tap}`)).toContainText("writes a program: 132");

  // What the map says of a layer, its panel says too.
  await page.getByTestId("lm-layer-5").click();
  await expect(page.getByTestId("lm-layer-5")).toHaveAttribute("aria-current", "true");
  await expect(page.getByTestId("added")).toContainText("Layer 5:");
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  const row = page.getByTestId("lm-map").locator("tr", { has: page.getByTestId("lm-layer-5") });
  const said = (await page.getByTestId("added").textContent()) ?? "";
  const [attention, ffn] = [...said.matchAll(/\d+\.\d+/g)].map(([found]) => found);
  await expect(row.locator(".lm-heads .visually-hidden")).toHaveText(`adds ${attention}`);
  await expect(row.locator(".lm-ffn .visually-hidden")).toHaveText(`adds ${ffn}`);
  // As many heads as the layer has, each as strong as its panel says.
  const heads = page.getByTestId("head");
  const squares = row.locator("rect");
  await expect(squares).toHaveCount(await heads.count());
  const adds = await heads.locator(".head-adds").allTextContents();
  const titles = await squares.locator("title").allTextContents();
  expect(titles.map((title) => number(title.split("adds ")[1] ?? ""))).toEqual(adds.map((text) => number(text.replace("adds ", ""))));
  // A head's square opens it.
  await squares.nth(2).click();
  await expect(heads.nth(2).getByRole("button", { name: "Head 2" })).toHaveAttribute("aria-expanded", "true");

  // A tap's row leads to its program.
  await page.getByTestId("lm-tap-1").click();
  await expect(page.getByTestId("program-1")).toBeInViewport();
});

test("token and layer are stepped by keys, buttons and slider, and a token is found", async ({ page }) => {
  await openXray(page);
  await page.getByTestId("step-first").click();
  await expect(position(page)).toContainText("token 0 of");
  await page.getByTestId("lm-strip").focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
  await expect(position(page)).toContainText("token 1 of");
  await expect(page.getByTestId("lm-layer-1")).toHaveAttribute("aria-current", "true");
  await expect(page.getByTestId("lm-strip").locator('[aria-selected="true"]')).toHaveAttribute("data-token", "1");
  await page.keyboard.press("End");
  await expect(page.getByTestId("step-forward")).toHaveAttribute("aria-disabled", "true");

  await page.getByTestId("lm-search").fill("computed");
  await expect(page.getByTestId("lm-hits")).toHaveText(/^\d+ in this text$|^\d+ of \d+$/);
  await page.getByTestId("lm-search").press("Enter");
  await expect(page.getByTestId("lm-hits")).toHaveText(/^1 of \d+$/);
  await expect(page.getByTestId("lm-strip").locator('[aria-selected="true"]')).toContainText("computed");
  await page.getByTestId("lm-search").fill("no such token");
  await expect(page.getByTestId("lm-hits")).toHaveText("not in this text");
});

test("it plays along the layers and the tokens, to the end, and pauses where somebody steps", async ({ page }) => {
  await openXray(page);
  await page.getByTestId("play-axis").selectOption("layers");
  await page.getByTestId("play-speed").selectOption("20");
  await page.getByTestId("play").click();
  await expect(page.getByTestId("lm-layer-11")).toHaveAttribute("aria-current", "true");
  await expect(page.getByTestId("play")).toHaveText("Play");
  await page.getByTestId("play-axis").selectOption("tokens");
  await page.getByTestId("play-speed").selectOption("1");
  await page.getByTestId("lm-strip").focus();
  await page.keyboard.press("p");
  await expect(page.getByTestId("play")).toHaveText("Pause");
  await page.keyboard.press("Home");
  await expect(page.getByTestId("play")).toHaveText("Play");
  await expect(position(page)).toContainText("token 0 of");
});

test("where the token that came next begins to lead is told, and is so in the lens", async ({ page }) => {
  await openXray(page);
  // Some tokens the stream would say from the start on; one of the plan's is decided on the way.
  const written = page.getByTestId("lm-strip").locator('[data-origin="model"]');
  const places = await written.evaluateAll((tokens) => tokens.map((token) => Number(token.getAttribute("data-token"))));
  let [from, first] = [0, 0];
  for (first of places) {
    await page.getByTestId("lm-strip").locator(`[data-token="${first - 1}"]`).click();
    await isThere(page);
    from = Number(/leads from layer (\d+) on/.exec((await page.getByTestId("lm-won").textContent()) ?? "")?.[1]);
    if (from > 2) break;
  }
  expect(from).toBeGreaterThan(2);
  const next = await page.getByTestId("lm-strip").locator(`[data-token="${first}"]`).textContent();
  const firsts = await page.getByTestId("lens").getByTestId("lens-row").locator("td:first-of-type .mono").allTextContents();
  expect(firsts.slice(from + 1).every((token) => token === next)).toBe(true);
  expect(firsts[from]).not.toBe(next);
});

test("a link opens the same question, token, layer and number, and its frame too", async ({ page, context }) => {
  await openXray(page);
  await page.getByTestId("xray-question").selectOption("Calculate 15% of 200");
  await expect(page.getByTestId("lm-tap-0")).toContainText("30", { timeout: 30_000 });
  await page.getByTestId("lm-layer-7").click();
  await page.getByTestId("lm-strip").locator('[data-token="4"]').click();
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  const product = page.getByTestId("neurons").locator("tbody tr").first().locator(".xr-number").last();
  const site = (await product.getAttribute("data-site")) ?? "";
  await product.click();
  await expect(page.getByTestId("explain-verdict")).toContainText("the same");
  const value = (await page.getByTestId("explain-value").textContent()) ?? "";
  const link = await share(page);
  expect(link).toMatch(/^\/xray\/nano\?s=1\./);
  expect(`https://example.org/x/#${link}`.length).toBeLessThan(400);
  await expect(page.getByTestId("share-opens")).toHaveText(`It opens X-ray, “Calculate 15% of 200”, position 4, layer 7, ${site}.`);

  for (const fragment of [link, link.replace("/xray", "/embed/xray")]) {
    const other = await context.newPage();
    await other.goto(`./#${fragment}`);
    await isThere(other);
    await expect(position(other)).toContainText("token 4 of");
    await expect(other.getByTestId("lm-layer-7")).toHaveAttribute("aria-current", "true");
    await expect(other.getByTestId("explain-site")).toHaveText(site);
    await expect(other.getByTestId("explain-value")).toHaveText(value);
    await other.close();
  }
});

test("from a machine to a language model and back", async ({ page }) => {
  await page.goto("./#/xray");
  await expect(page.getByTestId("xray-rail")).toBeVisible({ timeout: 20_000 });
  await page.getByTestId("decoder-nano").click();
  await isThere(page);
  await expect(page.getByTestId("decoder-nano")).toHaveAttribute("aria-pressed", "true");
  await page.getByTestId("decoder-own").click();
  await expect(page.getByTestId("xray-waiting")).toContainText("No model of your own is loaded.");
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("xray-language")).toHaveCount(0);
  await expect(page.getByTestId("machine-full")).toHaveAttribute("aria-pressed", "true");
  await page.goBack();
  await expect(page.getByTestId("xray-waiting")).toContainText("No model of your own is loaded.");
});

for (const scheme of ["light", "dark"] as const) {
  test(`nothing is in the way of anybody, in ${scheme}, and nothing overflows a phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await openXray(page);
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await fits(page, 390);
    expect(await violations(page)).toEqual([]);
  });
}
