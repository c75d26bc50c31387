// Everything with the keyboard alone; no test here touches the mouse.
import { expect } from "@playwright/test";
import type { ElementHandle, Locator, Page } from "@playwright/test";
import { line, nav, open, outputs, stack, tabTo, test } from "./app";

const ROUTES = ["ask", "chat", "repl", "xray", "learn", "models", "bench"];

/**
 * The visible outlines of an element, of what frames it and of what stands behind it (a hidden field is marked by its
 * label). Only outlines: colours and shadows vanish where the system forces its colours.
 */
async function outlines(element: ElementHandle<Element>): Promise<string> {
  return element.evaluate((element) => {
    const around = [element, element.nextElementSibling, element.parentElement, element.parentElement?.parentElement];
    const outline = (of?: Element | null): string => {
      if (!of) return "none";
      const { outlineStyle, outlineWidth, outlineColor, opacity } = getComputedStyle(of);
      return outlineStyle === "none" || opacity === "0" ? "none" : `${outlineStyle} ${outlineWidth} ${outlineColor}`;
    };
    return around.map(outline).join(", ");
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
      const element = await here.elementHandle();
      const before = element && (await outlines(element));
      seen.add(name);
      await page.keyboard.press("Tab");
      // The same without the focus; what is gone with it has said enough.
      const after = element && (await element.evaluate((element) => element.isConnected)) && (await outlines(element));
      if (after && before === after && !(await element.evaluate((e) => e === document.activeElement))) {
        unmarked.push(name);
      }
    }
    expect(unmarked).toEqual([]);
    // Mark, six routes, device, share, theme.
    expect(seen.size).toBeGreaterThanOrEqual(10);
  });
}

test("forced colours show the line's text once, and the focus around it", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await open(page, "repl");
  await tabTo(page, line(page));
  await page.keyboard.type("i32.const 3");
  await expect(page.locator(".line-overlay")).toBeHidden();
  const { color, outlineStyle, outlineWidth } = await line(page).evaluate((line) => {
    const { color, outlineStyle, outlineWidth } = getComputedStyle(line);
    return { color, outlineStyle, outlineWidth };
  });
  expect(color).not.toMatch(/^rgba\(.*, 0\)$/);
  expect([outlineStyle, outlineWidth]).toEqual(["solid", "2px"]);
});

test("X-ray's keys belong to strip, stepper and rail; elsewhere they are the page's", async ({ page }) => {
  await open(page, "xray");
  const position = page.getByTestId("position");
  await expect(position).toHaveText(/^position 24 of /);
  // Not asked for: the heading takes the focus, and the keys scroll.
  for (const key of ["Home", "ArrowLeft", "?"]) await page.keyboard.press(key);
  await expect(position).toHaveText(/^position 24 of /);
  await expect(page.getByTestId("help-line")).toHaveCount(0);
  await page.keyboard.press("End");
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
  await tabTo(page, page.getByTestId("xray-strip"));
  for (const key of ["Shift+ArrowLeft", "Control+ArrowLeft", "Alt+ArrowUp"]) await page.keyboard.press(key);
  await expect(position).toHaveText(/^position 24 of /);
  await page.keyboard.press("ArrowLeft");
  await expect(position).toHaveText(/^position 23 of /);
  // To the end by button and back by key: the button keeps the focus.
  await tabTo(page, page.getByRole("button", { name: "Next position" }));
  await page.keyboard.press("Enter");
  await expect(position).toHaveText(/^position 24 of /);
  await page.keyboard.press("ArrowLeft");
  await expect(position).toHaveText(/^position 23 of /);
  // In the rail the focus goes along.
  await tabTo(page, page.getByTestId("layer-0"));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("layer-1")).toBeFocused();
  await expect(page.getByTestId("xray-layer-title")).toHaveText(/^Layer 1: /);
});

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
  await tabTo(page, page.getByTestId("xray-strip"));
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
  await tabTo(page, page.getByTestId("xray-strip"), "Shift+Tab");
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

test("the arrow keys pass by a device without loading it", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open(page, "repl");
  await tabTo(page, page.getByRole("button", { name: /^Device:/ }));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  for (const key of ["ArrowDown", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
  await expect(page.getByTestId("device-name")).toHaveText("CPU, dense", { timeout: 60_000 });
  await expect(page.getByRole("radio", { name: /^CPU, dense/ })).toBeFocused();
  expect(asked.filter((url) => url.includes("gpu"))).toEqual([]);
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
