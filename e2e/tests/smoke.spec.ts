import { expect, test } from "@playwright/test";
import { watch } from "./watch";

test("the page loads from its own host alone, without an error", async ({ page }) => {
  const problems = await watch(page);
  await page.goto("./");
  await expect(page).toHaveTitle(/WorldModel X-ray/);
  await page.waitForLoadState("networkidle");
  expect(problems).toEqual([]);
});

test("nothing outside the page may run scripts in it", async ({ page }) => {
  await page.goto("./");
  const blocked = await page.evaluate(async () => {
    const violation = new Promise<string>((resolve) => {
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective), { once: true });
    });
    const script = document.createElement("script");
    script.textContent = "window.inlineScriptRan = true";
    document.head.append(script);
    return [await violation, "inlineScriptRan" in window];
  });
  expect(blocked).toEqual(["script-src-elem", false]);
});

test("the page may share memory with its workers", async ({ page }) => {
  await page.goto("./");
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});
