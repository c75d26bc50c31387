import { expect, test } from "@playwright/test";

/** Starts an engine as the page does and returns its first message; "silent" when none comes in the time given. */
const firstMessage = (engine: string, milliseconds: number) => `new Promise((resolve) => {
  const worker = new Worker("engine/boot.js?engine=${engine}", { type: "module" });
  worker.onmessage = (event) => resolve(event.data);
  worker.onerror = (event) => resolve({ error: event.message });
  setTimeout(() => resolve("silent"), ${milliseconds});
})`;

test("the light engine starts", async ({ page }) => {
  await page.goto("./");
  const message = await page.evaluate(firstMessage("light", 3_000));
  expect(message).not.toHaveProperty("crash");
  expect(message).not.toHaveProperty("error");
});

test("an engine that cannot start says so", async ({ page }) => {
  await page.route("**/engine/light/worker_bg.wasm", (route) => route.fulfill({ status: 404, body: "Not found" }));
  await page.goto("./");
  expect(await page.evaluate(firstMessage("light", 20_000))).toEqual({
    crash: expect.stringContaining("The light engine does not start"),
  });
});
