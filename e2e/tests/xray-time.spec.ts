// X-ray in time: playing along tokens and layers, the map of the whole run, and finding a place in it.
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { open, test } from "./app";
import { fits, violations } from "./axe";

const position = async (page: Page): Promise<number> =>
  Number(((await page.getByTestId("position").textContent()) ?? "").split(" ")[1]);
const map = (page: Page): Locator => page.getByTestId("minimap");
const field = (page: Page): Locator => page.getByTestId("search");
const count = (page: Page): Locator => page.getByTestId("search-count");

async function isAt(page: Page, at: number): Promise<void> {
  await expect(page.getByTestId("position")).toHaveText(new RegExp(`^position ${at} of `));
  await expect(page.getByTestId("xray-here")).toContainText(`Position ${at}:`);
}

/** Opens X-ray and shows the full machine's first example, at its end. */
async function openFull(page: Page): Promise<void> {
  await open(page, "xray");
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("here-step")).toContainText("answers with the next token, halt");
}

test("it plays along the tokens and stops at the end", async ({ page }) => {
  await open(page, "xray");
  await page.getByTestId("play-speed").selectOption("5");
  await isAt(page, 24);
  // At the end it begins again, where the prompt ends.
  await page.getByTestId("play").click();
  await expect(page.getByTestId("play")).toHaveText("Pause");
  await expect(page.getByTestId("play")).toHaveText("Play");
  await isAt(page, 24);
  // Whoever steps pauses it.
  await page.getByTestId("play-speed").selectOption("1");
  await page.getByTestId("xray-strip").focus();
  await page.keyboard.press("Home");
  await isAt(page, 0);
  await page.keyboard.press(" ");
  await expect(page.getByTestId("play")).toHaveText("Pause");
  await page.keyboard.press("Home");
  await expect(page.getByTestId("play")).toHaveText("Play");
  await isAt(page, 0);
  await page.keyboard.press("p");
  await expect(page.getByTestId("play")).toHaveText("Pause");
  await page.keyboard.press("p");
  await expect(page.getByTestId("play")).toHaveText("Play");
});

test("it plays along the layers, which step by button and slider, too", async ({ page }) => {
  await open(page, "xray");
  const at = page.getByTestId("layer-at");
  await expect(at).toHaveText("layer 0 of 7");
  await page.getByTestId("layer-forward").click();
  await expect(at).toHaveText("layer 1 of 7");
  await page.getByRole("slider", { name: "Layer" }).fill("6");
  await expect(page.getByTestId("xray-layer-title")).toHaveText(/^Layer 6: /);
  await page.getByTestId("layer-back").click();
  await expect(at).toHaveText("layer 5 of 7");
  await page.getByTestId("play-axis").selectOption("layers");
  await page.getByTestId("play-speed").selectOption("20");
  await page.getByTestId("play").click();
  await expect(at).toHaveText("layer 7 of 7");
  await expect(page.getByTestId("play")).toHaveText("Play");
  await isAt(page, 24);
});

test("the map shows the whole run, and a click goes there", async ({ page }) => {
  await openFull(page);
  const legend = page.getByTestId("minimap-legend");
  await expect(legend.getByRole("listitem")).toContainText([/^prompt \d+$/, /^arithmetic \d+$/]);
  // Every token is of some kind.
  const numbers = (await legend.locator("b").allTextContents()).map(Number);
  const last = Number(((await page.getByTestId("position").textContent()) ?? "").split(" of ")[1]);
  expect(numbers.reduce((sum, count) => sum + count, 0)).toBe(last + 2);
  const { width } = (await map(page).boundingBox()) ?? { width: 0 };
  await map(page).click({ position: { x: width / 2, y: 10 } });
  const half = await position(page);
  expect(Math.abs(half - last / 2)).toBeLessThan(last / 50);
  await isAt(page, half);
  // The same by keys.
  await map(page).press("PageDown");
  await isAt(page, half + Math.ceil((last + 2) / 10));
  await map(page).press("Home");
  await isAt(page, 0);
  await expect(map(page)).toHaveAttribute("aria-valuetext", `token 0 of ${last}`);
});

test("classic: instructions, memory, locals and outputs are found", async ({ page }) => {
  await open(page, "xray");
  await field(page).fill("i32.const");
  await expect(count(page)).toHaveText("2 places");
  await field(page).press("Enter");
  await isAt(page, 21);
  await expect(count(page)).toHaveText("1 of 2");
  await field(page).press("Enter");
  await isAt(page, 22);
  await field(page).press("Shift+Enter");
  await isAt(page, 21);
  await expect(page.getByTestId("minimap-hits").locator("path")).toHaveAttribute("d", /^M\d+ 0/);
  // Typed and entered at once.
  await field(page).fill("output");
  await field(page).press("Enter");
  await isAt(page, 24);
  await expect(count(page)).toHaveText("1 of 1");
  await field(page).fill("value 8");
  await page.getByTestId("search-forward").click();
  await isAt(page, 23);
  await field(page).fill("i32.mul");
  await expect(count(page)).toHaveText("not in this run");
  await field(page).fill("two words");
  await expect(page.getByTestId("search-problem")).toContainText("memory[16]");
});

test("full: where memory was written and read, and the next instruction of a name", async ({ page }) => {
  await openFull(page);
  await page.getByTestId("xray-example").selectOption({ label: "Factorial" });
  await expect(page.getByTestId("here-step")).toContainText("answers with the next token, halt");
  await field(page).fill("i32.mul");
  await expect(count(page)).toHaveText(/^\d+ places$/);
  await field(page).press("Enter");
  await expect(count(page)).toHaveText(/^1 of \d+$/);
  await expect(page.getByTestId("here-step")).toContainText("i32.mul");
  await page.getByTestId("search-forward").click();
  await expect(count(page)).toHaveText(/^2 of \d+$/);
  await expect(page.getByTestId("here-step")).toContainText("i32.mul");
  await page.getByTestId("search-back").click();
  await expect(count(page)).toHaveText(/^1 of \d+$/);
  await field(page).fill("token halt");
  await field(page).press("Enter");
  // Once as an opcode of the prompt, once as what the transformer writes at the end.
  await expect(count(page)).toHaveText("2 of 2");
});

test("it is readable for all, and on a phone", async ({ page }) => {
  await openFull(page);
  await field(page).fill("output");
  await expect(count(page)).toHaveText(/\d+ places?/);
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page, 390);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await violations(page)).toEqual([]);
});
