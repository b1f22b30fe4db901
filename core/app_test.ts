import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { createApp } from "./app.ts";
import { createAuth } from "./auth.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";

Deno.test("what comes once no new requests are taken is a problem document with its request id, and is counted", async () => {
  const closing = new AbortController();
  const metrics = createMetrics();
  const app = createApp({
    service: "test",
    about: "",
    auth: createAuth({}),
    log: await createLog("test", { LOG_LEVEL: "error" }),
    metrics,
    lifecycle: createLifecycle(closing.signal),
    ping: () => Promise.resolve(),
  });
  assertEquals((await app.request("/livez")).status, 200);
  closing.abort();
  const headers = { "x-request-id": "one" };
  const response = await app.request("/livez", { headers });
  assertEquals(response.status, 503);
  assertEquals(response.headers.get("x-request-id"), "one");
  assertEquals(response.headers.get("connection"), "close");
  assertEquals(response.headers.get("retry-after"), "1");
  assertMatch((await response.json()).type, /:draining$/);
  const own = await app.request("/livez");
  assertMatch(
    own.headers.get("x-request-id") ?? "",
    /^[0-9a-f]{12}-[0-9a-z]+$/,
  );
  assertMatch(
    await metrics.registry.metrics(),
    /^energy_http_requests_total\{method="GET",route="unmatched",status="503"\} 2$/m,
  );
});
