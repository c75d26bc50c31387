// The editor for whole modules, as `?test` puts it on a page: what it does, and what there is without its bundle.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { open, test } from "./app";
import { SITE } from "./site";

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

const SWAP = `(module
  (func $swap (param $first i32) (param $second i32)
    local.get $second
    drop)
)`;

/** The editor, or the text field in its place. */
const field = (page: Page): Locator => page.getByRole("textbox", { name: "Module" });

/** What the page holds. */
const held = (page: Page): Locator => page.getByRole("textbox", { name: "What the page holds" });

/** Asks for an editor. */
async function ask(page: Page): Promise<void> {
  await open(page, "learn", "?test");
  await page.evaluate(() => (window as unknown as { worldmodelEditor(): void }).worldmodelEditor());
}

/** Waits until it has come, or not. */
async function becomes(page: Page, state: "loading" | "ready" | "failed"): Promise<void> {
  await expect(page.getByTestId("code-editor")).toHaveAttribute("data-state", state);
}

/** An editor with a text that the page has put there. */
async function openWith(page: Page, text: string): Promise<void> {
  await ask(page);
  await becomes(page, "ready");
  await held(page).fill(text);
  await expect(page.locator(".cm-content")).toContainText(text.split("\n").at(-1) ?? "");
}

/** Places the cursor behind a line's last character. */
async function goTo(page: Page, line: number): Promise<void> {
  await page.locator(".cm-line").nth(line - 1).click();
  await page.keyboard.press("End");
}

/** What axe finds in the editor. */
async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(".editor-trial").withTags(STANDARDS).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 140)} · ${node.failureSummary}`));
}

/** Holds the bundle back until the promise that the function returns is called for. */
async function holdBack(page: Page): Promise<() => void> {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/editor/editor-*.js", async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

test("the bundle comes with the first editor, not with the page", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await ask(page);
  await becomes(page, "ready");
  const bundles = asked.filter((path) => path.startsWith(`/${SITE}editor/`));
  expect(bundles).toHaveLength(1);
  expect(bundles[0]).toMatch(/editor-[A-Z0-9]{8}\.js$/);
  const address = `${SITE}editor/licences.txt`;
  const licences = await page.evaluate((address) => fetch(address).then((response) => response.text()), address);
  expect(licences).toContain("@codemirror/view");
});

test("what is typed reaches the page, indented and with its brackets closed", async ({ page }) => {
  await openWith(page, "");
  await field(page).click();
  await page.keyboard.type("(func $main");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.keyboard.type("nop ");
  await expect(held(page)).toHaveValue("(func $main\n  nop \n)");
  await page.keyboard.press("ControlOrMeta+z");
  await expect(held(page)).not.toHaveValue(/nop/);
});

test("the page's text replaces the editor's", async ({ page }) => {
  await openWith(page, SWAP);
  await held(page).fill(SWAP.replace("drop", "return"));
  await expect(page.locator(".cm-content")).toContainText("return)");
  await field(page).click();
  await page.keyboard.press("ControlOrMeta+z");
  await expect(held(page)).toHaveValue(SWAP);
});

test("problems are shown at their characters, also behind others than ASCII", async ({ page }) => {
  await openWith(page, ';; naïve € 😀 wrong\n(data "wrong")');
  await expect(page.locator(".cm-lintRange-error")).toHaveText(["wrong", "wrong"]);
  const before = await page.locator(".cm-lintRange-error").evaluateAll((all) => all.map((one) => one.previousSibling?.textContent));
  expect(before[0]).toBe(";; naïve € 😀 ");
  await field(page).focus();
  await page.keyboard.press("F8");
  await expect(page.locator(".cm-tooltip-lint")).toContainText("Say something else");
  await page.keyboard.press("ControlOrMeta+Shift+M");
  const list = page.getByRole("listbox", { name: "Diagnostics" });
  await expect(list).toBeFocused();
  await expect(list.getByRole("option")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(field(page)).toBeFocused();
  await held(page).fill("(module)");
  await expect(page.locator(".cm-lintRange-error")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /problem/ })).toHaveCount(0);
});

test("a list of problems opens with a press", async ({ page }) => {
  await openWith(page, "wrong");
  const button = page.getByRole("button", { name: "1 problem" });
  await expect(button).toHaveAttribute("aria-expanded", "false");
  await button.click();
  await expect(button).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByRole("option", { name: "this is wrong" })).toBeVisible();
});

test("a press on a line's number and a key run to that line, which is lit and marked", async ({ page }) => {
  await openWith(page, `;; 😀 é\n${SWAP}`);
  await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^4$/ }).click();
  await expect(page.locator(".wat-current-line")).toHaveText("    local.get $second");
  expect((await page.locator(".wat-current").allTextContents()).join("")).toBe("local.get $second");
  await expect(page.locator(".wat-marked-number")).toHaveText("4");
  await goTo(page, 5);
  await page.keyboard.press("ControlOrMeta+Shift+Enter");
  await expect(page.locator(".wat-marked-number")).toHaveText("5");
  await expect(page.locator(".wat-current-line")).toHaveText("    drop)");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.locator(".wat-current-line")).toHaveCount(0);
  await expect(page.locator(".wat-marked-number")).toHaveCount(0);
  await expect(held(page)).toHaveValue(`;; 😀 é\n${SWAP}`);
});

test("the current line is scrolled into view, and nothing else moves", async ({ page }) => {
  await openWith(page, `${"nop\n".repeat(200)}drop`);
  await goTo(page, 3);
  const before = await page.evaluate(() => window.scrollY);
  await page.locator(".cm-scroller").evaluate((scroller) => (scroller.scrollTop = scroller.scrollHeight));
  const last = page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^201$/ });
  await last.click();
  await expect(page.locator(".wat-current-line")).toHaveText("drop");
  // The key, on the line where the cursor still is.
  await page.keyboard.press("ControlOrMeta+Shift+Enter");
  await expect(page.locator(".wat-current-line")).toBeInViewport();
  await expect(page.locator(".wat-marked-number")).toHaveText("3");
  await expect(field(page)).toBeFocused();
  expect(await page.evaluate(() => window.scrollY)).toBe(before);
});

test("instructions and names are completed, and explained", async ({ page }) => {
  await openWith(page, SWAP);
  await goTo(page, 3);
  await page.keyboard.press("Enter");
  await page.keyboard.type("i32.rem");
  const options = page.getByRole("listbox", { name: "Completions" }).getByRole("option");
  await expect(options).toHaveText([/^i32\.rem_s/, /^i32\.rem_u/]);
  await expect(page.locator(".cm-completionInfo")).toContainText("What a signed division leaves");
  // CodeMirror ignores keys for 75 ms after the list has come: nobody can mean them.
  await page.waitForTimeout(200);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(held(page)).toHaveValue(/\n {4}i32\.rem_u\n/);
  await page.keyboard.press("Enter");
  await page.keyboard.type("local.get $");
  await expect(options).toHaveText([/^\$first/, /^\$second/, /^\$swap/]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("ControlOrMeta+z");
  await page.locator(".cm-line", { hasText: "drop" }).getByText("drop").hover();
  await expect(page.locator(".cm-tooltip-hover")).toContainText("Takes a value off the stack and forgets it");
  await page.keyboard.press("Escape");
  await expect(page.locator(".cm-tooltip-hover")).toHaveCount(0);
});

test("words have colours by what they are", async ({ page }) => {
  await openWith(page, '(; a (; nested ;) one ;) (func $f i32.const -0x1F loop end "open\ni32.cnst nop');
  const parts = (name: string): Locator => page.locator(`.cm-content .wat-${name}`);
  await expect.poll(() => parts("comment").allTextContents().then((all) => all.join(""))).toBe("(; a (; nested ;) one ;)");
  await expect(parts("structure")).toHaveText(["func"]);
  await expect(parts("operation")).toHaveText(["i32.const", "nop"]);
  await expect(parts("control")).toHaveText(["loop", "end"]);
  await expect(parts("number")).toHaveText(["-0x1F"]);
  await expect(parts("string")).toHaveText(['"open']);
});

test("Tab indents, and Escape with Tab leaves", async ({ page }) => {
  await openWith(page, "nop");
  await goTo(page, 1);
  await page.keyboard.press("Tab");
  await expect(held(page)).toHaveValue("  nop");
  await page.keyboard.press("Shift+Tab");
  await expect(held(page)).toHaveValue("nop");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(held(page)).toBeFocused();
});

test("it searches, and folds what belongs together", async ({ page }) => {
  await openWith(page, SWAP);
  await goTo(page, 1);
  await page.keyboard.press("ControlOrMeta+f");
  await expect(page.getByRole("textbox", { name: "Find" })).toBeFocused();
  await page.keyboard.type("$second");
  await expect(page.locator(".cm-searchMatch")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(field(page)).toBeFocused();
  await page.locator(".cm-foldGutter [title='Fold line']:visible").nth(1).click();
  await expect(page.locator(".cm-content")).toContainText("(param $second i32)…)");
});

test("it may be closed and opened again, and the last change is not lost", async ({ page }) => {
  await openWith(page, "nop");
  await goTo(page, 1);
  const close = page.getByRole("button", { name: "Open or close" });
  // In one go: the frame after which the page would hear of the change does not come.
  await page.evaluate(() => {
    document.querySelector<HTMLElement>(".cm-content")?.focus();
    document.execCommand("insertText", false, "p");
  });
  await close.evaluate((button: HTMLElement) => button.click());
  await expect(page.getByTestId("code-editor")).toHaveCount(0);
  await expect(held(page)).toHaveValue("nopp");
  await close.click();
  await becomes(page, "ready");
  await expect(page.locator(".cm-line")).toHaveText("nopp");
});

test("until the bundle comes there is a text field, and it loses nothing", async ({ page }) => {
  const release = await holdBack(page);
  await ask(page);
  await becomes(page, "loading");
  await expect(page.getByTestId("code-editor-hint")).toContainText("loading");
  const plain = page.getByTestId("code-editor-plain");
  await plain.fill("one\ntwo wrong");
  await expect(held(page)).toHaveValue("one\ntwo wrong");
  await expect(plain).toHaveAttribute("aria-invalid", "true");
  await plain.press("ControlOrMeta+Shift+Enter");
  await plain.press("ArrowLeft");
  await page.keyboard.type("!");
  release();
  await becomes(page, "ready");
  await expect(plain).toBeHidden();
  await expect(page.locator(".cm-content")).toBeFocused();
  await expect(page.locator(".wat-marked-number")).toHaveText("2");
  await page.keyboard.type("?");
  await expect(held(page)).toHaveValue("one\ntwo wron!?g");
});

test("without the bundle the text field stays, and says so", async ({ page, problems }) => {
  await page.route("**/editor/editor-*.js", (route) => route.abort());
  await ask(page);
  await becomes(page, "failed");
  await expect(page.getByTestId("code-editor-hint")).toContainText("could not be loaded");
  await field(page).fill("(module\n  (func))");
  await expect(held(page)).toHaveValue("(module\n  (func))");
  await held(page).fill("nop");
  await expect(field(page)).toHaveValue("nop");
  expect(await violations(page)).toEqual([]);
  // The bundle that did not come, and nothing else.
  expect(problems.filter((problem) => !/editor\/editor-|ERR_FAILED/.test(problem))).toEqual([]);
  problems.length = 0;
});

for (const look of ["light", "dark", "phone"] as const) {
  test(`in ${look} it has no violation`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: look === "dark" ? "dark" : "light", reducedMotion: "reduce" });
    if (look === "phone") await page.setViewportSize({ width: 320, height: 640 });
    await openWith(page, `;; wrong\n${SWAP}`);
    const check = async (name: string): Promise<void> => {
      await page.locator(".editor-trial").screenshot({ path: `screenshots/code-editor-${name}-${look}.png` });
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
    };
    await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: /^4$/ }).click();
    await page.getByRole("button", { name: "1 problem" }).click();
    await goTo(page, 5);
    await check("run");
    await page.keyboard.press("Enter");
    await page.keyboard.type("local.g");
    await expect(page.locator(".cm-completionInfo")).toBeVisible();
    await check("completion");
    await page.keyboard.press("Escape");
    await page.keyboard.press("ControlOrMeta+f");
    await check("search");
  });
}
