// Modules in the REPL of the full machine.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { open } from "./app";

export const FACTORIAL = `(module
  (func $factorial (export "factorial") (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 1))
      (else
        local.get $n
        (i32.sub (local.get $n) (i32.const 1))
        call $factorial
        i32.mul))))`;

/** Opens the REPL, if it is not there, with a module and arguments in it. */
export async function openModule(page: Page, text: string, args: string): Promise<void> {
  if (!page.url().includes("#/repl")) await open(page, "repl");
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("code-editor")).toHaveAttribute("data-state", "ready");
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
  await page.getByTestId("module-arguments").fill(args);
}

/** Presses Run and waits for the end. */
export async function runs(page: Page): Promise<void> {
  await page.getByTestId("module-run").click();
  await expect(page.getByTestId("module-state")).toContainText("instructions/s");
}
