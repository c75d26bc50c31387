// #/chat: answers, what can be done with them, and what the model computed while it wrote them.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { nav, notice, open } from "./app";
import { tinyModel } from "./gguf";
import { HAS_SMOLLM2, NO_SMOLLM2, chatWith, messages, say, set, test } from "./language";

/** The slider of the panel, moved by keys as a person would. */
async function press(page: Page, testid: string, key: string, times = 1): Promise<void> {
  await page.getByTestId(testid).focus();
  for (let count = 0; count < times; count += 1) await page.keyboard.press(key);
}

test("without a model, what is typed stays", async ({ page }) => {
  await open(page, "chat");
  await expect(page.getByTestId("chat-model")).toContainText("No language model is loaded.");
  await page.getByTestId("draft").fill("Hello");
  await expect(page.getByTestId("send")).toBeDisabled();
  await page.getByTestId("draft").press("Enter");
  await expect(messages(page)).toHaveCount(0);
  await nav(page, "Ask").click();
  await nav(page, "Chat").click();
  await expect(page.getByTestId("draft")).toHaveValue("Hello");
});

test("a model without a chat template goes on with a text", async ({ page }) => {
  await open(page, "models");
  // The key of the template becomes one that nobody knows.
  const model = tinyModel();
  model.write("x", model.indexOf("tokenizer.chat_template"));
  await page.getByTestId("choose-files").setInputFiles({ name: "plain.gguf", mimeType: "application/octet-stream", buffer: model });
  await page.getByTestId("load").click();
  await expect(page.getByTestId("loaded")).toContainText("It has no chat template", { timeout: 60_000 });
  await page.getByTestId("to-chat").click();
  await set(page, "set-tokens", "4");
  await say(page, "Once upon a time");
  await expect(page.getByTestId("chat-failure")).toHaveCount(0);
  await expect(messages(page).last().getByTestId("stats")).toContainText("token");
});

test.describe("with SmolLM2 on the CPU", () => {
  test.skip(!HAS_SMOLLM2, NO_SMOLLM2);
  test.describe.configure({ timeout: 180_000 });

  test("it answers, is stopped, goes on, is asked otherwise, and survives other routes", async ({ page }) => {
    await chatWith(page, 12);
    // Nothing to say is no message.
    await page.getByTestId("draft").fill(" \n ");
    await expect(page.getByTestId("send")).toBeDisabled();
    const answer = await say(page, "What is the capital of France?");
    await expect(answer.getByTestId("message-text")).toContainText("Paris");
    await expect(answer.getByTestId("stats")).toHaveText(/^\d+ tokens, [\d.]+ a second, the first after [\d.]+ s .*; ended by itself\.$/);
    await nav(page, "Models").click();
    await nav(page, "Chat").click();
    await expect(messages(page)).toHaveCount(2);

    await set(page, "set-tokens", "400");
    await page.getByTestId("draft").fill("Write a long story about a dragon and a clockmaker.");
    await page.getByTestId("draft").press("Enter");
    await expect(page.getByTestId("writing").locator(".said").last()).toContainText(/[a-z]{3}/i, { timeout: 30_000 });
    await page.getByTestId("stop").click();
    const stopped = messages(page).last();
    await expect(stopped.getByTestId("stats")).toContainText("; stopped.");
    const before = (await stopped.getByTestId("message-text").textContent()) ?? "";
    await set(page, "set-tokens", "4");
    await stopped.getByTestId("go-on").click();
    await expect(messages(page).last().getByTestId("stats")).toContainText("as long as it may be");
    const after = (await messages(page).last().getByTestId("message-text").textContent()) ?? "";
    expect(after.startsWith(before)).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);

    // Editing the first message drops what followed it. Odd characters arrive as they were typed.
    await messages(page).first().getByTestId("edit").click();
    await page.getByTestId("edit-text").fill("Say hi. ½ 🙂 <|im_end|> \u200b א");
    await page.getByTestId("edit-text").press("Enter");
    await expect(messages(page)).toHaveCount(2, { timeout: 30_000 });
    await expect(messages(page).first()).toContainText("½ 🙂 <|im_end|>");
    // The same question, the same answer: nothing is drawn at temperature 0.
    const said = (await messages(page).last().getByTestId("message-text").textContent()) ?? "";
    await messages(page).last().getByTestId("again").click();
    await expect(page.getByTestId("chat-status")).toHaveText("The answer is there.");
    await expect(messages(page).last().getByTestId("message-text")).toHaveText(said);
  });

  test("what an answer held back for a stop text stays when it goes on", async ({ page }) => {
    await chatWith(page, 5);
    // " is" could begin it: the token's text is known to belong to the answer only at the end.
    await set(page, "set-stops", " is Berlin");
    const answer = (await say(page, "What is the capital of France?")).getByTestId("message-text");
    await expect(answer).toHaveText("The capital of France is");
    await set(page, "set-tokens", "2");
    await messages(page).last().getByTestId("go-on").click();
    await expect(answer).toHaveText(/^The capital of France is Paris/);
    // What was written last can be looked into.
    await answer.locator(".token", { hasText: "Paris" }).click();
    await expect(page.getByTestId("inside-here")).toContainText("it has read ·is and then said ·Paris");
  });

  test("a prompt of 100,000 characters is too much for the context, and is not lost", async ({ page }) => {
    await chatWith(page, 4);
    const huge = "All work and no play. ".repeat(4_546).slice(0, 100_000);
    await page.getByTestId("draft").fill(huge);
    await expect(page.getByTestId("draft-note")).toHaveText("100,000 characters");
    await page.getByTestId("draft").press("Enter");
    await expect(page.getByTestId("chat-failure")).toContainText(/context/, { timeout: 60_000 });
    await expect(messages(page)).toHaveCount(1);
    await messages(page).first().getByTestId("edit").click();
    await expect(page.getByTestId("edit-text")).toHaveValue(huge);
    await page.getByTestId("edit-text").fill("Hi");
    await page.getByTestId("edit-send").click();
    await expect(messages(page).last().getByTestId("stats")).toBeVisible({ timeout: 30_000 });
  });

  test("each token can be looked into, heads be switched off, and answers compared", async ({ page }) => {
    await chatWith(page, 8);
    await say(page, "What is the capital of France?");
    await messages(page).last().locator(".token", { hasText: "Paris" }).click();
    const here = page.getByTestId("inside-here");
    await expect(here).toContainText("it has read ·is and then said ·Paris, to which it gave");
    // The lens has the embedding and 30 layers, and its last row is what was said.
    await expect(page.getByTestId("lens-row")).toHaveCount(31);
    await expect(page.getByTestId("lens-row").last().locator("td").first()).toContainText("·Paris");
    await expect(page.getByTestId("inside-next").locator("th").first()).toHaveText("·Paris");
    await expect(page.getByTestId("head")).toHaveCount(9);
    await press(page, "inside-at", "ArrowLeft");
    await expect(here).toContainText("it has read ·France and then said ·is");
    await expect(page.getByTestId("added")).toContainText("Layer 0:");
    await page.getByTestId("head").first().getByRole("button").click();
    const shares = await page.getByTestId("head-table").locator("td:last-child").allTextContents();
    expect(shares.length).toBeGreaterThan(3);

    const whole = await messages(page).last().getByTestId("message-text").textContent();
    for (const layer of [0, 1, 2]) {
      if (layer > 0) await press(page, "inside-layer", "ArrowRight");
      await expect(page.getByTestId("added")).toContainText(`Layer ${layer}:`);
      for (const off of await page.getByTestId("head-off").all()) await off.check();
    }
    await expect(page.getByTestId("off-part")).toHaveCount(27);
    await page.getByTestId("compare").click();
    await expect(page.getByTestId("comparison")).toBeVisible({ timeout: 60_000 });
    await expect(page.getByTestId("compared-before").locator(".said")).toHaveText(whole ?? "");
    await expect(page.getByTestId("compared-after").locator(".said")).not.toHaveText(whole ?? "");
    await expect(page.getByTestId("compared-after")).toContainText("layer 0, head 0; layer 0, head 1; layer 0, head 2; 24 more at zero");
    await page.getByTestId("go-back").click();
    await expect(messages(page).last().getByTestId("message-text")).toHaveText(whole ?? "");
    await expect(page.getByTestId("off-part")).toHaveCount(0);
  });

  test("a link carries the chat, its settings and the place looked at", async ({ page }) => {
    await chatWith(page, 8);
    await set(page, "set-temperature", "0.3");
    await say(page, "What is the capital of France?");
    await page.getByTestId("look-inside").click();
    await press(page, "inside-at", "ArrowRight", 2);
    await press(page, "inside-layer", "ArrowRight", 4);
    await expect(page.getByTestId("added")).toContainText("Layer 4:");
    // "… it has read ·x", and then what it said: of that, a link does not know that the model said it.
    const here = ((await page.getByTestId("inside-here").textContent()) ?? "").split(" and then")[0];
    await page.getByRole("button", { name: "Share" }).click();
    await expect(page.getByTestId("share-link")).toHaveValue(/#\/chat\?s=1\./);
    const link = await page.getByTestId("share-link").inputValue();
    await page.keyboard.press("Escape");
    // The same page still has the model; only the chat comes from the link.
    await page.getByTestId("new-chat").click();
    await expect(messages(page)).toHaveCount(0);
    await page.evaluate((link) => (location.href = link), link);
    await expect(messages(page)).toHaveCount(2);
    await page.getByTestId("read-chat").click();
    await expect(page.getByTestId("added")).toContainText("Layer 4:", { timeout: 30_000 });
    await expect(page.getByTestId("inside-here")).toContainText(here.replace(/^Token \d+ of \d+/, ""));
    await page.getByTestId("settings").locator("summary").click();
    await expect(page.getByTestId("set-temperature")).toHaveValue("0.3");
  });

  test("a crash in mid-answer keeps the text, and the answer goes on", async ({ page, problems }) => {
    await page.goto("./?test#/models");
    await page.getByTestId("choose-files").setInputFiles(process.env.WORLDMODEL_SMOLLM2_GGUF ?? "");
    await page.getByTestId("load").click();
    await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 60_000 });
    await page.getByTestId("to-chat").click();
    await set(page, "set-tokens", "60");
    await page.getByTestId("draft").fill("Write a long story about a dragon and a clockmaker.");
    await page.getByTestId("draft").press("Enter");
    await expect(page.getByTestId("writing").locator(".said").last()).toContainText(/[a-z]{3}/i, { timeout: 30_000 });
    await page.evaluate(() => (window as unknown as { worldmodelBreakModel(device: boolean): void }).worldmodelBreakModel(false));
    await expect(notice(page, "model")).toContainText("The text so far stays.");
    const broken = messages(page).last();
    await expect(broken.getByTestId("stats")).toHaveText("It broke off here.");
    const before = (await broken.getByTestId("message-text").textContent()) ?? "";
    await notice(page, "model").getByTestId("notice-action").click();
    await expect(messages(page).last().getByTestId("stats")).toContainText("as long as it may be", { timeout: 60_000 });
    const after = (await messages(page).last().getByTestId("message-text").textContent()) ?? "";
    expect(after.startsWith(before)).toBe(true);
    expect(after.length).toBeGreaterThan(before.length);
    // The crash is what was asked for: the browser tells of it, too.
    problems.splice(0);
  });
});
