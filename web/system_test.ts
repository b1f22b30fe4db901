/**
 * The dashboard in a browser against the real system: Redis, ingestion and processing as processes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import { type Service, startService, testRedis } from "../dev/testing.ts";
import { startChromium } from "./testing/chromium.ts";
import { axe, openPage } from "./testing/page.ts";

async function post(ingestion: Service, reading: Record<string, unknown>) {
  const response = await fetch(`${ingestion.url}/readings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(reading),
  });
  assert.equal(response.status, 202, await response.text());
}

const now = () => new Date().toISOString();

Deno.test({
  name: "the dashboard on the real system",
  // The browser's pipes and sockets outlive a step.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
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
    const browser = await startChromium();
    try {
      await steps(t, browser, { ingestion, processing, web });
    } finally {
      await browser.close();
    }
  },
});

interface System {
  ingestion: Service;
  processing: Service;
  web: Service;
}

async function steps(
  t: Deno.TestContext,
  browser: Browser,
  { ingestion, processing, web }: System,
) {
  const open = () => openPage(browser, web.url);
  const card = (page: Page, site: string) =>
    page.locator(".card", { hasText: site });

  await t.step(
    "an empty system tells how to begin, and the first reading ends that",
    async () => {
      const { page, faults, close } = await open();
      await page.goto("/");
      await page.getByText("No readings yet").waitFor();
      assert.deepEqual(await axe(page), []);
      await page.locator(".link.live").waitFor();
      await post(ingestion, {
        site_id: "site-001",
        device_id: "meter-42",
        power_reading: 1500.5,
        timestamp: now(),
      });
      await card(page, "site-001").locator("b", { hasText: "1.50" }).waitFor();
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step("a reading shows without reload", async () => {
    const { page, close } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    await post(ingestion, {
      site_id: "site-001",
      device_id: "meter-42",
      power_reading: 4320,
      timestamp: now(),
    });
    await card(page, "site-001").locator("b", { hasText: "4.32" }).waitFor({
      timeout: 1_000,
    });
    await page.goto("/sites/site-001");
    await page.locator(".title .link.live").waitFor();
    await post(ingestion, {
      site_id: "site-001",
      device_id: "meter-43",
      power_reading: 1000,
      timestamp: now(),
    });
    await page.locator(".now", { hasText: "5.32" }).waitFor({ timeout: 1_000 });
    await close();
  });

  await t.step(
    "the form shows the API's words at the field, then sends",
    async () => {
      const { page, close } = await open();
      await page.goto("/submit");
      await page.locator("[name=site_id]").fill("site 1");
      await page.locator("[name=device_id]").fill("m1");
      await page.locator("[name=power_reading]").fill("a lot");
      await page.getByRole("button", { name: "Send reading" }).click();
      await page.locator("#site_id-note.fault").waitFor();
      await page.locator("#power_reading-note.fault").waitFor();
      await page.locator("[name=site_id]").fill("site-2");
      await page.locator("[name=power_reading]").fill("-250");
      await page.getByRole("button", { name: "Send reading" }).click();
      await page.getByText("Accepted as").waitFor();
      await close();
    },
  );

  await t.step(
    "a file is stored but for its bad lines, which are listed",
    async () => {
      const { page, close } = await open();
      await page.goto("/submit");
      const start = Date.now() - 8_000_000;
      const lines = Array.from(
        { length: 8_000 },
        (_, i) =>
          `upload,d${i % 4},${i % 97},${
            new Date(start + i * 1_000).toISOString()
          }`,
      );
      lines[99] = "upload,d1,much,2026-01-01T00:00:00Z";
      await page.locator("input[type=file]").setInputFiles({
        name: "readings.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(
          `site_id,device_id,power_reading,timestamp\n${lines.join("\n")}\n`,
        ),
      });
      await page.getByText(/^7,999 accepted, 1 rejected/).waitFor();
      await page.locator("tr", { hasText: "101" }).waitFor();
      assert.deepEqual(await axe(page), []);
      await close();
      const stored = async () => {
        const { sites } = await (await fetch(`${processing.url}/sites`)).json();
        return sites.find((site: { site_id: string }) =>
          site.site_id === "upload"
        )?.count;
      };
      for (let i = 0; await stored() !== 7_999 && i < 50; i++) {
        await pause(100);
      }
      assert.equal(await stored(), 7_999);
    },
  );

  await t.step("every page is without fault on real data", async () => {
    const { page, faults, close } = await open();
    for (const path of ["/", "/sites/upload", "/submit", "/pipeline"]) {
      await page.goto(path);
      await page.waitForTimeout(400);
      assert.deepEqual(await axe(page), [], path);
    }
    assert.deepEqual(faults, []);
    await close();
  });

  await t.step("readings are paged, and downloaded as CSV", async () => {
    const { page, close } = await open();
    await page.goto("/sites/upload");
    const first = await page.locator("#readings tbody tr time").first()
      .getAttribute("datetime");
    await page.getByRole("link", { name: /^Older/ }).click();
    await page.waitForURL(/cursor=/);
    assert.notEqual(
      await page.locator("#readings tbody tr time").first().getAttribute(
        "datetime",
      ),
      first,
    );
    await close();
    const csv = await (await fetch(`${web.url}/sites/upload/readings.csv`))
      .text();
    assert.equal(csv.trim().split("\n").length, 8_000);
  });

  await t.step("processing goes and comes back", async () => {
    const { page, close } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    processing.kill("SIGSTOP");
    await page.locator(".health summary.bad").waitFor({ timeout: 15_000 });
    assert.ok(await page.locator(".card").count() >= 3, "the page stays");
    processing.kill("SIGCONT");
    await page.locator(".health summary.good").waitFor({ timeout: 15_000 });
    await post(ingestion, {
      site_id: "site-001",
      device_id: "meter-42",
      power_reading: 9_870,
      timestamp: now(),
    });
    await card(page, "site-001").locator("b", { hasText: "10.9" }).waitFor({
      timeout: 10_000,
    });
    await close();
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
