// The bench page's checks: conformance programs, the official suite's calls and questions, in this browser, and the figures as Markdown.
import { expect, test as plain } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { THREE_PLUS_FIVE, conformance, isOn, nav, open, outputs, type } from "./app";
import { test } from "./language";
import { fits, violations } from "./axe";
import { GPU } from "./site";

/** The conformance programs there are. */
const PROGRAMS = conformance().length;

/** A line of the table, by what was checked. */
const row = (page: Page, name: string): Locator =>
  page.getByTestId("bench-checks").getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });

/** How many are right, and of how many. */
async function counted(cell: Locator): Promise<[number, number]> {
  const [, right, of] = /^([\d,]+) of ([\d,]+) (?:programs|calls|questions)/.exec((await cell.textContent()) ?? "") ?? [];
  return [Number((right ?? "").replaceAll(",", "")), Number((of ?? "").replaceAll(",", ""))];
}

async function check(page: Page, device: string, timeout: number): Promise<void> {
  await page.getByTestId("check-device").selectOption(device);
  await page.getByTestId("check-run").click();
  await expect(page.getByTestId("check-stop")).toBeVisible();
  await expect(page.getByTestId("check-run")).toBeVisible({ timeout });
  await expect(page.getByTestId("check-failure")).toHaveCount(0);
  await expect(page.getByTestId("check-stage")).toHaveText(/^Checked: /);
  await expect(page.getByTestId("bench-checks")).not.toContainText("not finished");
}

test("everything that is checked is right, and the figures are a table of Markdown", async ({ page }) => {
  test.setTimeout(400_000);
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await nav(page, "Bench").click();
  await check(page, "CPU, sparse", 360_000);
  const [programs, ofPrograms] = await counted(row(page, "conformance programs, classic machine").getByRole("cell"));
  expect([programs, ofPrograms]).toEqual([PROGRAMS, PROGRAMS]);
  const [calls, ofCalls] = await counted(row(page, "official test suite, full machine").getByRole("cell"));
  expect(calls).toBe(ofCalls);
  expect(ofCalls).toBeGreaterThan(1_000);
  expect(await counted(row(page, "WorldModel: the published benchmark").getByRole("cell"))).toEqual([7, 7]);
  const demo = await counted(row(page, "WorldModel: the published demo and help").getByRole("cell"));
  expect(demo[0]).toBe(demo[1]);
  // Few are drawn of each set: all together are as many as the bars want.
  let [right, of] = [0, 0];
  for (const cell of await page.getByTestId("bench-checks").locator("tbody tr", { hasText: ", new " }).getByRole("cell").all()) {
    const [one, all] = await counted(cell);
    [right, of] = [right + one, of + all];
  }
  expect(of).toBeGreaterThanOrEqual(80);
  expect(right / of).toBeGreaterThan(0.9);

  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByTestId("copy-markdown").click();
  await expect(page.getByTestId("copy-status")).toHaveText("Copied.");
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const lines = text.split("\n");
  expect(lines[0]).toBe("## WorldModel X-ray, measured in a browser");
  expect(text).toMatch(/\n- version: v-[0-9a-f]{16}\n- browser: Mozilla.*Chrom.*\n- machine: \d+ cores, graphics: .+\n- copied on .+\n/);
  const head = lines.indexOf("### Conformance") + 2;
  expect(lines.slice(head, head + 2)).toEqual(["|  | CPU, sparse |", "| --- | ---: |"]);
  expect(lines[head + 2]).toMatch(/^\| conformance programs, classic machine \| (\d+) of \1 programs \([\d.]+ s\) \|$/);

  expect(await violations(page)).toEqual([]);
  await fits(page, 1280);

  // What the page's own engines ran is still there.
  await nav(page, "REPL").click();
  await expect(outputs(page)).toHaveText(["8"]);
  await isOn(page, "CPU, sparse");
});

test("checking can be stopped, and keeps what it has", async ({ page }) => {
  await open(page, "bench");
  await page.getByTestId("check-run").click();
  await expect(page.getByTestId("check-stage")).toHaveText("official test suite, full machine", { timeout: 60_000 });
  await expect(page.getByTestId("check-far")).toHaveText(/^[\d,]+ of [\d,]+$/);
  await expect(row(page, "official test suite, full machine")).toBeVisible();
  await page.getByTestId("check-stop").click();
  await expect(page.getByTestId("check-run")).toBeVisible();
  await expect(page.getByTestId("check-stage")).toHaveText("Stopped.");
  await expect(page.getByTestId("check-failure")).toHaveCount(0);
  await expect(page.getByTestId("check-run")).toBeFocused();
  const done = row(page, "conformance programs, classic machine").getByRole("cell");
  const [right, of] = await counted(done);
  expect([right, right]).toEqual([of, PROGRAMS]);
  await expect(done).not.toContainText("not finished");
  // What is not finished says so, wherever it is copied to.
  await expect(row(page, "official test suite, full machine").getByRole("cell")).toContainText(/not finished, [\d,]+ in all/);
  await page.waitForTimeout(500);
  await expect(row(page, "WorldModel: the published benchmark")).toHaveCount(0);
});

test("what was stopped neither ends nor adds to what is checked after it", async ({ page }) => {
  await open(page, "bench");
  let release = (): void => {};
  const held = new Promise<void>((done) => (release = done));
  let asked = 0;
  await page.route("**/checks/classic.json", async (route) => {
    asked += 1;
    if (asked === 1) await held;
    await route.continue();
  });
  await page.getByTestId("check-device").selectOption("CPU, dense");
  await page.getByTestId("check-run").click();
  await expect.poll(() => asked).toBe(1);
  await page.getByTestId("check-stop").click();
  await page.getByTestId("check-device").selectOption("CPU, sparse");
  await page.getByTestId("check-run").click();
  await expect(page.getByTestId("check-far")).toBeVisible();
  release();
  await expect(page.getByTestId("check-stage")).toHaveText("official test suite, full machine", { timeout: 60_000 });
  expect(await counted(row(page, "conformance programs, classic machine").getByRole("cell"))).toEqual([PROGRAMS, PROGRAMS]);
  await expect(page.getByTestId("bench-checks").getByRole("columnheader")).toHaveText(["CPU, sparse"]);
  await expect(page.getByTestId("check-failure")).toHaveCount(0);
  await page.getByTestId("check-stop").click();
});

// A worker that is gone is what `watch` would report.
plain("an engine that goes away while it is checked is no wrong answer", async ({ page }) => {
  await page.route("**/checks/classic.json", (route) => route.fulfill({ json: [] }));
  await open(page, "bench");
  // Each check starts one of its own: the second, the suite's, does not come.
  let asked = 0;
  await page.route("**/engine/light/worker_bg.wasm", (route) => {
    asked += 1;
    return asked === 1 ? route.continue() : route.fulfill({ status: 404, body: "Not found" });
  });
  await page.getByTestId("check-run").click();
  await expect(page.getByTestId("check-failure")).toContainText("404");
  await expect(page.getByTestId("bench-checks")).toHaveCount(0);
});

test("another device computes the same", async ({ page }) => {
  test.skip(!GPU, "needs a browser with WebGPU");
  test.setTimeout(300_000);
  await open(page, "bench");
  await page.getByTestId("check-device").selectOption("WebGPU");
  await page.getByTestId("check-run").click();
  const cell = row(page, "conformance programs, classic machine").getByRole("cell");
  // A software adapter takes its time: some of them tell.
  await expect(cell).toContainText(/^(?:[5-9]|\d\d+) of/, { timeout: 240_000 });
  const [right, of] = await counted(cell);
  expect(right).toBe(of);
  await page.getByTestId("check-stop").click();
});

/** The calls of a module that is as small as one can be. */
const suite = (expected: unknown): string =>
  JSON.stringify([{ file: "own", text: '(module (func (export "seven") (result i32) i32.const 7))', calls: [["seven", "", expected]] }]);

test("what is wrong is told, and can be asked", async ({ page }) => {
  test.setTimeout(120_000);
  await page.route("**/checks/classic.json", (route) =>
    route.fulfill({ json: [["own/wrong", ";; Says 3.\n;; outputs: 4\ni32.const 3\noutput\nhalt"]] }),
  );
  await page.route("**/checks/suite.json", (route) => route.fulfill({ contentType: "application/json", body: suite([8]) }));
  await page.route("**/checks/questions.json", (route) =>
    route.fulfill({ json: [{ set: "own", question: "12 * 11", answer: "144", granted: [] }] }),
  );
  await open(page, "bench");
  await check(page, "CPU, sparse", 60_000);
  for (const [name, said] of [
    ["conformance programs, classic machine", "own/wrong: outputs: expected [4], found [3]"],
    ["official test suite, full machine", "own: seven(): expected 8, found 7"],
    ["WorldModel: own", "12 * 11: expected 144, found 132"],
  ] as const) {
    await expect(row(page, name).getByRole("cell")).toContainText("0 of 1");
    const details = page.locator("details", { hasText: name });
    await details.locator("summary").click();
    await expect(details.getByRole("listitem")).toContainText(said);
  }
  await page.getByRole("link", { name: "Ask it" }).click();
  await expect(page.getByTestId("reply")).toContainText("132", { timeout: 30_000 });
});

// What does not arrive is what `watch` would report.
plain("what is to be checked and does not arrive is explained", async ({ page }) => {
  await page.route("**/checks/classic.json", (route) => route.fulfill({ status: 404, body: "Not found" }));
  await open(page, "bench");
  await page.getByTestId("check-run").click();
  await expect(page.getByTestId("check-failure")).toContainText("checks/classic.json: the site answers 404");
  await expect(page.getByTestId("check-run")).toBeVisible();
});
