// A question to a model of one's own: with taps from the disk, and without any.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./app";
import { ask, computed, isReady, share, test } from "./ask";
import { HAS_SMOLLM2, NO_SMOLLM2, choose, load } from "./language";

const NANO = ["nano.gguf", "adapter.safetensors", "adapter.json"].map((name) => join(ROOT, "assets/nano", name));

/** Loads the page's own model a second time, as one that somebody has on the disk. */
async function loadNano(page: Page): Promise<void> {
  await page.goto("./#/models");
  await page.getByTestId("choose-files").setInputFiles(NANO);
  await page.getByTestId("load").click();
  await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 30_000 });
}

test("a model with its adapter from the disk answers on the same page, and a link names it", async ({ page, context }) => {
  await loadNano(page);
  await page.getByTestId("to-ask").click();
  await isReady(page);
  await expect(page.getByTestId("ask-other")).toHaveText("Ask the page's own model");
  await ask(page, "Calculate 12 * 11");
  await expect(computed(page)).toHaveText("132");
  const link = await share(page);
  // Here it is loaded, and answers.
  await page.keyboard.press("Escape");
  await page.getByTestId("ask-other").click();
  await expect(page.getByTestId("ask-other")).toHaveText("Ask the model you loaded");
  await page.goto(`./#${link}`);
  await expect(page.getByTestId("ask-other")).toHaveText("Ask the page's own model");
  await expect(page.getByTestId("asked-elsewhere")).toHaveCount(0);
  // Elsewhere it is not, and that is said.
  const other = await context.newPage();
  await other.goto(`./#${link}`);
  await isReady(other);
  await expect(other.getByTestId("asked-elsewhere")).toContainText("which is not loaded here");
  await expect(computed(other)).toHaveText("132");
});

test("the model that comes with the page has a card beside the others", async ({ page }) => {
  await page.goto("./#/models");
  await page.getByTestId("nano-load").click();
  const card = page.getByTestId("nano-card");
  await expect(card.getByTestId("nano-facts")).toContainText("3, 7, 11", { timeout: 30_000 });
  await expect(card.getByTestId("card-facts")).toContainText("MIT");
  await page.getByTestId("nano-ask").click();
  await isReady(page);
});

test("a model without taps is told how programs are written, and the page says so", async ({ page }) => {
  test.skip(!HAS_SMOLLM2, NO_SMOLLM2);
  test.setTimeout(300_000);
  await choose(page);
  await page.getByTestId("taps").uncheck();
  await load(page);
  await page.getByTestId("to-ask").click();
  await expect(page.getByTestId("ask-model")).toContainText("without taps: it is told how programs are written");
  await ask(page, "Calculate 12 * 11", 240_000);
  await expect(page.getByTestId("programs-note")).toContainText("This model has no taps");
  await expect(page.locator(".program")).toHaveCount(3);
  await expect(page.getByRole("heading", { name: "Attempt 1" })).toBeVisible();
  await expect(page.getByTestId("reply")).not.toBeEmpty();
});

test("an adapter of another model is refused by name", async ({ page }) => {
  await page.goto("./#/models");
  const json = JSON.parse(readFileSync(NANO[2] ?? "", "utf8")) as { fingerprint: string };
  const buffer = Buffer.from(JSON.stringify({ ...json, fingerprint: "0000000000000000" }));
  const files = NANO.slice(0, 2).map((path) => ({
    name: path.split("/").at(-1) ?? "",
    mimeType: "application/octet-stream",
    buffer: readFileSync(path),
  }));
  await page.getByTestId("choose-files").setInputFiles([...files, { name: "adapter.json", mimeType: "application/json", buffer }]);
  await expect(page.getByTestId("load-failure")).toContainText("another model of its shape");
});

test("half an adapter is refused by name", async ({ page }) => {
  await page.goto("./#/models");
  await page.getByTestId("choose-files").setInputFiles([NANO[0] ?? "", NANO[2] ?? ""]);
  await expect(page.getByTestId("load-failure")).toContainText("adapter.json is there without adapter.safetensors");
});
