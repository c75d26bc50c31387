// Inside a language model: every number opens, and comes to the same from its operands; all heads, the lens of the whole text, who
// wrote a logit.
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { ask, computed, isReady, openAsk, share, slide, test } from "./ask";
import { GPU } from "./site";

/** Asks 12 × 11 and opens what is inside. */
async function lookInside(page: Page): Promise<void> {
  await ask(page, "Calculate 12 * 11");
  await expect(computed(page)).toHaveText("132");
  await page.getByTestId("ask-inside").click();
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
}

const value = (text: string | null): number => Number((text ?? "").replace("−", "-"));

test("a number opens to its operands, onward to the embedding, and is the same computed again", async ({ page }) => {
  await openAsk(page);
  await lookInside(page);
  await slide(page.getByTestId("inside-layer"), 5);
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  const product = page.getByTestId("neurons").locator("tbody tr").first().locator(".xr-number").last();
  const used = await product.textContent();
  const site = (await product.getAttribute("data-site")) ?? "";
  expect(site).toMatch(/^blocks\.5\.mlp\.hook_post\[\d+, \d+\]$/);
  await product.click();
  await expect(page.getByTestId("explain-site")).toHaveText(site);
  await expect(page.getByTestId("explain-value")).toHaveText(used ?? "");
  await expect(page.getByTestId("explain-rule")).toContainText("silu(gate) · value");
  await expect(page.getByTestId("explain-verdict")).toContainText("the same");
  // Onward: the gate is a sum over the normed stream, that is one number of the stream times a gain, and so on.
  const input = page.getByTestId("explain-inputs").locator("tbody .xr-site");
  for (const next of [/hook_pre\[/, /ln2\.hook_normalized\[/, /blocks\.5\.hook_resid_mid\[/, /blocks\.5\.hook_resid_pre\[/]) {
    await input.filter({ hasText: next }).first().click();
    await expect(page.getByTestId("explain-site")).toHaveText(next);
    await expect(page.getByTestId("explain-verdict")).toContainText("the same");
  }
  await expect(page.getByTestId("explain-trail").getByRole("button")).toHaveCount(4);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("explain")).toHaveCount(0);
  await expect(product).toBeFocused();

  // Any neuron by its number, and one that there is not.
  await page.getByTestId("neuron-number").fill("17");
  await page.getByTestId("neuron-open").click();
  await expect(page.getByTestId("explain-site")).toHaveText(/^blocks\.5\.mlp\.hook_post\[\d+, 17\]$/);
});

test("a dimension is the sum of what heads and neurons wrote into it, and each opens", async ({ page }) => {
  await openAsk(page);
  await lookInside(page);
  await slide(page.getByTestId("inside-layer"), 5);
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  await page.getByTestId("who-wrote-dimension").click();
  const said = page.getByTestId("written-sum");
  // By itself the one that the layer changes most.
  const most = await page.getByTestId("dimension-who").first().textContent();
  await expect(said).toContainText(`Dimension ${most} behind layer 5`);
  const parts = page.getByTestId("written").locator("tbody");
  const adds = async (): Promise<void> => {
    const whole = value(await said.locator(".xr-number").textContent());
    const amounts = await parts.locator("td:nth-of-type(1)").allTextContents();
    expect(Math.abs(amounts.map(value).reduce((a, b) => a + b, 0) - whole)).toBeLessThan(0.02);
  };
  await adds();
  // Another by its row, and any by its number; a number that a head wrote is one that can be opened.
  const second = await page.getByTestId("dimension-who").nth(1).textContent();
  await page.getByTestId("dimension-who").nth(1).click();
  await expect(said).toContainText(`Dimension ${second} behind layer 5`);
  await page.getByTestId("dimension-number").fill("3");
  await page.getByTestId("dimension-open").click();
  await expect(page.getByTestId("explain-site")).toHaveText(/^blocks\.5\.hook_resid_post\[\d+, 3\]$/);
  await expect(said).toContainText("Dimension 3 behind layer 5");
  await adds();
  const head = parts.locator("tr", { hasText: "head" }).first().locator(".xr-number");
  const wrote = await head.textContent();
  await head.click();
  await expect(page.getByTestId("explain-site")).toHaveText(/^blocks\.\d+\.attn\.hook_result\[\d+, \d+, 3\]$/);
  await expect(page.getByTestId("explain-value")).toHaveText(wrote ?? "");
  await expect(page.getByTestId("explain-verdict")).toContainText("the same");
  await parts.getByRole("button", { name: /neuron \d/ }).first().click();
  await expect(page.getByTestId("explain-site")).toHaveText(/mlp\.hook_post\[\d+, \d+\]$/);
});

test("a layer's strongest neurons of the whole text open where they are strongest", async ({ page }) => {
  await openAsk(page);
  await lookInside(page);
  await slide(page.getByTestId("inside-layer"), 5);
  await page.getByTestId("peaks").click();
  const rows = page.getByTestId("peak-table").locator("tbody tr");
  await expect(rows).toHaveCount(10);
  const products = (await rows.locator("td:nth-of-type(1)").allTextContents()).map(value).map(Math.abs);
  expect(products).toEqual([...products].sort((a, b) => b - a));
  const neuron = await rows.first().locator("th").textContent();
  await rows.first().getByRole("button", { name: /^Go to token/ }).click();
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  // There it is the strongest of that token, too.
  const there = page.getByTestId("neurons").locator("tbody tr").first();
  await expect(there.locator("th")).toHaveText(neuron ?? "");
  expect(Math.abs(value(await there.locator("td").nth(2).textContent()))).toBe(products[0]);
});

test("a logit is the sum of what wrote it, and a token is followed through the layers", async ({ page }) => {
  await openAsk(page);
  await lookInside(page);
  await page.getByTestId("who-wrote").click();
  const said = page.getByTestId("attribution-sum");
  await expect(said).toContainText("these parts sum to");
  const logit = value(await said.locator(".xr-number").textContent());
  const sum = value(/sum to ([+−\d.]+)\.$/.exec((await said.textContent()) ?? "")?.[1] ?? null);
  expect(Math.abs(logit - sum)).toBeLessThan(0.01);
  const parts = await page.getByTestId("attribution").locator("tbody td:nth-of-type(1)").allTextContents();
  expect(Math.abs(parts.map(value).reduce((a, b) => a + b, 0) - logit)).toBeLessThan(0.02);

  await page.getByTestId("lens-map").click();
  const cells = page.getByTestId("lens-cells");
  await expect(cells.locator("tbody tr")).toHaveCount(13);
  // For the Tab key all cells are one; the arrow keys go from one to the next.
  const stop = cells.locator('button[tabindex="0"]');
  await expect(stop).toHaveCount(1);
  await stop.focus();
  for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown"]) await page.keyboard.press(key);
  await expect(cells.locator("tbody tr").nth(2).getByRole("button").nth(1)).toBeFocused();
  await expect(stop).toHaveCount(1);
  // Behind the last layer stands what the model really said next, wherever it spoke itself.
  const likeliest = await page.getByTestId("inside-next").locator("tbody th").first().textContent();
  const at = Number(await page.getByTestId("inside-at").inputValue());
  await expect(cells.locator("tbody tr").last().locator("td").nth(at)).toHaveText(likeliest ?? "");
  await page.getByTestId("follow").nth(1).click();
  await expect(page.getByTestId("followed")).toBeVisible();
  // A cell says the probability that it is coloured by, of the followed token, beside the likeliest one's.
  const followed = (await page.getByTestId("followed").locator("b").textContent()) ?? "";
  const titles = (): Promise<string[]> =>
    cells.locator("tbody button").evaluateAll((buttons) => buttons.map((button) => button.getAttribute("title") ?? ""));
  await expect.poll(async () => (await titles()).every((title) => title.includes(`${followed}, `))).toBe(true);
  expect((await titles()).some((title) => title.includes(`%; ${followed}, `))).toBe(true);
  await cells.locator("tbody tr").nth(4).locator("td").nth(3).getByRole("button").click();
  await expect(page.getByTestId("inside-at")).toHaveValue("3");
  await expect(page.getByTestId("inside-layer")).toHaveValue("3");
});

test("every head of every layer is a thumbnail that opens it", async ({ page }) => {
  await openAsk(page);
  await lookInside(page);
  await page.getByTestId("all-heads").click();
  const thumbs = page.getByTestId("head-grid").getByRole("button");
  await expect(page.getByTestId("head-grid").locator('button[tabindex="0"]')).toHaveCount(1);
  const heads = await page.getByTestId("head").count();
  await expect(thumbs).toHaveCount(12 * heads);
  const inked = (element: HTMLCanvasElement): number =>
    (element.getContext("2d")?.getImageData(0, 0, element.width, element.height).data ?? []).filter((one) => one > 0).length;
  expect(await thumbs.nth(heads + 1).locator("canvas").evaluate(inked)).toBeGreaterThan(20);
  await thumbs.nth(7 * heads + 1).click();
  await expect(page.getByTestId("inside-layer")).toHaveValue("7");
  await expect(page.getByTestId("head").nth(1).getByTestId("head-table")).toBeVisible();
  const share = page.getByTestId("head-table").locator(".xr-number").first();
  await share.click();
  await expect(page.getByTestId("explain-site")).toHaveText(/^blocks\.7\.attn\.hook_pattern\[1, \d+, \d+\]$/);
  await expect(page.getByTestId("explain-verdict")).toContainText("the same");
});

/** The sizes of nano, as `docs/model-card.md` has them. */
const NANO = { layers: 12, width: 128, heads: 4, keyHeads: 2, headWidth: 32, neurons: 256, vocabulary: 2048 };

/** Names of numbers of every kind, anywhere in a text of so many tokens. The same seed names the same. */
function randomSites(count: number, tokens: number, seed: number): string[] {
  let state = seed;
  const below = (end: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  const kinds = [
    (at: number) => `hook_embed[${at}, ${below(NANO.width)}]`,
    (at: number) => `ln_final.hook_scale[${at}]`,
    (at: number) => `ln_final.hook_normalized[${at}, ${below(NANO.width)}]`,
    (at: number) => `hook_logits[${at}, ${below(NANO.vocabulary)}]`,
    ...["hook_resid_pre", "hook_resid_mid", "hook_resid_post", "ln1.hook_normalized", "ln2.hook_normalized", "hook_attn_out", "hook_mlp_out"].map(
      (hook) => (at: number) => `blocks.${below(NANO.layers)}.${hook}[${at}, ${below(NANO.width)}]`,
    ),
    ...["ln1", "ln2"].map((norm) => (at: number) => `blocks.${below(NANO.layers)}.${norm}.hook_scale[${at}]`),
    ...["hook_q", "hook_rot_q", "q_norm.hook_normalized", "hook_z"].map(
      (hook) => (at: number) => `blocks.${below(NANO.layers)}.attn.${hook}[${at}, ${below(NANO.heads)}, ${below(NANO.headWidth)}]`,
    ),
    ...["hook_k", "hook_rot_k", "k_norm.hook_normalized", "hook_v"].map(
      (hook) => (at: number) => `blocks.${below(NANO.layers)}.attn.${hook}[${at}, ${below(NANO.keyHeads)}, ${below(NANO.headWidth)}]`,
    ),
    (at: number) => `blocks.${below(NANO.layers)}.attn.hook_result[${at}, ${below(NANO.heads)}, ${below(NANO.width)}]`,
    ...["hook_attn_scores", "hook_pattern"].map(
      (hook) => (at: number) => `blocks.${below(NANO.layers)}.attn.${hook}[${below(NANO.heads)}, ${at}, ${below(at + 1)}]`,
    ),
    ...["hook_pre", "hook_pre_linear", "hook_post"].map(
      (hook) => (at: number) => `blocks.${below(NANO.layers)}.mlp.${hook}[${at}, ${below(NANO.neurons)}]`,
    ),
  ];
  return Array.from({ length: count }, (_, place) => kinds[place % kinds.length](below(tokens)));
}

type Open = (sites: string[]) => Promise<(number | string)[]>;

for (const device of GPU ? ["CPU", "WebGPU"] : ["CPU"]) {
  test(`two hundred numbers of nano, anywhere, recompute on ${device}`, async ({ page }) => {
    test.setTimeout(600_000);
    await page.goto("./?test#/ask");
    await isReady(page);
    if (device === "WebGPU") {
      await page.getByTestId("ask-gpu").click();
      await isReady(page, "; WebGPU; loaded", 300_000);
    }
    await ask(page, "Calculate 12 * 11", 200_000);
    await expect(computed(page)).toHaveText("132");
    const tokens = await page.getByTestId("stream").locator(".ask-token").count();
    const open = (sites: string[]): Promise<(number | string)[]> => (window as unknown as { worldmodelOpen: Open }).worldmodelOpen(sites);
    expect(await page.evaluate(open, randomSites(200, tokens, 7))).toEqual([200]);
  });
}

test("a link shows the same head, dimension and followed token, and the same parts open", async ({ page, context }) => {
  await openAsk(page);
  await lookInside(page);
  await slide(page.getByTestId("inside-layer"), 5);
  await expect(page.getByTestId("look")).toHaveAttribute("aria-busy", "false");
  await page.getByTestId("who-wrote-dimension").click();
  await page.getByTestId("dimension-who").nth(2).click();
  const sum = await page.getByTestId("written-sum").textContent();
  await page.getByTestId("heads").getByRole("button", { name: "Head 1", exact: true }).click();
  const head = await page.getByTestId("head-table").textContent();
  await page.getByTestId("lens-map").click();
  await page.getByTestId("follow").nth(1).click();
  const followed = await page.getByTestId("followed").textContent();
  const link = await share(page);
  expect(link.length).toBeLessThanOrEqual(400);
  const other = await context.newPage();
  await other.goto(`./#${link}`);
  await expect(computed(other)).toHaveText("132", { timeout: 30_000 });
  await expect(other.getByTestId("followed")).toHaveText(followed ?? "");
  await expect(other.getByTestId("written-sum")).toHaveText(sum ?? "");
  await expect(other.getByTestId("head-table")).toHaveText(head ?? "");
  for (const part of ["lens-map", "who-wrote-dimension"]) {
    await expect(other.getByTestId(part)).toHaveAttribute("aria-expanded", "true");
  }
  await expect(other.getByTestId("peaks")).toHaveAttribute("aria-expanded", "false");
});
