/**
 * The dashboard in a browser against the real system: live readings, the form, a service that goes and comes back.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { until } from "../dev/testing.ts";
import { axe } from "./testing/page.ts";
import { type System, withSystem } from "./testing/system.ts";

Deno.test({
  name: "the dashboard on the real system",
  // The browser's pipes and sockets outlive a step.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) => withSystem((system) => steps(t, system)),
});

async function steps(
  t: Deno.TestContext,
  { processing, open, post }: System,
) {
  const card = (page: Page, site: string) =>
    page.locator(".card", { hasText: site });
  const remove = async (site: string) => {
    const { status } = await fetch(`${processing.url}/sites/${site}`, {
      method: "DELETE",
    });
    assert.equal(status, 204);
  };

  await t.step(
    "an empty system tells how to begin, and the first reading ends that",
    async () => {
      const { page, faults, close } = await open();
      await page.goto("/");
      await page.getByText("No readings yet").waitFor();
      assert.deepEqual(await axe(page), []);
      await page.locator(".link.live").waitFor();
      await post("site-001", "meter-42", 1500.5);
      await card(page, "site-001").locator("b", { hasText: "1.50" }).waitFor();
      assert.deepEqual(faults, []);
      await close();
    },
  );

  await t.step(
    "a reading shows without reload, within a second of being sent",
    async () => {
      const { page, close } = await open();
      await page.goto("/");
      await page.locator(".link.live").waitFor();
      const shown = card(page, "site-001").locator("b", { hasText: "4.32" })
        .waitFor({ timeout: 1_000 });
      await Promise.all([shown, post("site-001", "meter-42", 4320)]);
      await page.goto("/sites/site-001");
      await page.locator(".title .link.live").waitFor();
      const sum = page.locator(".now", { hasText: "5.32" })
        .waitFor({ timeout: 1_000 });
      await Promise.all([sum, post("site-001", "meter-43", 1000)]);
      await close();
    },
  );

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
      await page.locator("[name=site_id]").fill("site-9");
      await page.getByRole("link", { name: "See the site" }).click();
      await page.waitForURL(/\/sites\/site-2$/);
      await close();
    },
  );

  await t.step("a site that is deleted leaves the overview", async () => {
    const { page, close } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    // The second is also the name of something that every object has.
    for (const site of ["site-3", "constructor"]) {
      await post(site, "meter-1", 30);
      await card(page, site).waitFor();
      await remove(site);
      await card(page, site).waitFor({ state: "detached" });
    }
    assert.ok(await page.locator(".card").count() >= 2, "the others stay");
    await close();
  });

  await t.step("processing goes and comes back", async () => {
    const { page, close } = await open();
    await page.goto("/");
    await page.locator(".link.live").waitFor();
    processing.kill("SIGSTOP");
    await page.locator(".health summary.bad").waitFor({ timeout: 15_000 });
    assert.ok(await page.locator(".card").count() >= 2, "the page stays");
    processing.kill("SIGCONT");
    await page.locator(".health summary.good").waitFor({ timeout: 15_000 });
    await post("site-001", "meter-42", 9_870);
    await card(page, "site-001").locator("b", { hasText: "10.9" }).waitFor({
      timeout: 10_000,
    });
    await close();
  });

  await t.step(
    "what was stored while the tab was hidden is there when it is back",
    async () => {
      const { page, close } = await open();
      const hide = (hidden: boolean) =>
        page.evaluate((hidden) => {
          Object.defineProperty(document, "hidden", {
            value: hidden,
            configurable: true,
          });
          document.dispatchEvent(new Event("visibilitychange"));
        }, hidden);
      await page.goto("/sites/site-2?range=1h");
      await page.locator(".title .link.live").waitFor();
      await hide(true);
      await page.locator(".title .link.connecting").waitFor();
      await post("site-2", "meter-7", 333, 20);
      await post("site-2", "meter-7", 444, 0);
      await until(async () =>
        (await (await fetch(`${processing.url}/sites`)).text()).includes("444")
      );
      await hide(false);
      await page.locator(".now", { hasText: "194" }).waitFor();
      await page.locator(".plot-foot ~ details summary").click();
      const table = page.getByRole("region", { name: "Power as a table" });
      await table.getByText("333").first().waitFor();
      await page.getByRole("region", { name: "Devices" }).getByText("444")
        .waitFor();
      await close();
    },
  );

  await t.step(
    "the totals follow when sites are deleted, to an empty system",
    async () => {
      const { page, close } = await open();
      const totals = page.locator(".totals");
      await page.goto("/");
      await totals.getByText("of 2").waitFor();
      await page.locator(".link.live").waitFor();
      await remove("site-2");
      await totals.getByText("of 1").waitFor();
      await post("site-001", "meter-42", 76_000);
      await totals.locator("dd", { hasText: "77.0" }).first().waitFor();
      await remove("site-001");
      await page.getByText("No readings yet").waitFor();
      await close();
    },
  );
}
