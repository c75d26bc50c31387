// Who may fetch from where: the page only from its own host, the engine's worker also models from any https address.
import { expect, test } from "@playwright/test";
import { attempt } from "./attempt";

test("the page fetches nothing from other hosts", async ({ page }) => {
  const asked: string[] = [];
  page.on("requestfinished", (request) => asked.push(request.url()));
  await page.goto("./#/repl");
  for (const address of ["https://127.0.0.1:1/model", "http://127.0.0.1:1/model", "https://example.com/model"]) {
    expect(await page.evaluate(attempt, address), address).toBe("blocked");
  }
  expect(await page.evaluate(() => fetch("index.html").then((response) => response.ok))).toBe(true);
  expect(asked.filter((url) => url.endsWith("/model"))).toEqual([]);
});

test("the worker fetches models over https, and over http from this machine alone", async ({ page }) => {
  const [worker] = await Promise.all([page.waitForEvent("worker"), page.goto("./#/repl")]);
  await expect(page.getByTestId("device-name")).toHaveText("CPU, sparse", { timeout: 20_000 });
  expect(await worker.evaluate(attempt, "http://192.0.2.1/model")).toBe("blocked");
  for (const address of ["https://127.0.0.1:1/model", "http://127.0.0.1:1/model"]) {
    expect(await worker.evaluate(attempt, address), address).toBe("failed");
  }
});
