/**
 * SIGTERM under load fails no request.
 *
 * @module
 */

import { assert, assertEquals } from "../dev/testing/assert.ts";
import { startService, testRedis, until } from "../dev/testing.ts";
import { STREAM } from "../core/keys.ts";
import { numbered, post } from "./testing/load.ts";
import { keepPosting } from "./testing/http_client.ts";
import { connect } from "./testing/system.ts";

Deno.test("a rolling upgrade of ingestion under keep-alive load fails no request", async () => {
  await using redis = await testRedis({ own: true });
  await using stack = new AsyncDisposableStack();
  const client = stack.adopt(connect(redis), (it) => it.disconnect());
  const env = { REDIS_URL: redis.url, SHUTDOWN_DELAY_MS: "1000" };
  await using former = await startService("ingestion", env);
  await using fresh = await startService("ingestion", env);

  // The load balancer: it looks now and then, and until it has looked it sends to the one that is leaving.
  let target = former.port;
  const stop = new AbortController();
  const balancer = (async () => {
    const ready = () => fetch(`${former.url}/readyz`);
    await until(async () => {
      const response = await ready();
      await response.body?.cancel();
      return response.status === 503;
    }, { timeout: 30_000, message: "the former is unready" });
    target = fresh.port;
  })();
  let posted = 0;
  const clients = Promise.all(
    Array.from({ length: 16 }, () =>
      keepPosting(
        () => (posted++, target),
        JSON.stringify(numbered(1)),
        stop.signal,
      )),
  );
  await until(async () => await client.xlen(STREAM) > 500, {
    message: "the load has begun",
  });
  const { code } = await former.stop();
  await balancer;
  const before = await client.xlen(STREAM);
  await until(async () => await client.xlen(STREAM) > before + 200, {
    message: "the load goes on at the other",
  });
  stop.abort();
  const reports = await clients;
  assertEquals(reports.flatMap(({ failed }) => failed), []);
  assertEquals(code, 0);
  for (const { closed } of reports) assert(closed >= 1, "told to go elsewhere");
  const answered = reports.reduce((sum, report) => sum + report.answered, 0);
  assertEquals(await client.xlen(STREAM), answered, "one entry an answer");
});

Deno.test("ingestion that gets SIGTERM finishes a request whose body is still arriving", async () => {
  await using redis = await testRedis();
  await using ingestion = await startService("ingestion", {
    REDIS_URL: redis.url,
    // Time for the request's head to arrive.
    SHUTDOWN_DELAY_MS: "500",
  });
  const body = new TransformStream<Uint8Array, Uint8Array>();
  const writer = body.writable.getWriter();
  const answer = fetch(`${ingestion.url}/readings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body.readable,
  });
  const json = new TextEncoder().encode(JSON.stringify(numbered(1)));
  await writer.write(json.subarray(0, 10));
  ingestion.kill("SIGTERM");
  await until(async () => {
    const response = await fetch(`${ingestion.url}/readyz`);
    return (await response.json()).type?.endsWith(":draining");
  }, { message: "new requests are turned away" });
  const away = await post(ingestion.url, numbered(2), { "x-request-id": "a" });
  assertEquals(away.status, 503);
  assertEquals(away.headers.get("x-request-id"), "a");
  assert(/POST .* answered 503/.test(ingestion.logs()), "it is logged");
  await writer.write(json.subarray(10));
  await writer.close();
  const response = await answer;
  assertEquals(response.status, 202);
  await response.body?.cancel();
  assertEquals((await ingestion.exited).code, 0);
});

Deno.test("processing that gets SIGTERM or SIGINT ends the events that it sends, and exits with 0; a second signal ends it at once", async () => {
  await using redis = await testRedis();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using processing = await startService("processing", {
      REDIS_URL: redis.url,
    });
    const responses = await Promise.all(
      ["/live", "/sites/site-1/live"].map((path) =>
        fetch(processing.url + path)
      ),
    );
    processing.kill(signal);
    for (const response of responses) await response.text();
    assertEquals((await processing.exited).code, 0, signal);
  }
  await using slow = await startService("processing", {
    REDIS_URL: redis.url,
    SHUTDOWN_DELAY_MS: "60000",
  });
  slow.kill("SIGTERM");
  await until(async () => {
    const response = await fetch(`${slow.url}/readyz`);
    await response.body?.cancel();
    return response.status === 503;
  }, { message: "it is leaving" });
  slow.kill("SIGINT");
  assertEquals((await slow.exited).code, 130);
});
