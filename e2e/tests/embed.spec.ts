// A view in a frame of another page.
import { expect, test } from "@playwright/test";
import { THREE_PLUS_FIVE, open, outputs, type } from "./app";

test("a frame has the view without the navigation, and opens the whole page", async ({ page, context, baseURL }) => {
  await open(page, "repl");
  await type(page, ...THREE_PLUS_FIVE);
  await expect(outputs(page)).toHaveText(["8"]);
  await page.getByTestId("nav-xray").click();
  await page.getByTestId("layer-4").click();
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByText("A frame for your own page").click();
  const html = await page.getByTestId("share-embed").inputValue();
  expect(html).toMatch(/^<iframe src="[^"]*#\/embed\/xray\?s=1\.[^"]+" title="WorldModel X-ray"/);

  // Somebody else's page.
  const blog = await context.newPage();
  await blog.route("**/blog.html", (route) => route.fulfill({ contentType: "text/html", body: `<h1>A blog</h1>${html.replace(' loading="lazy"', "")}` }));
  await blog.goto(new URL("blog.html", baseURL).href);
  const frame = blog.frameLocator("iframe");
  await expect(frame.getByTestId("layer-4")).toHaveAttribute("aria-current", "true");
  await expect(frame.getByRole("navigation", { name: "Pages" })).toHaveCount(0);
  const opened = context.waitForEvent("page");
  await frame.getByTestId("whole-page").click();
  const whole = await opened;
  await expect(whole.getByTestId("layer-4")).toHaveAttribute("aria-current", "true");
  await expect(whole.getByRole("navigation", { name: "Pages" })).toBeVisible();
});

test("a link inside a frame stays in it", async ({ page }) => {
  await page.goto("./#/embed/learn/deck/7");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByTestId("share")).toHaveCount(0);
  // A middle click opens the lesson, too.
  await expect(page.getByTestId("whole-page")).toHaveAttribute("href", "#/learn/deck/7");
  await page.getByRole("link", { name: "All lessons" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("How weights compute");
  await expect(page.getByRole("navigation", { name: "Pages" })).toHaveCount(0);
  // Also when it is loaded again.
  await expect(page).toHaveURL(/#\/embed\/learn$/);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("How weights compute");
  await expect(page.getByTestId("whole-page")).toHaveAttribute("href", "#/learn");
  await expect(page.getByRole("navigation", { name: "Pages" })).toHaveCount(0);
});
