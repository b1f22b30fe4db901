/**
 * What the dashboard answers, asked without a browser.
 *
 * @module
 */
import assert from "node:assert/strict";
import { services } from "./services.ts";
import { startDashboard } from "./testing/dashboard.ts";
import { startFake } from "./testing/fake.ts";

async function withDashboard(
  answer: (
    req: Request,
  ) => Response | undefined | Promise<Response | undefined>,
  test: (url: string, calls: string[]) => Promise<void>,
) {
  const fake = startFake({ answer });
  const dashboard = await startDashboard({
    ingestion: fake.url,
    processing: fake.url,
  });
  try {
    await test(dashboard.url, fake.calls);
  } finally {
    await dashboard.stop();
    await fake.stop();
  }
}

const none = () => undefined;

Deno.test("an upload is passed on while it arrives, with the visitor's key and wishes", async () => {
  let headers = new Headers();
  let size = 0;
  await withDashboard(async (req) => {
    if (req.method !== "POST") return;
    headers = req.headers;
    for await (const chunk of req.body!) size += chunk.length;
    return Response.json({ status: "accepted", accepted: 1 }, {
      status: 202,
      headers: { "preference-applied": "handling=lenient" },
    });
  }, async (url) => {
    const line = new TextEncoder().encode("x".repeat(65_536));
    let left = 320;
    const body = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(line);
        else controller.close();
      },
    });
    const response = await fetch(`${url}/api/ingestion/readings`, {
      method: "POST",
      body,
      headers: {
        "content-type": "text/csv",
        "prefer": "handling=lenient",
        "authorization": "Bearer mine",
      },
    });
    assert.equal(response.status, 202);
    assert.equal(
      response.headers.get("preference-applied"),
      "handling=lenient",
    );
    assert.equal((await response.json()).accepted, 1);
    assert.equal(size, 320 * 65_536);
    assert.equal(headers.get("authorization"), "Bearer mine");
    assert.equal(headers.get("prefer"), "handling=lenient");
    assert.equal(headers.get("cookie"), null);
  });
});

Deno.test("the dashboard's own key reads, and never writes", async () => {
  const keys: string[] = [];
  await withDashboard((req) => {
    keys.push(`${req.method} ${req.headers.get("authorization")}`);
    return req.method === "GET"
      ? undefined
      : Response.json({}, { status: 401 });
  }, async (url) => {
    services.apiKey = "own";
    try {
      await (await fetch(`${url}/api/processing/sites`)).body?.cancel();
      assert.equal(
        (await fetch(`${url}/api/ingestion/readings`, {
          method: "POST",
          body: "{}",
        })).status,
        401,
      );
      assert.equal(
        (await fetch(`${url}/api/processing/dead-letters`, {
          method: "DELETE",
        })).status,
        401,
      );
    } finally {
      services.apiKey = undefined;
    }
  });
  assert.deepEqual(keys, ["GET Bearer own", "POST null", "DELETE null"]);
});

Deno.test("what changes something is refused from the page of another site", async () => {
  await withDashboard(none, async (url, calls) => {
    for (const path of ["/api/ingestion/readings", "/submit", "/pipeline"]) {
      const response = await fetch(url + path, {
        method: "POST",
        headers: { origin: "http://evil.example" },
        body: new URLSearchParams({ site_id: "x" }),
      });
      assert.equal(response.status, 403);
      await response.body?.cancel();
    }
    assert.ok(!calls.some((call) => call.startsWith("POST")));
  });
});

Deno.test("metrics and documents of the services are not passed on", async () => {
  await withDashboard(none, async (url, calls) => {
    for (
      const path of [
        "ingestion/metrics",
        "processing/docs",
        "processing/sites/%252e%252e/metrics",
      ]
    ) {
      const response = await fetch(`${url}/api/${path}`);
      assert.equal(response.status, 404, path);
      await response.body?.cancel();
    }
    assert.ok(!calls.includes("GET /metrics"));
  });
});

Deno.test("the policy is strict, and has no upgrade over plain HTTP", async () => {
  await withDashboard(none, async (url) => {
    for (const path of ["/", "/livez", "/base.css", "/api/health"]) {
      const response = await fetch(url + path);
      const policy = response.headers.get("content-security-policy")!;
      assert.match(policy, /default-src 'self'/);
      assert.ok(
        !/unsafe-inline|upgrade-insecure/.test(policy),
        `${path}: ${policy}`,
      );
      await response.body?.cancel();
    }
    const proxied = await fetch(url, {
      headers: { "x-forwarded-proto": "https" },
    });
    assert.match(
      proxied.headers.get("content-security-policy")!,
      /upgrade-insecure-requests/,
    );
    const html = await proxied.text();
    assert.ok(!/ style=/.test(html));
    assert.ok(!/ on\w+="/.test(html));
  });
});

Deno.test("answers are compressed, events are not held back", async () => {
  await withDashboard(none, async (url) => {
    const html = await fetch(url, { headers: { "accept-encoding": "gzip" } });
    await html.body?.cancel();
    assert.match(html.headers.get("vary") ?? "", /accept-encoding/i);
    const events = await fetch(`${url}/api/processing/live`);
    const reader = events.body!.getReader();
    const { value } = await reader.read();
    assert.match(new TextDecoder().decode(value), /^event: snapshot\n/);
    await reader.cancel();
  });
});

Deno.test("/livez and /readyz do not hang on the services", async () => {
  const dashboard = await startDashboard({
    ingestion: "http://127.0.0.1:1",
    processing: "http://127.0.0.1:1",
  });
  try {
    for (const path of ["/livez", "/readyz"]) {
      const response = await fetch(dashboard.url + path);
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    assert.equal(
      (await fetch(`${dashboard.url}/api/processing/sites`)).status,
      502,
    );
  } finally {
    await dashboard.stop();
  }
});

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
    assert.match(html, /<path class="k0" d="M\d+ \d+L/);
    assert.match(html, /keeps no energy history/);
    const overview = await fetch(url, { headers: { cookie } });
    assert.match(await overview.text(), /No history yet/);
  });
});
