// Before the first test: the browser starts once and opens the page. On a machine that has just compiled everything, both
// come from a cold disk, and the first test would pay for it.
import { chromium } from "@playwright/test";
import type { FullConfig } from "@playwright/test";

export default async function warmUp(config: FullConfig): Promise<void> {
  const { baseURL, launchOptions } = config.projects[0].use;
  const browser = await chromium.launch(launchOptions);
  const page = await browser.newPage();
  await page.goto(baseURL ?? "", { timeout: 180_000 });
  await browser.close();
}
