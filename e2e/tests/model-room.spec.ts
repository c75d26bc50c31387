// #/models where there is little room: in the browser's storage, and in the memory of a small device.
import { devices, expect, test as plain } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { open } from "./app";
import { hollowModel, tinyModel } from "./gguf";
import { HOST, serve } from "./hosts";
import { chosen, chooseBytes, load, loadFailure, test } from "./language";

/** Lets this site keep so many bytes. */
async function giveRoom(page: Page, quotaSize: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(page.url()).origin, quotaSize });
}

test.describe("where the browser keeps no more", () => {
  test("a chosen file is loaded all the same, and says why it is not kept", async ({ page }) => {
    await open(page, "models");
    await giveRoom(page, 3_000_000);
    await chooseBytes(page, "tiny.gguf", tinyModel());
    await page.getByTestId("keep").check();
    await load(page);
    const why = page.getByTestId("not-kept");
    await expect(why).toContainText("It is not kept in this browser: this browser gives this page no room for 6.8 MB.");
    await expect(why).toContainText("Free room on this device");
    // Nothing of it is left over.
    await expect(page.getByTestId("kept")).toContainText("Nothing yet.");
  });

  test("with no room at all, too", async ({ page }) => {
    await open(page, "models");
    await giveRoom(page, 1);
    await chooseBytes(page, "tiny.gguf", tinyModel());
    await page.getByTestId("keep").check();
    await load(page);
    await expect(page.getByTestId("not-kept")).toContainText("gives this page no room");
    await expect(page.getByTestId("kept-model")).toHaveCount(0);
  });

  // Another host is asked, which `watch` would report.
  plain("what comes from an address is loaded, too, and what could go is named", async ({ page }) => {
    const model = tinyModel();
    const begins = await serve(page, { "/tiny.gguf": model, "/large.gguf": tinyModel(8192) });
    await open(page, "models");
    await page.getByTestId("address").fill(`${HOST}/tiny.gguf`);
    await page.getByTestId("address-read").click();
    await load(page);
    await expect(page.getByTestId("kept-model")).toContainText("tiny.gguf");
    await giveRoom(page, model.length + 4_000_000);
    await page.getByTestId("address").fill(`${HOST}/large.gguf`);
    await page.getByTestId("address-read").click();
    await load(page);
    // Each was asked for its head and then for all of it: what had come before the room was full did not come again.
    expect(begins).toEqual([0, 0, 0, 0]);
    await expect(page.getByTestId("loaded")).toContainText(/SHA-256 [0-9a-f]{64}/);
    await expect(page.getByTestId("not-kept")).toContainText("delete what you do not need: tiny.gguf (");
    await expect(page.getByTestId("kept-model")).toHaveCount(1);
  });
});

/** What the page says of the room that a model takes. */
const room = (page: Page): Locator => page.getByTestId("memory");

/** Chooses a model of about so many bytes. */
async function chooseHollow(page: Page, path: string, bytes: number): Promise<void> {
  hollowModel(path, bytes);
  await page.getByTestId("choose-files").setInputFiles(path);
  await expect(chosen(page)).toBeVisible();
}

/** Lets the browser say that its device has so much memory. */
async function pretend(page: Page, gibibytes: number): Promise<void> {
  await page.addInitScript((memory) => Object.defineProperty(Navigator.prototype, "deviceMemory", { get: () => memory }), gibibytes);
}

test.describe("on a device", () => {
  test("no model that is larger than WebAssembly reaches is begun", async ({ page }, info) => {
    await open(page, "models");
    await chooseHollow(page, info.outputPath("huge.gguf"), 6e9);
    await expect(room(page)).toHaveAttribute("data-verdict", "never");
    await expect(room(page)).toContainText("Choose fewer bits");
    await expect(page.getByTestId("load")).toBeDisabled();
    // In four bits it goes in.
    await page.getByTestId("quantize").selectOption({ label: "4 bits" });
    await expect(room(page)).toHaveAttribute("data-verdict", "fits");
    await expect(page.getByTestId("load")).toBeEnabled();
  });

  test("with little memory a model that would take most of it is advised against, and can be tried", async ({ page }, info) => {
    await pretend(page, 2);
    await open(page, "models");
    await chooseHollow(page, info.outputPath("large.gguf"), 1.5e9);
    await expect(room(page)).toContainText("2 GiB or more on this device");
    await expect(room(page)).toHaveAttribute("data-verdict", "tight");
    await expect(room(page).locator(".advice")).toContainText("half");
    await expect(page.getByTestId("load")).toHaveText("Load it all the same");
    await page.getByTestId("quantize").selectOption({ label: "4 bits" });
    await expect(room(page)).toHaveAttribute("data-verdict", "fits");
    await expect(page.getByTestId("load")).toBeEnabled();
  });

  test.describe("that is a phone", () => {
    const { defaultBrowserType: _, ...phone } = devices["Pixel 7"];
    test.use(phone);

    test("a model that phones do not bear is advised against, and a small one is not", async ({ page }, info) => {
      await open(page, "models");
      await chooseHollow(page, info.outputPath("large.gguf"), 7e8);
      await expect(room(page)).toHaveAttribute("data-verdict", "phone");
      await expect(room(page).locator(".advice")).toContainText("Choose a smaller model");
      await expect(page.getByTestId("load")).toHaveText("Load it all the same");
      await page.getByTestId("choose-none").click();
      await chooseBytes(page, "tiny.gguf", tinyModel());
      await expect(room(page)).toHaveAttribute("data-verdict", "fits");
      await load(page);
      await expect(loadFailure(page)).toHaveCount(0);
    });
  });
});
