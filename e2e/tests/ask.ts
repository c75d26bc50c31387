// What the tests of `#/ask` share: the model that comes with the page, and asking it.
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { test } from "./app";

export { GPU } from "./site";

/** Opens the page and waits for its own model. */
export async function openAsk(page: Page, hash = "#/ask"): Promise<void> {
  await page.goto(`./${hash}`);
  await isReady(page);
}

/** Waits for the page's own model. */
export async function isReady(page: Page, device = "CPU", timeout = 30_000): Promise<void> {
  await expect(page.getByTestId("ask-model")).toContainText(/is here/, { timeout });
  await expect(page.getByTestId("ask-model")).toContainText(device, { timeout });
}

/** Asks something, and waits for the answer. */
export async function ask(page: Page, question: string, timeout = 30_000): Promise<Locator> {
  await page.getByTestId("question").fill(question);
  await page.getByTestId("question").press("Enter");
  await expect(page.getByTestId("ask-stop")).toHaveCount(0, { timeout });
  return reply(page);
}

/** The answer. */
export const reply = (page: Page): Locator => page.getByTestId("reply");

/** What of the answer was computed. */
export const computed = (page: Page): Locator => reply(page).locator("mark");

/** The tap whose program was chosen, from 0; −1 where none was. */
export const chosen = (page: Page): Promise<number> =>
  page.locator(".program").evaluateAll((programs) => programs.findIndex((program) => program.classList.contains("chosen")));

/** The tap whose score is the highest in the table. */
export const winner = (page: Page): Promise<number> =>
  page.locator('[data-testid^="total-"]').evaluateAll((cells) => cells.findIndex((cell) => cell.getAttribute("data-wins") === "true"));

/** Moves a range input to a value. */
export const slide = (input: Locator, value: number): Promise<void> =>
  input.evaluate((element: HTMLInputElement, value) => {
    element.value = String(value);
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }, value);

/** Presses Share and reads the link's fragment. */
export async function share(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share" }).click();
  const field = page.getByRole("textbox", { name: "A link to exactly this view" });
  await expect(field).toHaveValue(/#\/(ask|xray\/(nano|own))\?s=1\./);
  return (await field.inputValue()).split("#")[1] ?? "";
}

export { test };
