/**
 * The dashboard in a real browser, against stand-ins: hydration, colours, accessibility, policy, recovery.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { startChromium } from "./testing/chromium.ts";
import { type Dashboard, startDashboard } from "./testing/dashboard.ts";
import { type Fake, startFake } from "./testing/fake.ts";
import { axe, openPage } from "./testing/page.ts";

const PAGES = ["/", "/sites/house-001", "/submit", "/pipeline", "/nowhere"];

Deno.test({
  name: "dashboard in a browser",
  // The browser's pipes and sockets outlive a step.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const browser = await startChromium();
    const fake = startFake({ sites: 12 });
    const dashboard = await startDashboard({
      ingestion: fake.url,
      processing: fake.url,
    });
    try {
      await steps(t, browser, fake, dashboard);
    } finally {
      await browser.close();
      await dashboard.stop();
      await fake.stop();
    }
  },
});

async function steps(
  t: Deno.TestContext,
  browser: Browser,
  fake: Fake,
  { url }: Dashboard,
) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const path of PAGES) {
      await t.step(
        `${path} in ${colorScheme} has no violation, no error, no other origin`,
        async () => {
          const { page, faults, close } = await openPage(browser, url, {
            colorScheme,
          });
          await page.goto(path);
          await page.locator(".health summary").waitFor();
          await page.waitForTimeout(300);
          for (const table of await page.locator("details.table").all()) {
            await table.evaluate((details) =>
              (details as HTMLDetailsElement).open = true
            );
          }
          assert.deepEqual(await axe(page), []);
          const expected = path === "/nowhere"
            ? [
              "console: Failed to load resource: the server responded with a status of 404 (Not Found)",
            ]
            : [];
          assert.deepEqual(faults, expected);
          await close();
        },
      );
    }
  }

  await t.step("no page is wider than a phone", async () => {
    const { page, close } = await openPage(browser, url, {
      viewport: { width: 390, height: 844 },
    });
    for (const path of PAGES) {
      await page.goto(path);
      await page.waitForTimeout(200);
      const wide = await page.evaluate(() =>
        document.documentElement.scrollWidth
      );
      assert.ok(wide <= 390, `${path} is ${wide} px wide`);
    }
    await close();
  });

  await t.step(
    "the switch of colours answers to a click, and the server remembers",
    async () => {
      const { page, faults, close } = await openPage(browser, url, {
        colorScheme: "light",
      });
      await page.goto("/");
      await page.getByRole("button", { name: "Dark" }).click();
      await page.locator('html[data-theme="dark"]').waitFor();
      assert.match(
        await (await page.request.get("/")).text(),
        /data-theme="dark"/,
      );
      assert.equal(
        await page.getByRole("button", { name: "Dark" }).getAttribute(
          "aria-pressed",
        ),
        "true",
      );
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step("an update changes the one card it is about", async () => {
    const { page, close } = await openPage(browser, url);
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
      const { page, close } = await openPage(browser, url);
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
    const { page, close } = await openPage(browser, url);
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    await page.getByRole("searchbox").fill("house");
    await page.waitForFunction(() =>
      document.querySelectorAll(".card").length === 3
    );
    assert.match(page.url(), /\?q=house$/);
    await page.getByRole("searchbox").fill("zzz");
    await page.getByText("No site’s name contains “zzz”.").waitFor();
    await close();
  });

  await t.step(
    "without JavaScript every page shows what the server knows",
    async () => {
      const { page, close } = await openPage(browser, url, {
        javaScriptEnabled: false,
      });
      await page.goto("/?q=house&order=power");
      assert.equal(await page.locator(".card").count(), 3);
      await page.goto("/sites/house-001?range=7d");
      assert.ok(await page.locator(".static path").count() >= 1);
      assert.ok(await page.locator("#readings tbody tr").count() > 10);
      await page.goto("/submit");
      await page.locator('[name="site_id"]').fill("site-1");
      await page.getByRole("button", { name: "Send reading" }).click();
      await page.getByText("Accepted as").waitFor();
      await page.goto("/pipeline");
      assert.equal(await page.locator(".tile").count(), 4);
      await page.getByRole("button", { name: /^Delete 1/ }).first().click();
      await page.getByRole("alertdialog").getByRole("link", { name: "Keep" })
        .click();
      assert.equal(
        await page.locator(".letters > li").count(),
        2,
        "asking deletes nothing",
      );
      await close();
    },
  );

  await t.step(
    "a stored reading moves the site's page within a second",
    async () => {
      const { page, faults, close } = await openPage(browser, url);
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
    "dragging over the chart zooms, and the address shows the range",
    async () => {
      const { page, faults, close } = await openPage(browser, url);
      await page.goto("/sites/house-001");
      const box = (await page.locator(".u-over").boundingBox())!;
      await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL(/from=.*to=/);
      await page.getByRole("button", { name: "Back to now" }).click();
      await page.waitForURL(/range=24h/);
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step("the chart answers to the keyboard", async () => {
    const { page, close } = await openPage(browser, url);
    await page.goto("/sites/house-001");
    await page.locator(".u-over").waitFor();
    await page.locator(".plot").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".legend output").first().waitFor();
    await page.keyboard.press("+");
    await page.waitForURL(/from=.*to=/);
    await close();
  });

  await t.step("events end when the page goes", async () => {
    const { page, close } = await openPage(browser, url);
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    assert.ok(fake.listeners() >= 1);
    await close();
    for (let i = 0; fake.listeners() > 0 && i < 30; i++) await pause(100);
    assert.equal(fake.listeners(), 0);
  });

  await t.step(
    "a dead letter is replayed, and one is deleted after a question",
    async () => {
      const { page, close } = await openPage(browser, url);
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
}

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
      await new Promise((resolve) => setTimeout(resolve, 1_100));
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

Deno.test({
  name: "dashboard in a browser: more sites than a page brings",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const browser = await startChromium();
    const fake = startFake({ sites: 250 });
    const dashboard = await startDashboard({
      ingestion: fake.url,
      processing: fake.url,
    });
    try {
      // Another zone than the tests before: an answer is shared for a second.
      const { page, faults } = await openPage(browser, dashboard.url);
      await page.context().addCookies([
        { name: "tz", value: "Asia/Tokyo", url: dashboard.url },
      ]);
      await page.goto("/");
      await page.locator(".link.live").waitFor();
      assert.equal(await page.locator(".card").count(), 100);
      await page.locator(".totals", { hasText: "of 250" }).waitFor();
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.waitForFunction(() =>
        document.querySelectorAll(".card").length === 250
      );
      assert.deepEqual(faults, []);
    } finally {
      await browser.close();
      await dashboard.stop();
      await fake.stop();
    }
  },
});

Deno.test({
  name: "dashboard in a browser: from another machine, over plain HTTP",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const address = Deno.networkInterfaces().find(({ family, address }) =>
      family === "IPv4" && !address.startsWith("127.")
    )?.address;
    assert.ok(address, "this machine has no address but loopback");
    const browser = await startChromium();
    const fake = startFake({ sites: 3 });
    const dashboard = await startDashboard({
      ingestion: fake.url,
      processing: fake.url,
    }, address);
    try {
      const { page, faults } = await openPage(browser, dashboard.url);
      await page.goto("/submit");
      // There is neither Sec-Fetch-Site nor a clipboard here, and upgrade-insecure-requests would stop every script.
      await page.locator("[name=site_id]").fill("site-001");
      await page.getByRole("button", { name: "Send reading" }).click();
      await page.getByText("Accepted as").waitFor();
      await page.getByRole("button", { name: "Copy" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      assert.deepEqual(faults, []);
      assert.ok(fake.calls.includes("POST /readings"));
    } finally {
      await browser.close();
      await dashboard.stop();
      await fake.stop();
    }
  },
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
