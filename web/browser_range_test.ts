/**
 * The dashboard in a real browser, against a stand-in: a range that is zoomed into is that of the whole page.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testInBrowser } from "./testing/browser.ts";

testInBrowser("a range", { sites: 4 }, async ({ open }, t) => {
  const { page, faults, close } = await open();
  const csv = page.locator("a[download]");

  await t.step(
    "that is zoomed into is that of energy, readings and file",
    async () => {
      await page.goto("/sites/house-001?range=24h&sort=-power");
      await page.locator(".u-over").waitFor();
      const before = await page.locator(".sums").innerText();
      await page.locator("#energy summary").click();
      await zoom(page);
      const from = new URL(page.url()).searchParams.get("from")!;
      await page.locator(
        `a[download][href*="${encodeURIComponent(from)}"]`,
      ).waitFor();
      const zoomed = await textsOf(page);
      assert.notEqual(await page.locator(".sums").innerText(), before);
      await page.getByRole("region", { name: "Energy as a table" }).waitFor();
      await page.reload();
      assert.deepEqual(await textsOf(page), zoomed);
    },
  );

  await t.step("comes back with the browser's Back", async () => {
    await page.goto("/sites/house-001?range=7d");
    await page.locator(".u-over").waitFor();
    await zoom(page);
    await csv.and(page.locator("[href*=from]")).waitFor();
    await page.goBack();
    await page.locator(".range [aria-current]", { hasText: "7 d" }).waitFor();
    await page.waitForURL(/range=7d$/);
    await csv.and(page.locator(":not([href*=from])")).waitFor();
    await page.goForward();
    await csv.and(page.locator("[href*=from]")).waitFor();
    assert.equal(await page.locator(".range [aria-current]").count(), 0);
  });

  assert.deepEqual(faults, []);
  await close();
});

async function zoom(page: Page) {
  await page.locator(".plot").focus();
  await page.keyboard.press("+");
  await page.waitForURL(/from=.*to=/);
}

/** What the panels say that depend on the range. */
async function textsOf(page: Page) {
  return {
    energy: await page.locator("#energy table").textContent(),
    heads: await page.locator("#readings th a").evaluateAll((links) =>
      links.map((link) => (link as HTMLAnchorElement).href)
    ),
    csv: await page.locator("a[download]").getAttribute("href"),
  };
}
