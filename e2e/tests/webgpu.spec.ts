// The same model on other devices: WebGPU (here SwiftShader, which is the CPU: correct and slow) and burn's CPU.
import { expect } from "@playwright/test";
import type { BrowserContext, Page } from "@playwright/test";
import { THREE_PLUS_FIVE, conformance, isOn, line, nav, notice, open, outputs, stack, test, tryLine, type } from "./app";
import { openModule, runs } from "./module";
import { watch } from "./watch";
import { GPU } from "./site";

const NO_GPU = "the site has no WebGPU engine: it was built with --no-gpu";

const programs = conformance();

async function choose(page: Page, device: string): Promise<void> {
  await page.getByRole("button", { name: /^Device:/ }).click();
  await page.getByRole("radio", { name: new RegExp(`^${device}`) }).check();
}

/** Runs programs; on a dense device each position of each is checked in one parallel pass, the reference's tokens being the draft. */
async function check(page: Page, programs: [string, string][]): Promise<{ programs: number; tokens: number; failures: string[] }> {
  type Check = (programs: [string, string][]) => Promise<[number, number, ...string[]]>;
  const [count, tokens, ...failures] = await page.evaluate(
    (programs) => (window as unknown as { worldmodelCheck: Check }).worldmodelCheck(programs),
    programs,
  );
  return { programs: count, tokens, failures };
}

/** A line that is refused, a number that is recomputed, a link that opens elsewhere: on whatever device there is. */
async function everydayWork(page: Page, context: BrowserContext, timeout = 20_000): Promise<void> {
  await page.getByRole("combobox", { name: "Example programs" }).selectOption({ label: "Three plus five" });
  await expect(outputs(page)).toHaveText(["8"], { timeout });
  await tryLine(page, "i32.cnst 3");
  await expect(page.getByTestId("repl-error")).toContainText("unknown instruction");
  await expect(outputs(page)).toHaveText(["8"]);
  await line(page).fill("");
  await nav(page, "X-ray").click();
  await page.getByTestId("token-23").click();
  // Until the device has computed that position, the one before is shown.
  await expect(page.getByTestId("xray-here")).toHaveAttribute("aria-busy", "false", { timeout });
  await page.getByTestId("xray-logits").locator(".xr-number").first().click({ timeout });
  await expect(page.getByTestId("explain-site")).toHaveText("hook_logits[23, 8]", { timeout });
  await expect(page.getByTestId("explain-verdict")).toHaveText("the same", { timeout });
  await page.getByRole("button", { name: "Share" }).click();
  // The link is packed by the browser, which takes a moment.
  await expect(page.getByTestId("share-link")).toHaveValue(/s=1\./);
  const link = await page.getByTestId("share-link").inputValue();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  const other = await context.newPage();
  await other.goto(link);
  await isOn(other, "CPU, sparse");
  await expect(other.getByTestId("explain-site")).toHaveText("hook_logits[23, 8]");
  await expect(other.getByTestId("explain-verdict")).toHaveText("the same");
  await other.close();
  await nav(page, "REPL").click();
}

/** The shortest program of each category. */
const shortest = [...new Set(programs.map(([name]) => name.split("/")[0]))].map((category) => {
  const own = programs.filter(([name]) => name.startsWith(`${category}/`));
  return own.reduce((best, program) => (program[1].length < best[1].length ? program : best));
});

for (const device of ["CPU, sparse", "CPU, dense"]) {
  test(`every conformance program gives the reference's tokens on ${device}`, async ({ page }) => {
    test.setTimeout(180_000);
    expect(programs.length).toBeGreaterThanOrEqual(115);
    await open(page, "repl", "?test");
    if (device !== "CPU, sparse") await choose(page, device);
    await isOn(page, device, 60_000);
    const result = await check(page, programs);
    expect(result.failures).toEqual([]);
    expect(result.programs).toBe(programs.length);
    expect(result.tokens).toBeGreaterThan(3_000);
    test.info().annotations.push({ type: "conformance", description: `${device}: ${result.programs} programs, ${result.tokens} tokens` });
  });
}

test("another device gives the same, and keeps program and step", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await page.getByRole("button", { name: "One step back" }).click();
  await expect(stack(page)).toHaveText(["8"]);
  await choose(page, "CPU, dense");
  await isOn(page, "CPU, dense", 60_000);
  await expect(page.getByTestId("self-test-result")).toContainText("Self-test passed: 6 programs");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("repl-at")).toHaveText("after step 3 of 4");
  await page.getByRole("button", { name: "After the last step" }).click();
  await expect(outputs(page)).toHaveText(["8"]);
});

test("bad input, a link and a number are the same on CPU, dense", async ({ page, context }) => {
  await open(page, "repl");
  await choose(page, "CPU, dense");
  await isOn(page, "CPU, dense", 60_000);
  await page.keyboard.press("Escape");
  await everydayWork(page, context);
});

test("the self-test runs again when asked", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await page.getByRole("button", { name: /^Device:/ }).click();
  await page.getByRole("button", { name: "Run the self-test again" }).click();
  await expect(page.getByTestId("self-test-result")).toContainText("Self-test passed: 6 programs");
  await page.keyboard.press("Escape");
  // The last run is still there to be looked into.
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("here-step")).toContainText("output");
});

test.describe("on WebGPU", () => {
  test.skip(!GPU, NO_GPU);
  // One page for all: loading the engine and compiling its kernels takes a while on SwiftShader.
  test.describe.configure({ mode: "serial", timeout: 600_000 });
  let page: Page;
  let problems: string[];

  test.beforeAll(async ({ browser }) => {
    // A context by name: a page of `browser.newPage` may not open another one beside it.
    page = await (await browser.newContext()).newPage();
    problems = await watch(page);
    await open(page, "repl", "?test");
    await type(page, ...THREE_PLUS_FIVE);
    await expect(outputs(page)).toHaveText(["8"]);
  });

  test.afterAll(() => page?.context().close());

  test("switching loads the engine and shows the self-test", async () => {
    const begin = Date.now();
    await choose(page, "WebGPU");
    await isOn(page, "WebGPU", 500_000);
    await expect(page.getByTestId("self-test-result")).toContainText("Self-test passed: 6 programs");
    await expect(page.getByTestId("device-chip-panel")).toContainText("WebGPU, dense");
    await page.keyboard.press("Escape");
    test.info().annotations.push({ type: "start", description: `${Date.now() - begin} ms` });
  });

  test("the REPL gives 8 on it", async () => {
    // Until the run on the new device is there, the one before is shown.
    await expect(page.getByTestId("run-state")).toHaveText(/ ms$/, { timeout: 300_000 });
    await expect(outputs(page)).toHaveText(["8"]);
    await type(page, "i32.const 7");
    await expect(stack(page)).toHaveText(["7"], { timeout: 300_000 });
    await expect(page.getByTestId("reference-verdict")).toHaveText(/agrees/);
  });

  test("X-ray recomputes what it computed", async () => {
    await nav(page, "X-ray").click();
    await expect(page.getByTestId("xray-logits").locator(".xr-number").first()).toBeVisible({ timeout: 300_000 });
    await page.getByTestId("xray-logits").locator(".xr-number").first().click();
    await expect(page.getByTestId("explain-verdict")).toHaveText("the same", { timeout: 300_000 });
    await page.keyboard.press("Escape");
    await nav(page, "REPL").click();
  });

  test("bad input, a link and a number are the same on it", async () => {
    await everydayWork(page, page.context(), 300_000);
  });

  // All of them take many minutes on SwiftShader: WORLDMODEL_ALL=1 asks for that.
  const chosen = process.env.WORLDMODEL_ALL ? programs : shortest;
  test(`${chosen.length} conformance programs give the reference's tokens, verified as drafts in parallel passes`, async () => {
    if (process.env.WORLDMODEL_ALL) test.setTimeout(3_600_000);
    const begin = Date.now();
    const result = await check(page, chosen);
    expect(result.failures).toEqual([]);
    expect(result.programs).toBe(chosen.length);
    const description = `${result.programs} programs, ${result.tokens} tokens, ${Date.now() - begin} ms`;
    test.info().annotations.push({ type: "conformance", description });
    expect(problems).toEqual([]);
  });

  test("a module's trace is confirmed on it, and written again by it", async () => {
    // 400 positions of a model with twice classic's width: a minute and a half on SwiftShader, if nothing else runs.
    test.setTimeout(1_300_000);
    await nav(page, "REPL").click();
    await openModule(page, '(module (func (export "f") (param $a i32) (result i32)\n  (i32.mul (local.get $a) (i32.const 1000003))))', "-7");
    await runs(page);
    await expect(page.getByTestId("module-outcome")).toHaveText("f(-7) = -7000021");
    const checked = page.getByTestId("module-checked");
    await page.getByTestId("module-check").click();
    await expect(checked).toContainText(/^Checked, not generated: (\d+) of \1 tokens confirmed by WebGPU/, { timeout: 600_000 });
    console.log(await checked.textContent());
    await page.getByTestId("module-generate").click();
    await expect(checked).toContainText(/^Generated: .* by WebGPU.* the same tokens\.$/, { timeout: 600_000 });
    console.log(await checked.textContent());
    await page.getByTestId("machine-classic").click();
    expect(problems).toEqual([]);
  });

  test("a device lost in the middle is explained, the CPU goes on, and nothing typed is lost", async () => {
    // A loop of thousands of steps: the device goes while it runs.
    await page.getByRole("button", { name: "Edit as text" }).click();
    const long = `loop\n${"i32.const 1\nlocal.set 0\n".repeat(30)}i32.const 1\nbr_if\nend_loop\n`;
    await page.getByRole("textbox", { name: "Program text" }).fill(`${THREE_PLUS_FIVE.join("\n")}\ni32.const 12\n${long}`);
    await page.getByRole("button", { name: "Run this program" }).click();
    await expect(page.getByTestId("run-state")).toHaveText(/^[1-9]\d* tokens…$/, { timeout: 300_000 });
    await line(page).fill("i32.const");
    await page.evaluate(() => (window as unknown as { worldmodelBreak(device: boolean): void }).worldmodelBreak(true));
    const lost = notice(page, "device");
    await expect(lost).toContainText("The graphics device went away", { timeout: 120_000 });
    await expect(lost).toContainText("Your program is untouched");
    await expect(page.getByTestId("failure")).toContainText("The program was not run");
    await expect(line(page)).toHaveValue("i32.const");
    await line(page).fill("i32.const 6");
    await lost.getByRole("button", { name: "Continue on the CPU" }).click();
    await isOn(page, "CPU, sparse");
    // The CPU runs the loop to its last iteration.
    await expect(page.getByTestId("ending")).toContainText("iteration 257");
    await expect(stack(page)).toHaveText(["12"]);
    await expect(outputs(page)).toHaveText(["8"]);
    await expect(page.getByTestId("failure")).toHaveCount(0);
    await expect(line(page)).toHaveValue("i32.const 6");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(outputs(page)).toHaveText(["8"]);
    await line(page).press("Enter");
    await expect(stack(page)).toHaveText(["6"]);
  });
});

test.describe("without WebGPU", () => {
  /** Nothing was changed: the CPU computes, and the menu says so. */
  async function staysOnCpu(page: Page): Promise<void> {
    await expect(notice(page, "device")).toContainText("WebGPU is not available", { timeout: 120_000 });
    await expect(notice(page, "device")).toContainText("The page stays on CPU, sparse");
    await isOn(page, "CPU, sparse");
    await expect(page.getByRole("radio", { name: /^CPU, sparse/ })).toBeChecked();
    await expect(page.getByRole("radio", { name: /^WebGPU/ })).not.toBeChecked();
    await page.keyboard.press("Escape");
    await expect(line(page)).toHaveValue("i32.const 12");
    await line(page).press("Enter");
    await expect(stack(page)).toHaveText(["12"]);
  }

  test("a browser without it keeps the CPU and says why", async ({ page }) => {
    test.skip(!GPU, NO_GPU);
    test.setTimeout(180_000);
    await page.route("**/engine/boot.js*", async (route) => {
      const response = await route.fetch();
      const body = `Object.defineProperty(navigator, "gpu", { value: undefined });\n${await response.text()}`;
      await route.fulfill({ response, body });
    });
    await open(page, "repl");
    await type(page, ...THREE_PLUS_FIVE);
    await line(page).fill("i32.const 12");
    await choose(page, "WebGPU");
    await staysOnCpu(page);
    await expect(notice(page, "device")).toContainText("hardware acceleration");
  });
});

const offline = test.extend<{ problems: string[] }>({ problems: [async ({}, use) => use([]), { auto: true }] });

offline("an engine that does not arrive keeps the CPU and says so", async ({ page }) => {
  await page.route("**/engine/gpu/**", (route) => route.abort());
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await choose(page, "WebGPU");
  await expect(notice(page, "device")).toContainText("WebGPU is not available");
  await expect(notice(page, "device")).toContainText("The page stays on CPU, sparse");
  await expect(page.getByRole("radio", { name: /^CPU, sparse/ })).toBeChecked();
  await page.keyboard.press("Escape");
  await type(page, "i32.const 12");
  await expect(stack(page)).toHaveText(["12"]);
});
