/**
 * The dashboard in a real browser of a small phone, against a stand-in: nothing is wider, cut or out of its place.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testInBrowser } from "./testing/browser.ts";

const PHONE = { viewport: { width: 360, height: 740 } };

testInBrowser("a small phone", { sites: 4 }, async ({ open, fake }, t) => {
  await t.step("has room for the longest name of a device", async () => {
    const { page, close } = await open(PHONE);
    await page.goto("/sites/house-001?range=1h");
    await page.locator(".title .link.live").waitFor();
    fake.store({
      id: `${Date.now()}-0`,
      site_id: "house-001",
      device_id: "D".repeat(64),
      power_reading: 5,
      timestamp: new Date().toISOString(),
    });
    await page.locator(".legend button", { hasText: "DDD" }).waitFor();
    assert.equal(await widthOf(page), 360);
    await close();
  });

  await t.step("has room for a long address that is no page", async () => {
    const { page, close } = await open(PHONE);
    await page.goto("/nowhere/" + "x".repeat(80));
    assert.equal(await widthOf(page), 360);
    await close();
  });

  await t.step("keeps the field of a file in its frame", async () => {
    const { page, close } = await open(PHONE);
    await page.goto("/submit");
    const frame = (await page.locator(".drop").boundingBox())!;
    const field = (await page.locator(".drop input").boundingBox())!;
    assert.ok(field.x > frame.x);
    assert.ok(field.x + field.width < frame.x + frame.width);
    await close();
  });

  await t.step(
    "has each label of the energy below its bar, in the panel, and none over another",
    async () => {
      for (const width of [360, 1440]) {
        const { page, close } = await open({
          viewport: { width, height: 740 },
        });
        for (const range of ["24h&bars=1h", "7d", "30d&bars=1d"]) {
          await page.goto(`/sites/house-001?range=${range}`);
          const panel = (await page.locator("#energy").boundingBox())!;
          const labels = await boxes(page, ".bar-axis text");
          const bars = await boxes(page, ".bars .in");
          let found = 0;
          for (const [i, { left, right, text }] of labels.entries()) {
            const middle = (left + right) / 2;
            const bar = bars.find((bar) =>
              bar.left < middle && middle < bar.right
            );
            // The stand-in has a gap.
            if (bar !== undefined) {
              assert.ok(bar.text.includes(text), `${text} is at ${bar.text}`);
              found++;
            }
            assert.ok(left > (labels[i - 1]?.right ?? panel.x));
            assert.ok(right < panel.x + panel.width);
          }
          assert.ok(found >= 2, `${range} at ${width}`);
        }
        await close();
      }
    },
  );
});

testInBrowser("the form", { sites: 1 }, async ({ open }) => {
  const { page } = await open({ viewport: { width: 1440, height: 900 } });
  await page.route("**/api/ingestion/readings", (route) =>
    route.fulfill({
      status: 422,
      json: {
        errors: [{ pointer: "/site_id", detail: "is too long. ".repeat(9) }],
      },
    }));
  await page.goto("/submit");
  const heights = async () =>
    (await boxes(page, ".form .row input")).map(({ height }) => height);
  const before = await heights();
  await page.getByRole("button", { name: "Send reading" }).click();
  await page.locator("#site_id-note.fault").waitFor();
  assert.deepEqual(await heights(), before, "a fault stretches no field");
});

function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

/** Where what can be seen of a selector is. */
async function boxes(page: Page, selector: string) {
  return await page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const { left, right, width, height } = element.getBoundingClientRect();
      const text = element.textContent!;
      return { left, right, width, height, text };
    }).filter(({ width }) => width > 0)
  );
}
