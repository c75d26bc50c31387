// #/models: choosing, loading, keeping and deleting a language model; and all that can be wrong with one.
import { expect, test as plain } from "@playwright/test";
import type { Page } from "@playwright/test";
import { openSync, readSync } from "node:fs";
import { open } from "./app";
import { tinyModel } from "./gguf";
import { HAS_SMOLLM2, NO_SMOLLM2, SMOLLM2, chosen, choose, loadFailure, test } from "./language";

/** The first bytes of the model. */
function head(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  readSync(openSync(SMOLLM2, "r"), buffer, 0, bytes, 0);
  return buffer;
}

async function chooseBytes(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.getByTestId("choose-files").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
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

/** More bytes than a header has, and fewer than the weights. */
const LARGE = 4_000_000;

/** In a worker: what another host sends breaks off after so many bytes. */
const breakOff = (bytes: number): void => {
  const real = self.fetch.bind(self);
  self.fetch = async (...request): Promise<Response> => {
    const answer = await real(...request);
    if (!answer.url.startsWith("https:") || answer.body === null) return answer;
    const reader = answer.body.getReader();
    let left = bytes;
    const cut = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await reader.read();
        if (left <= 0 || done) return controller.error(new TypeError("network error"));
        controller.enqueue(value.subarray(0, left));
        left -= value.byteLength;
      },
    });
    return new Response(cut, { status: answer.status, headers: answer.headers });
  };
};

// A host stands in for the web: the worker may fetch from any https address, and Playwright answers for this one.
// Failed requests are what these tests are about, so what `watch` reports of them is left out.
plain.describe("an address", () => {
  const HOST = "https://models.example";

  plain("that is 404, serves HTML, refuses other sites or is no address says so", async ({ page }) => {
    await page.context().route(`${HOST}/**`, async (route) => {
      const cors = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };
      const path = new URL(route.request().url()).pathname;
      if (path.includes("missing")) return route.fulfill({ status: 404, headers: cors, body: "not here" });
      if (path.includes("page"))
        return route.fulfill({ status: 200, headers: cors, contentType: "text/html", body: "<!doctype html><title>Log in</title>" });
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

  plain("that breaks off is gone on with where it was", async ({ page }) => {
    const model = tinyModel();
    const begins: number[] = [];
    await page.context().route(`${HOST}/**`, async (route) => {
      const range = /bytes=(\d+)-(\d*)/.exec(route.request().headers()["range"] ?? "");
      const from = Number(range?.[1] ?? 0);
      const to = range?.[2] ? Math.min(Number(range[2]) + 1, model.length) : model.length;
      const body = model.subarray(from, to);
      begins.push(from);
      await route.fulfill({
        status: range ? 206 : 200,
        headers: {
          "Access-Control-Allow-Origin": "*",
          "Access-Control-Expose-Headers": "Content-Range, ETag, Accept-Ranges",
          "Cross-Origin-Resource-Policy": "cross-origin",
          "Accept-Ranges": "bytes",
          ETag: '"one"',
          ...(range ? { "Content-Range": `bytes ${from}-${to - 1}/${model.length}` } : {}),
        },
        body,
      });
    });
    await open(page, "models");
    await read(page, `${HOST}/tiny.gguf`);
    await expect(chosen(page)).toBeVisible();
    // What Playwright answers with arrives whole. That it breaks off is put into the worker that fetches; the one
    // that goes on is a new one, on a network that works.
    await Promise.all(page.workers().map((worker) => worker.evaluate(breakOff, LARGE)));
    await page.getByTestId("load").click();
    await expect(loadFailure(page)).toBeVisible({ timeout: 20_000 });
    const entry = page.getByTestId("kept-model");
    await expect(entry).toContainText("broke off");
    await entry.getByTestId("kept-load").click();
    await expect(chosen(page)).toBeVisible();
    await page.getByTestId("load").click();
    await expect(page.getByTestId("loaded")).toBeVisible({ timeout: 60_000 });
    // The second attempt did not begin at the beginning.
    expect(begins.at(-1)).toBeGreaterThanOrEqual(LARGE);
    await expect(entry).toContainText(`${HOST}/tiny.gguf`);
    await expect(entry).toContainText(/SHA-256 [0-9a-f]{64}/);
  });
});
