// What the tests of several routes do: open a route, type into the REPL, paste, go somewhere with Tab.
import { expect, test as base } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { watch } from "./watch";

/** The program of the issue, and of the examples: it emits 8. */
export const THREE_PLUS_FIVE = ["i32.const 3", "i32.const 5", "i32.add", "output"];

/** The repository's root; Playwright runs in `e2e/`. */
export const ROOT = join(process.cwd(), "..");

/** Like Playwright's `test`, and fails when anything goes wrong on the page meanwhile: see `watch.ts`. */
export const test = base.extend<{ problems: string[] }>({
  problems: [
    async ({ page }, use) => {
      const problems = await watch(page);
      await use(problems);
      expect(problems).toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a route and waits until the engine is ready. `query` stands before the `#`. */
export async function open(page: Page, route: string, query = ""): Promise<void> {
  await page.goto(`./${query}#/${route}`);
  await isOn(page, "CPU, sparse");
}

/** Waits until the engine is ready on a device. */
export async function isOn(page: Page, device: string, timeout = 20_000): Promise<void> {
  await expect(page.getByTestId("device-name")).toHaveText(device, { timeout });
}

/** A route's link in the header. */
export const nav = (page: Page, title: string): Locator =>
  page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: title, exact: true });

/** The REPL's input line. */
export const line = (page: Page): Locator => page.getByRole("combobox", { name: /^Instruction for line/ });

/** The bytes emitted, as the panel shows them. */
export const outputs = (page: Page): Locator => page.getByRole("region", { name: "Output" }).getByTestId("output");

/** The stack, its top first. */
export const stack = (page: Page): Locator => page.getByRole("region", { name: "Stack" }).getByTestId("stack-value");

/** Types instructions, each with Enter. */
export async function type(page: Page, ...instructions: string[]): Promise<void> {
  for (const instruction of instructions) {
    await line(page).pressSequentially(instruction);
    await line(page).press("Enter");
    await expect(line(page)).toHaveValue("");
  }
}

/** Types a line that will be refused, with Enter. */
export async function tryLine(page: Page, text: string): Promise<void> {
  await line(page).fill(text);
  await line(page).press("Enter");
}

/** Pastes a text into what has the focus, as the clipboard would. */
export async function paste(target: Locator, text: string): Promise<void> {
  await target.focus();
  await target.page().evaluate((text) => navigator.clipboard.writeText(text), text);
  await target.press("ControlOrMeta+v");
}

/** The notice about a subject. */
export const notice = (page: Page, subject: string): Locator =>
  page.getByRole("region", { name: "Notices" }).locator(`[data-subject=${subject}]`);

/** Presses Tab until something has the focus. */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let presses = 0; presses < 400; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not get to ${target}`);
}

/** A number as the page writes it. */
export const number = (text: string): number => Number(text.replaceAll("−", "-"));

/** The conformance programs: name and text. */
export function conformance(): [string, string][] {
  const folder = join(ROOT, "engine/tests/conformance");
  const categories = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
  return categories.flatMap((category) =>
    readdirSync(join(folder, category))
      .filter((name) => name.endsWith(".wasmt"))
      .map((name): [string, string] => [`${category}/${name}`, readFileSync(join(folder, category, name), "utf8")]),
  );
}
