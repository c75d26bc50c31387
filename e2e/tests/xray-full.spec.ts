// X-ray of the full machine: its run stays in the worker, however long, and the page asks for what is in view.
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { number, open, test } from "./app";

/** Opens X-ray and shows the full machine: its first example runs by itself. The position is that of its last forward pass. */
async function openFull(page: Page): Promise<number> {
  await open(page, "xray");
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("here-step")).toContainText("answers with the next token, halt");
  return await last(page);
}

/** The last position. */
async function last(page: Page): Promise<number> {
  return Number(((await page.getByTestId("position").textContent()) ?? "").split(" of ")[1]);
}

async function isAt(page: Page, position: number): Promise<void> {
  await expect(page.getByTestId("position")).toHaveText(new RegExp(`^position ${position} of `));
  await expect(page.getByTestId("xray-here")).toContainText(`Position ${position}:`);
  await expect(page.getByTestId("xray-here")).toHaveAttribute("aria-busy", "false");
}

const strip = (page: Page): Locator => page.getByTestId("xray-strip");

async function showLayer(page: Page, layer: number): Promise<void> {
  await page.getByTestId(`layer-${layer}`).click();
  await expect(page.getByTestId("xray-layer-title")).toHaveText(new RegExp(`^Layer ${layer}: `));
}

test("the other machine is a press away, and shows a run of its own", async ({ page }) => {
  const end = await openFull(page);
  await expect(page.getByTestId("xray-example").locator("option:checked")).toHaveText("Hello");
  await expect(page.getByTestId("xray-rail").getByRole("button")).toHaveCount(10);
  await expect(page.getByTestId("here-instruction")).toHaveText(/^instruction \d+ of \d+$/);
  // The last token is an answer that nobody reads.
  await expect(page.getByTestId(`token-${end + 1}`)).toHaveAccessibleName(new RegExp(`^position ${end + 1}, halt, `));
  // The prompt: a start, the alphabet, and then the program.
  await strip(page).press("Home");
  await isAt(page, 0);
  await expect(page.getByTestId("token-0")).toHaveAccessibleName("position 0, start, the start of the prompt");
  await expect(page.getByTestId("token-11")).toHaveAccessibleName("position 11, 0a, the alphabet: byte 0a");
  await expect(page.getByTestId("here-step")).toContainText("nothing is executed");
  await expect(page.getByTestId("here-instruction")).toHaveCount(0);
  // And back: nothing of the one is shown with the other.
  await page.getByTestId("machine-classic").click();
  await expect(strip(page).getByRole("option")).toHaveCount(26);
  await isAt(page, 24);
  await expect(page.getByTestId("xray-rail").getByRole("button")).toHaveCount(8);
});

test("tokens step by keys, buttons and click", async ({ page }) => {
  const end = await openFull(page);
  await strip(page).press("ArrowLeft");
  await isAt(page, end - 1);
  await page.getByTestId("step-back").click();
  await isAt(page, end - 2);
  await page.getByTestId(`token-${end - 4}`).click();
  await isAt(page, end - 4);
  await expect(page.getByTestId(`token-${end - 4}`)).toHaveAttribute("aria-selected", "true");
  await page.getByTestId("step-first").click();
  await isAt(page, 0);
  await strip(page).press("End");
  await isAt(page, end);
  await expect(page.getByTestId("step-forward")).toHaveAttribute("aria-disabled", "true");
});

test("a head's winner has a word, and is a way to go", async ({ page }) => {
  const end = await openFull(page);
  await showLayer(page, 0);
  const head = page.getByTestId("head-0");
  await expect(head.getByTestId("winner-0")).toHaveText(`position ${end - 1}`);
  const found = ((await head.locator(".xr-found").textContent()) ?? "").replace(": ", ", ");
  await expect(page.getByTestId(`token-${end - 1}`)).toHaveAccessibleName(`position ${end - 1}, ${found}`);
  // Its keys have the same words, and the winner's score is its query times its key.
  await head.getByRole("heading").getByRole("button").click();
  const first = head.getByTestId("attention-keys").locator("tbody tr").first();
  await expect(first.getByRole("rowheader")).toHaveText(`${end - 1}: ${found} wins`);
  const numbers = async (of: Locator): Promise<number[]> => (await of.locator(".xr-number").allTextContents()).map(number);
  const query = await numbers(head.locator("dl .xr-pair").first());
  const key = await numbers(first.locator(".xr-pair").first());
  expect(query.length).toBe(key.length);
  const score = query.reduce((sum, component, index) => sum + component * (key[index] ?? 0), 0);
  expect(score).toBe(number((await first.locator("td").nth(1).textContent()) ?? ""));
  await head.getByTestId("winner-0").click();
  await isAt(page, end - 1);
});

test("keys that are one number lie on a parabola, others stand by position", async ({ page }) => {
  await openFull(page);
  const open = async (label: string): Promise<Locator> => {
    const head = page.getByTestId("xray-heads").locator("article", { hasText: label }).first();
    await head.getByRole("heading").getByRole("button").click();
    await expect(head.getByTestId("attention-chart-0").locator("[role=img] svg")).toBeVisible();
    return head;
  };
  await showLayer(page, 5);
  const bits = await open("bits 0");
  await expect(bits.getByTestId("attention-chart-1").locator("[role=img] svg")).toBeVisible();
  await showLayer(page, 2);
  const opcode = await open("opcode");
  await expect(opcode.getByTestId("attention-chart-0").locator("[role=img]")).toHaveAccessibleName(/by position/);
  await expect(opcode.getByTestId("attention-chart-1")).toHaveCount(0);
});

test("every number on screen recomputes", async ({ page }) => {
  test.setTimeout(90_000);
  const end = await openFull(page);
  await page.getByTestId(`token-${end - 6}`).click();
  await isAt(page, end - 6);
  const dialog = page.getByRole("dialog");
  for (const layer of [0, 2, 5, 9]) {
    await showLayer(page, layer);
    const shown = page.locator("main .xr-number");
    const count = await shown.count();
    expect(count).toBeGreaterThan(20);
    // Evenly spread over the page.
    for (let index = 0; index < count; index += Math.ceil(count / 8)) {
      const button = shown.nth(index);
      const name = (await button.getAttribute("data-site")) ?? "";
      await button.evaluate((element: HTMLElement) => element.click());
      await expect(dialog.getByTestId("explain-site")).toHaveText(name);
      await expect(dialog.getByTestId("explain-value")).toHaveText((await button.textContent()) ?? "");
      await expect(dialog.getByTestId("explain-verdict")).toHaveText("the same");
    }
  }
});

test("a run of hundreds of thousands of tokens scrolls to its end, a part at a time", async ({ page }) => {
  test.setTimeout(120_000);
  await openFull(page);
  await page.getByRole("combobox", { name: "Program" }).selectOption({ label: "Sudoku" });
  await expect(page.getByTestId("position")).toHaveText(/ of [3-9]\d{5}$/, { timeout: 60_000 });
  const end = await last(page);
  await isAt(page, end);
  await expect(page.getByTestId(`token-${end}`)).toBeInViewport();
  await strip(page).press("Home");
  await isAt(page, 0);
  await expect(page.getByTestId("token-0")).toBeInViewport();
  const shown = strip(page).getByRole("option");
  const scroll = (share: number): Promise<void> =>
    strip(page).evaluate((element, share) => void (element.scrollLeft = share * element.scrollWidth), share);
  // To the end by the bar: tokens that nobody has looked at have their words, and few are on the page.
  await scroll(1);
  await expect(page.getByTestId(`token-${end + 1}`)).toBeInViewport();
  await expect(page.getByTestId(`token-${end + 1}`)).toHaveAccessibleName(/, halt, /);
  expect(await shown.count()).toBeLessThan(100);
  // To the middle.
  await scroll(0.5);
  const middle = async (): Promise<number> => Number(await shown.nth(20).getAttribute("data-position"));
  await expect.poll(middle).toBeLessThan(end * 0.6);
  const position = await middle();
  expect(position).toBeGreaterThan(end * 0.4);
  const token = page.getByTestId(`token-${position}`);
  await expect(token).toHaveAccessibleName(/^position \d+, .+, .+/);
  // A small movement is one of the tokens, not of their hundreds.
  const before = (await token.boundingBox())?.x ?? 0;
  await strip(page).evaluate((element) => void (element.scrollLeft += 60));
  await expect.poll(async () => Math.abs(before - 60 - ((await token.boundingBox())?.x ?? 0))).toBeLessThan(2);
  await token.click();
  await isAt(page, position);
  await strip(page).press("ArrowRight");
  await isAt(page, position + 1);
});

test("it fits a phone, layer by layer", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  const end = await openFull(page);
  await strip(page).press("ArrowLeft");
  await isAt(page, end - 1);
  for (let layer = 0; layer < 10; layer += 1) {
    await showLayer(page, layer);
    const more = page.getByTestId("silent-neurons");
    if ((await more.count()) > 0) await more.click();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  }
});
