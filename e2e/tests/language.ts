// What the tests of a language model share: the model, loading it, asking it something.
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { existsSync } from "node:fs";
import { open, test } from "./app";

/** SmolLM2-135M-Instruct in four bits, 98 MB; `cargo xtask test` and `cargo xtask e2e` fetch it. */
export const SMOLLM2 = process.env.WORLDMODEL_SMOLLM2_GGUF ?? "";
export const HAS_SMOLLM2 = SMOLLM2 !== "" && existsSync(SMOLLM2);
export const NO_SMOLLM2 = "SmolLM2-135M-Instruct could not be fetched: set WORLDMODEL_SMOLLM2_GGUF to its file";

/** The card of a model that was chosen and is not loaded yet. */
export const chosen = (page: Page): Locator => page.getByTestId("chosen");

/** Why a model was not loaded. */
export const loadFailure = (page: Page): Locator => page.getByTestId("load-failure");

/** Chooses SmolLM2 on the models page. */
export async function choose(page: Page): Promise<void> {
  await open(page, "models");
  await page.getByTestId("choose-files").setInputFiles(SMOLLM2);
  await expect(chosen(page)).toBeVisible();
}

/** Chooses a file that the test has made. */
export async function chooseBytes(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.getByTestId("choose-files").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
}

/** Loads what was chosen. */
export async function load(page: Page): Promise<void> {
  await page.getByTestId("load").click();
  await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 60_000 });
}

/** Loads a model that the test has made, and goes to the chat. */
export async function chatWithBytes(page: Page, model: Buffer): Promise<void> {
  await open(page, "models");
  await chooseBytes(page, "made.gguf", model);
  await load(page);
  await page.getByTestId("to-chat").click();
}

/** Loads SmolLM2 on the CPU and goes to the chat, where answers have so many tokens at most. */
export async function chatWith(page: Page, tokens: number): Promise<void> {
  await choose(page);
  await page.getByTestId("context").fill("512");
  await load(page);
  await page.getByTestId("to-chat").click();
  await set(page, "set-tokens", String(tokens));
}

/** Changes one of the chat's settings. */
export async function set(page: Page, testid: string, value: string): Promise<void> {
  const settings = page.getByTestId("settings");
  if ((await settings.getAttribute("open")) === null) await settings.locator("summary").click();
  await page.getByTestId(testid).fill(value);
  await page.getByTestId(testid).blur();
  await settings.locator("summary").click();
}

/** The messages that are there, without the one being written. */
export const messages = (page: Page): Locator => page.getByTestId("message");

/** Sends a message and waits for the whole answer. */
export async function say(page: Page, text: string): Promise<Locator> {
  const before = await messages(page).count();
  await page.getByTestId("draft").fill(text);
  await page.getByTestId("draft").press("Enter");
  await expect(messages(page)).toHaveCount(before + 2, { timeout: 60_000 });
  return messages(page).last();
}

export { test };
