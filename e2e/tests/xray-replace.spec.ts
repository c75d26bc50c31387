// X-ray of the machines: parts replaced, and the run with them beside the run as it is.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { open, test } from "./app";
import { fits, violations } from "./axe";

/** Opens X-ray at its first example, 3 + 5. */
async function openClassic(page: Page): Promise<void> {
  await open(page, "xray");
  await expect(page.getByTestId("compare-summary")).toHaveText("Replace parts of the transformer, and compare");
}

test("classic: a head that is off changes the answer, and put back it is as before", async ({ page }) => {
  await openClassic(page);
  await page.getByTestId("layer-4").click();
  await page.getByTestId("off-head-0").check();
  await expect(page.getByTestId("compare-summary")).toHaveText("Replaced: layer 4, head 0 at zero");
  await expect(page.getByTestId("run-before")).toContainText("puts out 8");
  await expect(page.getByTestId("run-after")).not.toContainText("puts out 8");
  await expect(page.getByTestId("verdict")).toContainText("The runs part at token");
  await expect(page.getByTestId("parting-logits").locator("tbody tr")).toHaveCount(10);
  await page.getByTestId("go-to-parting").click();
  await expect(page.getByTestId("position")).toHaveText(/^position 23 of /);
  // Everything else stays the run as it is.
  await expect(page.getByTestId("here-step")).toContainText("i32.add");
  await page.getByTestId("replaced-part").click();
  await expect(page.getByTestId("off-head-0")).not.toBeChecked();
  await expect(page.getByTestId("run-before")).toHaveCount(0);
});

test("what nothing uses decides nothing, and one position can be set alone", async ({ page }) => {
  await openClassic(page);
  await page.getByTestId("layer-7").click();
  await page.getByTestId("off-head-0").check();
  await expect(page.getByTestId("verdict")).toContainText("decide nothing");
  await page.getByTestId("put-all-back").click();
  await page.getByTestId("token-23").click();
  await page.getByTestId("compare-summary").click();
  await page.getByTestId("replace-kind").selectOption("dimension");
  await page.getByTestId("replace-number").fill("9999");
  await page.getByTestId("replace-add").click();
  await expect(page.getByTestId("replace-problem")).toContainText("from 0 to 99");
  await page.getByTestId("replace-number").fill("0");
  await page.getByTestId("replace-with").selectOption("value");
  await page.getByTestId("replace-value").fill("2.5");
  await page.getByTestId("replace-here").check();
  await page.getByTestId("replace-add").click();
  await expect(page.getByTestId("replaced-part")).toContainText("layer 7, dimension 0 set to 2.5, only at token 23");
  await expect(page.getByTestId("verdict")).not.toBeEmpty();
});

test("full: the run without a head ends, and the link carries what is replaced", async ({ page }) => {
  await open(page, "xray");
  await page.getByTestId("machine-full").click();
  await page.getByTestId("xray-example").selectOption({ label: "Factorial" });
  await expect(page.getByTestId("here-step")).toContainText("answers with the next token, halt");
  await page.getByTestId("layer-2").click();
  await page.getByTestId("off-head-0").check();
  await expect(page.getByTestId("verdict")).toContainText("The runs part at token", { timeout: 40_000 });
  await expect(page.getByTestId("run-after")).toContainText(/went astray|trap|gave|stopped/);
  const outcome = await page.getByTestId("run-after").locator("b").textContent();
  await page.getByRole("button", { name: "Share" }).click();
  const link = page.getByTestId("share-link");
  await expect(link).toHaveValue(/s=1\./);
  const address = await link.inputValue();
  await page.goto("about:blank");
  await page.goto(address);
  await expect(page.getByTestId("compare-summary")).toHaveText("Replaced: layer 2, head 0 at zero", { timeout: 40_000 });
  await expect(page.getByTestId("run-after").locator("b")).toHaveText(outcome ?? "", { timeout: 40_000 });
});

test("it is readable for all, and on a phone", async ({ page }) => {
  await openClassic(page);
  await page.getByTestId("layer-4").click();
  await page.getByTestId("off-head-0").check();
  await expect(page.getByTestId("verdict")).toContainText("The runs part");
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page, 390);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await violations(page)).toEqual([]);
});
