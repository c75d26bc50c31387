// The engine's worker crashes, or never starts: explained, started again, nothing typed lost.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { watch } from "./watch";
import { THREE_PLUS_FIVE, isOn, line, nav, notice, open, outputs, stack, test as base, type } from "./app";

/** A crash is an error on the console; nothing else may go wrong. */
const test = base.extend<{ problems: string[] }>({
  problems: [
    async ({ page }, use) => {
      const problems = await watch(page);
      await use(problems);
      const expected = /a test asked for a crash|unreachable|RuntimeError|worker_bg\.wasm/;
      expect(problems.filter((problem) => !expected.test(problem))).toEqual([]);
    },
    { auto: true },
  ],
});

const crash = (page: Page): Promise<void> =>
  page.evaluate(() => (window as unknown as { worldmodelBreak(device: boolean): void }).worldmodelBreak(false));

test("a crash is explained, the worker starts again, and nothing typed is lost", async ({ page }) => {
  await open(page, "repl", "?test");
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
  await line(page).fill("i32.const 12");
  await crash(page);
  await expect(notice(page, "engine")).toContainText("The engine crashed");
  await expect(notice(page, "engine")).toContainText("a test asked for a crash");
  await expect(notice(page, "engine")).toContainText("nothing you typed is lost");
  await isOn(page, "CPU, sparse");
  await expect(line(page)).toHaveValue("i32.const 12");
  await expect(outputs(page)).toHaveText(["8"]);
  // The new worker computes: it knows the program, and what is added to it.
  await line(page).press("Enter");
  await expect(stack(page)).toHaveText(["12"]);
  await expect(page.getByTestId("failure")).toHaveCount(0);
  await notice(page, "engine").getByRole("button", { name: "Dismiss this notice" }).click();
  await expect(notice(page, "engine")).toHaveCount(0);
});

test("X-ray goes on after a crash", async ({ page }) => {
  await open(page, "xray", "?test");
  await page.getByTestId("token-23").click();
  await page.getByTestId("layer-4").click();
  await crash(page);
  await expect(notice(page, "engine")).toContainText("The engine crashed");
  await isOn(page, "CPU, sparse");
  await expect(page.getByTestId("position")).toHaveText(/^position 23 of /);
  await expect(page.getByTestId("xray-layer-title")).toHaveText(/^Layer 4: /);
  // The new worker holds the run: captures and explanations come from it.
  await page.getByTestId("xray-strip").press("ArrowRight");
  await expect(page.getByTestId("xray-here")).toContainText("Position 24:");
  await page.getByTestId("xray-logits").locator(".xr-number").first().click();
  await expect(page.getByTestId("explain-verdict")).toHaveText("the same");
  await expect(page.getByTestId("xray-problem")).toHaveCount(0);
});

test("a program that crashes the engine again and again is not run for ever", async ({ page }) => {
  await open(page, "repl", "?test");
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
  // The second crash comes as soon as the new worker is there, before it has run anything.
  await page.evaluate(async () => {
    const breakIt = (window as unknown as { worldmodelBreak(device: boolean): void }).worldmodelBreak;
    breakIt(false);
    while (!document.querySelector("[data-subject=engine]")) await new Promise(requestAnimationFrame);
    breakIt(false);
  });
  await expect(notice(page, "engine")).toContainText("not run on its own a second time");
  await isOn(page, "CPU, sparse");
  await notice(page, "engine").getByRole("button", { name: "Run it" }).click();
  await expect(outputs(page)).toHaveText(["8"]);
  await type(page, "i32.const 1");
  await expect(stack(page)).toHaveText(["1"]);
});

test("an engine that crashes after each run is not started and run for ever", async ({ page }) => {
  await open(page, "repl", "?test");
  await type(page, ...THREE_PLUS_FIVE);
  const runs = page.getByTestId("run-state");
  for (const remedy of ["your program runs once more", "not run on its own a second time"]) {
    await expect(runs).toHaveText(/^26 tokens, /);
    await crash(page);
    await expect(notice(page, "engine")).toContainText(remedy);
    await isOn(page, "CPU, sparse");
  }
});

test("a notice that comes leaves another one's focus", async ({ page }) => {
  await open(page, "repl?s=1.AAAA", "?test");
  const dismiss = notice(page, "share").getByRole("button", { name: "Dismiss this notice" });
  await dismiss.focus();
  await crash(page);
  await expect(notice(page, "engine")).toContainText("The engine crashed");
  await expect(dismiss).toBeFocused();
});

test("the device chosen last computes, also when one chosen before gets ready later", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  let arrive = (): void => {};
  const late = new Promise<void>((resolve) => (arrive = resolve));
  await page.route("**/engine/light/worker_bg.wasm", async (route) => {
    await late;
    await route.continue().catch(() => {});
  });
  await page.getByTestId("device-chip").click();
  const asked = page.waitForRequest("**/engine/light/worker_bg.wasm");
  await page.getByRole("radio", { name: /^CPU, dense/ }).check();
  await asked;
  await page.getByRole("radio", { name: /^CPU, sparse/ }).check();
  await isOn(page, "CPU, sparse");
  arrive();
  await page.waitForTimeout(2_000);
  await isOn(page, "CPU, sparse");
  await expect(page.getByRole("radio", { name: /^CPU, sparse/ })).toBeChecked();
});

test("what waits for an engine that never comes says so", async ({ page }) => {
  await page.route("**/engine/light/worker_bg.wasm", (route) => route.fulfill({ status: 404, body: "Not found" }));
  await page.goto("./#/models");
  await expect(page.getByTestId("model-card")).toContainText("The engine does not run: The light engine does not start");
  await nav(page, "Bench").click();
  await expect(page.getByTestId("bench-self-test")).toContainText("The engine does not run");
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("xray-failure")).toContainText("The light engine does not start");
  await nav(page, "REPL").click();
  await expect(page.getByTestId("failure")).toContainText("The program was not run: The light engine does not start");
  await expect(page.getByTestId("run-state")).toHaveText("no engine");
});

test("an engine that cannot be loaded is explained, and can be tried again", async ({ page }) => {
  await page.route("**/engine/light/worker_bg.wasm", (route) => route.fulfill({ status: 404, body: "Not found" }));
  await page.goto("./#/repl");
  await expect(notice(page, "engine")).toContainText("The engine does not start");
  await expect(notice(page, "engine")).toContainText("404");
  await type(page, ...THREE_PLUS_FIVE);
  await page.unroute("**/engine/light/worker_bg.wasm");
  await notice(page, "engine").getByRole("button", { name: "Try again" }).click();
  await isOn(page, "CPU, sparse");
  await expect(outputs(page)).toHaveText(["8"]);
  await expect(notice(page, "engine")).toHaveCount(0);
});

test("a long run can be stopped", async ({ page }) => {
  await open(page, "repl");
  // 256 iterations of 50 instructions: long enough to press Stop on a slow machine, short on a fast one. Its 54 instructions are
  // fewer than the rows that the transcript keeps behind the last step, so its end is among them wherever the run stops.
  await page.getByTestId("device-chip").click();
  await page.getByRole("radio", { name: /CPU, dense/ }).check();
  await isOn(page, "CPU, dense", 60_000);
  await page.keyboard.press("Escape");
  await type(page, "i32.const 1");
  await page.getByRole("button", { name: "Edit as text" }).click();
  const body = "i32.const 1\nlocal.set 0\n".repeat(25);
  await page.getByRole("textbox", { name: "Program text" }).fill(`loop\n${body}i32.const 1\nbr_if\nend_loop\n`);
  // What a screen reader is told meanwhile: that it runs, and how it ended, but none of the numbers between.
  await page.evaluate(() => {
    const told: string[] = ((window as unknown as { told: string[] }).told = []);
    const news = document.querySelector("[data-testid=run-news]");
    if (news) new MutationObserver(() => told.push(news.textContent ?? "")).observe(news, { childList: true, characterData: true, subtree: true });
  });
  await page.getByRole("button", { name: "Run this program" }).click();
  const stop = page.getByRole("button", { name: "Stop" });
  await expect(stop).toBeEnabled();
  // The program is 272 tokens, five an instruction, and an iteration 52 more: one of them is through by then.
  await expect(page.getByTestId("run-state")).toHaveText(/^(?:[4-9]\d\d|\d{4,}) tokens…$/);
  await stop.click();
  await expect(page.getByTestId("ending")).toContainText("You stopped the run after");
  const told = await page.evaluate(() => (window as unknown as { told: string[] }).told);
  expect(told.filter((text) => text !== "")).toEqual(["running", expect.stringMatching(/^\d+ tokens, /)]);
  // It ran in a loop: of what stands behind the last step only the loop's end was never reached.
  await expect(page.getByTestId("pending").filter({ hasText: "not reached" })).toHaveCount(1);
  await page.getByRole("button", { name: "Clear" }).click();
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
});
