// Parts of the model replaced while it answers a question, and the two answers side by side.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { ask, computed, openAsk, reply, share, slide, test } from "./ask";

/** Names a part by its kind and number, with a value if there is one. */
async function replace(page: Page, kind: string, number: string, value = ""): Promise<void> {
  await page.getByTestId("part-kind").selectOption(kind);
  await page.getByTestId("part-number").fill(number);
  await page.getByTestId("part-value").fill(value);
  await page.getByTestId("part-add").click();
}

/** Asks something and opens what is inside. */
async function lookInside(page: Page, question = "Calculate 12 * 11", result = "132"): Promise<void> {
  await openAsk(page);
  await ask(page, question);
  await expect(computed(page)).toHaveText(result);
  await page.getByTestId("ask-inside").click();
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
}

/** A neuron's number at a token, in the layer looked at. */
async function neuron(page: Page, token: number, number = "7"): Promise<string> {
  await slide(page.getByTestId("inside-at"), token);
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  await page.getByTestId("neuron-number").fill(number);
  await page.getByTestId("neuron-open").click();
  await expect(page.getByTestId("explain-site")).toHaveText(new RegExp(`hook_post\\[${token}, ${number}\\]$`));
  await expect(page.getByTestId("explain-verdict")).not.toBeEmpty();
  const value = (await page.getByTestId("explain-value").textContent()) ?? "";
  await page.keyboard.press("Escape");
  return value;
}

test("a tap whose gates are closed has read nothing, and the answer with it stands beside the answer as it is", async ({ page }) => {
  await lookInside(page, "How many is 605 plus 1213?", "1818");
  for (const gate of ["3.0", "3.1"]) await replace(page, "gate", gate);
  await expect(page.getByTestId("off-part")).toHaveText(["tap at layer 3, gate 0 ×", "tap at layer 3, gate 1 ×"]);
  await page.getByTestId("compare").click();
  const before = page.getByTestId("changed-before");
  const after = page.getByTestId("changed-after");
  await expect(page.getByTestId("replaced")).toHaveText("Replaced: tap at layer 3, gate 0; tap at layer 3, gate 1 at zero.");
  const program = async (side: typeof before, tap: number): Promise<string> =>
    (await side.locator("li").nth(tap).locator("code").textContent()) ?? "";
  expect(await program(after, 0)).not.toBe(await program(before, 0));
  for (const tap of [1, 2]) expect(await program(after, tap)).toBe(await program(before, tap));
  // What a tap writes without having read anything is the same, whatever is asked.
  const blind = await program(after, 0);
  expect(blind).toContain("mul");
  await ask(page, "What is 90 minus 37?");
  await expect(page.getByTestId("changed")).toHaveCount(0);
  await page.getByTestId("compare").click();
  await expect(after).toBeVisible();
  expect(await program(after, 0)).toBe(blind);

  await page.getByTestId("undo").click();
  await expect(page.getByTestId("changed")).toHaveCount(0);
  await expect(page.getByTestId("off-part")).toHaveCount(0);
  await expect(computed(page)).toHaveText("53");
});

test("where two texts part is told with what was likeliest there, both can be looked into, and a link opens them", async ({ page, context }) => {
  await lookInside(page);
  // The stream behind layer 0 with its first dimensions far away from anything that was trained.
  await slide(page.getByTestId("inside-layer"), 0);
  for (const dimension of ["0", "1", "2"]) await replace(page, "dimension", dimension, "500");
  await expect(page.getByTestId("off-part").first()).toHaveText("layer 0, dimension 0 set to 500 ×");
  await page.getByTestId("compare").click();
  await expect(page.getByTestId("changed")).toContainText(/The texts part at token \d+/);
  const [plain, changed] = [0, 1].map((side) => page.getByTestId("parting").locator("table").nth(side).locator("tbody tr"));
  expect(await plain.first().textContent()).not.toBe(await changed.first().textContent());
  // What is looked into is the one that is wanted: where they part, it says its own next token.
  const token = /part at token (\d+)/.exec((await page.getByTestId("changed").textContent()) ?? "")?.[1];
  await slide(page.getByTestId("inside-at"), Number(token) - 1);
  const likeliest = page.getByTestId("inside-next").locator("tbody tr").first();
  await expect(likeliest).toContainText((await plain.first().textContent()) ?? "");
  await page.getByTestId("which-changed").click();
  await expect(page.getByTestId("which-changed")).toHaveAttribute("aria-pressed", "true");
  await expect(likeliest).toContainText((await changed.first().textContent()) ?? "");
  const answer = await page.getByTestId("changed-after").locator(".reply").textContent();
  await expect(reply(page)).toContainText("132");

  const other = await context.newPage();
  await other.goto(`./#${await share(page)}`);
  await expect(other.getByTestId("changed-after").locator(".reply")).toHaveText(answer ?? "");
  await expect(other.getByTestId("off-part")).toHaveCount(3);
  await other.close();
});

test("the mean over the text, one token alone, and parts that there are not", async ({ page }) => {
  await lookInside(page);
  await replace(page, "head", "0");
  await page.getByTestId("off-mean").check();
  await expect(page.getByTestId("off-part")).toHaveText(/^layer \d+, head 0 at its mean ×$/);
  await page.getByTestId("all-on").click();
  // A neuron at its mean is the same number at every token, and it is the mean of what it was.
  const before = [await neuron(page, 4), await neuron(page, 5)];
  expect(before[0]).not.toBe(before[1]);
  await replace(page, "neuron", "7");
  await page.getByTestId("compare").click();
  await page.getByTestId("which-changed").click();
  const after = [await neuron(page, 4), await neuron(page, 5)];
  expect(after[0]).toBe(after[1]);
  expect(after[0]).not.toBe("0.0000");
  await page.getByTestId("which-plain").click();
  expect(await neuron(page, 4)).toBe(before[0]);
  await page.getByTestId("off-mean").uncheck();
  await page.getByTestId("all-on").click();
  // The last token of the question's mark is read once; there and nowhere else.
  await slide(page.getByTestId("inside-at"), 2);
  await page.getByTestId("part-here").check();
  await replace(page, "neuron", "5", "-1,5");
  await expect(page.getByTestId("off-part")).toHaveText(/^layer \d+, neuron 5 set to -1.5, only at token 2 ×$/);
  await page.getByTestId("compare").click();
  await expect(page.getByTestId("changed-after").locator(".reply")).not.toBeEmpty();
  await page.getByTestId("which-changed").click();
  expect(await neuron(page, 2, "5")).toMatch(/^−1\.50*$/);
  expect(await neuron(page, 3, "5")).not.toMatch(/^−1\.50*$/);
  await page.getByTestId("which-plain").click();
  expect(await neuron(page, 2, "5")).not.toMatch(/^−1\.50*$/);
  await replace(page, "neuron", "100000");
  await expect(page.getByTestId("part-problem")).toHaveText(/^Numbers of that kind go from 0 to \d+\.$/);
  await replace(page, "gate", "4.0");
  await expect(page.getByTestId("part-problem")).toContainText("Gates are named by layer (3, 7, 11)");
  await replace(page, "neuron", "5", "many");
  await expect(page.getByTestId("part-problem")).toHaveText("The value is a number, as in 0.5 or -3.");
  await expect(page.getByTestId("off-part")).toHaveCount(1);
});
