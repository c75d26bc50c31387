// A page that was set to dark does not flash white.
import { expect, test } from "@playwright/test";

for (const [theme, system] of [["dark", "light"], ["light", "dark"]] as const) {
  test(`a stored ${theme} theme is there before the page's script has come`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: system });
    await page.addInitScript((theme) => localStorage.setItem("theme", theme), theme);
    // The page itself never starts.
    await page.route("**/start.js", () => {});
    await page.goto("./", { waitUntil: "commit" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    const lightness = () =>
      page.evaluate(() => Number(/^oklch\(([\d.]+)/.exec(getComputedStyle(document.documentElement).backgroundColor)?.[1]));
    await expect.poll(lightness)[theme === "dark" ? "toBeLessThan" : "toBeGreaterThan"](0.5);
  });
}
