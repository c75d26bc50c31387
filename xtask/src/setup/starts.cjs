// Whether Playwright can draw a page in the browser whose path is the first argument; without one, in its own.
// The first start after an installation can take a minute: Chromium then reads all of itself and all fonts.
const { chromium } = require("@playwright/test");

async function main() {
  const timeout = 120_000;
  const executablePath = process.argv[1] || undefined;
  const browser = await chromium.launch({ executablePath, timeout, args: ["--no-sandbox", "--no-first-run"] });
  const page = await browser.newPage();
  await page.setContent("<p>WorldModel X-ray</p>", { timeout });
  await page.screenshot({ timeout });
  await browser.close();
}

main().catch((error) => {
  // Without the list of everything Playwright tried, and of the browser's many options.
  const [reason] = error.message.split("\nCall log");
  console.error(reason.split("\n").filter((line) => line.trim() && !line.startsWith("<launching>")).join("\n"));
  process.exit(1);
});
