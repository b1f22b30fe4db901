/**
 * The overview of a fleet in a real browser, against a stand-in: the page brings a hundred cards, and the rest comes
 * when it is wanted.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testInBrowser } from "./testing/browser.ts";

testInBrowser("more sites than a page brings", { sites: 250 }, async (
  { open },
  t,
) => {
  const start = async () => {
    const watched = await open();
    await watched.page.goto("/");
    await watched.page.locator(".link.live").waitFor();
    assert.equal(await watched.page.locator(".card").count(), 100);
    return watched;
  };
  const all = (page: Page) =>
    page.waitForFunction(() =>
      document.querySelectorAll(".card").length === 250
    );

  await t.step("come as one scrolls", async () => {
    const { page, faults, close } = await start();
    await page.locator(".totals", { hasText: "of 250" }).waitFor();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await all(page);
    assert.deepEqual(faults, []);
    await close();
  });

  await t.step("are filtered, all of them", async () => {
    const { page, close } = await start();
    // It is in all names.
    await page.getByRole("searchbox").fill("o");
    await all(page);
    await close();
  });

  await t.step("are ordered, all of them, as after a reload", async () => {
    const { page, close } = await start();
    const first = page.locator(".card h2").first();
    assert.match(await first.innerText(), /^depot/);
    await page.getByRole("combobox").selectOption("power");
    await all(page);
    assert.match(await first.innerText(), /^school/);
    await page.reload();
    assert.match(await first.innerText(), /^school/);
    await close();
  });

  await t.step("have a name of one line above much energy", async () => {
    const { page, close } = await open({
      viewport: { width: 1280, height: 800 },
    });
    await page.goto("/");
    const card = page.locator(".card", { has: page.locator("em .out") })
      .first();
    const name = card.locator("h2");
    const height = async () => (await name.boundingBox())!.height;
    const before = await height();
    await card.locator("em span").evaluateAll((spans) => {
      for (const span of spans) span.textContent = "↓ 1,234.5 kWh";
    });
    assert.equal(await height(), before);
    assert.ok(before < 30, `${before} pixels`);
    await close();
  });
});
