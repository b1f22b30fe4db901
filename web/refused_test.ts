/**
 * What the pages say of an address that they cannot show, asked without a browser.
 *
 * @module
 */
import assert from "node:assert/strict";
import { withDashboard } from "./testing/dashboard.ts";

const none = () => undefined;

Deno.test("a range that is none is said to be, and another one is shown", async () => {
  await withDashboard(none, async (url) => {
    const get = async (query: string) => {
      const response = await fetch(`${url}/sites/house-001?${query}`);
      assert.equal(response.status, 200, query);
      return await response.text();
    };
    assert.match(
      await get("from=2026-01-16T00:00&to=2026-01-15T00:00&range=7d"),
      /From must be before to\. Shown is the last 7 d\./,
    );
    assert.match(
      await get("from=0000-01-01T00:00&to=2026-01-15T00:00"),
      /in years 1 to 9999\. Shown is the last 24 h\./,
    );
    assert.match(
      await get("from=0999-12-30T00:00&to=0999-12-31T00:00"),
      /name="from" required value="0999-12-30T00:00"/,
    );
  });
});

Deno.test("a method that a page does not answer to is no fault of the dashboard's", async () => {
  await withDashboard(none, async (url) => {
    for (const [method, path] of [["POST", "/"], ["PUT", "/sites/x"]]) {
      const response = await fetch(url + path, { method });
      assert.equal(response.status, 405);
      const html = await response.text();
      assert.match(html, new RegExp(`does not answer to ${method}`));
      assert.doesNotMatch(html, /has been logged|could not be made/);
    }
  });
});

Deno.test("readings that cannot be had are not called none", async () => {
  await withDashboard(
    (req) =>
      new URL(req.url).pathname.endsWith("/readings")
        ? Response.json({ detail: "Redis is away." }, { status: 503 })
        : undefined,
    async (url) => {
      const response = await fetch(`${url}/sites/house-001`);
      assert.equal(response.status, 503);
      assert.match(await response.text(), /cannot answer: Redis is away/);
    },
  );
});
