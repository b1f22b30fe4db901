/**
 * The real system for tests in a browser: Redis, both services and the dashboard as processes.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import {
  type Service,
  startService,
  type TestRedis,
  testRedis,
} from "../../dev/testing.ts";
import { startChromium } from "./chromium.ts";
import { openPage, type WatchedPage } from "./page.ts";

/** All parts, running. */
export interface System {
  redis: TestRedis;
  ingestion: Service;
  processing: Service;
  web: Service;
  /** Opens a page of the dashboard. */
  open(): Promise<WatchedPage>;
  /** Sends a reading of now, or of some minutes ago. */
  post(
    site_id: string,
    device_id: string,
    power: number,
    minutesAgo?: number,
  ): Promise<void>;
}

/**
 * Starts everything for a test, and ends it.
 *
 * @param test What is done with it
 */
export async function withSystem(
  test: (system: System) => Promise<void>,
): Promise<void> {
  await using redis = await testRedis();
  await using ingestion = await startService("ingestion", {
    REDIS_URL: redis.url,
  });
  await using processing = await startService("processing", {
    REDIS_URL: redis.url,
  });
  await using web = await startService("web", {
    INGESTION_URL: ingestion.url,
    PROCESSING_URL: processing.url,
    HOST: "127.0.0.1",
  });
  const browser: Browser = await startChromium();
  try {
    await test({
      redis,
      ingestion,
      processing,
      web,
      open: () => openPage(browser, web.url),
      async post(site_id, device_id, power_reading, minutesAgo = 0) {
        const response = await fetch(`${ingestion.url}/readings`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            site_id,
            device_id,
            power_reading,
            timestamp: new Date(Date.now() - minutesAgo * 60_000)
              .toISOString(),
          }),
        });
        assert.equal(response.status, 202, await response.text());
      },
    });
  } finally {
    await browser.close();
  }
}
