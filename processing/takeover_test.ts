import { CONSUMER_PREFIX, DEAD_STREAM, GROUP, STREAM } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { HEARTBEAT_MS, leave, showLife, takeOver } from "./takeover.ts";
import { fillUp } from "./testing/entries.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

const LONG = 3_600_000;

const readings = (count: number) =>
  Array.from({ length: count }, (_, power) => ({ power }));

async function consumers(h: Harness): Promise<Record<string, number>> {
  const rows = await h.redis.xinfo("CONSUMERS", STREAM, GROUP) as unknown[][];
  return Object.fromEntries(rows.map((row) => [row[1], row[3]]));
}

const ids = (taken: Awaited<ReturnType<typeof takeOver>>) =>
  taken.map(({ raw }) => raw[0]);

Deno.test("takeOver() takes at once what a consumer holds that shows no life, and deletes its name", async () => {
  await using h = await createHarness();
  const added = await h.add(readings(3));
  await h.deliver("dead", 3);
  const taken = await takeOver(h.redis, "self", LONG, 10);
  assertEquals(ids(taken), added);
  assertEquals(taken.map(({ deliveries }) => deliveries), [2, 2, 2]);
  assertEquals(await consumers(h), { self: 3 });
});

Deno.test("takeOver() leaves a living consumer what it holds, until it has held it for too long", async () => {
  await using h = await createHarness();
  const added = await h.add(readings(3));
  await h.deliver("other", 3);
  await showLife(h.redis, "other");
  assertEquals(await takeOver(h.redis, "self", LONG, 10), []);
  assertEquals(await consumers(h), { other: 3 });
  await until(async () => {
    const taken = await takeOver(h.redis, "self", 50, 10);
    if (taken.length > 0) assertEquals(ids(taken), added);
    return taken.length > 0;
  });
  assertEquals(await consumers(h), { other: 0, self: 3 });
});

Deno.test("takeOver() does not take from itself", async () => {
  await using h = await createHarness();
  await h.add(readings(3));
  await h.deliver("self", 3);
  assertEquals(await takeOver(h.redis, "self", 0, 10), []);
  assertEquals(await consumers(h), { self: 3 });
});

Deno.test("takeOver() takes the oldest first, whoever held it, and gives it in the order of the stream", async () => {
  await using h = await createHarness();
  const added = await h.add(readings(9));
  await h.deliver("z", 3);
  await h.deliver("alive", 1);
  await h.deliver("b", 3);
  await h.deliver("z", 2);
  await showLife(h.redis, "alive");
  const own = added.filter((_, index) => index !== 3);
  assertEquals(ids(await takeOver(h.redis, "self", LONG, 4)), own.slice(0, 4));
  assertEquals(ids(await takeOver(h.redis, "self", LONG, 9)), own.slice(4));
  assertEquals(await consumers(h), { alive: 1, self: 8 });
});

Deno.test("takeOver() takes no more than it may, and keeps the name of who holds the rest", async () => {
  await using h = await createHarness();
  const added = await h.add(readings(5));
  await h.deliver("dead", 5);
  const first = await takeOver(h.redis, "self", LONG, 3);
  assertEquals(ids(first), added.slice(0, 3));
  assertEquals(await consumers(h), { dead: 2, self: 3 });
  const second = await takeOver(h.redis, "self", LONG, 3);
  assertEquals(ids(second), added.slice(3));
  assertEquals(await consumers(h), { self: 5 });
});

Deno.test("takeOver() takes no more than it may from the dead and the slow together", async () => {
  await using h = await createHarness();
  const added = await h.add(readings(5));
  await h.deliver("dead", 2);
  await h.deliver("slow", 3);
  await showLife(h.redis, "slow");
  const slow = added.slice(2);
  await h.redis.xclaim(STREAM, GROUP, "slow", 0, ...slow, "IDLE", LONG);
  const taken = await takeOver(h.redis, "self", 1000, 3);
  assertEquals(ids(taken), added.slice(0, 3));
});

Deno.test("takeOver() makes dead letters of what was trimmed while it was held, and counts them", async () => {
  await using h = await createHarness();
  const [id] = await h.add(readings(1));
  await h.deliver("dead", 1);
  await h.redis.xdel(STREAM, id);
  assertEquals(await takeOver(h.redis, "self", LONG, 10), []);
  const [[, fields]] = await h.redis.xrange(DEAD_STREAM, "-", "+");
  assertEquals(fields.slice(0, 4), ["reason", "trimmed", "source_id", id]);
  assertEquals(await h.redis.hget("pipeline_stats", "dead"), "1");
  assertEquals(await h.pending(), 0);
});

Deno.test("leave() gives a name up that holds nothing, and keeps one that does for who takes it over", async () => {
  await using h = await createHarness();
  await h.add(readings(1));
  await h.deliver("self", 1);
  await showLife(h.redis, "self");
  assertEquals(await leave(h.redis, "self"), false);
  assertEquals(await consumers(h), { self: 1 });
  assertEquals(await h.redis.exists(CONSUMER_PREFIX + "self"), 0, "it is gone");
  const [[id]] = await h.redis.xrange(STREAM, "-", "+");
  await h.redis.xack(STREAM, GROUP, id);
  assertEquals(await leave(h.redis, "self"), true);
  assertEquals(await consumers(h), {});
});

Deno.test("takeOver() leaves what was trimmed, and what is behind it, while the key of the dead letters holds something else", async () => {
  await using h = await createHarness();
  const [first, trimmed, behind, other] = await h.add(readings(4));
  await h.deliver("dead", 3);
  await h.deliver("gone", 1);
  await h.redis.xdel(STREAM, trimmed);
  await h.redis.set(DEAD_STREAM, "x");
  assertEquals(ids(await takeOver(h.redis, "self", LONG, 10)), [first, other]);
  assertEquals(await consumers(h), { dead: 2, self: 2 });
  await h.redis.del(DEAD_STREAM);
  assertEquals(ids(await takeOver(h.redis, "self", LONG, 10)), [behind]);
  assertEquals(await consumers(h), { self: 3 });
  assertEquals(await h.redis.xlen(DEAD_STREAM), 1);
});

Deno.test("in a Redis that is full consumers show life, take over and leave, too", async () => {
  await using h = await createHarness({ own: true });
  const added = await h.add(readings(2));
  await h.deliver("dead", 2);
  await fillUp(h);
  await showLife(h.redis, "self");
  assertEquals(ids(await takeOver(h.redis, "self", LONG, 10)), added);
  await h.redis.xack(STREAM, GROUP, ...added);
  assertEquals(await leave(h.redis, "self"), true);
});

Deno.test("showLife() lasts until the signs that follow, though one of them were lost", async () => {
  await using h = await createHarness();
  await showLife(h.redis, "self");
  const life = await h.redis.pttl(CONSUMER_PREFIX + "self");
  assert(life > 2 * HEARTBEAT_MS, `${life} ms`);
});
