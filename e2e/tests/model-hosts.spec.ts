// #/models with a real host on another port, so that the browser's own rules decide: what a page of another site may read,
// and connections that end in the middle.
import { expect, test as plain } from "@playwright/test";
import type { Page } from "@playwright/test";
import type { IncomingMessage, ServerResponse } from "node:http";
import { open } from "./app";
import { tinyModel } from "./gguf";
import { OPEN, start } from "./hosts";
import { chosen, load, loadFailure } from "./language";

// Failed requests are what these tests are about, so what `watch` reports of them is left out.
const test = plain.extend<{ host: { address: string; cut: { after: number }; asked: string[] } }>({
  ignoreHTTPSErrors: true,
  host: async ({}, use) => {
    const model = tinyModel();
    const cut = { after: Infinity };
    const asked: string[] = [];
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      const path = new URL(request.url ?? "", "https://host").pathname;
      asked.push(`${request.method} ${path} ${request.headers.range ?? ""}`.trim());
      // A host that means its own pages only, and one that also names who may embed its files.
      if (path.startsWith("/closed")) {
        const policy = path.includes("embed") ? { "Cross-Origin-Resource-Policy": "cross-origin" } : {};
        response.writeHead(200, { "Content-Length": model.length, ...policy }).end(request.method === "HEAD" ? undefined : model);
        return;
      }
      const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "");
      const from = Number(range?.[1] ?? 0);
      const to = range?.[2] ? Math.min(Number(range[2]) + 1, model.length) : model.length;
      response.writeHead(range ? 206 : 200, {
        ...OPEN,
        ETag: '"one"',
        "Content-Length": to - from,
        ...(range ? { "Content-Range": `bytes ${from}-${to - 1}/${model.length}` } : {}),
      });
      if (to - from <= cut.after) return void response.end(model.subarray(from, to));
      response.write(model.subarray(from, from + cut.after), () => setTimeout(() => response.destroy(), 200));
    };
    const { address, stop } = await start(answer);
    await use({ address, cut, asked });
    stop();
  },
});

async function read(page: Page, address: string): Promise<void> {
  await page.getByTestId("address").fill(address);
  await page.getByTestId("address-read").click();
}

test("a host that lets no page of another site read its files is explained, as is one that is not there", async ({ page, host }) => {
  await open(page, "models");
  const failure = loadFailure(page);
  await read(page, `${host.address}/closed-embed.gguf`);
  await expect(failure).toContainText("does not let pages of other sites read its files");
  await expect(failure).toContainText("Download the file and choose it");
  // Most say nothing at all: then a page whose memory is isolated, as `cargo xtask serve` has it, is not told that
  // somebody answers.
  for (const address of [`${host.address}/closed.gguf`, "https://127.0.0.1:1/nobody.gguf"]) {
    await read(page, address);
    await expect(failure).toContainText(`cannot be reached, or lets no page of another site read its files: ${address}`);
    await expect(failure).toContainText("download the file and choose it");
  }
  expect(host.asked.filter((request) => request.startsWith("GET /closed"))).toHaveLength(2);
  // Nothing of all that is among what is kept.
  await expect(page.getByTestId("kept")).toContainText("Nothing yet.");
});

test("an address without https says that it must have it", async ({ page }) => {
  await open(page, "models");
  for (const address of ["http://models.example/a.gguf", "http://127.0.0.1:1/a.gguf", "http://localhost:1/a.gguf"]) {
    await read(page, address);
    await expect(loadFailure(page)).toContainText("https://");
    await expect(loadFailure(page)).toContainText(/choose/);
  }
});

test("a connection that is cut is gone on with where it was", async ({ page, host }) => {
  await open(page, "models");
  await read(page, `${host.address}/tiny.gguf`);
  await expect(chosen(page)).toContainText("Tiny");
  host.cut.after = 3_000_000;
  await page.getByTestId("load").click();
  await expect(loadFailure(page)).toContainText(/ended after 3\.0 MB of 6\.\d MB/);
  await expect(loadFailure(page)).toContainText("it goes on where it was");
  const entry = page.getByTestId("kept-model");
  await expect(entry).toContainText(/3\.0 MB of 6\.\d MB, broke off/);
  host.cut.after = Infinity;
  await entry.getByRole("button", { name: "Go on" }).click();
  await expect(chosen(page)).toContainText("Tiny");
  await load(page);
  // The second attempt did not begin at the beginning.
  expect(host.asked.at(-1)).toBe("GET /tiny.gguf bytes=3000000-");
  await expect(entry).toContainText(`${host.address}/tiny.gguf`);
  await expect(entry).toContainText(/SHA-256 [0-9a-f]{64}/);
});
