import {
  CONSUMER_PREFIX,
  DEAD_STREAM,
  GROUP,
  HISTORY,
  STREAM,
} from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { listDeadLetters } from "./dead_letters.ts";
import { storeBatch } from "./store.ts";
import { lag, range } from "./testing/entries.ts";
import { createHarness } from "./testing/harness.ts";

Deno.test("a consumer stores what is on the stream once, in order, and acknowledges it", async () => {
  await using h = await createHarness();
  await h.add(range(2500));
  await h.consume("a");
  await until(async () => (await h.powers()).length === 2500, {
    message: "all are stored",
  });
  assertEquals(await h.powers(), range(2500).map(({ power }) => power));
  assertEquals(await h.pending(), 0);
  assertEquals(await h.redis.hget("pipeline_stats", "stored"), "2500");
});

Deno.test("three consumers store every reading once", async () => {
  await using h = await createHarness({}, { BATCH_SIZE: "50" });
  const consumers = await Promise.all(
    ["a", "b", "c"].map((name) => h.consume(name)),
  );
  await h.add(range(3000));
  await until(async () => (await h.powers()).length >= 3000, {
    message: "all are stored",
  });
  assertEquals(
    (await h.powers()).sort((a, b) => a - b),
    range(3000).map(({ power }) => power),
  );
  await Promise.all(consumers.map(({ stop }) => stop()));
  assertEquals(await h.redis.xinfo("CONSUMERS", STREAM, GROUP), []);
});

Deno.test("a consumer stores what it held before its connection broke, once", async () => {
  await using h = await createHarness({}, { BATCH_SIZE: "100" });
  await h.add(range(1000));
  let broke = 0;
  await h.consume("a", {
    // The script has run, but its answer is lost: nobody knows.
    store: async (redis, batch) => {
      const stored = await storeBatch(redis, batch);
      if (broke++ % 3 === 0) throw new Error("Connection is closed.");
      return stored;
    },
  });
  await until(async () => await lag(h) === 0 && await h.pending() === 0, {
    message: "all are acknowledged",
  });
  assertEquals(await h.powers(), range(1000).map(({ power }) => power));
});

Deno.test("what a dead consumer left is taken over once its sign of life is gone, and the consumer deleted", async () => {
  await using h = await createHarness({}, { CLAIM_IDLE_MS: "3600000" });
  await h.add(range(30));
  await h.deliver("dead", 20);
  await h.consume("alive");
  await until(async () => (await h.powers()).length === 30, {
    message: "all are stored",
  });
  assertEquals(
    (await h.powers()).sort((a, b) => a - b),
    range(30).map(({ power }) => power),
  );
  await until(
    async () =>
      ((await h.redis.xinfo("CONSUMERS", STREAM, GROUP)) as unknown[])
        .length === 1,
    {
      message: "the dead consumer is deleted",
    },
  );
});

Deno.test("what a living consumer holds is left to it, until it has held it too long", async () => {
  await using h = await createHarness({}, { CLAIM_IDLE_MS: "700" });
  await h.add(range(5));
  await h.deliver("slow", 5);
  await h.redis.set("energy_readings:consumer:slow", "1");
  const start = Date.now();
  await h.consume("a");
  await until(async () => (await h.powers()).length === 5, {
    message: "all are taken over",
  });
  assert(Date.now() - start >= 600, "taken over only after its time");
});

Deno.test("an entry that this system cannot read becomes a dead letter and stops nothing", async () => {
  await using h = await createHarness();
  await h.add([{ power: 1 }]);
  await h.redis.xadd(STREAM, "*", "foo", "bar");
  await h.redis.xadd(STREAM, "*", "__proto__", "1");
  await h.add([
    { power: "12abc" },
    { power: "" },
    { power: 2, at: "yesterday" },
    { power: 3 },
  ]);
  await h.consume("a");
  await until(async () => (await h.powers()).length === 2, {
    message: "the good are stored",
  });
  assertEquals(await h.powers(), [1, 3]);
  await until(async () => await h.pending() === 0, {
    message: "nothing is pending",
  });
  const { count, page } = await listDeadLetters(h.redis, 10);
  assertEquals(count, 5);
  assertEquals(page[0].fields, { foo: "bar" });
  assertEquals(page[2].reason, "power_reading must be a finite number");
});

Deno.test("a consumer shows that it lives before it reads, and goes on showing it", async () => {
  await using h = await createHarness();
  const key = CONSUMER_PREFIX + "a";
  const atOnce = await new Promise<number>((resolve) => {
    h.consume("a", { onReady: () => resolve(h.redis.exists(key)) });
  });
  assertEquals(atOnce, 1);
  await h.redis.del(key);
  await until(() => h.redis.exists(key), { message: "it shows it again" });
});

Deno.test("a consumer trims the stream and records the pipeline's history beside its work", async () => {
  await using h = await createHarness({}, { STREAM_RETENTION: "0s" });
  await h.consume("a");
  await h.add(range(500));
  await until(async () => (await h.powers()).length === 500, {
    message: "all are stored",
  });
  await until(async () => await h.redis.xlen(STREAM) < 500, {
    message: "what is stored is trimmed",
  });
  await until(() => h.redis.llen(HISTORY), { message: "a step is recorded" });
});

Deno.test("past MAX_DELIVERIES entries are stored one by one, and only the one that fails becomes a dead letter", async () => {
  await using h = await createHarness({}, { MAX_DELIVERIES: "2" });
  const ids = await h.add([1, 7, 8, 9, 666, 2].map((power) => ({ power })));
  await h.deliver("a", 6);
  // Another, which lives, holds what is between.
  await h.redis.xclaim(STREAM, GROUP, "slow", 0, ...ids.slice(1, 4));
  await h.redis.set(CONSUMER_PREFIX + "slow", "1");
  await h.consume("a", {
    store: (redis, batch) => {
      if (batch.args.some((arg) => `${arg}`.includes(`"power_reading":666,`))) {
        throw new Error("ERR poison");
      }
      return storeBatch(redis, batch);
    },
  });
  await until(async () => await h.redis.xlen(DEAD_STREAM) === 1, {
    message: "it is a dead letter",
  });
  await until(async () => (await h.powers()).length === 2, {
    message: "the others are stored",
  });
  const { page: [letter] } = await listDeadLetters(h.redis, 10);
  assertEquals(
    [letter.reason, letter.fields.power_reading, letter.deliveries],
    ["ERR poison", "666", 3],
  );
});

Deno.test("past MAX_DELIVERIES an entry that Redis could not be given is no dead letter", async () => {
  await using h = await createHarness({}, { MAX_DELIVERIES: "2" });
  const ids = await h.add(range(3));
  await h.deliver("a", 3);
  await h.redis.xclaim(STREAM, GROUP, "a", 0, ...ids, "RETRYCOUNT", 9);
  let failures = 0;
  await h.consume("a", {
    store: (redis, batch) => {
      if (failures++ < 2) throw new Error("Connection is closed.");
      return storeBatch(redis, batch);
    },
  });
  await until(async () => await h.pending() === 0, { message: "it is done" });
  assertEquals((await h.powers()).length, 3);
  assertEquals(await h.redis.xlen(DEAD_STREAM), 0);
});

Deno.test("an entry trimmed while pending becomes a dead letter with the reason trimmed", async () => {
  for (const owner of ["a", "dead"]) {
    await using h = await createHarness();
    const [id] = await h.add(range(3));
    await h.deliver(owner, 3);
    await h.redis.xdel(STREAM, id);
    await h.consume("a");
    await until(async () => (await h.powers()).length === 2, {
      message: "the others are stored",
    });
    await until(async () => await h.redis.xlen(DEAD_STREAM) === 1, {
      message: "it is a dead letter",
    });
    const { page } = await listDeadLetters(h.redis, 10);
    assertEquals(page.map(({ reason, source_id }) => [reason, source_id]), [[
      "trimmed",
      id,
    ]]);
    assertEquals(await h.pending(), 0);
  }
});

Deno.test("a consumer goes on when Redis was killed and restarted", async () => {
  await using h = await createHarness({ persist: true });
  await h.consume("a");
  await h.add(range(10));
  await until(async () => (await h.powers()).length === 10, {
    message: "the first are stored",
  });
  await h.server.kill();
  await h.server.restart();
  await until(() => h.redis.status === "ready", { message: "Redis is back" });
  await h.add(range(10, 10));
  await until(async () => (await h.powers()).length === 20, {
    message: "the rest is stored",
  });
  assertEquals(await h.powers(), range(20).map(({ power }) => power));
});

Deno.test("a full Redis is drained", async () => {
  await using h = await createHarness({ own: true });
  await h.add(range(1000));
  await h.redis.config("SET", "maxmemory", "1mb");
  await h.consume("a");
  await until(async () => (await h.powers()).length === 1000, {
    message: "all are stored",
  });
  await h.redis.config("SET", "maxmemory", "0");
});
