/**
 * The dashboard in a real browser, against stand-ins: accessibility, policy, width, colours, no JavaScript.
 *
 * @module
 */
import assert from "node:assert/strict";
import { testInBrowser } from "./testing/browser.ts";
import { axe } from "./testing/page.ts";

const PAGES = ["/", "/sites/house-001", "/submit", "/pipeline", "/nowhere"];

testInBrowser("every page", { sites: 12 }, async ({ open }, t) => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const path of PAGES) {
      await t.step(
        `${path} in ${colorScheme} has no violation, no error, no other origin`,
        async () => {
          const { page, faults, close } = await open({
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
    const { page, close } = await open({
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
      const { page, faults, close } = await open({
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

  await t.step(
    "without JavaScript every page shows what the server knows",
    async () => {
      const { page, close } = await open({
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
});

testInBrowser("from another machine, over plain HTTP", {
  sites: 3,
  hostname() {
    const address = Deno.networkInterfaces().find(({ family, address }) =>
      family === "IPv4" && !address.startsWith("127.")
    )?.address;
    assert.ok(address, "this machine has no address but loopback");
    return address;
  },
}, async ({ open, fake }) => {
  const { page, faults } = await open();
  await page.goto("/submit");
  // There is neither Sec-Fetch-Site nor a clipboard here, and upgrade-insecure-requests would stop every script.
  await page.locator("[name=site_id]").fill("site-001");
  await page.getByRole("button", { name: "Send reading" }).click();
  await page.getByText("Accepted as").waitFor();
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.deepEqual(faults, []);
  assert.ok(fake.calls.includes("POST /readings"));
});
