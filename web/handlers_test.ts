/**
 * What the dashboard passes on, refuses and promises, asked without a browser.
 *
 * @module
 */
import assert from "node:assert/strict";
import { services } from "./services.ts";
import { startDashboard, withDashboard } from "./testing/dashboard.ts";

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
    return req.method === "GET" || req.method === "HEAD"
      ? undefined
      : Response.json({}, { status: 401 });
  }, async (url) => {
    services.apiKey = "own";
    try {
      for (const method of ["GET", "HEAD"]) {
        const read = await fetch(`${url}/api/processing/sites`, { method });
        await read.body?.cancel();
      }
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
  assert.deepEqual(keys, [
    "GET Bearer own",
    "HEAD Bearer own",
    "POST null",
    "DELETE null",
  ]);
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
