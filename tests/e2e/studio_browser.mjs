// What the tests of Studio in a browser share: Chromium without a network of its own, and what it
// complains about.
import { chromium } from "playwright-core";

/** @returns { newPage(url), context, close(), complaints }; complaints grow with every page */
export async function openBrowser(executablePath) {
  const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox",
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"] });
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  context.setDefaultTimeout(15000);
  const complaints = []; // broken scripts, breaches of the policy
  async function newPage(url) {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !/WebSocket connection|ERR_CONNECTION/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }
  return { newPage, context, complaints, close: () => browser.close() };
}

/** The field of a parameter by its label, and the box with all that belongs to it. */
export const field = (page, label) => page.getByLabel(label, { exact: true });
export const fieldBox = (page, label) =>
  page.locator(".field", { has: page.locator("label", { hasText: label }) });
