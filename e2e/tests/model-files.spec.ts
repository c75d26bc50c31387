// #/models with files in other ways than one chosen .gguf: dropped ones, safetensors in several, and floats that are brought
// to fewer bits while they load.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { writeFileSync } from "node:fs";
import { nav, open } from "./app";
import { tinyModel } from "./gguf";
import { chosen, chooseBytes, load, loadFailure, messages, say, set, test } from "./language";
import { HAS_QWEN3, NO_QWEN3, checkpoint } from "./safetensors";

/** Drags files from outside over a place of the page and lets go there, as the browser itself reports it. */
async function dropAt(page: Page, place: { x: number; y: number }, files: string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await devtools.send("Input.dispatchDragEvent", { type, ...place, data });
  }
  await devtools.detach();
}

async function middle(page: Page, testid: string): Promise<{ x: number; y: number }> {
  const box = await page.getByTestId(testid).boundingBox();
  if (!box) throw new Error(`${testid} is not to be seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test("a dropped file is read, wherever it falls, and takes nobody away from the page", async ({ page }, info) => {
  const path = info.outputPath("dropped.gguf");
  writeFileSync(path, tinyModel());
  await open(page, "models");
  const zone = page.getByTestId("drop-zone");
  const place = await middle(page, "drop-zone");
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  await devtools.send("Input.dispatchDragEvent", { type: "dragEnter", ...place, data });
  await devtools.send("Input.dispatchDragEvent", { type: "dragOver", ...place, data });
  await expect(zone).toHaveClass(/over/);
  await dropAt(page, place, [path]);
  await expect(page.getByTestId("chosen-name")).toHaveText("Tiny");
  await expect(zone).not.toHaveClass(/over/);
  // A file that is no model is refused by name.
  const notes = info.outputPath("notes.gguf");
  writeFileSync(notes, "Not a model. ".repeat(100));
  await dropAt(page, place, [notes]);
  await expect(loadFailure(page)).toContainText("notes.gguf");

  // Beside the zone it is read as well; anywhere else nothing happens, and what was typed is still there.
  await dropAt(page, { x: place.x + 600, y: place.y }, [path]);
  await expect(page.getByTestId("chosen-name")).toHaveText("Tiny");
  await nav(page, "Chat").click();
  await page.getByTestId("draft").fill("Do not lose me");
  await dropAt(page, await middle(page, "chat"), [path]);
  await expect(page.getByTestId("draft")).toHaveValue("Do not lose me");
  await page.waitForTimeout(300);
  expect(page.url()).toContain("#/chat");
  await expect(page.getByTestId("draft")).toHaveValue("Do not lose me");
});

test.describe("safetensors in several files", () => {
  test.skip(!HAS_QWEN3, NO_QWEN3);

  test("chosen together they are one model, which chats and is kept", async ({ page }, info) => {
    const files = checkpoint(info.outputPath());
    await open(page, "models");
    await page.getByTestId("choose-files").setInputFiles(Object.values(files));
    await expect(chosen(page)).toContainText("qwen3");
    await expect(page.getByTestId("card-facts")).toContainText("safetensors");
    await expect(page.getByTestId("card-facts")).toContainText("byte-level BPE (Qwen3), 151669 tokens");
    await expect(page.getByTestId("card-forms")).toContainText("BF16");
    await page.getByTestId("keep").check();
    await load(page);
    const entry = page.getByTestId("kept-model");
    await expect(entry).toContainText("model-00001-of-00002.safetensors");
    await page.getByTestId("to-chat").click();
    await set(page, "set-tokens", "8");
    // Weights that mean nothing say something, and the same at each attempt.
    const answer = await say(page, "Hello. ½ 🙂");
    await expect(answer.getByTestId("stats")).toContainText("8 tokens");
    const words = await answer.getByTestId("message-text").textContent();
    expect(words).not.toBe("");
    await page.reload();
    await nav(page, "Models").click();
    await entry.getByTestId("kept-load").click();
    await load(page);
    await page.getByTestId("to-chat").click();
    await set(page, "set-tokens", "8");
    expect(await (await say(page, "Hello. ½ 🙂")).getByTestId("message-text").textContent()).toBe(words);
  });

  test("what is missing, or of another model, is named", async ({ page }, info) => {
    const { config, tokenizer, settings, index, first, second } = checkpoint(info.outputPath());
    await open(page, "models");
    const refused = async (files: string[], message: string | RegExp, remedy: RegExp): Promise<void> => {
      await page.getByTestId("choose-files").setInputFiles(files);
      await expect(loadFailure(page).locator("p").first()).toContainText(message);
      await expect(loadFailure(page).locator("p").nth(1)).toContainText(remedy);
    };
    await refused([config, tokenizer, settings, index, first], "model-00002-of-00002.safetensors", /all files of the model/);
    await refused([config, index, first, second], /tokenizer\.json/, /together with the \.safetensors/);
    await refused([tokenizer, index, first, second], /config\.json/, /together with the \.safetensors/);
    await refused([config, tokenizer, settings], /weights|\.gguf/i, /\.gguf|\.safetensors/);
    await refused([config, tokenizer, first], "model-00002-of-00002.safetensors", /all files of the model/);
    // One that was chosen rightly afterwards is not told of it.
    await page.getByTestId("choose-files").setInputFiles([config, tokenizer, first, second]);
    await expect(chosen(page)).toBeVisible();
    await expect(loadFailure(page)).toHaveCount(0);
  });
});

test("floats are brought to 8 and 4 bits while they load: card and memory shrink, and the model chats", async ({ page }) => {
  const megabytes = async (text: Promise<string | null>): Promise<number> => Number.parseFloat((await text) ?? "");
  const model = tinyModel(24_576);
  await open(page, "models");
  const sizes: number[] = [];
  const memories: number[] = [];
  for (const bits of ["as it is", "8 bits", "4 bits"]) {
    await chooseBytes(page, "tiny.gguf", model);
    await page.getByTestId("quantize").selectOption({ label: bits });
    const needed = page.getByTestId("memory").locator("dd");
    sizes.push(await megabytes(needed.nth(1).textContent()));
    await load(page);
    const fact = (name: string) => page.getByTestId("loaded-facts").locator("div", { hasText: name }).locator("dd");
    // What was promised is what it takes.
    expect(await megabytes(fact("weights in memory").textContent())).toBe(sizes.at(-1));
    await expect(fact("weights in memory")).toContainText(bits === "as it is" ? /MB$/ : `floats in ${bits}`);
    memories.push(await megabytes(fact("memory of its worker").textContent()));
    await page.getByTestId("to-chat").click();
    await set(page, "set-tokens", "5");
    const answer = await say(page, "Hi");
    await expect(answer.getByTestId("stats")).toContainText(/^\d tokens?, /);
    await page.getByTestId("new-chat").click();
    await expect(messages(page)).toHaveCount(0);
    await nav(page, "Models").click();
  }
  const [whole = 0, eight = 0, four = 0] = sizes;
  // A block of 32 weights in 8 bits has 34 bytes, in 4 bits 18, and in floats 128.
  expect(eight / whole).toBeCloseTo(34 / 128, 1);
  expect(four / whole).toBeCloseTo(18 / 128, 1);
  const [all = 0, most = 0, least = 0] = memories;
  expect(all - most).toBeGreaterThan(15);
  expect(most - least).toBeGreaterThan(2);
});
