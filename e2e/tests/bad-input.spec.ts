// Bad input: each gives a clear message, loses nothing that was typed, and leaves the page usable.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { THREE_PLUS_FIVE, line, nav, notice, open, outputs, paste, stack, test, tryLine, type } from "./app";

/** The page still computes: what was typed before is there, and four more lines give 8. */
async function isUsable(page: Page): Promise<void> {
  await line(page).fill("");
  const clear = page.getByRole("button", { name: "Clear" });
  if (await clear.isEnabled()) await clear.click();
  await expect(page.getByTestId("welcome")).toBeVisible();
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
}

/** A line is refused with a message, underlined where it is wrong, and stays as it was typed. */
async function isRefused(page: Page, text: string, underlined: string, message: string, help?: string): Promise<void> {
  await type(page, "i32.const 77");
  await tryLine(page, text);
  const error = page.getByTestId("repl-error").first();
  await expect(error).toContainText(message);
  if (help) await expect(error).toContainText(help);
  await expect(line(page)).toHaveValue(text);
  await expect(line(page)).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(".line-overlay .wrong")).toHaveText([underlined]);
  // Nothing was run, nothing is lost.
  await expect(stack(page)).toHaveText(["77"]);
  await isUsable(page);
}

/** A program is stopped with a message; the line can be undone. */
async function isTrapped(page: Page, program: string[], message: string, help: string): Promise<void> {
  await type(page, ...program);
  const ending = page.getByTestId("ending");
  await expect(ending).toContainText(message);
  await expect(ending).toContainText(help);
  await expect(page.getByTestId("reference-verdict")).toHaveText(/agrees/);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(ending).toHaveCount(0);
  await isUsable(page);
}

test("an empty program", async ({ page }) => {
  await open(page, "repl");
  await line(page).press("Enter");
  await tryLine(page, "   ");
  await expect(page.getByTestId("welcome")).toBeVisible();
  await expect(page.getByRole("button", { name: "Edit as text" })).toBeDisabled();
  await expect(page.getByTestId("failure")).toHaveCount(0);
  // Of comments alone.
  await type(page, ";; nothing to do");
  await expect(page.getByTestId("run-state")).toContainText(/^2 tokens,/);
  await expect(page.getByTestId("step")).toHaveCount(0);
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("xray-strip").getByRole("option")).toHaveCount(2);
  await expect(page.getByTestId("xray-here")).toContainText("Position 0:");
  await nav(page, "REPL").click();
  await isUsable(page);
});

test("a program that is stopped at its first instruction", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.add");
  await expect(page.getByTestId("ending")).toContainText("Line 1: stack underflow");
  // There is no step, and X-ray still shows what the model read.
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("xray-here")).toContainText("Position 5:");
  await expect(page.getByTestId("xray-problem")).toHaveCount(0);
  await nav(page, "REPL").click();
  await isUsable(page);
});

test("an empty text in the editor", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await page.getByRole("button", { name: "Edit as text" }).click();
  await page.getByRole("textbox", { name: "Program text" }).fill("");
  await page.getByRole("button", { name: "Run this program" }).click();
  await expect(page.getByTestId("welcome")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(outputs(page)).toHaveText(["8"]);
});

test("an unknown mnemonic", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "i32.cnst 3", "i32.cnst", "unknown instruction `i32.cnst`", "did you mean `i32.const`?");
});

test("an operand that is missing", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "i32.const", "i32.const", "i32.const needs an operand");
});

test("an operand that is no number", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "  i32.const seven", "seven", "`seven` is not a number");
});

test("an operand out of range", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "i32.const 256", "256", "`256` is out of range", "i32.const takes");
});

test("an operand too many", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "i32.add 4", "4", "`4` is not an operand of anything");
});

test("a fifth file descriptor", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "fd_open 4", "4", "`4` is out of range", "fd_open takes");
});

test("a fifth file descriptor at run time", async ({ page }) => {
  await open(page, "repl");
  await isTrapped(page, ["i32.const 4", "fd_read"], "there is no file descriptor 4: the four files are 0 to 3", "fd_open");
});

test("a closed file descriptor", async ({ page }) => {
  await open(page, "repl");
  await isTrapped(page, ["fd_open 1", "fd_close", "i32.const 1", "fd_read"], "Line 4: file descriptor 1 is not open", "fd_open");
});

test("a stack underflow", async ({ page }) => {
  await open(page, "repl");
  await isTrapped(
    page,
    ["i32.const 1", "i32.add"],
    "Line 2: stack underflow: i32.add needs 2 values, the stack holds 1",
    "i32.const",
  );
});

test("a local that was never set", async ({ page }) => {
  await open(page, "repl");
  await isTrapped(page, ["local.get 9"], "Line 1: local 9 is read before it was set", "local.set");
});

test("a 257th iteration", async ({ page }) => {
  await open(page, "repl");
  await isTrapped(
    page,
    ["loop", "i32.const 1", "br_if"],
    "Line 3: the loop would start iteration 257; the limit is 256",
    "end the loop sooner",
  );
});

test("a loop that is closed and was never opened", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "end_loop", "end_loop", "end_loop without a loop");
});

test("a branch outside a loop", async ({ page }) => {
  await open(page, "repl");
  await isRefused(page, "br_if", "br_if", "br_if outside a loop");
});

test("a text with many mistakes", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "repl");
  await type(page, "i32.const 77");
  const text = "i32.const 1\ni32.ad\ni32.const é\n(module)\noutput";
  await paste(line(page), text);
  const editor = page.getByRole("textbox", { name: "Program text" });
  await expect(editor).toHaveValue(`i32.const 77\n${text}\n`);
  await expect(page.getByTestId("editor-summary")).toContainText("3 places are wrong");
  await expect(page.getByRole("button", { name: "Run this program" })).toBeDisabled();
  // A mistake's place selects it.
  await page.getByTestId("editor-error").nth(1).getByRole("button").click();
  const selected = await editor.evaluate((area: HTMLTextAreaElement) =>
    area.value.slice(area.selectionStart, area.selectionEnd),
  );
  expect(selected).toBe("é");
  // The text survives a visit to another route.
  await nav(page, "Models").click();
  await nav(page, "REPL").click();
  await expect(editor).toHaveValue(`i32.const 77\n${text}\n`);
  await page.getByRole("button", { name: "Discard the changes" }).click();
  await expect(stack(page)).toHaveText(["77"]);
  await isUsable(page);
});

test("10,000 pasted instructions are too many, and all kept", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "repl");
  await type(page, "i32.const 77");
  const text = "i32.const 1\n".repeat(10_000);
  await paste(line(page), text);
  const editor = page.getByRole("textbox", { name: "Program text" });
  await expect(editor).toHaveValue(`i32.const 77\n${text}`);
  await expect(page.getByTestId("editor-error")).toContainText("the program has 10001 instructions");
  await editor.fill("i32.const 4\noutput");
  await page.getByRole("button", { name: "Run this program" }).click();
  await expect(outputs(page)).toHaveText(["4"]);
  await isUsable(page);
});

test("10,000 pasted lines that fit run", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "repl");
  await paste(line(page), `${";; a comment\n".repeat(9_996)}${THREE_PLUS_FIVE.join("\n")}\n`);
  await expect(outputs(page)).toHaveText(["8"]);
  await expect(page.getByTestId("step").first()).toContainText("9997");
  await isUsable(page);
});

test("a program too large for a link says so", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "repl");
  // Noise does not compress.
  const noise = Array.from({ length: 3_000 }, (_, i) => `;; ${((i + 1) * 2_654_435_761) % 4_294_967_296}`).join("\n");
  await paste(line(page), `${noise}\ni32.const 2\n`);
  await expect(stack(page)).toHaveText(["2"]);
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByTestId("share-error")).toContainText("too large for a link");
  await page.keyboard.press("Escape");
  await isUsable(page);
});

for (const [name, link, message] of [
  ["cut short", "1.eNpj", "damaged"],
  ["of a newer version", "2.eNpjYGBgAAAABAAB", "version `2`"],
  ["no link at all", "hello", "does not belong there"],
] as const) {
  test(`a link ${name}`, async ({ page }) => {
    await open(page, `repl?s=${link}`);
    await expect(notice(page, "share")).toContainText("This link cannot be opened");
    await expect(notice(page, "share")).toContainText(message);
    await type(page, ...THREE_PLUS_FIVE);
    await expect(outputs(page)).toHaveText(["8"]);
    await notice(page, "share").getByRole("button", { name: "Dismiss this notice" }).click();
    await expect(notice(page, "share")).toHaveCount(0);
  });
}

test("a damaged link on a page in use loses nothing", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await line(page).fill("i32.const 12");
  await page.evaluate(() => (location.hash = "/repl?s=1.AAAA"));
  await expect(notice(page, "share")).toContainText("This link cannot be opened");
  await expect(outputs(page)).toHaveText(["8"]);
  await expect(line(page)).toHaveValue("i32.const 12");
});

test("an address that names no route opens the start", async ({ page }) => {
  await open(page, "nowhere");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(nav(page, "Ask")).toHaveAttribute("aria-current", "page");
});
