// The same questions on WebGPU (here SwiftShader): the same text and the same programs as on the CPU.
import { expect } from "@playwright/test";
import { ask, isReady, openAsk, test } from "./ask";

/** Whether the site has the WebGPU engine. */
const GPU = await fetch(new URL("engine/gpu/worker.js", process.env.BASE_URL ?? "http://127.0.0.1:8080")).then(
  (response) => response.ok,
  () => false,
);

const QUESTIONS = ["Calculate 12 * 11", "Is 97 a prime number?", "Count the vowels in 'hello world'", "Who wrote Hamlet?"];

test("WebGPU writes the same text and the same programs", async ({ page }) => {
  test.skip(!GPU, "the site has no WebGPU engine: it was built with --no-gpu");
  test.setTimeout(600_000);
  const answers = async (timeout: number): Promise<string[]> => {
    const all: string[] = [];
    for (const question of QUESTIONS) {
      await ask(page, question, timeout);
      const programs = await page.locator(".wat-tokens").allTextContents();
      all.push([await page.getByTestId("stream").textContent(), ...programs].join("\n"));
    }
    return all;
  };
  await openAsk(page);
  const onCpu = await answers(30_000);
  await page.getByTestId("ask-gpu").click();
  await isReady(page, "; WebGPU; loaded", 300_000);
  expect(await answers(200_000)).toEqual(onCpu);
});
