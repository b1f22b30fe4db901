import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { startFaultProxy, until } from "../dev/testing.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import {
  type Answered,
  type Ingestion,
  LENIENT,
  NDJSON,
  READING,
  startIngestion,
} from "./testing/harness.ts";

const OWN = { own: true };

/** Every way in: one, one with a key, a batch, an upload, an upload with a key. */
async function postEach(h: Ingestion, name: string): Promise<Answered[]> {
  const line = JSON.stringify(READING);
  return await Promise.all([
    h.postJson(READING),
    h.postJson(READING, { "idempotency-key": `${name}-1` }),
    h.postJson([READING, READING]),
    h.post(line, { ...NDJSON, ...LENIENT }),
    h.post(line, { ...NDJSON, ...LENIENT, "idempotency-key": `${name}-2` }),
  ]);
}

function assertRefused(answers: Answered[], pattern: RegExp): void {
  for (const { status, headers, body } of answers) {
    assertEquals(status, 503, JSON.stringify(body));
    assert(headers.has("retry-after"));
    assertMatch(body.detail, pattern);
  }
}

async function assertRecovers(h: Ingestion): Promise<void> {
  await until(async () => (await h.postJson(READING)).status === 202, {
    message: "readings are taken again",
  });
}

Deno.test("a Redis whose memory is full takes nothing, not a part of a batch, and is used again when it is not", async () => {
  await using h = await startIngestion({}, OWN);
  await h.postJson(READING);
  await h.client.config("SET", "maxmemory", "1");
  assertRefused(await postEach(h, "oom"), /memory is full/);
  assertRefused(
    [await h.postJson(Array(5000).fill(READING))],
    /memory is full/,
  );
  // A refusal that cannot be kept is not given: the same key could then be used for another body.
  assertRefused(
    [await h.postJson({}, { "idempotency-key": "a" })],
    /memory is full/,
  );
  assertEquals((await h.postJson({})).status, 422);
  await h.client.config("SET", "maxmemory", "0");
  assertEquals((await h.entries()).length, 1);
  assertEquals(await h.client.keys("idempotency:*"), []);
  await assertRecovers(h);
});

Deno.test("a batch that fills Redis's memory while it is written is written whole", async () => {
  await using h = await startIngestion({}, OWN);
  await h.postJson(READING);
  const used = Number(
    /used_memory:(\d+)/.exec(await h.client.info("memory"))?.[1],
  );
  await h.client.config("SET", "maxmemory", String(used + 600_000));
  const batch = await h.postJson(Array(10_000).fill(READING));
  const { length } = await h.entries();
  assertEquals(length, batch.status === 202 ? 10_001 : 1);
});

Deno.test("a read-only replica takes nothing", async () => {
  await using h = await startIngestion({}, OWN);
  await h.client.replicaof("127.0.0.1", "1");
  assertRefused(await postEach(h, "ro"), /read-only|cannot be reached|broke/);
  await h.client.replicaof("NO", "ONE");
  await assertRecovers(h);
});

Deno.test("a Redis that does not answer in time is a 503 within bounded time, whose outcome is called unknown", async () => {
  await using h = await startIngestion({ REDIS_TIMEOUT_MS: "200" }, OWN);
  await h.client.call("CLIENT", "PAUSE", "60000", "ALL");
  const start = performance.now();
  const answers = await postEach(h, "pause");
  assert(performance.now() - start < 1500);
  assertRefused(answers, /did not answer in time/);
  assertMatch(answers[0].body.type, /outcome-unknown/);
  assertMatch(answers[0].body.detail, /Idempotency-Key/);
  await h.server.restart();
  await assertRecovers(h);
});

Deno.test("a Redis that sleeps is a 503, and the same Idempotency-Key afterwards writes once", async () => {
  await using h = await startIngestion({ REDIS_TIMEOUT_MS: "100" }, OWN);
  const key = { "idempotency-key": "sleep" };
  // The script is on its way before Redis falls asleep for the service only.
  const sleep = h.client.call("DEBUG", "SLEEP", "0.6");
  const first = await h.postJson(READING, key);
  assertEquals(first.status, 503);
  await sleep;
  await until(async () => (await h.postJson(READING, key)).status === 202);
  assertEquals((await h.entries()).length, 1);
});

Deno.test("a Redis that is gone is a 503 at once, and is used again when it is back", async () => {
  await using h = await startIngestion({}, { persist: true });
  assertEquals((await h.postJson(READING)).status, 202);
  await h.server.kill();
  await until(() =>
    [h.redis, h.streamRedis].every((it) => it.status !== "ready")
  );
  const start = performance.now();
  const answers = await postEach(h, "gone");
  assertRefused(answers, /cannot be reached/);
  assertMatch(answers[0].body.type, /:redis-unavailable$/);
  assert(performance.now() - start < 1000);
  const health = await h.app.request("/health");
  assertEquals(health.status, 503);
  await health.body?.cancel();
  await h.server.restart();
  await assertRecovers(h);
});

Deno.test("who has lost the connection that readings are sent on is not healthy", async () => {
  await using h = await startIngestion();
  const health = async () => {
    const { status, body } = await h.app.request("/health");
    await body?.cancel();
    return status;
  };
  assertEquals(await health(), 200);
  h.streamRedis.disconnect();
  await until(() => h.streamRedis.status === "end");
  assertEquals(await health(), 503);
  assertRefused([await h.postJson(READING)], /cannot be reached/);
});

Deno.test("what was answered 202 is there after Redis is killed in the middle of requests, and nothing is twice", async () => {
  await using h = await startIngestion({}, { persist: true });
  const accepted = new Set<number>();
  let next = 0;
  let stop = false;
  const client = async () => {
    while (!stop) {
      const power = next++;
      const { status } = await h.postJson({ ...READING, power_reading: power });
      assert(status === 202 || status === 503, `${status}`);
      if (status === 202) accepted.add(power);
      // A refusal takes no turn of the event loop, and the test needs some.
      else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  for (let round = 1; round <= 2; round++) {
    const before = accepted.size;
    await until(() => accepted.size > before + 300, {
      message: "some are taken",
    });
    await h.server.kill();
    await h.server.restart();
  }
  const before = accepted.size;
  await until(() => accepted.size > before);
  stop = true;
  await clients;
  const powers = (await h.entries()).map(({ fields }) => Number(fields[5]));
  const stored = new Set(powers);
  assertEquals(stored.size, powers.length, "nothing is twice");
  for (const power of accepted) assert(stored.has(power), `${power} is lost`);
});

Deno.test("a connection that breaks under a request is a 503 whose outcome is unknown, and the request is not sent twice", async () => {
  await using redis = await startIngestion({}, OWN);
  await using proxy = await startFaultProxy({
    target: { port: redis.server.port },
  });
  await using h = await startIngestion({
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
  });
  await proxy.set({ latencyMs: 60 });
  const key = { "idempotency-key": "cut" };
  const answers = Promise.all([
    h.postJson(READING),
    h.postJson([READING], key),
  ]);
  await until(async () => (await redis.entries()).length >= 1);
  proxy.cut();
  for (const { status, body } of await answers) {
    assertEquals(status, 503);
    assertMatch(body.type, /outcome-unknown|redis-unavailable/);
  }
  await proxy.set({ latencyMs: 0 });
  await until(async () => (await h.postJson([READING], key)).status === 202);
  assertEquals((await redis.entries()).length, 2);
});

Deno.test("stream, group or all of it deleted: the next reading is taken, and the group sees it", async () => {
  await using h = await startIngestion({}, OWN);
  const seen = async () => {
    const groups = await h.client.xinfo("GROUPS", STREAM).catch(
      () => [],
    ) as unknown[][];
    const group = groups.find((fields) => fields[1] === GROUP);
    return group?.[group.indexOf("lag") + 1];
  };
  for (
    const destroy of [
      () => h.client.del(STREAM),
      () => h.client.flushall(),
      () => h.client.script("FLUSH"),
    ]
  ) {
    await h.postJson(READING);
    await destroy();
    const { status, body } = await h.postJson(READING);
    assertEquals(status, 202, JSON.stringify(body));
    assert(await seen() as number >= 1);
  }
  await h.client.xgroup("DESTROY", STREAM, GROUP);
  await until(async () => await seen() === (await h.entries()).length, {
    message: "the group is made anew",
  });
});

Deno.test("a key that holds something else is a 503 before anything is written", async () => {
  await using h = await startIngestion({}, OWN);
  await h.client.del(STREAM);
  await h.client.set(STREAM, "x");
  assertRefused([await h.postJson(READING)], /holds something else/);
  await h.client.del(STREAM);
  assertEquals(
    (await h.postJson(READING, { "idempotency-key": "a" })).status,
    202,
  );
  const [kept] = await h.client.keys("idempotency:*");
  await h.client.del(kept);
  await h.client.rpush(kept, "x");
  assertRefused(
    [await h.postJson(READING, { "idempotency-key": "a" })],
    /holds something else/,
  );
  assertEquals((await h.entries()).length, 1);
});
