/**
 * Services whose way to Redis is slow, hangs, breaks or is shut.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import {
  type FaultProxy,
  startFaultProxy,
  startService,
  testRedis,
  until,
} from "../dev/testing.ts";
import { STREAM } from "../core/keys.ts";
import {
  countStored,
  eachOnce,
  numbered,
  post,
  startLoad,
} from "./testing/load.ts";
import { connect, startSystem } from "./testing/system.ts";

/** What a network does, one after the other; each lasts until `felt`. */
async function misbehave(
  proxy: FaultProxy,
  direct: Redis,
  felt: () => Promise<unknown>,
) {
  await proxy.set({ latencyMs: 100 });
  await felt();
  for (let cuts = 0; cuts < 4; cuts++) {
    // Between the writing and the answer, which is on its way for a while yet.
    const before = await direct.xlen(STREAM);
    await until(async () => await direct.xlen(STREAM) > before);
    proxy.cut();
    await felt();
  }
  for (const mode of ["hang", "reset", "refuse"] as const) {
    await proxy.set({ mode, latencyMs: mode === "hang" ? 20 : 0 });
    if (mode === "refuse") proxy.cut();
    await felt();
    await proxy.set({ mode: "pass" });
    await felt();
  }
}

/** Waits until an answer that was not there before has come. */
function watch(answers: unknown[]) {
  return () => {
    const before = answers.length;
    return until(() => answers.length > before + 3, {
      message: "requests are answered",
    });
  };
}

Deno.test("ingestion behind a bad network: no 202 without an entry, and a reading without a key is at most once", async () => {
  await using redis = await testRedis({ own: true });
  await using proxy = await startFaultProxy({ target: redis });
  await using ingestion = await startService("ingestion", {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    REDIS_TIMEOUT_MS: "300",
  });
  const answers: { power: number; status: number }[] = [];
  let next = 0, stopped = false;
  const client = async () => {
    while (!stopped) {
      const power = next++;
      const { status } = await post(ingestion.url, numbered(power));
      answers.push({ power, status });
      // A 503 comes at once while Redis is away: leave the machine to the others.
      if (status !== 202) await new Promise((done) => setTimeout(done, 20));
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  const direct = connect(redis);
  await misbehave(proxy, direct, watch(answers));
  const before = answers.length;
  await until(
    () =>
      answers.slice(before).filter(({ status }) => status === 202).length > 20,
    { message: "readings are taken again" },
  );
  stopped = true;
  await clients;
  const statuses = new Set(answers.map(({ status }) => status));
  assertEquals([...statuses].sort(), [202, 503], "nothing else, and both");

  const entries = await direct.xrange(STREAM, "-", "+");
  direct.disconnect();
  const powers = entries.map(([, fields]) => Number(fields[5]));
  const written = new Set(powers);
  assertEquals(powers.length, written.size, "ingestion sends nothing twice");
  for (const { power, status } of answers) {
    assert(status !== 202 || written.has(power), `${power} is lost`);
  }
});

Deno.test("ingestion behind a bad network: sent again with an Idempotency-Key, each batch is written once", async () => {
  await using system = await startSystem();
  await using proxy = await startFaultProxy({ target: system.redis });
  await using ingestion = await startService("ingestion", {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    REDIS_TIMEOUT_MS: "300",
  });
  const load = startLoad(ingestion.url, { batch: 50, clients: 6 });
  const more = () => {
    const before = load.taken;
    return until(() => load.taken > before + 300, {
      message: "some are taken",
    });
  };
  await more();
  // While nothing passes nothing is taken: what is felt then is a health that says so.
  await misbehave(
    proxy,
    system.client,
    () =>
      until(async () => {
        const response = await fetch(`${ingestion.url}/health`);
        await response.body?.cancel();
        return response.status === 503;
      }, { timeout: 2000 }).catch(() => more()),
  );
  await more();
  const { taken, retries } = await load.stop();
  assert(retries > 0, "the load met the faults");
  await system.drained();
  assertEquals(await countStored(system.client, taken), eachOnce(taken));
});

Deno.test("processing behind a bad network: every reading is stored once", async () => {
  await using system = await startSystem({ replicas: 0 });
  await using proxy = await startFaultProxy({ target: system.redis });
  const replica = await system.startReplica({
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    REDIS_TIMEOUT_MS: "300",
    BATCH_SIZE: "100",
  });
  const load = startLoad(system.ingestion.url, { batch: 50, clients: 2 });
  const healthy = async (wanted: boolean) =>
    await until(async () => {
      const response = await fetch(`${replica.url}/health`);
      await response.body?.cancel();
      return response.ok === wanted;
    }, { message: `processing is ${wanted ? "" : "not "}healthy` });
  await proxy.set({ latencyMs: 50 });
  for (let cuts = 0; cuts < 5; cuts++) {
    const before = load.taken;
    await until(() => load.taken > before + 200);
    proxy.cut();
    await healthy(true);
  }
  for (const mode of ["hang", "reset", "refuse"] as const) {
    await proxy.set({ mode, latencyMs: 0 });
    if (mode === "refuse") proxy.cut();
    await healthy(false);
    await proxy.set({ mode: "pass" });
    await healthy(true);
  }
  const { taken } = await load.stop();
  await system.drained();
  assertEquals(await countStored(system.client, taken), eachOnce(taken));
});
