// What a page looks like to those who hear it, and on a phone.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** What axe finds, short enough to read. `more` are tags of further rules. */
export async function violations(page: Page, more: string[] = []): Promise<string[]> {
  // A colour that is still fading is no colour yet.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const { violations } = await new AxeBuilder({ page }).withTags([...STANDARDS, ...more]).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 140)} · ${(node.failureSummary ?? "").replace(/\s+/g, " ").slice(0, 220)}`),
  );
}

/** What the screen shows at a width: nothing is wider, not the page, and nothing that only looks cut off. */
export async function fits(page: Page, width: number): Promise<void> {
  const found = await page.evaluate((width) => {
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const out = [...document.querySelectorAll("body *")].filter(
      (element) =>
        element.getBoundingClientRect().right > width + 1 && element.getBoundingClientRect().width > 1 && !scrolls(element.parentElement),
    );
    return { width: document.documentElement.scrollWidth, wide: out.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)) };
  }, width);
  expect(found.wide).toEqual([]);
  expect(found.width).toBeLessThanOrEqual(width);
}
