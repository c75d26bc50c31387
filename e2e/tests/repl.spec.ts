import { expect } from "@playwright/test";
import { THREE_PLUS_FIVE, isOn, line, nav, open, outputs, paste, stack, test, type } from "./app";

test("four lines make the transformer compute 8", async ({ page }) => {
  await open(page, "repl");
  await line(page).click();
  await type(page, "i32.const 3");
  await expect(stack(page)).toHaveText(["3"]);
  await type(page, "i32.const 5");
  await expect(stack(page)).toHaveText(["5", "3"]);
  await type(page, "i32.add");
  await expect(stack(page)).toHaveText(["8"]);
  await expect(outputs(page)).toHaveCount(0);
  await type(page, "output");
  await expect(outputs(page)).toHaveText(["8"]);
  await expect(stack(page)).toHaveCount(0);
  // The transcript has a row for each forward pass: instruction, answer, stack.
  const steps = page.getByTestId("step");
  await expect(steps).toHaveCount(4);
  await expect(steps.nth(2)).toContainText("i32.add");
  await expect(steps.nth(2).getByTestId("step-token")).toHaveText("8");
  await expect(steps.nth(2).getByTestId("step-stack")).toContainText("[8]");
  // Emitting is the host's work, and said so.
  await expect(steps.nth(3).getByTestId("step-host")).toContainText("handed out the byte 8");
  await expect(page.getByTestId("run-state")).toContainText("26 tokens");
});

test("the next token's distribution belongs to the step", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 3", "i32.const 5", "i32.add");
  const best = page.getByTestId("candidate").first();
  await expect(best.getByRole("rowheader")).toHaveText("8");
  // logit(t) = 2tR − t², at t = R = 8.
  await expect(best.getByRole("cell").last()).toHaveText("64");
  await page.getByRole("button", { name: "One step back" }).click();
  await expect(best.getByRole("rowheader")).toHaveText("5");
  await expect(best.getByRole("cell").last()).toHaveText("25");
});

test("locals, memory, files and the host's part are live", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 9", "local.tee 2", "i32.store 17");
  await expect(page.getByTestId("local")).toHaveText("29");
  await expect(page.getByRole("list", { name: "Written cells" }).getByRole("listitem")).toHaveText(["17: 9"]);
  await type(page, "fd_open 1", "i32.const 66", "fd_write");
  const file = page.getByTestId("file").nth(1);
  await expect(file).toContainText("66");
  await expect(file).toContainText("open, cursor at 1");
  await expect(page.getByRole("region", { name: "What the host did" })).toContainText("wrote byte 66 to file 1 at 0");
});

test("Tab and the arrow keys complete a mnemonic", async ({ page }) => {
  await open(page, "repl");
  await line(page).pressSequentially("con");
  const options = page.getByRole("listbox", { name: "Instructions" }).getByRole("option");
  await expect(options.first()).toContainText("i32.const");
  await page.keyboard.press("Tab");
  await expect(line(page)).toHaveValue("i32.const ");
  await expect(line(page)).toBeFocused();
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  await expect(stack(page)).toHaveText(["7"]);
  // The second of the file operations, chosen with the arrows.
  await line(page).pressSequentially("fd_");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
  await expect(line(page)).toHaveAttribute("aria-activedescendant", (await options.nth(1).getAttribute("id")) ?? "");
  await page.keyboard.press("Enter");
  await expect(line(page)).toHaveValue("fd_read");
  // Escape closes the list and leaves the word.
  await line(page).fill("");
  await line(page).pressSequentially("loc");
  await expect(options.first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(options).toHaveCount(0);
  await expect(line(page)).toHaveValue("loc");
});

test("the arrow keys bring earlier lines back", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 3", "i32.const 5");
  await line(page).press("ArrowUp");
  await expect(line(page)).toHaveValue("i32.const 5");
  await line(page).press("ArrowUp");
  await expect(line(page)).toHaveValue("i32.const 3");
  await line(page).press("ArrowDown");
  await line(page).press("Enter");
  await expect(stack(page)).toHaveText(["5", "5", "3"]);
});

test("the arrow keys give a half-typed line back", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 3", "i32.const 5");
  await line(page).fill("i32.const 12");
  for (const key of ["ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"]) await line(page).press(key);
  await expect(line(page)).toHaveValue("i32.const 12");
});

test("a reload keeps the program and the line", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await line(page).fill("i32.const 12");
  await page.reload();
  await isOn(page, "CPU, sparse");
  await expect(outputs(page)).toHaveText(["8"]);
  await expect(line(page)).toHaveValue("i32.const 12");
  // What is half done in the editor, too.
  await page.getByRole("button", { name: "Edit as text" }).click();
  const text = page.getByRole("textbox", { name: "Program text" });
  await text.fill("i32.const 4\ni32.ad");
  await page.reload();
  await expect(text).toHaveValue("i32.const 4\ni32.ad");
  await page.getByRole("button", { name: "Discard the changes" }).click();
  await expect(outputs(page)).toHaveText(["8"]);
});

test("what other routes open leaves the program to undo", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 77");
  await nav(page, "Ask").click();
  await page.getByRole("link", { name: "Run it in the REPL" }).click();
  await expect(outputs(page)).toHaveText(["8"]);
  await nav(page, "X-ray").click();
  await page.getByTestId("xray-example").selectOption({ label: "Countdown from 5" });
  await page.getByRole("link", { name: "Edit it in the REPL" }).click();
  await expect(outputs(page)).toHaveText(["5", "4", "3", "2", "1", "0"]);
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.click();
  await expect(outputs(page)).toHaveText(["8"]);
  await undo.click();
  await expect(stack(page)).toHaveText(["77"]);
});

test("an example opened over a text in the editor leaves the text to undo", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 77");
  await page.getByRole("button", { name: "Edit as text" }).click();
  const text = page.getByRole("textbox", { name: "Program text" });
  const half = "i32.const 77\ni32.co";
  for (const replace of [
    () => page.getByRole("combobox", { name: "Example programs" }).selectOption({ label: "Countdown from 5" }),
    () => page.getByRole("button", { name: "Clear" }).click(),
  ]) {
    await text.fill(half);
    await replace();
    await expect(text).toHaveCount(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(text).toHaveValue(half);
    await expect(stack(page)).toHaveText(["77"]);
  }
  // A route that runs its own program shows that one, not the old text.
  await nav(page, "Ask").click();
  await page.getByRole("link", { name: "Run it in the REPL" }).click();
  await expect(text).toHaveCount(0);
  await expect(outputs(page)).toHaveText(["8"]);
});

test("undo takes back a line, a clearing and an example", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
  await line(page).press("ControlOrMeta+z");
  await expect(outputs(page)).toHaveCount(0);
  await expect(stack(page)).toHaveText(["8"]);
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByTestId("welcome")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(stack(page)).toHaveText(["8"]);
  await page.getByRole("combobox", { name: "Example programs" }).selectOption({ label: "Countdown from 5" });
  await expect(outputs(page)).toHaveText(["5", "4", "3", "2", "1", "0"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(stack(page)).toHaveText(["8"]);
});

test("a pasted program becomes lines and runs", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "repl");
  await paste(line(page), ";; seven times six\r\ni32.const 7\r\n  i32.const 6\r\ni32.mul ;; 42\r\noutput\r\n");
  await expect(outputs(page)).toHaveText(["42"]);
  await expect(line(page)).toHaveValue("");
  // A pasted line is an ordinary paste: it waits for Enter.
  await paste(line(page), "i32.const 1");
  await expect(line(page)).toHaveValue("i32.const 1");
  await expect(stack(page)).toHaveCount(0);
});

test("the program can be edited as a text", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await page.getByRole("button", { name: "Edit as text" }).click();
  const text = page.getByRole("textbox", { name: "Program text" });
  await expect(text).toHaveValue(`${THREE_PLUS_FIVE.join("\n")}\n`);
  await text.fill("i32.const 3\ni32.const 5\ni32.mul\noutput\n");
  await page.getByRole("button", { name: "Run this program" }).click();
  await expect(outputs(page)).toHaveText(["15"]);
});

test("every example runs to its end and agrees with the reference machine", async ({ page }) => {
  await open(page, "repl");
  const examples = page.getByRole("combobox", { name: "Example programs" });
  const titles = (await examples.getByRole("option").allTextContents()).slice(1);
  expect(titles.length).toBeGreaterThanOrEqual(12);
  for (const title of titles) {
    await examples.selectOption({ label: title });
    await expect(page.getByTestId("run-state")).toContainText(" ms");
    await expect(outputs(page).first()).toBeVisible();
    await expect(page.getByTestId("reference-verdict")).toHaveText(/^The reference machine agrees/);
    await expect(page.getByTestId("step-differs")).toHaveCount(0);
    await expect(page.getByTestId("failure")).toHaveCount(0);
    await page.getByRole("button", { name: "Clear" }).click();
  }
});

test("the state steps back and forth", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  const at = page.getByTestId("repl-at");
  await expect(at).toHaveText("after step 4 of 4");
  await page.getByRole("button", { name: "One step back" }).click();
  await expect(at).toHaveText("after step 3 of 4");
  await expect(stack(page)).toHaveText(["8"]);
  await expect(outputs(page)).toHaveCount(0);
  await page.getByRole("slider", { name: "Step" }).fill("2");
  await expect(stack(page)).toHaveText(["5", "3"]);
  await page.getByRole("button", { name: "Before the first step" }).click();
  await expect(stack(page)).toHaveCount(0);
  await page.getByRole("button", { name: "After the last step" }).click();
  await expect(outputs(page)).toHaveText(["8"]);
});

test("250 + 10: the reference agrees on 255, the masked machine's 4 is marked", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 250", "i32.const 10", "i32.add", "output");
  await expect(outputs(page)).toHaveText(["255"]);
  const machine = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("cell").first();
  await expect(machine("transformer")).toHaveText("255");
  await expect(machine("reference")).toHaveText("255");
  await expect(machine("masked to 8 bits")).toHaveText("4");
  await expect(page.getByTestId("reference-verdict")).toHaveText(/agrees/);
  await expect(page.getByTestId("masked-verdict")).toContainText("at 2 steps, the first is 3");
  await expect(page.getByTestId("step").nth(2).getByTestId("step-masked")).toContainText("answers 4");
});

test("a loop waits for its end, then runs", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 3", "local.set 0", "loop");
  await expect(page.getByTestId("open-loop")).toContainText("The loop of line 3 is open");
  await type(page, "local.get 0", "output", "local.get 0", "i32.const 1", "i32.sub", "local.tee 0", "br_if", "end_loop");
  await expect(outputs(page)).toHaveText(["3", "2", "1"]);
  await expect(page.getByTestId("open-loop")).toHaveCount(0);
  await expect(page.getByTestId("step-host").filter({ hasText: "iteration 2 starts" })).toHaveCount(1);
});

test("a step leads into X-ray, and the program is the same there and back", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await page.getByTestId("step").nth(2).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("X-ray");
  await expect(page.getByTestId("here-step")).toContainText("i32.add");
  await page.getByRole("link", { name: "Edit it in the REPL" }).click();
  await expect(page.getByTestId("repl-at")).toHaveText("after step 3 of 4");
  await expect(stack(page)).toHaveText(["8"]);
});
