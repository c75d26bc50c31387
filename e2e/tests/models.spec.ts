// #/models: choosing, loading, keeping and deleting a language model; and all that can be wrong with one.
import { expect, test as plain } from "@playwright/test";
import type { Page } from "@playwright/test";
import { openSync, readSync } from "node:fs";
import { open } from "./app";
import { HOST, OPEN } from "./hosts";
import { HAS_SMOLLM2, NO_SMOLLM2, SMOLLM2, chosen, choose, chooseBytes, loadFailure, test } from "./language";

/** The first bytes of the model. */
function head(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  readSync(openSync(SMOLLM2, "r"), buffer, 0, bytes, 0);
  return buffer;
}

async function read(page: Page, address: string): Promise<void> {
  await page.getByTestId("address").fill(address);
  await page.getByTestId("address-read").click();
}

test("a file that is no model is refused, and says why", async ({ page }) => {
  await open(page, "models");
  await chooseBytes(page, "notes.gguf", Buffer.from("This is a text, and no model at all.\n".repeat(50)));
  await expect(loadFailure(page)).toContainText(/GGUF/);
  await chooseBytes(page, "holiday.png", Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]));
  await expect(loadFailure(page)).toContainText(/holiday\.png/);
  await chooseBytes(page, "model.safetensors", Buffer.from([255, 255, 255, 255, 255, 255, 255, 127, 123]));
  await expect(loadFailure(page)).toContainText(/config\.json|header/);
  // Nothing of it is in the way of what is tried next.
  await expect(page.getByTestId("address-read")).toBeEnabled();
  await expect(page.getByTestId("not-loaded")).toBeVisible();
});

test.describe("with SmolLM2", () => {
  test.skip(!HAS_SMOLLM2, NO_SMOLLM2);
  test.describe.configure({ timeout: 180_000 });

  test("its card says what it is and needs before anything is loaded", async ({ page }) => {
    await choose(page);
    const card = chosen(page);
    await expect(card).toContainText("134,515,008");
    await expect(card.getByTestId("card-forms")).toContainText("Q4_1");
    await expect(card.getByTestId("card-facts")).toContainText("apache-2.0");
    const memory = page.getByTestId("memory");
    await expect(memory).toHaveAttribute("data-verdict", "fits");
    const needed = await memory.locator("dd").first().textContent();
    await page.getByTestId("context").fill("8192");
    await page.getByTestId("context").blur();
    await expect(memory.locator("dd").first()).not.toHaveText(needed ?? "");
    await page.getByTestId("context").fill("9999999");
    await page.getByTestId("context").blur();
    await expect(page.getByTestId("context")).toHaveValue("8192");
    await page.getByTestId("choose-none").click();
    await expect(page.getByTestId("not-loaded")).toBeVisible();
  });

  test("it is kept, loaded from there after a reload, and deleted", async ({ page }) => {
    await choose(page);
    await page.getByTestId("keep").check();
    await page.getByTestId("load").click();
    await expect(page.getByTestId("loaded-facts")).toContainText("CPU", { timeout: 20_000 });
    const entry = page.getByTestId("kept-model");
    await expect(entry).toContainText("SmolLM2-135M-Instruct.Q4_1.gguf");
    await expect(entry).toContainText("98 MB");
    await expect(entry).toContainText(/SHA-256 [0-9a-f]{64}/);
    await page.reload();
    await expect(page.getByTestId("not-loaded")).toBeVisible();
    await entry.getByTestId("kept-load").click();
    await expect(chosen(page)).toContainText("134,515,008");
    await page.getByTestId("load").click();
    await expect(page.getByTestId("loaded-facts")).toContainText("CPU", { timeout: 60_000 });
    // What is in use is not deleted.
    await expect(entry.getByTestId("kept-delete")).toBeDisabled();
    await page.getByTestId("unload").click();
    await expect(page.getByTestId("not-loaded")).toBeVisible();
    await entry.getByTestId("kept-delete").click();
    await expect(entry).toContainText("Delete SmolLM2-135M-Instruct.Q4_1.gguf, 98 MB?");
    await entry.getByTestId("kept-delete-really").click();
    await expect(page.getByTestId("kept")).toContainText("Nothing yet.");
  });

  test("a file that ends early is refused", async ({ page }) => {
    await open(page, "models");
    // All of the header, which lies in the first two megabytes, and some of the weights.
    await chooseBytes(page, "short.gguf", head(8_000_000));
    await expect(loadFailure(page)).toContainText(/ends|truncated|short|beyond/i);
    await chooseBytes(page, "shorter.gguf", head(1_000));
    await expect(loadFailure(page)).toContainText(/272 tensors, and \d+ bytes follow/);
  });

  test("loading can be stopped", async ({ page }) => {
    await choose(page);
    await page.getByTestId("keep").check();
    await page.getByTestId("load").click();
    await page.getByTestId("load-cancel").click();
    await expect(loadFailure(page)).toBeVisible();
    await expect(chosen(page)).toBeVisible();
    await page.getByTestId("load").click();
    await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 60_000 });
  });
});

// A host stands in for the web: the worker may fetch from any https address, and Playwright answers for this one. What only
// a real host does is in `model-hosts.spec.ts`.
// Failed requests are what these tests are about, so what `watch` reports of them is left out.
plain.describe("an address", () => {
  plain("that is 404, serves HTML, refuses other sites or is no address says so", async ({ page }) => {
    await page.context().route(`${HOST}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path.includes("missing")) return route.fulfill({ status: 404, headers: OPEN, body: "not here" });
      if (path.includes("page"))
        return route.fulfill({ status: 200, headers: OPEN, contentType: "text/html", body: "<!doctype html><title>Log in</title>" });
      return route.abort("accessdenied");
    });
    await open(page, "models");
    for (const [path, words] of [
      ["missing.gguf", /404/],
      ["page.gguf", /HTML|page|GGUF/],
      ["closed.gguf", /reach|cannot|refuse|cross/i],
    ] as const) {
      await read(page, `${HOST}/${path}`);
      await expect(loadFailure(page)).toContainText(words);
      // What to do about it stands under it.
      await expect(loadFailure(page).locator("p").nth(1)).not.toBeEmpty();
    }
    await read(page, "not an address");
    await expect(loadFailure(page)).toContainText(/address/i);
  });
});
