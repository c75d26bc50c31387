import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import { ROOT, THREE_PLUS_FIVE, isOn, line, nav, notice, open, outputs, stack, test, type } from "./app";
import jsQR from "jsqr";

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

type View = { route: string; program: string; selection?: string; allowOpenLoops?: boolean; maxTokens?: number };

/** A link that the page itself would not make; the fields in the order of `protocol`'s `View`, as postcard writes them. */
function link({ route, program, selection, allowOpenLoops = true, maxTokens = 20_000 }: View): string {
  const number = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)]);
  const text = (value: string): number[] => [...number(Buffer.byteLength(value)), ...Buffer.from(value)];
  const option = (value?: string): number[] => (value === undefined ? [0] : [1, ...text(value)]);
  const [position, layer, extra] = [[0], [0], text("")];
  const loops = [Number(allowOpenLoops)];
  const bytes = [text(route), text(program), position, layer, option(selection), loops, number(maxTokens), extra].flat();
  return `1.${deflateSync(Buffer.from(bytes)).toString("base64url")}`;
}

/** What a link holds; the same view may be compressed otherwise. */
const unpacked = (link = ""): number[] => [...inflateSync(Buffer.from(link.slice("1.".length), "base64url"))];

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
  await expect(page.getByTestId("share-link")).toHaveValue(/s=1\./);
  const link = await page.getByTestId("share-link").inputValue();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
});

/** What a camera reads off a code, from the squares it is drawn of. */
function scanned(path: string, size: number): string | undefined {
  const scale = 4;
  const side = size * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(length)) * scale; column += 1) {
        pixels.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
      }
    }
  }
  return jsQR(pixels, side, side)?.data;
}

test("a link says what it opens, and is a code for a phone", async ({ page }) => {
  await open(page, "repl");
  await type(page, "i32.const 1", "output");
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByTestId("share-opens")).toHaveText("It opens REPL, a program of 2 lines.");
  const link = await page.getByTestId("share-link").inputValue();
  await page.getByText("QR code for a phone").click();
  const code = page.getByRole("img", { name: "The link as a QR code" });
  await expect(code).toBeVisible();
  const size = Number((await code.getAttribute("viewBox"))?.split(" ")[2]);
  expect(scanned((await code.locator("path").getAttribute("d")) ?? "", size)).toBe(link);
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

test("a link decides on the route, whatever the address says around it", async ({ page }) => {
  await open(page, `learn?s=${link({ route: "repl", program: "i32.const 5\noutput\n" })}`);
  await expect(outputs(page)).toHaveText(["5"]);
  expect(new URL(page.url()).hash).toBe("#/repl");
});

test("a link decides how far its program runs", async ({ page }) => {
  const program = "i32.const 9\nlocal.set 0\nloop\ni32.const 1\noutput\nlocal.get 0\ni32.const 1\ni32.sub\nlocal.tee 0\nbr_if\nend_loop\n";
  await open(page, `repl?s=${link({ route: "repl", program, maxTokens: 20 })}`);
  await expect(page.getByTestId("ending")).toContainText("the page stops there");
  // What it says goes on with the link made of it, and ends with the next line.
  const [, payload] = (await share(page)).split("?s=");
  expect(unpacked(payload)).toEqual(unpacked(link({ route: "repl", program, maxTokens: 20 })));
  await type(page, "i32.const 3");
  await expect(page.getByTestId("ending")).toHaveCount(0);
  await expect(outputs(page)).toHaveCount(9);
});

test("a link that allows no open loop says what is open", async ({ page }) => {
  await open(page, `repl?s=${link({ route: "repl", program: "loop\ni32.const 1\n", allowOpenLoops: false })}`);
  await expect(page.getByTestId("failure")).toContainText("The program was not run");
  await expect(page.getByTestId("failure")).toContainText("loop");
});

test("a number that the model does not have is named", async ({ page }) => {
  await open(page, `xray?s=${link({ route: "xray", program: "i32.const 5\n", selection: "blocks.2.hook_nothing[3]" })}`);
  await expect(notice(page, "share")).toContainText("The link selects `blocks.2.hook_nothing[3]`");
  await expect(page.getByTestId("xray-strip").getByRole("option")).toHaveCount(8);
});

test("a link whose program is wrong opens it in the editor, over no old run", async ({ page }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
  const wrong = "i32.const 3\ni32.ad\n";
  await page.evaluate((link) => (location.hash = `/repl?s=${link}`), link({ route: "repl", program: wrong }));
  await expect(page.getByRole("textbox", { name: "Program text" })).toHaveValue(wrong);
  await expect(page.getByTestId("editor-error")).toContainText("unknown instruction `i32.ad`");
  await expect(outputs(page)).toHaveCount(0);
  await expect(page.getByTestId("run-state")).not.toContainText("tokens");
  await nav(page, "X-ray").click();
  await expect(page.getByTestId("xray-failure")).toContainText("unknown instruction");
  await nav(page, "REPL").click();
  await page.getByRole("button", { name: "Discard the changes" }).click();
  await expect(outputs(page)).toHaveText(["8"]);
});

test("a link of the open editor carries the text on screen", async ({ page, context }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await page.getByRole("button", { name: "Edit as text" }).click();
  await page.getByRole("textbox", { name: "Program text" }).fill("i32.const 44\noutput\n");
  const other = await context.newPage();
  await other.goto(await share(page));
  await expect(outputs(other)).toHaveText(["44"]);
});

test("a damaged link says so, and the page goes on", async ({ page }) => {
  const middle = Math.floor(VERSION_1.length / 2);
  const damaged = VERSION_1.slice(0, middle) + (VERSION_1[middle] === "A" ? "B" : "A") + VERSION_1.slice(middle + 1);
  await open(page, `xray?s=${damaged}`);
  await expect(notice(page, "share")).toContainText("This link cannot be opened: the link is damaged");
  // X-ray opens without it.
  await expect(page.getByTestId("xray-strip").getByRole("option")).toHaveCount(26);
  await page.getByTestId("xray-strip").press("Home");
  await expect(page.getByTestId("position")).toHaveText(/^position 0 of /);
});

test("a small link that unpacks into a large one is refused", async ({ page }) => {
  const bomb = `1.${deflateSync(Buffer.alloc(5_000_000), { level: 9 }).toString("base64url")}`;
  expect(bomb.length).toBeLessThan(8 * 1024);
  await page.goto(`./#/repl?s=${bomb}`);
  await isOn(page, "CPU, sparse");
  await expect(notice(page, "share")).toContainText("unpacks into more than 65536 bytes");
});
