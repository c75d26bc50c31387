import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, THREE_PLUS_FIVE, isOn, line, nav, notice, open, outputs, stack, test, type } from "./app";

/** Version 1's frozen link, which must open for ever: 3 + 5 in X-ray, position 24, layer 4, a neuron, head 1. */
const VERSION_1 = readFileSync(join(ROOT, "app/protocol/tests/share-v1.txt"), "utf8").trim();

/** Presses Share and reads the link's fragment. */
async function share(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share" }).click();
  const field = page.getByRole("textbox", { name: "A link to exactly this view" });
  await expect(field).toHaveValue(/#\/\w+\?s=1\./);
  const link = await field.inputValue();
  await page.keyboard.press("Escape");
  return link;
}

async function showsVersion1(page: Page): Promise<void> {
  await isOn(page, "CPU, sparse");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("X-ray");
  await expect(page.getByTestId("position")).toHaveText(/^position 24 of /);
  await expect(page.getByTestId("xray-layer-title")).toHaveText(/^Layer 4: /);
  await expect(page.getByTestId("explain-site")).toHaveText("blocks.4.mlp.hook_post[24, 0]");
  await expect(page.getByTestId("explain-verdict")).toHaveText("the same");
  await expect(page.getByTestId("token-2")).toHaveAccessibleName(/byte 3, operand of i32\.const 3/);
  // What the link said has been read: the address makes no claim about what comes after.
  expect(new URL(page.url()).hash).toBe("#/xray");
}

test("a link of the REPL restores program and step", async ({ page, context }) => {
  await open(page, "repl");
  await type(page, ";; shared, with an é", ...THREE_PLUS_FIVE);
  await page.getByRole("button", { name: "One step back" }).click();
  await expect(page.getByTestId("repl-at")).toHaveText("after step 3 of 4");
  const link = await share(page);
  const other = await context.newPage();
  await other.goto(link);
  await isOn(other, "CPU, sparse");
  await expect(other.getByTestId("repl-at")).toHaveText("after step 3 of 4");
  await expect(stack(other)).toHaveText(["8"]);
  await other.getByRole("button", { name: "After the last step" }).click();
  await expect(outputs(other)).toHaveText(["8"]);
  await other.getByRole("button", { name: "Edit as text" }).click();
  await expect(other.getByRole("textbox", { name: "Program text" })).toHaveValue(
    `;; shared, with an é\n${THREE_PLUS_FIVE.join("\n")}\n`,
  );
});

test("a link of X-ray restores position, layer, head and selected number", async ({ page, context }) => {
  await open(page, "xray");
  await page.getByTestId("token-23").click();
  await page.getByTestId("layer-3").click();
  const head = page.getByTestId("head-2").getByRole("heading").getByRole("button");
  await head.click();
  await expect(head).toHaveAttribute("aria-expanded", "true");
  const chosen = page.getByTestId("head-2").locator(".xr-number").first();
  const site = (await chosen.getAttribute("data-site")) ?? "";
  await chosen.click();
  await expect(page.getByTestId("explain-site")).toHaveText(site);
  const link = await share(page);
  const other = await context.newPage();
  await other.goto(link);
  await isOn(other, "CPU, sparse");
  await expect(other.getByTestId("position")).toHaveText(/^position 23 of /);
  await expect(other.getByTestId("xray-layer-title")).toHaveText(/^Layer 3: /);
  await expect(other.getByTestId("explain-site")).toHaveText(site);
  await expect(other.getByTestId("head-2").getByRole("heading").getByRole("button")).toHaveAttribute("aria-expanded", "true");
});

test("the link is copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "repl");
  await type(page, "i32.const 1");
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByTestId("share-status")).toHaveText("Copied.");
  const link = await page.getByTestId("share-link").inputValue();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
});

test("the frozen link of version 1 opens", async ({ page }) => {
  await page.goto(`./#/xray?s=${VERSION_1}`);
  await showsVersion1(page);
});

test("a percent-encoded copy opens", async ({ page }) => {
  // What stands behind the # as some mail programs pass it on: everything but letters and digits encoded.
  const encoded = `/xray?s=${VERSION_1}`.replace(
    /[^A-Za-z0-9]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  await page.goto(`./#${encoded}`);
  await showsVersion1(page);
});

test("a percent-encoded payload opens", async ({ page }) => {
  await page.goto(`./#/xray?s=${VERSION_1.replaceAll(".", "%2E").replaceAll("-", "%2D").replaceAll("_", "%5F")}`);
  await showsVersion1(page);
});

test("a link opened in a page in use keeps what was there for undo", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 77");
  await line(page).fill("i32.const 12");
  await page.evaluate((link) => (location.hash = `/xray?s=${link}`), VERSION_1);
  await showsVersion1(page);
  await nav(page, "REPL").click();
  await expect(line(page)).toHaveValue("i32.const 12");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(stack(page)).toHaveText(["77"]);
});

test("a damaged link says so, and the page goes on", async ({ page }) => {
  const middle = Math.floor(VERSION_1.length / 2);
  const damaged = VERSION_1.slice(0, middle) + (VERSION_1[middle] === "A" ? "B" : "A") + VERSION_1.slice(middle + 1);
  await open(page, `xray?s=${damaged}`);
  await expect(notice(page, "share")).toContainText("This link cannot be opened: the link is damaged");
  // X-ray opens without it.
  await expect(page.getByTestId("xray-strip").getByRole("option")).toHaveCount(26);
  await page.keyboard.press("Home");
  await expect(page.getByTestId("position")).toHaveText(/^position 0 of /);
});
