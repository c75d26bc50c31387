// `cargo xtask e2e` serves the built site and says in BASE_URL where, and in WORLDMODEL_CHROMIUM which browser to use.
import { defineConfig, devices } from "@playwright/test";

const executablePath = process.env.WORLDMODEL_CHROMIUM || undefined;

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  globalSetup: "./warm-up.ts",
  // The engine computes for real and WebGPU is emulated on the CPU: tests wait for results, so they get time.
  timeout: 60_000,
  expect: { timeout: 20_000 },
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: "line",
  use: {
    ...devices["Desktop Chrome"],
    channel: undefined,
    baseURL: process.env.BASE_URL ?? "http://127.0.0.1:8080",
    // Every test sees the site as a first visit does, and its requests reach the test; offline.spec.ts has them.
    serviceWorkers: "block",
    screenshot: "only-on-failure",
    trace: "off",
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--enable-unsafe-webgpu",
        "--use-webgpu-adapter=swiftshader",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
