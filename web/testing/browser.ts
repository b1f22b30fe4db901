/**
 * Chromium and a dashboard before stand-ins, for one test.
 *
 * @module
 */
import type { BrowserContextOptions } from "playwright-core";
import { startChromium } from "./chromium.ts";
import { startDashboard } from "./dashboard.ts";
import { type Fake, startFake } from "./fake.ts";
import { openPage, type WatchedPage } from "./page.ts";

/** What a test in a browser has. */
export interface Stage {
  fake: Fake;
  url: string;
  open(options?: BrowserContextOptions): Promise<WatchedPage>;
}

/**
 * A test in a browser.
 *
 * @param name What it shows
 * @param options How many sites the stand-in has, and the address to listen at
 * @param run The test
 */
export function testInBrowser(
  name: string,
  { sites, hostname }: { sites: number; hostname?: () => string },
  run: (stage: Stage, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    name: `dashboard in a browser: ${name}`,
    // The browser's pipes and sockets outlive a step.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(t) {
      const browser = await startChromium();
      const fake = startFake({ sites });
      const dashboard = await startDashboard({
        ingestion: fake.url,
        processing: fake.url,
      }, hostname?.());
      try {
        await run({
          fake,
          url: dashboard.url,
          open: (options) => openPage(browser, dashboard.url, options),
        }, t);
      } finally {
        await browser.close();
        await dashboard.stop();
        await fake.stop();
      }
    },
  });
}
