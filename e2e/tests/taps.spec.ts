// Taps that the site has for a model of others: SmolLM2 as its makers published it writes programs with them.
import { expect, test as plain } from "@playwright/test";
import { readFileSync, writeFileSync } from "node:fs";
import { open } from "./app";
import { ask, computed, test } from "./ask";
import { HAS_SMOLLM2, NO_SMOLLM2, SMOLLM2, choose, chosen, load, loadFailure } from "./language";

test.beforeEach(() => {
  test.skip(!HAS_SMOLLM2, NO_SMOLLM2);
  test.setTimeout(180_000);
});
plain.beforeEach(() => {
  plain.skip(!HAS_SMOLLM2, NO_SMOLLM2);
  plain.setTimeout(180_000);
});

test("SmolLM2 gets the taps of this site, and computes with programs of its own", async ({ page }) => {
  const fetched: string[] = [];
  page.context().on("request", (request) => fetched.push(request.url()));
  await choose(page);
  await expect(chosen(page)).toContainText("With this site's taps for SmolLM2-135M-Instruct, 8.1 MB");
  await expect(page.getByTestId("taps")).toBeChecked();
  // Nothing is fetched for the offer.
  expect(fetched.filter((url) => url.includes("/taps/"))).toEqual([]);
  await load(page);
  await expect(page.getByTestId("no-taps")).toHaveCount(0);
  await page.getByTestId("to-ask").click();
  await expect(page.getByTestId("ask-model")).not.toContainText("without taps");
  await ask(page, "Calculate 12 * 11", 120_000);
  await expect(computed(page)).toHaveText("132");
  await expect(page.locator(".program")).toHaveCount(3);
  await expect(page.getByTestId("programs-note")).not.toContainText("no taps");
  // A wording that neither these taps nor nano were trained on (cli/tests/unseen.txt).
  await ask(page, "Grandma is 71 and her grandson is 19, by how many years is she older?", 120_000);
  await expect(computed(page)).toHaveText("52");
});

// Playwright's own: an answer of 404 is what this one is about.
plain("a site that has lost the taps says so, and the model loads without them", async ({ page }) => {
  await page.context().route("**/taps/**", (route) => route.fulfill({ status: 404, body: "" }));
  await choose(page);
  await page.getByTestId("load").click();
  await expect(loadFailure(page)).toContainText("this site does not have all of the taps for SmolLM2-135M-Instruct: adapter.safetensors is not there", {
    timeout: 60_000,
  });
  await expect(loadFailure(page)).toContainText("Load the model without taps");
  await page.getByTestId("taps").uncheck();
  await load(page);
  await page.getByTestId("to-ask").click();
  await expect(page.getByTestId("ask-model")).toContainText("without taps");
});

plain("without a network the model loads without them, and says so", async ({ page }) => {
  await page.context().route("**/taps/**", (route) => route.abort());
  await choose(page);
  await load(page);
  await expect(page.getByTestId("no-taps")).toContainText("It was loaded without taps: adapter.safetensors");
  await expect(page.getByTestId("no-taps")).toContainText("Look whether the network is there");
});

/** Where the numbers of a GGUF's tensor begin. Its tensors' descriptions begin with that of `first`. */
function begin(file: Buffer, first: string, wanted: string): number {
  const count = Number(file.readBigUInt64LE(8));
  let at = file.indexOf(first) - 8;
  let offset = -1;
  for (let tensor = 0; tensor < count; tensor++) {
    const length = Number(file.readBigUInt64LE(at));
    const name = file.toString("utf8", at + 8, at + 8 + length);
    at += 8 + length;
    at += 4 + 8 * file.readUInt32LE(at) + 4;
    if (name === wanted) offset = Number(file.readBigUInt64LE(at));
    at += 8;
  }
  expect(offset).toBeGreaterThanOrEqual(0);
  return Math.ceil(at / 32) * 32 + offset;
}

test("another model of the same shape is loaded without them, and that is said", async ({ page }, info) => {
  const file = readFileSync(SMOLLM2);
  const gains = begin(file, "token_embd.weight", "output_norm.weight");
  file.writeFloatLE(file.readFloatLE(gains) * 1.01, gains);
  const other = info.outputPath("other.gguf");
  writeFileSync(other, file);
  await open(page, "models");
  await page.getByTestId("choose-files").setInputFiles(other);
  await load(page);
  await expect(page.getByTestId("no-taps")).toContainText("this is another model of its shape");
  await page.getByTestId("to-ask").click();
  await expect(page.getByTestId("ask-model")).toContainText("without taps");
});
