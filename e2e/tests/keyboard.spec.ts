// Everything with the keyboard alone; no test here touches the mouse.
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { line, nav, open, outputs, stack, tabTo, test } from "./app";

const ROUTES = ["ask", "repl", "xray", "learn", "models", "bench"];

/** Whether something with the focus looks different: by itself or by what frames it. */
async function isMarked(element: Locator): Promise<boolean> {
  return element.evaluate((element) => {
    const marked = (of: Element | null): boolean => {
      if (!of) return false;
      const style = getComputedStyle(of);
      return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    return marked(element) || marked(element.parentElement) || marked(element.parentElement?.parentElement ?? null);
  });
}

const focused = (page: Page): Locator => page.locator("*:focus");

test("the first Tab is the way past the header", async ({ page }) => {
  await open(page, "repl");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  expect(new URL(page.url()).hash).toBe("#/repl");
});

for (const route of ROUTES) {
  test(`Tab goes through ${route}, and what has the focus shows it`, async ({ page }) => {
    await open(page, route);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const unmarked: string[] = [];
    const seen = new Set<string>();
    for (let presses = 0; presses < 60; presses += 1) {
      const here = focused(page);
      if ((await here.count()) === 0) break;
      const name = await here.evaluate((element) => element.outerHTML.slice(0, 160));
      if (!(await isMarked(here))) unmarked.push(name);
      seen.add(name);
      await page.keyboard.press("Tab");
    }
    expect(unmarked).toEqual([]);
    // Mark, six routes, device, share, theme.
    expect(seen.size).toBeGreaterThanOrEqual(10);
  });
}

test("REPL and X-ray from the first key to the last", async ({ page }) => {
  await open(page, "ask");
  await tabTo(page, nav(page, "REPL"));
  await page.keyboard.press("Enter");
  // A new route takes the focus: what follows is its content.
  await expect(page.getByRole("main")).toBeFocused();
  await tabTo(page, line(page));
  for (const instruction of ["i32.const 3", "i32.const 5"]) {
    await page.keyboard.type(instruction);
    await page.keyboard.press("Enter");
  }
  await page.keyboard.type("ad");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.type("outp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(outputs(page)).toHaveText(["8"]);
  // Back and forth in time.
  await tabTo(page, page.getByRole("button", { name: "One step back" }));
  await page.keyboard.press("Space");
  await expect(stack(page)).toHaveText(["8"]);
  await tabTo(page, page.getByRole("slider", { name: "Step" }));
  await page.keyboard.press("ArrowLeft");
  await expect(stack(page)).toHaveText(["5", "3"]);
  await page.keyboard.press("End");
  await expect(outputs(page)).toHaveText(["8"]);
  // An executed instruction leads into X-ray.
  await tabTo(page, page.getByTestId("step").nth(2).getByRole("link"), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("X-ray");
  await expect(page.getByTestId("position")).toHaveText(/^position 23 of /);
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("position")).toHaveText(/^position 22 of /);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("xray-layer-title")).toHaveText(/^Layer 1: /);
  await page.keyboard.press("ArrowUp");
  // A head opens; then a number, and Escape gives the focus back to it.
  const head = page.getByTestId("head-0").getByRole("heading").getByRole("button");
  await tabTo(page, head);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("head-0").getByTestId("attention-chart-0").locator("[role=img]")).toBeVisible();
  const number = page.getByTestId("head-0").locator(".xr-number").first();
  await tabTo(page, number);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Where does it come from?" });
  await expect(dialog.getByTestId("explain-verdict")).toHaveText("the same");
  await tabTo(page, dialog.getByTestId("explain-inputs").getByRole("button").first());
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("navigation", { name: "The way here" })).toBeVisible();
  await expect(dialog.getByTestId("explain-verdict")).toHaveText("the same");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(number).toBeFocused();
  // The help line says which keys there are.
  await page.keyboard.press("?");
  await expect(page.getByTestId("help-line")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("help-line")).toHaveCount(0);
});

test("menus open and close, and give the focus back", async ({ page }) => {
  await open(page, "repl");
  await page.keyboard.press("Tab");
  for (const [button, inside] of [
    [page.getByRole("button", { name: /^Device:/ }), page.getByRole("radio", { name: /^CPU, sparse/ })],
    [page.getByRole("button", { name: "Share" }), page.getByRole("textbox", { name: "A link to exactly this view" })],
  ]) {
    await tabTo(page, button);
    await page.keyboard.press("Enter");
    await expect(inside).toBeVisible();
    await expect(button).toHaveAttribute("aria-expanded", "true");
    await page.keyboard.press("Tab");
    await expect(inside).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(inside).toHaveCount(0);
    await expect(button).toBeFocused();
    await expect(button).toHaveAttribute("aria-expanded", "false");
    // Leaving with Tab closes it, too.
    await page.keyboard.press("Enter");
    await expect(inside).toBeVisible();
    await tabTo(page, page.getByRole("main").getByRole("combobox").first());
    await expect(inside).toHaveCount(0);
    await tabTo(page, button, "Shift+Tab");
  }
});

test("the device is changed with the arrow keys", async ({ page }) => {
  await open(page, "repl");
  await tabTo(page, page.getByRole("button", { name: /^Device:/ }));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("device-name")).toHaveText("CPU, dense", { timeout: 60_000 });
  await expect(page.getByRole("radio", { name: /^CPU, dense/ })).toBeFocused();
});

test("the theme changes, and is remembered", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await open(page, "repl");
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  const theme = page.getByRole("button", { name: /^Theme:/ });
  await tabTo(page, theme);
  await page.keyboard.press("Enter");
  await expect(theme).toHaveAttribute("data-theme-choice", "light");
  await page.keyboard.press("Enter");
  await expect(theme).toHaveAttribute("data-theme-choice", "dark");
  await expect.poll(background).not.toBe(light);
  const dark = await background();
  await page.reload();
  await expect(theme).toHaveAttribute("data-theme-choice", "dark");
  expect(await background()).toBe(dark);
});
