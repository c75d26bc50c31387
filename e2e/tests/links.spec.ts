// Links that were made once and must open for ever: one for each version and page, a file each in `e2e/links`. A file says what
// the link shows once it is open; nothing of that may depend on what a model was trained to answer.
import { expect, test } from "@playwright/test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT, notice } from "./app";

type Frozen = {
  /** What it opens, for whoever reads the file. */
  about: string;
  /** Everything behind the address of the site. */
  link: string;
  /** Elements by test id, or as a selector where it begins with `.` or `[`, and the text that each contains. */
  contains: Record<string, string>;
  /** The same, and the value of each field. */
  values?: Record<string, string>;
  /** What must not be there. */
  missing?: string[];
};

const FOLDER = join(ROOT, "e2e/links");
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

for (const name of FILES) {
  const frozen = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Frozen;
  test(`the frozen link ${name} opens ${frozen.about}`, async ({ page }) => {
    test.setTimeout(90_000);
    const element = (key: string) => (/^[.[#]/.test(key) ? page.locator(key) : page.getByTestId(key)).first();
    await page.goto(`./${frozen.link}`);
    // Read, and gone from the address; until then the page shows where it would be without.
    if (frozen.link.includes("?s=")) await expect(page).not.toHaveURL(/[?&]s=/, { timeout: 30_000 });
    for (const [key, text] of Object.entries(frozen.contains)) {
      await expect(element(key), key).toContainText(text, { timeout: 40_000 });
    }
    for (const [key, value] of Object.entries(frozen.values ?? {})) await expect(element(key), key).toHaveValue(value);
    for (const key of frozen.missing ?? []) await expect(element(key), key).toHaveCount(0);
    await expect(notice(page, "share")).toHaveCount(0);
  });
}
