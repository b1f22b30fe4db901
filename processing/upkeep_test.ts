import { GROUP, HISTORY, STREAM } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { describePipeline } from "./pipeline.ts";
import { fillUp } from "./testing/entries.ts";
import { recordStep, trimStream } from "./upkeep.ts";

const ALL = { STREAM_RETENTION: 0, STREAM_MAX_BYTES: 0 };

async function fill(h: Harness, count: number): Promise<string[]> {
  return await h.add(Array.from({ length: count }, (_, power) => ({ power })));
}

async function ack(h: Harness, ids: string[]): Promise<void> {
  await h.redis.xack(STREAM, GROUP, ...ids);
}

Deno.test("trimStream() never takes what is not acknowledged", async () => {
  await using h = await createHarness();
  const ids = await fill(h, 1000);
  await h.deliver("a", 700);
  await ack(h, ids.slice(0, 300));
  await ack(h, ids.slice(301, 700));
  await trimStream(h.redis, ALL);
  const kept = (await h.redis.xrange(STREAM, "-", "+")).map(([id]) => id);
  assert(kept.length < 1000, "something was trimmed");
  assertEquals(ids.slice(300).filter((id) => !kept.includes(id)), []);
});

Deno.test("trimStream() waits for every group, and keeps what is to be kept for replay", async () => {
  await using h = await createHarness();
  await h.redis.xgroup("CREATE", STREAM, "other", "0");
  const ids = await fill(h, 500);
  await h.deliver("a", 500);
  await ack(h, ids);
  assertEquals(await trimStream(h.redis, ALL), 0);
  await h.redis.xgroup("DESTROY", STREAM, "other");
  assertEquals(
    await trimStream(h.redis, { ...ALL, STREAM_RETENTION: 3_600_000 }),
    0,
  );
  assert(await trimStream(h.redis, ALL) > 0);
});

Deno.test("trimStream() takes nothing while the group that stores is missing, though another has read all", async () => {
  await using h = await createHarness();
  await h.redis.xgroup("CREATE", STREAM, "other", "0");
  const ids = await fill(h, 250);
  await h.redis.xreadgroup(
    "GROUP",
    "other",
    "b",
    ...(["NOACK", "STREAMS", STREAM, ">"] as const),
  );
  await h.redis.xgroup("DESTROY", STREAM, GROUP);
  for (const STREAM_MAX_BYTES of [0, 1]) {
    assertEquals(await trimStream(h.redis, { ...ALL, STREAM_MAX_BYTES }), 0);
  }
  await h.consume("a");
  await until(async () => (await h.powers()).length === ids.length, {
    message: "all are stored",
  });
});

Deno.test("trimStream() knows which of two ids of the same millisecond is the earlier", async () => {
  await using h = await createHarness({ own: true });
  // Each entry is a node, and so may go by itself.
  await h.redis.config("SET", "stream-node-max-entries", "1");
  await h.redis.xgroup("CREATE", STREAM, "other", "0");
  const ids = [8, 9, 10, 11, 12].map((sequence) => `5-${sequence}`);
  for (const id of ids) await h.redis.xadd(STREAM, id, "foo", "bar");
  await h.deliver("a", 5);
  await ack(h, ids.filter((id) => id !== "5-9"));
  await h.redis.xreadgroup(
    "GROUP",
    "other",
    "b",
    ...(["NOACK", "STREAMS", STREAM, ">"] as const),
  );
  assertEquals(await trimStream(h.redis, ALL), 1);
  const [[first]] = await h.redis.xrange(STREAM, "-", "+");
  assertEquals(first, "5-9");
});

Deno.test("trimStream() never takes what is not acknowledged to meet a size", async () => {
  await using h = await createHarness();
  const ids = Array.from({ length: 300 }, (_, sequence) => `5-${sequence}`);
  for (const id of ids) await h.redis.xadd(STREAM, id, "foo", "bar");
  const { length } = ids;
  const keep = { STREAM_RETENTION: 2 * Date.now(), STREAM_MAX_BYTES: 1 };
  const left = async () => (await h.redis.xrange(STREAM, "-", "+"))[0][0];
  await trimStream(h.redis, keep);
  assertEquals(await h.redis.xlen(STREAM), length, "nothing was read");
  await h.deliver("a", 200);
  await ack(h, ids.slice(0, 100));
  await trimStream(h.redis, keep);
  assertEquals(await left(), ids[100], "the oldest that is pending");
  await ack(h, ids.slice(100, 200));
  await trimStream(h.redis, keep);
  assertEquals(await left(), ids[199], "the last that was read");
});

Deno.test("trimStream() makes room in a Redis that is full", async () => {
  await using h = await createHarness({ own: true });
  const ids = await fill(h, 500);
  await h.deliver("a", 500);
  await ack(h, ids);
  await fillUp(h);
  const keep = { STREAM_RETENTION: 3_600_000, STREAM_MAX_BYTES: 0 };
  assert(await trimStream(h.redis, keep) > 0);
});

Deno.test("trimStream() leaves a lag that is right", async () => {
  await using h = await createHarness();
  const ids = await fill(h, 1000);
  await h.deliver("a", 600);
  await ack(h, ids.slice(0, 600));
  await trimStream(h.redis, ALL);
  const { group } = await describePipeline(h.redis) as {
    group: { lag: number };
  };
  assertEquals(group.lag, 400);
});

Deno.test("trimStream() keeps the stream below its bytes, and trims at once when memory is short", async () => {
  await using h = await createHarness({ own: true });
  const ids = await fill(h, 3000);
  await h.deliver("a", 3000);
  await ack(h, ids);
  const keep = { STREAM_RETENTION: 3_600_000, STREAM_MAX_BYTES: 100_000 };
  for (let i = 0; i < 20; i++) await trimStream(h.redis, keep);
  const bytes = (await h.redis.memory("USAGE", STREAM))!;
  assert(bytes <= 110_000, `${bytes} bytes`);
  await h.redis.config("SET", "maxmemory", "1500000");
  await trimStream(h.redis, { ...keep, STREAM_MAX_BYTES: 0 });
  assert(await h.redis.xlen(STREAM) <= 200, "all but the last node went");
});

Deno.test("recordStep() records each step once, whoever asks, and keeps an hour of them and one more", async () => {
  await using h = await createHarness();
  await fill(h, 10);
  const recorded = await Promise.all(
    Array.from({ length: 5 }, () => recordStep(h.redis)),
  );
  // A new step may begin between two of the calls.
  const count = recorded.filter(Boolean).length;
  assert(count === 1 || count === 2);
  assertEquals(await h.redis.llen("pipeline_history"), count);
  assertEquals(
    JSON.parse((await h.redis.lindex("pipeline_history", 0))!).lag,
    10,
  );
  let seconds = 1_700_000_000;
  const redis = Object.create(h.redis, {
    time: { value: () => Promise.resolve([`${seconds}`, "5"]) },
  });
  for (; seconds < 1_700_004_000; seconds += 5) {
    assertEquals(await recordStep(redis), seconds % 10 === 0);
  }
  const times = (await h.redis.lrange(HISTORY, 0, -1)).map((json) =>
    JSON.parse(json).t
  );
  assertEquals(times.length, 361);
  assertEquals(times[0], 1_700_000_390_000);
  assertEquals(times[360], 1_700_003_990_000);
});
