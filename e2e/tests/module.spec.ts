// The REPL of the full machine: modules in the editor, their trace, the machine at any instruction.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { nav, open, test, type } from "./app";
import { FACTORIAL, openModule, runs } from "./module";

/** What the run gave. */
const outcome = (page: Page) => page.getByTestId("module-outcome");

test("a module runs, and wasmi gives the same", async ({ page }) => {
  await openModule(page, FACTORIAL, "10");
  await runs(page);
  await expect(outcome(page)).toHaveText("factorial(10) = 3628800");
  await expect(page.getByTestId("module-reference")).toHaveText("wasmi gives the same result and output.");
  await expect(page.getByTestId("module-state")).toContainText(/instructions, [\d,. ]+ tokens/);
  // It shows its end.
  await expect(page.locator(".trace-row").last()).toContainText("halt");
  await expect(page.locator(".trace-row").last()).toBeInViewport();
  // Another argument is another run.
  await page.getByTestId("module-arguments").fill("12");
  await page.getByTestId("module-arguments").press("Enter");
  await expect(outcome(page)).toHaveText("factorial(12) = 479001600");
});

test("every example runs, and wasmi gives the same", async ({ page }) => {
  test.setTimeout(180_000);
  await open(page, "repl");
  await page.getByTestId("machine-full").click();
  const options = page.getByTestId("module-examples").locator("option");
  await expect(options).toHaveCount(19);
  for (let index = 0; index < 18; index += 1) {
    const title = await options.nth(index + 1).textContent();
    await page.getByTestId("module-examples").selectOption(`${index}`);
    await expect(page.getByTestId("module-state"), title ?? "").toContainText("instructions/s", { timeout: 60_000 });
    await expect(page.getByTestId("module-reference"), title ?? "").toHaveText("wasmi gives the same result and output.");
    await expect(page.getByTestId("module-failure")).toHaveCount(0);
  }
});

test("the instruction that is next is lit in the trace and in the source", async ({ page }) => {
  await openModule(page, FACTORIAL, "5");
  await runs(page);
  await expect(page.getByTestId("module-at")).toContainText("of");
  await page.getByTestId("module-first").click();
  await expect(page.getByTestId("module-at")).toHaveText(/^0 of /);
  await expect(page.locator(".trace-row.current")).toHaveAttribute("data-testid", "trace-1");
  // Nothing of the module runs yet: what begins the run does.
  await expect(page.locator(".wat-current")).toHaveCount(0);
  await page.getByTestId("trace").press("End");
  await expect(page.getByTestId("panel-frames")).toContainText("The run is over.");
  // To a line, by a press on its number.
  await page.getByTestId("module-first").click();
  await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^6$/ }).click();
  await expect(page.locator(".wat-current-line")).toContainText("local.get $n");
  const first = await page.getByTestId("module-at").textContent();
  await expect(page.getByTestId("frame")).toHaveCount(1);
  await expect(page.getByTestId("frame").first()).toContainText("$n5");
  // And on to the next call's.
  await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^6$/ }).click();
  await expect(page.getByTestId("frame")).toHaveCount(2);
  await expect(page.getByTestId("frame").first()).toContainText("$n4");
  expect(await page.getByTestId("module-at").textContent()).not.toBe(first);
  await expect(page.locator(".trace-row.current")).toBeInViewport();
  const second = await page.getByTestId("module-at").textContent();
  await page.getByTestId("module-back").click();
  await expect(page.getByTestId("module-at")).not.toHaveText(second ?? "");
  await page.getByTestId("module-forward").click();
  await expect(page.getByTestId("module-at")).toHaveText(second ?? "");
});

test("an instruction, a write to memory and an output are found", async ({ page }) => {
  await openModule(
    page,
    `(module
  (import "output" "i32" (func $put (param i32)))
  (memory 1)
  (func (export "main")
    (i32.store (i32.const 32) (i32.const 258))
    (call $put (i32.mul (i32.const 6) (i32.const 7)))
    (i32.store8 (i32.const 33) (i32.const 255))))`,
    "",
  );
  await runs(page);
  await page.getByTestId("module-first").click();
  const search = page.getByTestId("module-search");
  await search.fill("0x21");
  await search.press("Enter");
  await expect(page.locator(".wat-current")).toHaveText("i32.store");
  await page.getByTestId("module-forward").click();
  // The bytes that it wrote, from the address on.
  await expect(page.getByTestId("memory-row").first()).toContainText("020100");
  await expect(page.getByTestId("memory-row").locator(".new")).toHaveCount(4);
  await page.getByTestId("module-search-on").click();
  await expect(page.locator(".wat-current")).toHaveText("i32.store8");
  await search.fill("i32.mul");
  await page.getByTestId("module-search-back").click();
  await expect(page.locator(".wat-current")).toHaveText("i32.mul");
  await search.fill("output");
  await search.press("Enter");
  await page.getByTestId("module-forward").click();
  await expect(page.getByTestId("module-output")).toHaveText("42");
  await search.fill("i32.xor");
  await search.press("Enter");
  await expect(page.getByTestId("module-news")).toHaveText("There is none behind.");
});

test("what is wrong, or outside of the machine, is marked at its place and not run", async ({ page }) => {
  await openModule(page, '(module\n  (func (export "f") (result i32)\n    i32.cnst 3))', "");
  await expect(page.locator(".cm-lintRange-error")).toHaveText("i32.cnst");
  await page.getByTestId("module-run").click();
  await expect(page.getByTestId("module-failure")).toContainText("3:5");
  await expect(outcome(page)).toHaveCount(0);
  await openModule(page, '(module\n  (func (export "f") (result f64)\n    f64.const 1))', "");
  await page.getByTestId("module-run").click();
  await expect(page.getByTestId("module-failure")).toContainText("f64");
  await openModule(page, FACTORIAL, "ten");
  await page.getByTestId("module-run").click();
  await expect(page.getByTestId("module-failure")).toContainText("`ten` is no 32-bit integer");
  await expect(page.getByTestId("module-failure")).toContainText("(i32) -> (i32)");
});

test("a trap says where, and wasmi traps as well", async ({ page }) => {
  await openModule(page, '(module\n  (func (export "f") (param $a i32) (result i32)\n    (i32.div_s (i32.const 1) (local.get $a))))', "0");
  await runs(page);
  await expect(outcome(page)).toHaveText("f(0) traps in line 3: integer divide by zero");
  await expect(page.getByTestId("module-reference")).toHaveText("wasmi traps for the same reason.");
});

test("a run that never ends is stopped, and shows what it reached", async ({ page }) => {
  await openModule(page, '(module\n  (func (export "f")\n    (local $i i32)\n    (loop\n      (local.set $i (i32.add (local.get $i) (i32.const 1)))\n      (br 0))))', "");
  await page.getByTestId("module-run").click();
  await expect(page.getByTestId("module-state")).toContainText("tokens…");
  await page.getByTestId("module-stop").click();
  await expect(outcome(page)).toHaveText("f() was stopped by hand");
  await expect(page.getByTestId("frame").first()).toContainText("$i");
  await page.getByTestId("module-back").click();
  await expect(page.locator(".trace-row.current")).toBeInViewport();
});

test("a run waits for the other machine's, and is stopped without it", async ({ page }) => {
  await openModule(page, `(module (func (export "main") (loop $again (br $again))))`, "");
  await page.getByTestId("module-run").click();
  await expect(page.getByTestId("module-stop")).toBeEnabled();
  await page.getByTestId("machine-classic").click();
  await type(page, "i32.const 7");
  await expect(page.getByTestId("run-state")).toHaveText("waits for the module's run…");
  await page.getByTestId("cancel").click();
  // The module's goes on.
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("module-state")).toHaveText(/tokens…$/);
  await page.getByTestId("module-stop").click();
  await expect(outcome(page)).toContainText("stopped by hand");
});

test("a function of the module before is not called, whatever is opened", async ({ page }) => {
  await openModule(
    page,
    `(module (func (export "one") (result i32) (i32.const 1)) (func (export "two") (result i32) (i32.const 2)))`,
    "",
  );
  await page.getByTestId("module-function").selectOption("two");
  await runs(page);
  await expect(outcome(page)).toHaveText("two() = 2");
  await openModule(page, FACTORIAL, "5");
  await expect(page.getByTestId("module-function")).toHaveValue("factorial");
  await runs(page);
  await expect(outcome(page)).toHaveText("factorial(5) = 120");
});

test("where one machine comes to a limit that the other does not have, they are not compared", async ({ page }) => {
  test.setTimeout(120_000);
  await openModule(
    page,
    `(module (func $deep (export "deep") (param $n i32) (result i32)
  (if (result i32) (i32.eqz (local.get $n)) (then (i32.const 0))
    (else (i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1))))))))`,
    "5000",
  );
  await runs(page);
  await expect(page.getByTestId("module-reference")).toContainText("comes to a limit that the other does not have");
});

test("a long run scrolls, and few of its rows are in the page", async ({ page }) => {
  await open(page, "repl");
  await page.getByTestId("machine-full").click();
  await page.getByTestId("module-examples").selectOption({ label: "Sudoku" });
  await expect(page.getByTestId("module-state")).toContainText("instructions/s", { timeout: 60_000 });
  await expect(page.getByTestId("module-output")).toContainText("162857493");
  const state = (await page.getByTestId("module-state").textContent()) ?? "";
  test.info().annotations.push({ type: "Sudoku", description: state });
  console.log(state);
  const rate = Number(/([\d,]+) instructions\/s/.exec(state)?.[1]?.replaceAll(",", ""));
  expect(rate).toBeGreaterThan(15_000);
  const rows = page.locator(".trace-row");
  expect(await rows.count()).toBeLessThan(60);
  await page.getByTestId("trace").evaluate((list) => (list.scrollTop = list.scrollHeight / 2));
  await expect.poll(() => rows.count()).toBeGreaterThan(5);
  await rows.nth(3).click();
  await expect(page.locator(".trace-row.current")).toHaveCount(1);
  await expect(page.getByTestId("frame").first()).toBeVisible();
});

test("the device confirms the trace, and writes its beginning itself", async ({ page }) => {
  test.setTimeout(120_000);
  await openModule(page, FACTORIAL, "3");
  await runs(page);
  await page.getByTestId("module-check").click();
  const checked = page.getByTestId("module-checked");
  await expect(checked).toContainText(/^Checked, not generated: (\d+) of \1 tokens confirmed by CPU, /, { timeout: 60_000 });
  await page.getByTestId("module-generate").click();
  await expect(checked).toContainText(/^Generated: .* the same tokens\.$/, { timeout: 60_000 });
  // Whoever goes elsewhere meanwhile finds the machine free again.
  await page.getByTestId("module-check").click();
  await nav(page, "Models").click();
  await nav(page, "REPL").click();
  await expect(page.getByTestId("module-check")).toHaveText("Check every token on the device", { timeout: 60_000 });
});

test("what cannot be run has no result of before beside it", async ({ page }) => {
  await openModule(page, FACTORIAL, "5");
  await runs(page);
  await expect(outcome(page)).toHaveText("factorial(5) = 120");
  await page.getByTestId("module-arguments").fill("five");
  await page.getByTestId("module-run").click();
  await expect(page.getByTestId("module-failure")).toContainText("`five` is no 32-bit integer");
  await expect(outcome(page)).toHaveCount(0);
});

test("a call through the table goes to the function it calls", async ({ page }) => {
  await openModule(
    page,
    `(module
  (type $op (func (param i32) (result i32)))
  (table funcref (elem $double $square))
  (func $double (type $op) (i32.add (local.get 0) (local.get 0)))
  (func $square (param $side i32) (result i32) (i32.mul (local.get $side) (local.get $side)))
  (func $last (export "main") (result i32) (call_indirect (type $op) (i32.const 9) (i32.const 1))))`,
    "",
  );
  await runs(page);
  await expect(outcome(page)).toHaveText("main() = 81");
  const call = page.locator(".trace-row", { hasText: "→ $square" });
  await expect(call).toContainText("call_indirect");
  await call.click();
  await page.getByTestId("module-forward").click();
  await expect(page.getByTestId("frame").first()).toContainText("$square");
  await expect(page.getByTestId("frame").first()).toContainText("$side9");
});

test("the program becomes weights, and writes the same trace from no program", async ({ page }) => {
  await openModule(page, FACTORIAL, "9");
  await runs(page);
  const rows = page.getByTestId("futamura-sizes").getByRole("row");
  await page.getByTestId("module-futamura").click();
  await expect(page.getByTestId("futamura-verdict")).toHaveText(/^From no program in the prompt it writes the same [\d,]+ tokens$/);
  await expect(rows.filter({ hasText: "tokens of the prompt" })).toContainText("260");
  await expect(rows.filter({ hasText: "layers" })).toHaveText(/layers1011/);
  // One instruction's neuron is open, wherever one looks.
  await page.getByTestId("module-first").click();
  await page.getByTestId("module-search").fill("i32.mul");
  await page.getByTestId("module-search").press("Enter");
  await expect(page.getByTestId("futamura-open")).toContainText(/“\d+: i32\.mul”/);
  // A program that needs its table in the prompt says so.
  await openModule(page, '(module (table 1 funcref) (elem (i32.const 0) $f) (type $t (func))\n  (func $f) (func (export "main") (call_indirect (type $t) (i32.const 0))))', "");
  await runs(page);
  await page.getByTestId("module-futamura").click();
  await expect(page.getByRole("alert")).toContainText("calls through its table");
});

test("a reload and a link bring back the module, its call and the instruction", async ({ page, context }) => {
  await openModule(page, FACTORIAL, "6");
  await runs(page);
  await page.getByTestId("module-back").click();
  await page.getByTestId("module-back").click();
  const at = await page.getByTestId("module-at").textContent();
  await page.getByRole("button", { name: "Share" }).click();
  const link = await page.getByTestId("share-link").inputValue();
  const other = await context.newPage();
  await other.goto(link);
  await expect(outcome(other)).toHaveText("factorial(6) = 720");
  await expect(other.getByTestId("module-at")).toHaveText(at ?? "");
  await page.reload();
  await expect(page.getByTestId("module-arguments")).toHaveValue("6");
  await expect(page.locator(".cm-content")).toContainText("factorial");
  // The other machine is as it was.
  await page.getByTestId("machine-classic").click();
  await expect(page.getByTestId("welcome")).toBeVisible();
  await nav(page, "X-ray").click();
  await nav(page, "REPL").click();
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("module-arguments")).toHaveValue("6");
});
