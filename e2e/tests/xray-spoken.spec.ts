// X-ray of a machine: which neurons were strongest anywhere in the run, and at how many positions each spoke.
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { number, open, test } from "./app";
import { fits, violations } from "./axe";

const rows = (page: Page): Locator => page.getByTestId("xray-spoken").locator("tbody tr");
const far = (page: Page): Locator => page.getByTestId("spoken-far");

async function showLayer(page: Page, layer: number): Promise<void> {
  await page.getByTestId(`layer-${layer}`).click();
  await expect(page.getByTestId("xray-layer-title")).toHaveText(new RegExp(`^Layer ${layer}: `));
}

/** Each position's outputs of a layer's neurons, read by stepping through the run. */
async function stepped(page: Page, last: number): Promise<Map<string, number[]>> {
  const outputs = new Map<string, number[]>();
  for (let position = 0; position <= last; position++) {
    await page.getByTestId("position-slider").fill(String(position));
    await expect(page.getByTestId("xray-here")).toContainText(`Position ${position}:`);
    await expect(page.getByTestId("xray-here")).toHaveAttribute("aria-busy", "false");
    for (const row of await page.locator(".xr-neuron:not(.silent)").all()) {
      const neuron = ((await row.getAttribute("data-testid")) ?? "").replace("neuron-", "");
      const product = number((await row.locator('td[data-label="product"]').textContent()) ?? "");
      outputs.set(neuron, [...(outputs.get(neuron) ?? []), product]);
    }
  }
  return outputs;
}

test("what is strongest in the run is what stepping through it finds", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page, "xray");
  await expect(page.getByTestId("xray-neurons")).toBeVisible();
  let heard = 0;
  for (const layer of [2, 5]) {
    await showLayer(page, layer);
    const outputs = await stepped(page, 24);
    if (layer === 2) await page.getByTestId("spoken-open").click();
    await expect(far(page)).toHaveText("all 25 positions");
    const shown = await rows(page).count();
    expect(shown).toBe(Math.min(12, outputs.size));
    for (const row of await rows(page).all()) {
      const neuron = ((await row.getAttribute("data-testid")) ?? "").replace("spoken-", "");
      const all = outputs.get(neuron) ?? [];
      const product = number((await row.locator('td[data-label="product"]').textContent()) ?? "");
      const most = Math.max(...all.map(Math.abs));
      expect(product).toBe(all.find((one) => Math.abs(one) === most));
      await expect(row.locator('td[data-label="speaks at"]')).toHaveText(`${all.length} of 25`);
      heard += 1;
    }
  }
  expect(heard).toBeGreaterThan(0);
  // A press goes to where one is strongest.
  const first = rows(page).first();
  const at = ((await first.locator('td[data-label="at"]').textContent()) ?? "").trim();
  await first.getByRole("button", { name: `Go to position ${at},` }).click();
  await expect(page.getByTestId("xray-here")).toContainText(`Position ${at}:`);
  const neuron = ((await first.getAttribute("data-testid")) ?? "").replace("spoken-", "neuron-");
  await expect(page.getByTestId(neuron).locator('td[data-label="product"]')).toHaveText((await first.locator('td[data-label="product"]').textContent()) ?? "");
  expect(await violations(page)).toEqual([]);
  await fits(page, 1280);
});

test("of the full machine's run, too; it can be stopped, and goes on", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page, "xray");
  await page.getByTestId("machine-full").click();
  await expect(page.getByTestId("here-step")).toContainText("answers with the next token, halt");
  await showLayer(page, 4);
  await page.getByTestId("spoken-open").click();
  await expect(far(page)).toHaveText(/^all [\d,]+ positions$/, { timeout: 60_000 });
  await expect(rows(page).first()).toBeVisible();
  const last = Number(((await page.getByTestId("position").textContent()) ?? "").split(" of ")[1]);
  await expect(far(page)).toHaveText(`all ${(last + 1).toLocaleString("en-US")} positions`);
  // A run of 125,625 tokens takes its time.
  await page.getByTestId("xray-example").selectOption({ label: "Assignment problem" });
  await page.getByTestId("spoken-stop").click({ timeout: 60_000 });
  await expect(far(page)).toHaveText(/^stopped after [\d,]+ of [\d,]+ positions$/);
  const read = async (): Promise<number> => Number((/[\d,]+/.exec((await far(page).textContent()) ?? "")?.[0] ?? "").replaceAll(",", ""));
  const stopped = await read();
  await page.getByTestId("spoken-stop").click();
  await expect(far(page)).toHaveText(/^(?!stopped)[\d,]+ of [\d,]+ positions$/);
  await expect.poll(read).toBeGreaterThan(stopped);
  // Another run takes its place while it goes on: what is shown is that one's alone.
  await page.getByTestId("xray-example").selectOption({ label: "Hello" });
  await expect(far(page)).toHaveText(`all ${(last + 1).toLocaleString("en-US")} positions`, { timeout: 60_000 });
  for (const cell of await rows(page).locator('td[data-label="speaks at"]').all()) {
    await expect(cell).toHaveText(new RegExp(` of ${(last + 1).toLocaleString("en-US")}$`));
  }
});
