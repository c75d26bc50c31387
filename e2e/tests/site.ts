// The site as it was built: where its files are, and what it has.
import type { Route } from "@playwright/test";

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:8080";
const index = await fetch(BASE).then(
  (response) => response.text(),
  () => "",
);

/** The folder of this version's files, with a slash behind it; relative to the site. */
export const SITE = /<meta name="site" content="\.\/([^"]*)">/.exec(index)?.[1] ?? "";

/** Whether the site has the WebGPU engine. */
export const GPU = await fetch(new URL(`${SITE}engine/gpu/worker.js`, BASE)).then(
  (response) => response.ok,
  () => false,
);

/** Answers with a file that was changed on the way. */
export const changed =
  (change: (body: Buffer) => Buffer) =>
  async (route: Route): Promise<void> => {
    // The page asks as well, and is closed whenever the test has ended: nobody waits for that answer any more.
    try {
      const response = await route.fetch();
      const body = change(await response.body());
      await route.fulfill({ response, body, headers: { ...response.headers(), "content-length": `${body.length}` } });
    } catch (error) {
      if (!/closed|disposed|ended/.test(String(error))) throw error;
    }
  };

/** Answers with a WebAssembly module that does the same and is not the same: it has one more section, which means nothing. */
export const otherwise = changed((body) => Buffer.concat([body, Buffer.from([0, 5, 4, ...Buffer.from("more")])]));
