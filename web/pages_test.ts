/**
 * What the pages say, asked without a browser.
 *
 * @module
 */
import assert from "node:assert/strict";
import { withDashboard } from "./testing/dashboard.ts";

const none = () => undefined;

Deno.test("language and time zone of the visitor are used, and rubbish is not", async () => {
  await withDashboard(none, async (url) => {
    const get = async (headers: HeadersInit) =>
      await (await fetch(`${url}/pipeline`, { headers })).text();
    assert.match(
      await get({ "accept-language": "de-CH,de;q=0.9" }),
      /1’402’113/,
    );
    assert.match(await get({ "accept-language": "de" }), /1\.402\.113/);
    assert.match(await get({ "accept-language": "x'<,*;q" }), /1,402,113/);
    assert.match(
      await get({ cookie: "tz=Asia%2FTokyo", "accept-language": "en" }),
      /07:13:20/,
    );
    assert.match(
      await get({ cookie: "tz=No/Where; theme=<", "accept-language": "en" }),
      /10:13:20/,
    );
  });
});

Deno.test("a form without JavaScript shows the API's words at each field", async () => {
  await withDashboard((req) =>
    req.method === "POST"
      ? Response.json({
        title: "Unprocessable",
        errors: [{
          pointer: "/power_reading",
          detail: "must be a finite number",
        }, { pointer: "/site_id", detail: "is missing" }],
      }, { status: 422 })
      : undefined, async (url) => {
    const response = await fetch(`${url}/submit`, {
      method: "POST",
      body: new URLSearchParams({ device_id: "<b>", power_reading: "abc" }),
    });
    assert.equal(response.status, 422);
    const html = await response.text();
    assert.match(html, /must be a finite number/);
    assert.match(html, /is missing/);
    assert.match(html, /value="&lt;b>"/);
  });
});

Deno.test("an empty system tells how to send the first reading", async () => {
  await withDashboard(
    (req) =>
      new URL(req.url).pathname === "/sites"
        ? Response.json({ count: 0, sites: [] })
        : undefined,
    async (url) => {
      // Another zone than other tests asked for: the answer is shared for a second.
      const response = await fetch(url, {
        headers: { cookie: "tz=Asia/Kathmandu" },
      });
      assert.match(await response.text(), /No readings yet/);
    },
  );
});

Deno.test("readings are a file", async () => {
  await withDashboard(
    (req) =>
      req.headers.get("accept") === "text/csv"
        ? new Response("site_id\n", { headers: { "content-type": "text/csv" } })
        : undefined,
    async (url) => {
      const response = await fetch(
        `${url}/sites/house-001/readings.csv?from=2026-01-01T00:00:00Z`,
      );
      assert.equal(
        response.headers.get("content-disposition"),
        'attachment; filename="house-001.csv"',
      );
      assert.equal(await response.text(), "site_id\n");
    },
  );
});

Deno.test("a service that wants a key says so, and is not called away", async () => {
  await withDashboard(
    (req) =>
      new URL(req.url).pathname === "/health"
        ? undefined
        : Response.json({ title: "Unauthorized" }, { status: 401 }),
    async (url) => {
      const response = await fetch(url, {
        headers: { cookie: "tz=Asia/Karachi" },
      });
      assert.equal(response.status, 503);
      assert.match(await response.text(), /set API_KEY of the dashboard/);
    },
  );
});

Deno.test("without a history the readings themselves are drawn", async () => {
  await withDashboard((req) => {
    const { pathname, searchParams } = new URL(req.url);
    if (pathname.endsWith("/series")) {
      return new Response("{}", { status: 404 });
    }
    if (searchParams.has("since") || searchParams.has("from")) {
      return Response.json({ title: "Unprocessable" }, { status: 422 });
    }
  }, async (url) => {
    const cookie = "tz=Asia/Dubai";
    const site = await fetch(
      `${url}/sites/house-001?from=${
        new Date(Date.now() - 3_600_000).toISOString()
      }&to=${new Date().toISOString()}`,
      { headers: { cookie } },
    );
    assert.equal(site.status, 200);
    const html = await site.text();
    assert.match(html, /<path class="k0" d="M\d+ \d+h0L/);
    assert.match(html, /keeps no energy history/);
    const overview = await fetch(url, { headers: { cookie } });
    assert.match(await overview.text(), /No history yet/);
  });
});

Deno.test("a range of one's own is in the zone of the visitor, or in that of the address", async () => {
  const asked: string[] = [];
  await withDashboard((req) => {
    const { pathname, searchParams } = new URL(req.url);
    if (pathname.endsWith("/readings")) asked.push(searchParams.get("from")!);
    return undefined;
  }, async (url) => {
    const from = "from=2026-01-15T10:30&to=2026-01-16T00:00";
    const get = async (query: string) =>
      await (await fetch(`${url}/sites/house-001?${query}`, {
        headers: { cookie: "tz=Europe/Berlin" },
      })).text();
    const html = await get(from);
    assert.match(
      html,
      /<input type="datetime-local" name="from" required value="2026-01-15T10:30"/,
    );
    assert.match(html, /name="tz" value="Europe\/Berlin"/);
    await get(`${from}&tz=Asia/Tokyo`);
  });
  assert.deepEqual(asked, [
    "2026-01-15T09:30:00.000Z",
    "2026-01-15T01:30:00.000Z",
  ]);
});

Deno.test("readings are sorted by a column of the page, and the page says what that means", async () => {
  await withDashboard(none, async (url) => {
    const html = await (await fetch(`${url}/sites/house-001?sort=-power`))
      .text();
    const powers = [...html.matchAll(/title="(-?[\d.]+) W"/g)].map((
      [, watts],
    ) => Number(watts));
    assert.ok(powers.length > 10);
    assert.deepEqual(powers, powers.toSorted((a, b) => b - a));
    assert.match(html, /aria-sort="descending"><a href="[^"]*sort=power#/);
    assert.match(html, /Sorted by power within this page/);
  });
});

Deno.test("what is done with dead letters without JavaScript takes the visitor's key along, and says what came of it", async () => {
  const calls: string[] = [];
  await withDashboard((req) => {
    const { pathname } = new URL(req.url);
    if (req.method === "GET" || !pathname.startsWith("/dead")) return;
    const key = req.headers.get("authorization");
    calls.push(`${req.method} ${pathname} ${key}`);
    return Response.json({}, { status: key === "Bearer mine" ? 200 : 401 });
  }, async (url) => {
    const post = async (action: string, key = "") =>
      await (await fetch(`${url}/pipeline`, {
        method: "POST",
        body: new URLSearchParams({ action, key }),
      })).text();
    const asked = await post("ask 1700000000000-0", "mine");
    assert.match(asked, /Delete for good\?/);
    assert.ok(!asked.includes("mine"));
    assert.match(await post("replay all", "mine"), /Put back into the stream/);
    assert.match(await post("delete 1700000000000-0", "mine"), /Deleted\./);
    assert.match(await post("delete all"), /Enter a key of scope admin/);
  });
  assert.deepEqual(calls, [
    "POST /dead-letters/replay Bearer mine",
    "DELETE /dead-letters/1700000000000-0 Bearer mine",
    "DELETE /dead-letters null",
  ]);
});
