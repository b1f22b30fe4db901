/**
 * Redis stopped, paused or killed: ingestion answers in time, and recovers.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import {
  countStored,
  eachOnce,
  numbered,
  numberedBatch,
  post,
  startLoad,
} from "./testing/load.ts";
import { startSystem, type System } from "./testing/system.ts";

const TIMEOUT_MS = 500;
const INGESTION = { REDIS_TIMEOUT_MS: String(TIMEOUT_MS) };

/** What it takes besides waiting for Redis; machines that test are busy. */
const MARGIN_MS = 1500;

async function assertTurnsAway(system: System): Promise<void> {
  const { url } = system.ingestion;
  const answers = await Promise.all([
    post(url, numbered(0)),
    post(url, numberedBatch(0, 100)),
    post(url, numbered(0), { "idempotency-key": crypto.randomUUID() }),
  ].map(async (answer) => {
    const start = performance.now();
    return { ...await answer, ms: performance.now() - start };
  }));
  for (const { status, headers, body, ms } of answers) {
    assertEquals(status, 503, JSON.stringify(body));
    assertMatch(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assertMatch(body.type, /:(outcome-unknown|redis-unavailable)$/);
    assert(ms < TIMEOUT_MS + MARGIN_MS, `it took ${ms} ms`);
  }
  const health = await fetch(`${url}/health`);
  assertEquals([health.status, (await health.json()).status], [
    503,
    "unhealthy",
  ]);
  const alive = await fetch(`${url}/livez`);
  await alive.body?.cancel();
  assertEquals(alive.status, 200, "it need not be restarted");
}

async function assertRecovers({ ingestion }: System): Promise<void> {
  await until(async () => {
    const response = await fetch(`${ingestion.url}/health`);
    await response.body?.cancel();
    return response.ok;
  }, { message: "ingestion is healthy again" });
  assertEquals((await post(ingestion.url, numbered(0))).status, 202);
}

Deno.test("a Redis that is stopped (SIGSTOP): ingestion answers 503 in time, and recovers when it goes on", async () => {
  await using system = await startSystem({ ingestion: INGESTION });
  await system.redis.kill("SIGSTOP");
  await assertTurnsAway(system);
  await system.redis.kill("SIGCONT");
  await assertRecovers(system);
});

Deno.test("a Redis that is paused (CLIENT PAUSE): ingestion answers 503 in time, and recovers when it goes on", async () => {
  await using system = await startSystem({ ingestion: INGESTION });
  await system.client.call("CLIENT", "PAUSE", "4000", "ALL");
  await assertTurnsAway(system);
  await assertRecovers(system);
});

Deno.test("a Redis that is killed: ingestion answers 503, and recovers when it is back with its data", async () => {
  await using system = await startSystem({
    ingestion: INGESTION,
    redis: { persist: true },
  });
  await system.redis.kill("SIGKILL");
  await assertTurnsAway(system);
  await system.redis.restart();
  await assertRecovers(system);
});

Deno.test("a Redis that stops again and again under load: every reading is stored once", async () => {
  await using system = await startSystem({
    ingestion: INGESTION,
    processing: { REDIS_TIMEOUT_MS: String(TIMEOUT_MS), CLAIM_IDLE_MS: "1000" },
    replicas: 2,
  });
  const { redis, ingestion, client } = system;
  const load = startLoad(ingestion.url, { batch: 20 });
  for (let round = 0; round < 2; round++) {
    const { taken, retries } = load;
    await until(() => load.taken > taken + 500, { message: "some are taken" });
    await redis.kill("SIGSTOP");
    await until(() => load.retries > retries, {
      message: "the load meets the stop",
    });
    await redis.kill("SIGCONT");
  }
  const before = load.taken;
  await until(() => load.taken > before + 500, { message: "it goes on" });
  const { taken } = await load.stop();
  await system.drained();
  assertEquals(await countStored(client, taken), eachOnce(taken));
});
