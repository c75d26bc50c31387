// Each route, with content: axe in light and dark, screenshots for a person to look at, phone width, no shift.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { THREE_PLUS_FIVE, line, open, outputs, test, tryLine, type } from "./app";
import { ask, isReady } from "./ask";
import { fits, violations } from "./axe";
import { FACTORIAL, openModule, runs } from "./module";
import { HAS_SMOLLM2, NO_SMOLLM2, chatWith, choose, messages, say } from "./language";

const ROUTES = ["ask", "chat", "repl", "xray", "learn", "models", "bench"];
/** The routes, and what shows the full machine. */
const STATES = [...ROUTES, "module", "xray-full"];

/** Opens a route and fills it: a program run in the REPL, a head and a number open in X-ray. */
async function openFull(page: Page, route: string): Promise<void> {
  await open(page, ROUTES.includes(route) ? route : "repl");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  if (route === "module" || route === "xray-full") {
    await openModule(page, FACTORIAL, "4");
    await runs(page);
    await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^6$/ }).click();
    await expect(page.getByTestId("frame")).toHaveCount(1);
    await page.getByTestId("module-futamura").click();
    await expect(page.getByTestId("futamura-verdict")).toBeVisible();
  }
  if (route === "xray-full") {
    await page.getByTestId("module-xray").click();
    await page.getByTestId("xray-logits").locator(".xr-number").first().click();
    await expect(page.getByTestId("explain-verdict")).toBeVisible();
  }
  if (route === "ask") {
    await isReady(page);
    await ask(page, "Calculate 12 * 11");
    await page.getByTestId("ask-alone").click();
    await page.getByTestId("ask-inside").click();
    await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
    for (const part of ["who-wrote", "lens-map", "all-heads"]) await page.getByTestId(part).click();
    for (const part of ["attribution", "lens-cells", "head-grid"]) await expect(page.getByTestId(part)).toBeVisible();
    await page.getByTestId("head-off").first().check();
    await page.getByTestId("compare").click();
    await expect(page.getByTestId("changed-after")).toBeVisible();
    await page.getByTestId("program-1").locator('.wat[data-wat="2"]').hover();
    await expect(page.getByTestId("looked-1")).toBeVisible();
    await page.getByTestId("story").click();
    await page.getByTestId("story-next").click();
    await page.getByTestId("story-next").click();
    await page.locator(".ask details").evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
  }
  if (route === "repl") {
    await type(page, "i32.const 250", "i32.const 10", "i32.add", "output", "i32.const 9", "local.tee 2", "i32.store 17");
    await type(page, "fd_open 1", "i32.const 66", "fd_write");
    await expect(outputs(page)).toHaveText(["255"]);
    await tryLine(page, "i32.cnst 3");
    await expect(page.getByTestId("repl-error")).toBeVisible();
  }
  if (route === "xray") {
    await page.getByTestId("token-23").click();
    await page.getByTestId("head-0").getByRole("heading").getByRole("button").click();
    await expect(page.getByTestId("attention-chart-0").locator("svg")).toBeVisible();
    await page.getByTestId("xray-logits").locator(".xr-number").first().click();
    await expect(page.getByTestId("explain-verdict")).toBeVisible();
  }
}

for (const route of STATES) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${route} in ${colorScheme} has no violation`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await openFull(page, route);
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: `screenshots/${route}-${colorScheme}.png`, fullPage: true });
      expect(await violations(page)).toEqual([]);
    });
  }

  test(`${route} fits a phone`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await openFull(page, route);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `screenshots/${route}-phone.png`, fullPage: true });
    await page.setViewportSize({ width: 360, height: 740 });
    await fits(page, 360);
  });

}

for (const route of ROUTES) {
  test(`${route} does not move while it loads`, async ({ page }) => {
    await page.addInitScript(() => {
      const shifts: string[] = ((window as unknown as { shifts: string[] }).shifts = []);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & {
          value: number;
          sources: { node?: Node; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
        })[]) {
          const sources = entry.sources.map(({ node, previousRect, currentRect }) => {
            const name = node instanceof Element ? node.outerHTML.slice(0, 80) : String(node?.textContent).slice(0, 40);
            return `${name} ${JSON.stringify(previousRect)} → ${JSON.stringify(currentRect)}`;
          });
          shifts.push(`${entry.value.toFixed(5)} at ${entry.startTime.toFixed(0)}: ${sources.join("; ")}`);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await open(page, route);
    await page.evaluate(() => document.fonts.ready);
    if (route === "xray") await expect(page.getByTestId("logit-chart").locator("svg")).toBeVisible();
    await page.waitForTimeout(300);
    const shifts = await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
    const total = shifts.reduce((sum, shift) => sum + parseFloat(shift), 0);
    test.info().annotations.push({ type: "layout shift", description: total.toFixed(4) });
    expect(total, shifts.join("\n")).toBeLessThan(0.01);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`menus and notices in ${colorScheme} have no violation`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await open(page, "repl?s=1.AAAA");
    await type(page, ...THREE_PLUS_FIVE);
    await expect(page.getByTestId("notice")).toBeVisible();
    await page.getByRole("button", { name: /^Device:/ }).click();
    await expect(page.getByTestId("self-test-result")).toBeVisible();
    await page.screenshot({ path: `screenshots/device-${colorScheme}.png` });
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Share" }).click();
    await expect(page.getByTestId("share-link")).toBeVisible();
    await page.screenshot({ path: `screenshots/share-${colorScheme}.png` });
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await line(page).fill("");
    await line(page).pressSequentially("lo");
    await expect(page.getByTestId("completion").first()).toBeVisible();
    await page.screenshot({ path: `screenshots/completion-${colorScheme}.png` });
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Edit as text" }).click();
    await page.getByRole("textbox", { name: "Program text" }).fill("i32.const 3\ni32.ad\noutput");
    await expect(page.getByTestId("editor-error")).toBeVisible();
    await page.screenshot({ path: `screenshots/editor-${colorScheme}.png` });
    expect(await violations(page)).toEqual([]);
  });
}

test.describe("a language model", () => {
  test.skip(!HAS_SMOLLM2, NO_SMOLLM2);

  for (const look of ["light", "dark", "phone"] as const) {
    test(`its card, a chat and its inside in ${look} have no violation`, async ({ page }) => {
      test.setTimeout(180_000);
      await page.emulateMedia({ colorScheme: look === "dark" ? "dark" : "light", reducedMotion: "reduce" });
      if (look === "phone") await page.setViewportSize({ width: 360, height: 740 });
      const check = async (name: string): Promise<void> => {
        await page.screenshot({ path: `screenshots/${name}-${look}.png`, fullPage: true });
        expect(await violations(page)).toEqual([]);
        if (look === "phone") await fits(page, 360);
      };
      await choose(page);
      await check("model-chosen");
      await chatWith(page, 8);
      await page.getByTestId("settings").locator("summary").click();
      await say(page, "What is the capital of France?");
      await check("chat-settings");
      await page.getByTestId("settings").locator("summary").click();
      await messages(page).last().locator(".token", { hasText: "Paris" }).click();
      await expect(page.getByTestId("lens-row").last()).toContainText("·Paris");
      for (const head of [0, 1, 2]) await page.getByTestId("head-off").nth(head).check();
      await page.getByTestId("head").first().getByRole("button").click();
      await check("chat-inside");
      await page.getByTestId("compare").click();
      await expect(page.getByTestId("comparison")).toBeVisible({ timeout: 60_000 });
      await check("chat-compared");
    });
  }
});
