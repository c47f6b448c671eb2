/**
 * One headless Chromium for all tests of pages: the machine's own (Debian's package `chromium`), so that nothing is
 * downloaded. Each page keeps a list of what went wrong in it.
 */
import { type Browser, type Page, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A page, and the errors of its console, its scripts and its requests so far. */
export interface OpenPage {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** Returns how to open a page in a browser that lasts as long as the test file. */
export function usePages(): (url: string, files?: Readonly<Record<string, string>>) => Promise<OpenPage> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  return async (url, files) => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("requestfailed", (request) => problems.push(`${request.url()}: ${request.failure()?.errorText}`));
    if (files) await serve(page, files);
    await page.goto(url);
    return { page, problems };
  };
}

/** Answers every request of a page from memory, by path. */
async function serve(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  await page.route("**/*", async (route) => {
    const path = new URL(route.request().url()).pathname;
    const body = files[path];
    const contentType = path.endsWith(".js") ? "text/javascript" : "text/html";
    await route.fulfill(body === undefined ? { status: 404 } : { contentType, body });
  });
}
