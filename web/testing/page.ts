/**
 * A page in a real browser that takes note of everything that must not happen.
 *
 * @module
 */
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** A page and what went wrong on it. */
export interface WatchedPage {
  page: Page;
  /** Errors in the console, exceptions, requests to another origin, violations of the policy. */
  faults: string[];
  close(): Promise<void>;
}

/** Opens a page of an origin. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: origin,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) {
      faults.push(`elsewhere: ${url}`);
    }
  });
  page.setDefaultTimeout(10_000);
  return { page, faults, close: () => context.close() };
}

/** What axe finds wrong with a page, one line a violation. */
export async function axe(page: Page): Promise<string[]> {
  const path = createRequire(import.meta.url).resolve("axe-core");
  // By the debugger's own world: the page's policy forbids added scripts, as it should.
  await page.evaluate(await Deno.readTextFile(path));
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: Violation[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, help, nodes }) =>
      `${id}: ${help} at ${
        nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")
      }`
    );
  });
}

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[] }[];
}
