// The lessons: every figure computes, reacts and leads into the X-ray; the slides; the tours, step by step.
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { THREE_PLUS_FIVE, nav, number, open, outputs, tabTo, test, type } from "./app";
import { ask, isReady, slide } from "./ask";
import { fits, violations } from "./axe";

const SECTIONS = ["program", "choice", "lookup", "sum", "quadratic", "gates", "carries", "taps", "limits"];
const TOURS = ["addition", "loop", "recursion", "question"];
const SLIDES = 15;

/** A figure that has been computed. */
async function computed(page: Page, name: string): Promise<Locator> {
  const figure = page.getByTestId(`figure-${name}`);
  await expect(figure).toHaveAttribute("aria-busy", "false");
  await expect(figure.locator(".lesson-waits")).toHaveCount(0);
  return figure;
}

/** A figure of nano with its answer. */
async function answered(page: Page, name: string, reply: RegExp): Promise<Locator> {
  const figure = page.getByTestId(`figure-${name}`);
  await expect(figure.getByTestId("nano-state")).toContainText("Computed here, now, by nano", { timeout: 30_000 });
  await expect(figure.getByTestId("nano-parts")).toHaveAttribute("aria-busy", "false");
  await expect(figure).toContainText(reply);
  return figure;
}

/** Follows a figure's last link: the X-ray looks at the position, the layer and the part that it names. */
async function opensXray(page: Page, figure: Locator): Promise<void> {
  const link = figure.getByTestId("open-xray");
  const [, position, layer, part] = /position (\d+), layer (\d+)(?:, “(.*)”)?$/.exec((await link.textContent()) ?? "") ?? [];
  await link.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("X-ray");
  await expect(page.getByTestId("position")).toHaveText(new RegExp(`^position ${position} of `));
  await expect(page.getByTestId("xray-layer-title")).toHaveText(new RegExp(`^Layer ${layer}: `));
  if (part) await expect(page.locator('[aria-expanded="true"]', { hasText: part })).toBeVisible();
}

const field = (figure: Locator, name: string): Locator => figure.getByRole("spinbutton", { name, exact: true });

test("the contents lead to every section, every slide and every tour", async ({ page }) => {
  await open(page, "learn");
  const contents = page.getByTestId("learn-contents");
  await expect(contents.locator(".learn-sections a")).toHaveCount(SECTIONS.length);
  await expect(contents.locator(".learn-slides a")).toHaveCount(SLIDES);
  await expect(contents.locator(".tour-list button")).toHaveCount(TOURS.length);
  await contents.locator(".learn-sections a").first().click();
  for (const [place, name] of SECTIONS.entries()) {
    await expect(page.getByTestId("lesson")).toHaveAttribute("data-lesson", name);
    await expect(page.getByRole("main")).toBeFocused();
    expect(new URL(page.url()).hash).toBe(`#/learn/${name}`);
    await expect(page).toHaveTitle(/ · Learn · WorldModel X-ray$/);
    if (place + 1 < SECTIONS.length) await page.getByTestId("lesson-next").click();
  }
  await expect(page.getByTestId("lesson-next")).toHaveCount(0);
  await page.goBack();
  await expect(page.getByTestId("lesson")).toHaveAttribute("data-lesson", "taps");
});

test("program: the question is answered by a program, and opens on the Ask page", async ({ page }) => {
  await open(page, "learn/program");
  const figure = await answered(page, "program", /391/);
  await expect(figure.locator("mark")).toHaveText("391");
  await figure.getByTestId("ask-alone").click();
  await expect(figure.getByTestId("alone")).not.toContainText("391");
  await figure.getByTestId("lesson-question").fill("Calculate 1234 * 5678");
  await figure.getByTestId("lesson-ask").click();
  await expect(figure.locator("mark")).toHaveText(/7,?006,?652/);
  await figure.getByTestId("open-xray").click();
  await expect(page.getByTestId("question")).toHaveValue("Calculate 1234 * 5678");
  await isReady(page);
  await expect(page.getByTestId("inside")).toBeVisible();
  await expect(page.getByTestId("reply")).toContainText(/7,?006,?652/);
});

test("a part that is replaced in a lesson is answered without beside the answer, and is of that question only", async ({ page }) => {
  await open(page, "learn/program");
  const program = await answered(page, "program", /391/);
  const without = async (gate: number): Promise<void> => {
    await program.getByTestId("part-kind").selectOption("gate");
    await program.getByTestId("part-number").fill(`3.${gate}`);
    await program.getByTestId("part-add").click();
    await expect(program.getByTestId("off-part")).toHaveText(`tap at layer 3, gate ${gate} ×`);
    await program.getByTestId("compare").click();
  };
  await program.getByTestId("ask-inside").click();
  await without(0);
  await expect(program.getByTestId("replaced")).toHaveText("Replaced: tap at layer 3, gate 0 at zero.");
  await expect(program.getByTestId("changed-before").locator(".reply")).toContainText("391");
  await expect(program.getByTestId("changed-after").locator(".reply")).toBeVisible();
  // Neither another question nor another section has anything to do with it.
  await program.getByRole("button", { name: "Calculate 12 * 11" }).click();
  await expect(program.getByTestId("reply").locator("mark")).toHaveText("132");
  await expect(program.getByTestId("off-part")).toHaveCount(0);
  await expect(program.getByTestId("changed")).toHaveCount(0);
  await without(1);
  await expect(program.getByTestId("changed")).toBeVisible();
  await page.evaluate(() => (location.hash = "#/learn/taps"));
  const taps = await answered(page, "taps", /12/);
  await expect(taps.getByTestId("off")).toBeVisible();
  await expect(taps.getByTestId("off-part")).toHaveCount(0);
  await expect(taps.getByTestId("changed")).toHaveCount(0);
});

test("choice: the published rule answers 144, and its terms decide it", async ({ page }) => {
  await open(page, "learn/choice");
  const rule = await computed(page, "rule");
  await expect(rule.getByTestId("rule-says")).toHaveText("The rule answers 144.");
  await expect(rule.locator(".wins")).toContainText("3.500");
  await slide(rule.getByTestId("rule-layer"), 0);
  await expect(rule.getByTestId("rule-says")).toContainText("The scores of 132 and 144 are equal");
  const ours = await answered(page, "choice", /132/);
  await expect(ours.getByTestId("scores")).toBeVisible();
  const before = await ours.getByTestId("total-0").textContent();
  await slide(ours.getByTestId("weight-3"), -2);
  await expect(ours.getByTestId("total-0")).not.toHaveText(before ?? "");
  await ours.getByTestId("rule-original").click();
  await expect(ours.getByTestId("total-2")).toHaveAttribute("data-wins", "true");
});

test("lookup: the latest store to a cell is found, and 0 where there was none", async ({ page }) => {
  await open(page, "learn/lookup");
  const figure = await computed(page, "lookup");
  const answer = figure.getByTestId("cell-answer");
  await expect(answer).toHaveText("It brought back 33 and the tag 512. A cell that was stored to would have the tag 512 + 0. The answer is 33.");
  await field(figure, "Read cell").fill("1");
  await expect(answer).toContainText("The answer is 22.");
  await field(figure, "Read cell").fill("2");
  await expect(answer).toHaveText("It brought back 44 and the tag 515. A cell that was stored to would have the tag 512 + 2. The answer is 0.");
  await field(figure, "Read cell").fill("3");
  await expect(answer).toContainText("The answer is 44.");
  await opensXray(page, figure);
});

test("sum: each instruction brings its change of depth", async ({ page }) => {
  await open(page, "learn/sum");
  const figure = await computed(page, "sum");
  await expect(figure.getByTestId("sum-chart").locator("svg")).toBeVisible();
  const sums = (): Promise<number[]> =>
    figure.getByTestId("sum-table").locator("tbody td:last-child").evaluateAll((cells) => cells.map((cell) => Number(cell.textContent?.replace("−", "-"))));
  await expect.poll(sums).toEqual([1, 2, 3, 2]);
  await expect(figure.getByTestId("sum-says")).toContainText("STACK_DEPTH is 3");
  await figure.getByRole("slider").fill("5");
  await expect.poll(sums).toEqual([1, 2, 3, 2, 1, 0]);
  await figure.getByRole("textbox", { name: "Program" }).fill("i32.const 9\ni32.const 8\noutput\n");
  await expect.poll(sums).toEqual([1, 2, 1]);
  await figure.getByRole("textbox", { name: "Program" }).fill("i32.const 9\ni32.ad\n");
  await expect(figure.getByTestId("figure-problem")).toContainText("Line 2");
  await figure.getByRole("textbox", { name: "Program" }).fill("i32.const 9\noutput\n");
  await expect(figure.getByTestId("figure-problem")).toHaveCount(0);
  await opensXray(page, figure);
  await nav(page, "REPL").click();
  await expect(outputs(page)).toHaveText(["9"]);
});

test("quadratic: the key that is asked for wins, and the token at the result", async ({ page }) => {
  await open(page, "learn/quadratic");
  const figure = await computed(page, "quadratic");
  await expect(figure.getByTestId("keys-chart-0").locator("svg")).toBeVisible();
  await expect(figure.getByTestId("keys-chart-1").locator("svg")).toBeVisible();
  await expect(figure.getByTestId("keys-says")).toContainText("asks with q = (4, 1) for 4");
  await figure.getByRole("slider").fill("7");
  await expect(figure.getByTestId("keys-says")).toContainText("asks with q = (7, 1) for 7");
  await expect(figure.getByTestId("keys-says")).toContainText("scores 49");
  const logits = await computed(page, "logits");
  await field(logits, "a").fill("61");
  await expect(logits.getByTestId("logits-says")).toHaveText("RESULT is 101. Token 101 scores 10201, the most; the next one scores 10200.");
  await opensXray(page, figure);
});

test("gates: a product is one neuron, and the opcode decides who speaks", async ({ page }) => {
  await open(page, "learn/gates");
  const product = await computed(page, "product");
  const numbers = async (figure: Locator): Promise<number[]> =>
    (await figure.getByTestId("neurons-table").locator("tbody tr").first().locator("td").allTextContents()).map(number);
  await expect.poll(() => numbers(product)).toEqual([7, 6, 42]);
  await field(product, "a").fill("12");
  await field(product, "b").fill("11");
  await expect.poll(() => numbers(product)).toEqual([12, 11, 132]);
  // What is typed beyond the range is refused aloud, and the field goes back to what is computed with.
  const a = field(product, "a");
  await a.fill("");
  await a.pressSequentially("300");
  await expect(a).toHaveValue("300");
  await expect(a).toHaveAttribute("aria-invalid", "true");
  await expect(product.getByTestId("number-range")).toHaveText("A whole number from 0 to 255. Computed with 30.");
  await expect.poll(async () => (await numbers(product)).slice(0, 2)).toEqual([30, 11]);
  await a.press("Enter");
  await expect(a).toHaveValue("30");
  await expect(a).toHaveAttribute("aria-invalid", "false");
  await expect(product.getByTestId("number-range")).toHaveCount(0);
  await a.fill("12");
  await product.getByRole("combobox", { name: "Operation" }).selectOption("i32.and");
  await expect(product.getByTestId("neurons-says")).toContainText("The model's answer is 8.");
  const gates = await computed(page, "gates");
  await expect(gates.getByTestId("neurons-table").locator("tr.silent")).toHaveCount(42);
  await expect(gates.getByTestId("neurons-says")).toContainText("RESULT from 0 to 1");
  await opensXray(page, product);
});

test("carries: bytes are cut at 255, or carried", async ({ page }) => {
  await open(page, "learn/carries");
  const cut = await computed(page, "saturate");
  await expect(cut.getByTestId("neurons-says")).toContainText("RESULT from 0 to 255");
  const figure = await computed(page, "carries");
  await expect(figure.getByTestId("carries-says")).toHaveText("The four bytes, the last one highest, are 300; wasmi agrees.");
  const carried = (): Promise<string[]> => figure.locator('[data-testid^="carry-"]').evaluateAll((cells) => cells.map((cell) => cell.firstChild?.textContent ?? ""));
  expect(await carried()).toEqual(["–", "1", "0", "0"]);
  await field(figure, "a").fill("4294967295");
  await field(figure, "b").fill("1");
  await expect.poll(carried).toEqual(["–", "1", "1", "1"]);
  await expect(figure.getByTestId("carries-says")).toContainText("are 0; wasmi agrees");
  await figure.getByRole("combobox", { name: "Operation" }).selectOption("i32.sub");
  await field(figure, "a").fill("0");
  await expect(figure.getByTestId("carries-says")).toContainText("are -1; wasmi agrees");
  await expect.poll(carried).toEqual(["–", "−1", "−1", "−1"]);
  await opensXray(page, figure);
});

test("taps: a program's token shows what it looked at", async ({ page }) => {
  await open(page, "learn/taps");
  const figure = await answered(page, "taps", /12/);
  await expect(figure.locator(".program")).toHaveCount(3);
  await figure.getByTestId("wat-at-1").fill("4");
  await expect(figure.getByTestId("looked-1")).toContainText("%");
  await expect(figure.locator('.ask-token[style*="--heat"]').first()).toBeVisible();
  await figure.getByTestId("lesson-question").fill("Who wrote Hamlet?");
  await figure.getByTestId("lesson-question").press("Enter");
  await expect(figure.locator(".program")).toHaveCount(0);
});

test("limits: what the host did, step by step", async ({ page }) => {
  await open(page, "learn/limits");
  const figure = await computed(page, "host");
  await expect(figure.getByTestId("host-table")).toContainText("jumped back to the loop at 2; iteration 2 starts");
  await expect(figure.getByTestId("host-says")).toContainText("39 forward passes. After 12 of them");
  await figure.getByRole("combobox", { name: "Program" }).selectOption({ label: "Write a file and read it back" });
  await expect(figure.getByTestId("host-table")).toContainText("opened file");
  await opensXray(page, figure);
});

test("a figure disturbs neither the run nor the question of other pages", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await nav(page, "Ask").click();
  await isReady(page);
  await ask(page, "Calculate 2 + 2");
  await nav(page, "Learn").click();
  await page.getByRole("link", { name: "Gating as if" }).click();
  await computed(page, "product");
  await page.evaluate(() => (location.hash = "#/learn/program"));
  await answered(page, "program", /391/);
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("xray-strip").getByRole("option")).toHaveCount(1 + 4 * 5 + 1 + 4);
  await page.getByTestId("xray-logits").locator(".xr-number").first().click();
  await expect(page.getByTestId("explain-verdict")).toHaveText("the same");
  await nav(page, "Ask").click();
  await expect(page.getByTestId("reply")).toContainText("4");
  await expect(page.getByTestId("question")).toHaveValue("Calculate 2 + 2");
  // And what was left is computed anew.
  await page.evaluate(() => (location.hash = "#/learn/gates"));
  await computed(page, "product");
});

test("Share gives a lesson's own address", async ({ page, context }) => {
  await open(page, "learn/deck/7");
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByTestId("share-link")).toHaveValue(/#\/learn\/deck\/7$/);
  await expect(page.getByTestId("share-opens")).toHaveText("It opens Learn, “Slide 7: Then: what are the operands?”.");
  const link = await page.getByTestId("share-link").inputValue();
  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByTestId("deck-at")).toHaveText("Slide 7 of 15");
  await other.goto(link.replace("deck/7", "nothing"));
  await expect(other.getByTestId("learn-contents")).toBeVisible();
});

test("the slides turn by keys, each with a figure that computed", async ({ page }) => {
  await open(page, "learn/deck");
  const here = page.locator('.slide[data-here="true"]');
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 1 of 15");
  for (let slide = 1; slide <= SLIDES; slide += 1) {
    await expect(here).toHaveAttribute("data-testid", `slide-${slide}`);
    await expect(here.locator("h2")).toBeVisible();
    await expect(here.locator(".lesson-figure")).toHaveAttribute("aria-busy", "false");
    await expect(here.locator(".lesson-waits, [role=alert]")).toHaveCount(0);
    await expect(here.locator(".lesson-content").locator("table, svg, .lesson-strip, .lesson-output").first()).toBeVisible();
    await expect(here.getByTestId("open-xray")).toBeVisible();
    if (slide < SLIDES) await page.keyboard.press("ArrowRight");
  }
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 15 of 15");
  expect(new URL(page.url()).hash).toBe("#/learn/deck/15");
  // Where a slide fits the screen, nothing is to be scrolled, and the keys for that turn the slides.
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 720 };
  await page.setViewportSize({ width, height: 3000 });
  await page.keyboard.press("Home");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 1 of 15");
  await page.keyboard.press("PageDown");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 2 of 15");
  await page.keyboard.press("End");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 15 of 15");
  await page.keyboard.press("PageUp");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 14 of 15");
  // Where it does not fit, they scroll it.
  await page.setViewportSize({ width, height: 320 });
  await page.keyboard.press("End");
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(0);
  await page.keyboard.press("Home");
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
  await page.keyboard.press("PageDown");
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(0);
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 14 of 15");
  await page.setViewportSize({ width, height });
  // No letter does anything, and outside of the deck no key.
  await page.keyboard.press("f");
  expect(await page.evaluate(() => document.fullscreenElement)).toBeNull();
  await nav(page, "Learn").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 14 of 15");
  await page.getByTestId("deck-print").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 15 of 15");
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 14 of 15");
  await page.getByTestId("deck-back").click();
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 13 of 15");
  // A field keeps its keys.
  await field(here, "a").press("ArrowLeft");
  await expect(page.getByTestId("deck-at")).toHaveText("Slide 13 of 15");
  await field(here, "a").fill("200");
  await expect(here.getByTestId("neurons-says")).toContainText("The model's answer is 210.");
});

test("the slides print one to a page", async ({ page }) => {
  await open(page, "learn/deck/3");
  for (let slide = 1; slide <= SLIDES; slide += 1) {
    await expect(page.getByTestId(`slide-${slide}`).locator(".lesson-figure")).toHaveAttribute("aria-busy", "false");
  }
  const pdf = await page.pdf({ preferCSSPageSize: true });
  expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)).toHaveLength(SLIDES);
  await page.emulateMedia({ media: "print" });
  for (let slide = 1; slide <= SLIDES; slide += 1) {
    const one = page.getByTestId(`slide-${slide}`);
    await expect(one.locator("h2")).toBeVisible();
    // Nothing of a figure is cut off but what scrolls on the screen.
    expect(await one.evaluate((element) => element.scrollHeight - element.clientHeight), `slide ${slide}`).toBeLessThanOrEqual(1);
  }
  await expect(page.getByRole("banner")).toBeHidden();
});

test("printing gives the theme back that was there before", async ({ page }) => {
  await open(page, "learn/deck/3");
  const root = page.locator("html");
  const tell = (...names: string[]): Promise<void> =>
    page.evaluate((names) => names.forEach((name) => window.dispatchEvent(new Event(name))), names);
  await page.evaluate(() => document.documentElement.setAttribute("data-theme", "dark"));
  await tell("beforeprint", "beforeprint");
  await expect(root).toHaveAttribute("data-theme", "light");
  await tell("afterprint");
  await expect(root).toHaveAttribute("data-theme", "dark");
  // What was chosen since is not undone by an end that had no beginning.
  await page.evaluate(() => document.documentElement.removeAttribute("data-theme"));
  await tell("afterprint");
  await expect(root).not.toHaveAttribute("data-theme");
  // And when somebody leaves meanwhile.
  await page.evaluate(() => document.documentElement.setAttribute("data-theme", "dark"));
  await tell("beforeprint");
  await expect(root).toHaveAttribute("data-theme", "light");
  await page.getByRole("link", { name: "All lessons" }).first().click();
  await expect(page.getByTestId("learn-contents")).toBeVisible();
  await expect(root).toHaveAttribute("data-theme", "dark");
});

for (const name of TOURS) {
  test(`the tour “${name}” says what is there, at every step`, async ({ page }) => {
    test.setTimeout(90_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open(page, "learn");
    await page.getByTestId(`tour-${name}`).focus();
    await page.keyboard.press("Enter");
    const tour = page.getByTestId("tour");
    await expect(tour).toBeFocused();
    const texts = new Set<string>();
    const [, steps] = /of (\d+)/.exec((await page.getByTestId("tour-at").textContent()) ?? "") ?? [];
    for (let step = 1; step <= Number(steps); step += 1) {
      await expect(page.getByTestId("tour-at")).toHaveText(`${step} of ${steps}`);
      await expect(tour).toHaveAttribute("data-ready", "true", { timeout: 30_000 });
      await expect(tour.locator('.tour-value:not([data-claim="ok"])')).toHaveCount(0);
      const marked = page.locator("[data-toured]");
      await expect(marked).toHaveCount(1);
      await expect(marked).toBeInViewport();
      texts.add((await page.getByTestId("tour-text").textContent()) ?? "");
      if (step < Number(steps)) await page.keyboard.press("ArrowRight");
    }
    expect(texts.size).toBe(Number(steps));
    await page.keyboard.press("ArrowLeft");
    await expect(page.getByTestId("tour-at")).toHaveText(`${Number(steps) - 1} of ${steps}`);
    await page.getByTestId("tour-next").press("Enter");
    await expect(page.getByTestId("tour-next")).toHaveText("End");
    await page.getByTestId("tour-next").press("Enter");
    await expect(tour).toHaveCount(0);
    await expect(page.getByRole("main")).toBeFocused();
  });
}

test("a tour begins in the X-ray, ends with Escape, and undo brings the program back", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 77", "output");
  await nav(page, "X-ray").click();
  await page.getByTestId("xray-tours").press("Enter");
  await page.getByTestId("tour-loop").click();
  await expect(page.getByTestId("tour")).toHaveAttribute("data-ready", "true");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("tour")).toHaveCount(0);
  await nav(page, "REPL").click();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(outputs(page)).toHaveText(["77"]);
});

test("a tour of a question gives the question before it back", async ({ page }) => {
  await open(page, "ask");
  await isReady(page);
  await ask(page, "Calculate 2 + 2");
  await nav(page, "Learn").click();
  await page.getByTestId("tour-question").click();
  await expect(page.getByTestId("tour")).toHaveAttribute("data-ready", "true", { timeout: 30_000 });
  await page.getByTestId("tour-close").click();
  await expect(page.getByTestId("question")).toHaveValue("Calculate 2 + 2");
  await expect(page.getByTestId("reply")).toContainText("4");
});

test("a lesson is read with the keyboard alone", async ({ page }) => {
  await open(page, "learn");
  await tabTo(page, page.getByRole("link", { name: "Gating as if" }));
  await page.keyboard.press("Enter");
  const figure = await computed(page, "product");
  await tabTo(page, field(figure, "a"));
  await page.keyboard.press("ArrowUp");
  await expect(figure.getByTestId("neurons-says")).toContainText("The model's answer is 48.");
  await tabTo(page, figure.getByTestId("open-xray"));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("X-ray");
});

const LOOKS = ["learn/choice", "learn/quadratic", "learn/gates", "learn/carries", "learn/taps", "learn/deck/4", "learn/deck/9", "tour"];

/** Opens a part of the lessons with everything computed. */
async function openPart(page: Page, part: string): Promise<void> {
  if (part === "tour") {
    await open(page, "learn");
    await page.getByTestId("tour-addition").click();
    await page.getByTestId("tour-next").click();
    await expect(page.getByTestId("tour")).toHaveAttribute("data-ready", "true");
    return;
  }
  await open(page, part);
  for (const figure of await page.locator(".lesson-figure[aria-busy]").all()) await expect(figure).toHaveAttribute("aria-busy", "false");
  if (part === "learn/choice") await answered(page, "choice", /132/);
  if (part === "learn/taps") await answered(page, "taps", /12/);
}

for (const part of LOOKS) {
  const name = part.replaceAll("/", "-");
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${part} in ${colorScheme} has no violation`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await openPart(page, part);
      await page.screenshot({ path: `screenshots/${name}-${colorScheme}.png`, fullPage: true });
      expect(await violations(page, ["wcag22aa"])).toEqual([]);
    });
  }

  test(`${part} fits a phone`, async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await openPart(page, part);
    await page.screenshot({ path: `screenshots/${name}-phone.png`, fullPage: true });
    await fits(page, 360);
  });
}

test("nothing moves where motion is reduced", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openPart(page, "tour");
  await page.evaluate(() => ((window as unknown as { moved: number }).moved = 0));
  await page.evaluate(() => addEventListener("animationstart", () => ((window as unknown as { moved: number }).moved += 1), true));
  await page.getByTestId("tour-next").click();
  await expect(page.getByTestId("tour-at")).toHaveText("3 of 9");
  await expect(page.getByTestId("tour")).toHaveAttribute("data-ready", "true");
  expect(await page.evaluate(() => (window as unknown as { moved: number }).moved)).toBe(0);
});
