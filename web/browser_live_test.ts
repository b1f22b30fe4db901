/**
 * The dashboard in a real browser, against stand-ins: what moves, what is filtered, what goes away and comes back.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../dev/testing.ts";
import { testInBrowser } from "./testing/browser.ts";
import { startChromium } from "./testing/chromium.ts";
import { startDashboard } from "./testing/dashboard.ts";
import { startFake } from "./testing/fake.ts";
import { openPage } from "./testing/page.ts";

testInBrowser("live", { sites: 12 }, async ({ open, fake }, t) => {
  await t.step("an update changes the one card it is about", async () => {
    const { page, close } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    fake.push({
      "office-001": {
        last_heard: new Date().toISOString(),
        devices: [{
          device_id: "main",
          power_reading: 7_777_000,
          timestamp: new Date().toISOString(),
        }],
      },
    });
    await page.locator(".card", { hasText: "office-001" }).locator("b", {
      hasText: "7.78 MW",
    }).waitFor({ timeout: 1_000 });
    await close();
  });

  await t.step(
    "a site that was never heard before gets its card at once",
    async () => {
      const { page, close } = await open();
      await page.goto("/");
      await page.locator(".link.live").waitFor();
      const timestamp = new Date().toISOString();
      fake.push({
        "brand-new": {
          last_heard: timestamp,
          devices: [{ device_id: "main", power_reading: 12, timestamp }],
        },
      });
      await page.locator(".card", { hasText: "brand-new" }).locator("b", {
        hasText: "12 W",
      }).waitFor({ timeout: 1_000 });
      await close();
    },
  );

  await t.step("the filter filters, and is in the address", async () => {
    const { page, close } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    await page.getByRole("searchbox").fill("house");
    await page.waitForFunction(() =>
      document.querySelectorAll(".card").length === 3
    );
    await page.waitForURL(/\?q=house$/);
    await page.getByRole("searchbox").fill("zzz");
    await page.getByText("No site’s name contains “zzz”.").waitFor();
    await close();
  });

  await t.step(
    "a stored reading moves the site's page within a second",
    async () => {
      const { page, faults, close } = await open();
      await page.goto("/sites/office-001?range=1h");
      await page.locator(".title .link.live").waitFor();
      const timestamp = new Date().toISOString();
      for (const [device_id, power_reading] of [["main", 5e6], ["new", 2e6]]) {
        fake.store({
          id: `${Date.now()}-0`,
          site_id: "office-001",
          device_id,
          power_reading,
          timestamp,
        });
      }
      await page.locator(".now", { hasText: "7.00 MW" }).waitFor({
        timeout: 1_000,
      });
      await page.getByRole("cell", { name: "new", exact: true }).waitFor();
      await page.locator(".legend button", { hasText: "new" }).waitFor();
      // A device can be hidden, and the chart lives on.
      await page.locator(".legend button", { hasText: "main" }).click();
      await page.locator('.legend button[aria-pressed="false"]').waitFor();
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step(
    "a meter whose clock is ahead does not hold up the others",
    async () => {
      const { page, close } = await open();
      await page.goto("/sites/office-001?range=1h");
      await page.locator(".title .link.live").waitFor();
      const store = (device_id: string, power_reading: number, ms: number) =>
        fake.store({
          id: `${Date.now()}-0`,
          site_id: "office-001",
          device_id,
          power_reading,
          timestamp: new Date(ms).toISOString(),
        });
      store("ahead", 1e6, Date.now() + 1_800_000);
      store("main", 6e6, Date.now());
      await page.locator(".plot-foot ~ details summary").click();
      const table = page.getByRole("region", { name: "Power as a table" });
      await table.getByRole("cell", { name: "6.00 MW" }).waitFor();
      assert.equal(await table.getByText("ahead").count(), 0);
      await close();
    },
  );

  await t.step("events end when the page goes", async () => {
    const { page, close } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    assert.ok(fake.listeners() >= 1);
    await close();
    await until(() => fake.listeners() === 0);
  });

  await t.step(
    "a dead letter is replayed, and one is deleted after a question",
    async () => {
      const { page, close } = await open();
      await page.goto("/pipeline");
      await page.locator(".link.live").waitFor();
      await page.getByRole("button", { name: "Replay", exact: true }).first()
        .click();
      await page.getByText("Put back into the stream.").waitFor();
      await page.locator(".letters > li").nth(1).waitFor({ state: "detached" });
      await page.getByRole("button", { name: /^Delete 1/ }).click();
      await page.getByRole("link", { name: "Keep" }).click();
      await page.getByRole("button", { name: /^Delete 1/ }).click();
      await page.getByRole("alertdialog").getByRole("button", {
        name: "Delete",
      }).click();
      await page.getByText("Every reading that was accepted has been stored.")
        .waitFor();
      await close();
    },
  );
});

Deno.test({
  name:
    "dashboard in a browser: is not live while Redis is away, though its events' connection stands",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const browser = await startChromium();
    let away = false;
    const fake = startFake({
      sites: 3,
      answer: ({ url }) =>
        away && url.endsWith("/health")
          ? Response.json({ status: "unhealthy", redis: "disconnected" }, {
            status: 503,
          })
          : undefined,
    });
    const dashboard = await startDashboard({
      ingestion: fake.url,
      processing: fake.url,
    });
    try {
      const { page } = await openPage(browser, dashboard.url);
      page.setDefaultTimeout(20_000);
      const health = (hasText: string) =>
        page.locator(".health summary", { hasText }).waitFor();
      for (const path of ["/", "/sites/house-001"]) {
        await page.goto(path);
        await page.locator(".link.live").waitFor();
        away = true;
        await page.locator(".link.lost").waitFor();
        await health("Redis not reachable");
        away = false;
        await page.locator(".link.live").waitFor();
        await health("All systems healthy");
      }
    } finally {
      await browser.close();
      await dashboard.stop();
      await fake.stop();
    }
  },
});

Deno.test({
  name: "dashboard in a browser: a service goes and comes back",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const browser = await startChromium();
    let fake = startFake({ sites: 5 });
    const port = Number(new URL(fake.url).port);
    const dashboard = await startDashboard({
      ingestion: fake.url,
      processing: fake.url,
    });
    try {
      const { page } = await openPage(browser, dashboard.url);
      await page.goto("/");
      await page.locator(".link.live").waitFor();
      await fake.stop();
      await page.locator(".link.lost").waitFor();
      assert.equal(await page.locator(".card").count(), 5, "the page stays");
      fake = startFake({ sites: 5, port });
      await page.locator(".link.live").waitFor({ timeout: 15_000 });

      await fake.stop();
      // For a moment it has what it was told last.
      await until(async () => {
        const { status, body } = await fetch(dashboard.url);
        await body?.cancel();
        return status === 503;
      });
      const response = await page.goto("/");
      assert.equal(response?.status(), 503);
      await page.getByText("Not reachable right now").waitFor();
      fake = startFake({ sites: 5, port });
      await page.locator(".card").first().waitFor({ timeout: 15_000 });
    } finally {
      await browser.close();
      await dashboard.stop();
      await fake.stop();
    }
  },
});
