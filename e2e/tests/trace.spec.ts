// Whole runs as trace files: what the page writes is what `worldmodel trace` writes, and a file that is opened has its run made again
// and compared. The files in `engine/tests/traces` were written by the command.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, notice, open, test } from "./app";
import { ask, computed, isReady, openAsk, reply } from "./ask";
import { fits, violations } from "./axe";

const file = (name: string): string => join(ROOT, "engine", "tests", "traces", `${name}.jsonl`);
const text = (path: string): string => readFileSync(path, "utf8");
const news = (page: Page) => page.getByTestId("trace-news");

/** Opens a file by the button, and waits for what came of it. */
async function openFile(page: Page, path: string, stage: "agrees" | "differs" | "failed"): Promise<void> {
  await page.getByTestId("run-file").setInputFiles(path);
  await expect(news(page)).toHaveAttribute("data-stage", stage, { timeout: 30_000 });
}

/** Drops a file where somebody points at. */
async function drop(page: Page, path: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await devtools.send("Input.dispatchDragEvent", { type, x: 300, y: 400, data });
  }
}

/** Saves the run, and reads what came. */
async function save(page: Page): Promise<{ name: string; path: string; lines: string[]; text: string }> {
  const coming = page.waitForEvent("download");
  await page.getByTestId("run-export").first().click();
  const download = await coming;
  const path = (await download.path()) ?? "";
  await expect(page.getByTestId("run-said").first()).toHaveText(`Saved ${download.suggestedFilename()}`);
  return { name: download.suggestedFilename(), path, lines: text(path).trimEnd().split("\n"), text: text(path) };
}

/** A copy of a file with a line changed. */
function changed(path: string, to: string, line: number, change: (line: string) => string): string {
  const lines = text(path).split("\n");
  lines[line - 1] = change(lines[line - 1] ?? "");
  writeFileSync(to, lines.join("\n"));
  return to;
}

for (const machine of ["classic", "full"] as const) {
  test(`a run of the ${machine} machine that the command wrote is that run here, and the same file`, async ({ page }) => {
    await open(page, "xray");
    // From the other machine, too.
    if (machine === "classic") await page.getByTestId("machine-full").click();
    await openFile(page, file(`v2-${machine}`), "agrees");
    await expect(news(page)).toContainText(`Agrees with v2-${machine}.jsonl`);
    await expect(page.getByTestId(`machine-${machine}`)).toHaveAttribute("aria-pressed", "true");
    const tokens = text(file(`v2-${machine}`)).split("\n").length - 3;
    await expect(news(page)).toContainText(`all its ${tokens} tokens`);
    await expect(page.getByTestId("position")).toHaveText(`position ${tokens - 2} of ${tokens - 2}`);
    const saved = await save(page);
    expect(saved.name).toBe(`${machine}-run.jsonl`);
    expect(saved.text).toBe(text(file(`v2-${machine}`)));
    // An older version's is the same run.
    await openFile(page, file(`v1-${machine}`), "agrees");
    await expect(news(page)).toContainText(`v1-${machine}.jsonl`);
    // Of another run it says nothing.
    await page.getByTestId("xray-example").selectOption({ index: 2 });
    await expect(news(page)).toHaveCount(0);
  });
}

test("what is said of one machine's file is not said of the other's run", async ({ page }) => {
  await open(page, "xray");
  await openFile(page, file("v2-classic"), "agrees");
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("machine-full")).toHaveAttribute("aria-pressed", "true");
  await expect(news(page)).toHaveCount(0);
  await page.getByTestId("machine-classic").click();
  await expect(news(page)).toHaveAttribute("data-stage", "agrees");
});

test("the first place where a file differs is named, and what is shown is the run made again", async ({ page }, info) => {
  await open(page, "xray");
  const eight = changed(file("v2-classic"), info.outputPath("eight.jsonl"), 90, (line) => line.replace(/"id":\d+/, '"id":99'));
  await openFile(page, eight, "differs");
  await expect(news(page)).toContainText("Differs from eight.jsonl in line 90, token.id: the file has 99, made again it is ");
  await page.getByTestId("trace-close").click();
  await expect(news(page)).toHaveCount(0);
  await page.getByTestId("run-export").click();
  await expect(page.getByTestId("run-said")).toHaveText("Saved classic-run.jsonl");
  // The weights are another model's: every step may agree, and the file is not of this one.
  const other = changed(file("v2-full"), info.outputPath("other.jsonl"), 1, (line) => line.replace(/"fingerprint":"\w+"/, '"fingerprint":"0"'));
  await openFile(page, other, "differs");
  await expect(news(page)).toContainText('line 1, run.model.fingerprint: the file has "0"');
});

test("a file that cannot be opened is refused with its line and a remedy, and nothing is lost", async ({ page }, info) => {
  await open(page, "xray");
  const position = await page.getByTestId("position").textContent();
  const cases: [string, (path: string) => void, string, string][] = [
    ["cut.jsonl", (path) => writeFileSync(path, text(file("v2-classic")).slice(0, 3000)), "line ", "cut off"],
    ["end.jsonl", (path) => writeFileSync(path, text(file("v2-classic")).split("\n").slice(0, 9).join("\n")), "line 9: the end is missing", "cut off"],
    ["picture.jsonl", (path) => writeFileSync(path, "<svg/>"), "line 1: this is no trace file", "Choose a file"],
    ["newer.jsonl", (path) => changed(file("v2-classic"), path, 1, (line) => line.replace('"version":2', '"version":3')), "line 1: this is version 3", "Update"],
    ["damaged.jsonl", (path) => changed(file("v2-full"), path, 7, (line) => line.replace('"id":', '"id":x')), "line 7: column", "changed or damaged"],
    ["bytes.jsonl", (path) => writeFileSync(path, Buffer.concat([readFileSync(file("v2-classic")), Buffer.from([0xff, 0xfe])])), "no text in UTF-8", "Choose a file"],
    ["empty.jsonl", (path) => writeFileSync(path, ""), "line 1: the file is empty", "Choose a file"],
    ["huge.jsonl", (path) => (writeFileSync(path, ""), truncateSync(path, 200 << 20)), "200 million bytes", "worldmodel trace --check"],
  ];
  for (const [name, make, message, remedy] of cases) {
    const path = info.outputPath(name);
    make(path);
    await page.getByTestId("run-file").setInputFiles(path);
    await expect(notice(page, "trace")).toContainText(name);
    await expect(notice(page, "trace")).toContainText(message);
    await expect(notice(page, "trace")).toContainText(remedy);
    await expect(page.getByTestId("position")).toHaveText(position ?? "");
    await expect(news(page)).toHaveCount(0);
    await notice(page, "trace").getByRole("button", { name: "Dismiss this notice" }).click();
  }
  // A run of a model that is not here.
  const own = info.outputPath("own.jsonl");
  changed(file("v2-nano"), own, 1, (line) => line.replace('"name":"nano"', '"name":"Qwen3-0.6B"'));
  await page.getByTestId("run-file").setInputFiles(own);
  await expect(notice(page, "trace")).toContainText("a run of Qwen3-0.6B, and no model of your own is loaded");
});

test("a file dropped on any route opens its run in the X-ray", async ({ page }, info) => {
  await open(page, "learn");
  await drop(page, file("v2-full"));
  await expect(news(page)).toHaveAttribute("data-stage", "agrees", { timeout: 20_000 });
  expect(page.url()).toMatch(/#\/xray$/);
  // A damaged one leaves everything as it is.
  await page.goto("./#/repl");
  const cut = info.outputPath("cut.jsonl");
  writeFileSync(cut, "{");
  await drop(page, cut);
  await expect(notice(page, "trace")).toContainText("cut.jsonl: line 1");
  expect(page.url()).toMatch(/#\/repl$/);
});

test("a program from the REPL is a file, and that file is the program", async ({ page }) => {
  await open(page, "repl");
  for (const line of ["i32.const 7", "i32.const 6", "i32.mul", "output"]) {
    const field = page.getByRole("combobox", { name: /^Instruction for line/ });
    await field.fill(line);
    await field.press("Enter");
  }
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "X-ray", exact: true }).click();
  const saved = await save(page);
  const first = JSON.parse(saved.lines[0] ?? "").run;
  expect(first.input.classic.program.trim().split("\n")).toEqual(["i32.const 7", "i32.const 6", "i32.mul", "output"]);
  expect(JSON.parse(saved.lines.at(-1) ?? "").end.machine.outputs).toEqual([42]);
  await page.getByTestId("xray-example").selectOption({ index: 3 });
  await openFile(page, saved.path, "agrees");
  expect((await save(page)).text).toBe(saved.text);
});

test("an answered question is a file, which asks it again", async ({ page }, info) => {
  await openAsk(page);
  await ask(page, "What is 12 times 11?");
  await expect(computed(page)).toHaveText("132");
  const saved = await save(page);
  expect(saved.name).toBe("nano-run.jsonl");
  // The command's file, but for what computed it and what devices sum up.
  const strict = (lines: string[]): unknown[] =>
    lines.map((line) => JSON.stringify(JSON.parse(line, (key, value) => (["engine", "top", "probabilities", "terms", "score"].includes(key) ? null : value))));
  const theirs = text(file("v2-nano")).trimEnd().split("\n");
  expect(strict(saved.lines)).toEqual(strict(theirs));
  // Somebody asks something else, and opens the file.
  await ask(page, "Is 97 a prime number?");
  await page.getByTestId("run-file").setInputFiles(saved.path);
  await expect(news(page)).toHaveAttribute("data-stage", "agrees", { timeout: 30_000 });
  await expect(page).toHaveURL(/#\/xray\/nano$/);
  await expect(page.getByTestId("xray-question")).toHaveValue("");
  await expect(page.getByTestId("lm-strip")).toContainText("132");
  // The command's own.
  await openFile(page, file("v2-nano"), "agrees");
  // One number of a program's, changed.
  const other = info.outputPath("other.jsonl");
  const at = theirs.findIndex((line) => line.startsWith('{"candidate"')) + 1;
  changed(file("v2-nano"), other, at, (line) => line.replace('"value":132', '"value":133'));
  await openFile(page, other, "differs");
  await expect(news(page)).toContainText(`line ${at}, candidate.value: the file has 133, made again it is 132`);
  // Another version of the model.
  const version = changed(file("v2-nano"), info.outputPath("version.jsonl"), 1, (line) => line.replace(/"fingerprint":"\w+"/, '"fingerprint":"0"'));
  await openFile(page, version, "failed");
  await expect(news(page)).toContainText("another model or version: nano with the fingerprint 0");
  await page.goto("./#/ask");
  await expect(reply(page)).toContainText("132");
});

test("a question's file opens before the model is there, with what was replaced", async ({ page }, info) => {
  await open(page, "xray");
  // Head 0 of layer 5 at zero: the command's file says nothing of it, so the run differs, and the page shows both.
  const path = info.outputPath("replaced.jsonl");
  changed(file("v2-nano"), path, 1, (line) => line.replace('"tap_weights"', '"interventions":[{"layer":5,"part":"head","index":0,"position":null}],"tap_weights"'));
  await page.getByTestId("run-file").setInputFiles(path);
  await expect(news(page)).toHaveAttribute("data-stage", "differs", { timeout: 40_000 });
  await expect(page.getByTestId("changed")).toContainText("Replaced: layer 5, head 0 at zero.");
  // Saved as it is now, it agrees.
  const coming = page.waitForEvent("download");
  await page.getByTestId("changed").getByTestId("run-export").click();
  const again = (await (await coming).path()) ?? "";
  expect(text(again)).toContain('"interventions":[{"layer":5,"part":"head","index":0,"position":null}]');
  await openFile(page, again, "agrees");
  await expect(page.getByTestId("changed")).toContainText("layer 5, head 0");
  // A part that the model does not have.
  changed(again, path, 1, (line) => line.replace('"layer":5', '"layer":500'));
  await openFile(page, path, "failed");
  await expect(news(page)).toContainText("line 1, question: head 0 of layer 500 was replaced, and the model has");
});

test("buttons and news are for everybody, on a phone, too", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "xray");
  await openFile(page, file("v2-classic"), "agrees");
  await page.getByTestId("run-export").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("run-said")).toHaveText("Saved classic-run.jsonl");
  await fits(page, 390);
  expect(await violations(page)).toEqual([]);
  await page.getByTestId("trace-close").focus();
  await page.keyboard.press("Enter");
  await expect(news(page)).toHaveCount(0);
  await page.goto("./#/ask");
  await isReady(page);
});
