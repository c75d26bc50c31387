import { expect, test } from "@playwright/test";
import { SITE, changed, otherwise } from "./site";

/** How `protocol` writes message 0, `Start` on the CPU; the answer `Ready` to message 0 begins with two zeros. */
const START = [0, 0, 0];
const READY = [0, 0];

/** Starts an engine as the page does, tells it to get ready, and returns its first answer, as a plain array. */
const firstAnswer = (engine: string) => `new Promise((resolve) => {
  const worker = new Worker("${SITE}engine/boot.js?engine=${engine}", { type: "module" });
  worker.onmessage = ({ data }) => {
    if (data instanceof Uint8Array) resolve(Array.from(data));
    else if (!("loading" in data)) resolve(data);
  };
  worker.onerror = (event) => resolve({ error: event.message });
  worker.postMessage(new Uint8Array(${JSON.stringify(START)}));
})`;

test("the light engine gets ready", async ({ page }) => {
  await page.goto("./");
  const answer = (await page.evaluate(firstAnswer("light"))) as number[];
  expect(answer).toEqual(expect.any(Array));
  expect(answer.slice(0, READY.length)).toEqual(READY);
  // The device's report and the model's card: far more than an error would say.
  expect(answer.length).toBeGreaterThan(10_000);
});

test("an engine that cannot start says so", async ({ page }) => {
  await page.route("**/engine/light/worker_bg.wasm", (route) => route.fulfill({ status: 404, body: "Not found" }));
  await page.goto("./");
  expect(await page.evaluate(firstAnswer("light"))).toEqual({
    crash: expect.stringContaining("The light engine does not start"),
  });
});

test("an engine that is not the one that was built does not start", async ({ page }) => {
  await page.route("**/engine/light/worker_bg.wasm", otherwise);
  await page.goto("./");
  expect(await page.evaluate(firstAnswer("light"))).toEqual({
    crash: expect.stringContaining("worker_bg.wasm is not the file that belongs to this page"),
  });
});

test("an engine that arrives in half does not start, and says which file it is", async ({ page }) => {
  await page.route("**/engine/light/worker_bg.wasm", changed((body) => body.subarray(0, 100_000)));
  await page.goto("./");
  expect(await page.evaluate(firstAnswer("light"))).toEqual({
    crash: expect.stringContaining("worker_bg.wasm is not the file that belongs to this page"),
  });
});

test("a page whose module is another one says so, and what to do", async ({ page }) => {
  await page.route("**/page_bg.wasm", otherwise);
  await page.goto("./");
  await expect(page.getByRole("alert")).toContainText("is not the file that belongs to this page");
  await expect(page.getByRole("alert")).toContainText("Reload");
});
