import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { startService, testRedis, until } from "../dev/testing.ts";
import { READING } from "./testing/harness.ts";

const BODY = JSON.stringify(READING);
const HEAD =
  "POST /readings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

/** Sends bytes as they are and gives all that comes back until the connection ends, or the pattern has come. */
async function talk(
  port: number,
  sent: string[],
  until?: RegExp,
  close = false,
) {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const part of sent) {
    await connection.write(new TextEncoder().encode(part));
  }
  if (close) await connection.closeWrite();
  let text = "";
  const buffer = new Uint8Array(65536);
  while (!until?.test(text)) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

Deno.test("the service takes readings from real connections, slow, broken and kept alive, and leaves in order", async () => {
  await using redis = await testRedis();
  await using service = await startService("ingestion", {
    REDIS_URL: redis.url,
    BODY_TIMEOUT: "300ms",
    SHUTDOWN_DELAY_MS: "500",
    MAX_BODY_BYTES: "1MiB",
  });
  const whole = `${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

  const kept = await talk(
    service.port,
    [whole, whole],
    /(?:accepted[^]*){2}\}/,
  );
  assertEquals(kept.match(/HTTP\/1.1 202/g)?.length, 2);

  // As much as the head promised never comes.
  const slow = await talk(
    service.port,
    [`${HEAD}Content-Length: 50\r\n\r\n{`],
    /problem:timeout/,
  );
  assertMatch(slow, /^HTTP\/1.1 408 /);
  const slowChunks = await talk(
    service.port,
    [`${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`],
    /problem:timeout/,
  );
  assertMatch(slowChunks, /^HTTP\/1.1 408 /);

  // The client hangs up in the middle; whether an answer reaches it is its own affair, but the service lives.
  await talk(
    service.port,
    [`${HEAD}Content-Length: 50\r\n\r\n{`],
    undefined,
    true,
  );

  const large = await talk(service.port, [
    `${HEAD}Content-Length: 2000000\r\n\r\n`,
  ], /too-large/);
  assertMatch(large, /^HTTP\/1.1 413 /);

  assertEquals(
    (await fetch(`${service.url}/health`).then((r) => r.json())).status,
    "healthy",
  );
  assert(!/"level":"error"/.test(service.logs()), service.logs());

  const answer = fetch(`${service.url}/readings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: BODY,
  });
  assertEquals((await answer).status, 202);
  await (await answer).body?.cancel();
  service.kill("SIGTERM");
  await until(async () => {
    const ready = await fetch(`${service.url}/readyz`);
    await ready.body?.cancel();
    return ready.status === 503;
  });
  const late = await talk(service.port, [whole], /accepted.*\}/);
  assertMatch(late, /^HTTP\/1.1 202 /);
  assertMatch(late, /connection: close/i);
  assertEquals((await service.exited).code, 0);
});

Deno.test("a body that is still arriving when the service leaves is taken", async () => {
  await using redis = await testRedis();
  await using service = await startService("ingestion", {
    REDIS_URL: redis.url,
    SHUTDOWN_DELAY_MS: "200",
  });
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: service.port,
  });
  const write = (text: string) =>
    connection.write(new TextEncoder().encode(text));
  await write(`${HEAD}Content-Length: ${BODY.length}\r\n\r\n`);
  await write(BODY.slice(0, 20));
  service.kill("SIGTERM");
  await until(async () => {
    const alive = await fetch(`${service.url}/livez`);
    await alive.body?.cancel();
    return alive.status === 503;
  });
  await write(BODY.slice(20));
  const buffer = new Uint8Array(65536);
  const count = await connection.read(buffer) ?? 0;
  const answer = new TextDecoder().decode(buffer.subarray(0, count));
  assertMatch(answer, /^HTTP\/1.1 202 /);
  assertEquals((await service.exited).code, 0);
});
