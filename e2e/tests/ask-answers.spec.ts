// A share of the questions that the model was measured with, asked in the browser: the same tokens, programs and answers as natively.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { existsSync, readFileSync } from "node:fs";
import { GPU, ask, isReady, openAsk, test } from "./ask";

/** What `worldmodel bench --answers` has written; `cargo xtask test` has it written. */
const FILE = process.env.WORLDMODEL_ANSWERS ?? "";
const NO_FILE = "set WORLDMODEL_ANSWERS to what `worldmodel bench --model assets/nano --count 6 --answers FILE` writes";

interface Line {
  set: string;
  split: string;
  question: string;
  granted: string[];
  tokens: { text: string; from: string }[];
  candidates: { tokens: string[] }[];
  text: string;
}

// What the host says is made up for the measurement: this browser says something else.
const ALL: Line[] = existsSync(FILE) ? readFileSync(FILE, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Line) : [];
const LINES = ALL.filter(({ granted }) => granted.length === 0);

/** What was answered, as text that is compared. */
interface Answer {
  question: string;
  written: string;
  reply: string;
  programs: string[];
}

/** A token as the page shows it. */
const visible = (token: string): string =>
  token === "" ? "∅" : token.replaceAll(" ", "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥");

const natively = ({ question, tokens, candidates, text }: Line): Answer => ({
  question,
  reply: text.trim(),
  written: tokens.filter(({ from }) => from !== "question").map(({ text }) => visible(text)).join(" "),
  programs: candidates.map(({ tokens }) => tokens.join(" ")),
});

async function here(page: Page, question: string, timeout: number): Promise<Answer> {
  await ask(page, question, timeout);
  const written = await page.locator('[data-testid="stream"] [data-token]:not([data-origin="question"])').allTextContents();
  const programs = await page.locator(".wat-tokens").allTextContents();
  // One that was cut off says so.
  const reply = ((await page.getByTestId("reply").textContent()) ?? "").replace(" … (cut off)", "").trim();
  return { question, reply, written: written.join(" "), programs: programs.map((text) => text.trim()) };
}

test("held-out questions are answered with the same tokens and programs as natively", async ({ page }) => {
  test.skip(LINES.length === 0, NO_FILE);
  test.setTimeout(300_000);
  await openAsk(page);
  for (const line of LINES) expect.soft(await here(page, line.question, 30_000)).toEqual(natively(line));
  // Of every set and split there are some that need nothing of the host.
  const groups = (lines: Line[]): string[] => [...new Set(lines.map(({ set, split }) => `${set}, ${split}`))];
  expect(groups(LINES)).toEqual(groups(ALL));
});

test("WebGPU writes the same text and the same programs", async ({ page }) => {
  test.skip(!GPU, "the site has no WebGPU engine: it was built with --no-gpu");
  test.setTimeout(600_000);
  // SwiftShader computes on few cores here: the first of each set whose text is not long (a list of 45 numbers takes minutes).
  const short = LINES.filter(({ tokens }) => tokens.length <= 150);
  const first = short.filter(({ set }, at) => short.findIndex((line) => line.set === set) === at);
  expect(first.map(({ set }) => set).sort()).toEqual([...new Set(LINES.map(({ set }) => set))].sort());
  const questions = first.length > 0 ? first.map(({ question }) => question) : ["Calculate 12 * 11", "Who wrote Hamlet?"];
  const answers = async (timeout: number): Promise<Answer[]> => {
    const all: Answer[] = [];
    for (const question of questions) all.push(await here(page, question, timeout));
    return all;
  };
  await openAsk(page);
  const onCpu = await answers(30_000);
  if (first.length > 0) expect(onCpu).toEqual(first.map(natively));
  await page.getByTestId("ask-gpu").click();
  await isReady(page, "; WebGPU; loaded", 300_000);
  expect(await answers(200_000)).toEqual(onCpu);
});
