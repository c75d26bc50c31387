// A language model on WebGPU (here SwiftShader, which is the CPU: correct and slow): its tokens beside llama.cpp's, and what
// happens when the device goes away in the middle of an answer.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, notice } from "./app";
import { HAS_SMOLLM2, NO_SMOLLM2, SMOLLM2, messages, say, set, test } from "./language";
import { GPU } from "./site";


/** Texts of llama.cpp that are read; all twenty, which take many minutes here, with WORLDMODEL_ALL=1. */
const TEXTS = process.env.WORLDMODEL_ALL ? 20 : 2;

type Text = { tokens: number[]; answer: number[] };
const greedy = JSON.parse(readFileSync(join(ROOT, "engine/tests/smollm2/greedy_f32.json"), "utf8")) as { cases: Text[] };

/** Loads SmolLM2 from disk on WebGPU. */
async function load(page: Page): Promise<void> {
  await page.goto("./?test#/models");
  await page.getByTestId("choose-files").setInputFiles(SMOLLM2);
  await page.getByRole("radio", { name: /^WebGPU/ }).check();
  await page.getByTestId("context").fill("512");
  await page.getByTestId("load").click();
  await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 180_000 });
}

test.describe("SmolLM2 on WebGPU", () => {
  test.skip(!HAS_SMOLLM2, NO_SMOLLM2);
  test.skip(!GPU, "the site has no WebGPU engine: it was built with --no-gpu");
  test.describe.configure({ timeout: process.env.WORLDMODEL_ALL ? 3_600_000 : 600_000 });

  test("its operations are the processor's, and it chooses llama.cpp's tokens", async ({ page }) => {
    await load(page);
    await expect(page.getByTestId("loaded-facts")).toContainText(/\d+ operations agree with the processor/);
    let same = 0;
    let all = 0;
    for (const { tokens, answer } of greedy.cases.slice(0, TEXTS)) {
      // Behind the last token, llama.cpp was not asked.
      const whole = [...tokens, ...answer.slice(0, -1)];
      type Choose = (tokens: number[], skip: number) => Promise<number[]>;
      const chosen = await page.evaluate(
        ([whole, skip]) => (window as unknown as { worldmodelChoose: Choose }).worldmodelChoose(whole, skip),
        [whole, tokens.length - 1] as [number[], number],
      );
      expect(chosen).toHaveLength(answer.length);
      same += chosen.filter((token, at) => token === answer[at]).length;
      all += answer.length;
    }
    console.log(`WebGPU: ${same} of ${all} tokens are llama.cpp's`);
    expect(same).toBeGreaterThanOrEqual(0.99 * all);
  });

  test("the device goes away in mid-answer: the text stays, and the CPU goes on with it", async ({ page }) => {
    await load(page);
    await page.getByTestId("to-chat").click();
    await set(page, "set-tokens", "6");
    const answer = await say(page, "What is the capital of France?");
    await expect(answer.getByTestId("message-text")).toContainText("capital of France");
    await set(page, "set-tokens", "40");
    await page.getByTestId("draft").fill("Write a story about a clockmaker.");
    await page.getByTestId("draft").press("Enter");
    await expect(page.getByTestId("writing").locator(".said").last()).toContainText(/[a-z]{3}/i, { timeout: 120_000 });
    await page.evaluate(() => (window as unknown as { worldmodelBreakModel(device: boolean): void }).worldmodelBreakModel(true));
    await expect(notice(page, "model")).toContainText("The graphics device went away, in the middle of an answer.", { timeout: 60_000 });
    const before = (await messages(page).last().getByTestId("message-text").textContent()) ?? "";
    await notice(page, "model").getByTestId("notice-action").click();
    await expect(messages(page).last().getByTestId("stats")).toContainText("as long as it may be", { timeout: 120_000 });
    const after = (await messages(page).last().getByTestId("message-text").textContent()) ?? "";
    expect(after.startsWith(before)).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);
  });
});
