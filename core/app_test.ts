import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { createApp } from "./app.ts";
import { createAuth } from "./auth.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createLog, type Logger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { Problem } from "./problem.ts";

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

/** An app, and what it logs. */
function start() {
  const logged: [string, Record<string, unknown>][] = [];
  const keep = (level: string) => (_: string, fields = {}) =>
    logged.push([level, fields]);
  const metrics = createMetrics();
  const closing = new AbortController();
  const lifecycle = createLifecycle(closing.signal);
  const app = createApp({
    service: "test",
    about: "",
    auth: createAuth({}),
    log: {
      isEnabledFor: () => false,
      debug: keep("debug"),
      warning: keep("warning"),
      error: keep("error"),
    } as unknown as Logger,
    metrics,
    lifecycle,
    ping: () => Promise.reject(new Error("no Redis")),
  });
  const add = (
    method: "get" | "post" | "delete",
    path: string,
    answer: () => Response = () => new Response("ok"),
  ) =>
    app.endpoint(
      { method, path, scope: "open", responses: {} },
      () => answer(),
    );
  return { app, add, logged, metrics, lifecycle, closing };
}

Deno.test("a path that takes several methods names them all, and one that only begins like it is none", async () => {
  const { app, add } = start();
  add("get", "/things/{id}");
  add("delete", "/things/{id}");
  const wrong = await app.request("/things/a", { method: "PUT" });
  assertEquals(
    [wrong.status, wrong.headers.get("allow")],
    [405, "GET, DELETE"],
  );
  for (const path of ["/things/a/b", "/things/", "/old/things/a"]) {
    const { status } = await app.request(path, { method: "PUT" });
    assertEquals(status, 404, path);
  }
});

Deno.test("a request is measured in seconds", async () => {
  const { app, add, metrics } = start();
  add("get", "/slow");
  const { now } = performance;
  let clock = 0;
  performance.now = () => clock += 250;
  try {
    await app.request("/slow");
  } finally {
    performance.now = now;
  }
  assertMatch(
    await metrics.registry.metrics(),
    /^energy_http_request_duration_seconds_sum\{[^}]*"\/slow"[^}]*\} 0\.25$/m,
  );
});

Deno.test("an answer of 5xx is logged with its request id, but not that of a probe", async () => {
  const { app, add, logged } = start();
  add("get", "/full", () => {
    throw new Problem("backlog", "Later.");
  });
  for (const path of ["/health", "/readyz"]) {
    assertEquals((await app.request(path)).status, 503, path);
  }
  assertEquals(logged.filter(([level]) => level !== "debug"), []);
  await app.request("/full", { headers: { "x-request-id": "one" } });
  const [level, { route, status, request_id }] = logged.at(-1)!;
  assertEquals([level, route, status, request_id], [
    "warning",
    "/full",
    503,
    "one",
  ]);
});

Deno.test("many answers of 5xx do not fill the log: their number is in it, at the latest at the end", async () => {
  const { app, add, logged, closing } = start();
  add("get", "/full", () => {
    throw new Problem("backlog", "Later.");
  });
  for (let i = 0; i < 25; i++) await app.request("/full");
  assertEquals(logged.length, 10);
  closing.abort();
  assertEquals(logged.length, 11);
  const [level, { times }] = logged[10];
  assertEquals([level, times], ["warning", 15]);
});

Deno.test("what goes wrong within is in the log, and the answer leads to it and tells nothing else", async () => {
  const { app, add, logged } = start();
  add("get", "/broken", () => {
    throw new TypeError("secret.length is no function");
  });
  const response = await app.request("/broken");
  const id = response.headers.get("x-request-id")!;
  const text = await response.text();
  assertEquals(response.status, 500);
  assertEquals(text.includes("secret"), false);
  assertMatch(JSON.parse(text).detail, new RegExp(id));
  const [level, { error, request_id }] = logged[0];
  assertEquals([level, request_id], ["error", id]);
  assertMatch(String(error), /secret.length is no function\n +at /);
});

Deno.test("a request id that is too long or holds more than letters, digits and signs is not taken over", async () => {
  const { app } = start();
  const idFor = async (sent: string) => {
    const headers = { "x-request-id": sent };
    return (await app.request("/livez", { headers })).headers.get(
      "x-request-id",
    );
  };
  for (const id of ["a".repeat(64), "4bf92f35:0.A_b-c"]) {
    assertEquals(await idFor(id), id);
  }
  for (const id of ["a".repeat(65), 'a" level="error', "<b>", ""]) {
    assertMatch(await idFor(id) ?? "", /^[0-9a-f]{12}-[0-9a-z]+$/);
  }
});

Deno.test("/readyz is 503 until the start is done, and again while draining", async () => {
  const { app, lifecycle } = start();
  const ready = async () => {
    const response = await app.request("/readyz");
    return [response.status, (await response.json()).status];
  };
  assertEquals(await ready(), [503, "starting"]);
  lifecycle.started = true;
  assertEquals(await ready(), [200, "ready"]);
  lifecycle.draining = true;
  assertEquals(await ready(), [503, "draining"]);
});
