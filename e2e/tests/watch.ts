// What must never happen on any page: errors, blocked resources, requests to other hosts.
import type { Page } from "@playwright/test";

/** Collects everything that goes wrong on a page from now on; call it before the first `goto`. */
export async function watch(page: Page): Promise<string[]> {
  const problems: string[] = [];
  page.on("console", (message) => {
    // The browser reports Content-Security-Policy violations as console errors, too.
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    // The browser stops reading a module that it finds among those it has compiled before. An engine that does not
    // arrive is no secret: it answers nothing.
    if (request.failure()?.errorText === "net::ERR_ABORTED" && request.url().endsWith("/worker_bg.wasm")) return;
    problems.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    const own = host === new URL(page.url() === "about:blank" ? request.url() : page.url()).host;
    if (!own && !["data:", "blob:"].includes(protocol)) problems.push(`another host: ${request.url()}`);
  });
  await page.exposeFunction("reportViolation", (text: string) => problems.push(`blocked: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { reportViolation(text: string): void }).reportViolation;
      report(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return problems;
}
