// Hosts that models come from: one that Playwright stands in for, and a real one of this machine with a certificate of its
// own making, whose answers pass through the browser's own rules.
import type { Page } from "@playwright/test";
import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:https";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** The host that Playwright stands in for. */
export const HOST = "https://models.example";

/** What a host says that lets pages of other sites read its files. */
export const OPEN = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Content-Range, ETag, Accept-Ranges",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** Answers for [`HOST`] with these files, in parts where parts are asked for; says from which bytes on it was asked. */
export async function serve(page: Page, files: Record<string, Buffer>): Promise<number[]> {
  const begins: number[] = [];
  await page.context().route(`${HOST}/**`, async (route) => {
    const file = files[new URL(route.request().url()).pathname];
    if (!file) return route.fulfill({ status: 404, headers: OPEN, body: "not here" });
    const range = /bytes=(\d+)-(\d*)/.exec(route.request().headers()["range"] ?? "");
    const from = Number(range?.[1] ?? 0);
    const to = range?.[2] ? Math.min(Number(range[2]) + 1, file.length) : file.length;
    begins.push(from);
    await route.fulfill({
      status: range ? 206 : 200,
      headers: {
        ...OPEN,
        "Accept-Ranges": "bytes",
        ETag: '"one"',
        ...(range ? { "Content-Range": `bytes ${from}-${to - 1}/${file.length}` } : {}),
      },
      body: file.subarray(from, to),
    });
  });
  return begins;
}

/** A value in DER: its kind, its length, itself. */
function der(kind: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([kind, ...length]), content]);
}

/** A key, and a certificate for "localhost" that it has signed itself: X.509, version 1. */
function certificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  // 1.2.840.10045.4.3.2: ECDSA with SHA-256; 2.5.4.3: a common name.
  const algorithm = der(0x30, der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  const common = der(0x30, der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from("localhost")));
  const name = der(0x30, der(0x31, common));
  const moment = (year: number): Buffer => der(0x17, Buffer.from(`${year % 100}0101000000Z`));
  const year = new Date().getUTCFullYear();
  const validity = der(0x30, moment(year - 1), moment(year + 1));
  const key = publicKey.export({ type: "spki", format: "der" });
  const content = der(0x30, der(0x02, Buffer.from([1])), algorithm, name, validity, name, key);
  const signature = createSign("sha256").update(content).sign(privateKey);
  const whole = der(0x30, content, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  };
}

/** Starts a host of this machine; the browser must be told to ignore that nobody vouches for its certificate. */
export async function start(answer: RequestListener): Promise<{ address: string; stop: () => void }> {
  const server = createServer(certificate(), answer);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}
