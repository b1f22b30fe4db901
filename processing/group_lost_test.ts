/**
 * What becomes of readings when the group or the stream is deleted, or another key is in its place.
 *
 * @module
 */

import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM, WATERMARK } from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createHarness } from "./testing/harness.ts";
import { lag, range } from "./testing/entries.ts";

Deno.test("a group that was destroyed is made anew where processing had come to, with the right lag", async () => {
  await using h = await createHarness();
  const consumer = await h.consume("a");
  await h.add(range(100));
  await until(async () => (await h.powers()).length === 100, {
    message: "the first are stored",
  });
  await consumer.stop();
  await h.add(range(2100, 100));
  await h.redis.xgroup("DESTROY", STREAM, GROUP);
  assertEquals(await ensureGroup(h.redis), true);
  assertEquals(await lag(h), 2100, "at once");
  await h.consume("b");
  await until(async () => (await h.powers()).length >= 2200, {
    message: "the rest is stored",
  });
  await until(async () => await lag(h) === 0, { message: "the lag is 0" });
  assertEquals(await h.powers(), range(2200).map(({ power }) => power));
});

Deno.test("a group that is destroyed under a running consumer, or a stream that is deleted, costs no reading", async () => {
  await using h = await createHarness();
  await h.consume("a");
  await h.add(range(10));
  await until(async () => (await h.powers()).length === 10, {
    message: "the first are stored",
  });
  await h.redis.xgroup("DESTROY", STREAM, GROUP);
  await h.add(range(10, 10));
  await until(async () => (await h.powers()).length === 20, {
    message: "those after the group are stored",
  });
  await h.redis.del(STREAM);
  await h.add(range(10, 20));
  await until(async () => (await h.powers()).length === 30, {
    message: "those after the stream are stored",
  });
  assertEquals(await h.powers(), range(30).map(({ power }) => power));
});

Deno.test("a stream that was deleted and written anew is read from its start, though its ids overlap the old ones", async () => {
  // The new one ends before the old one did, by its time or within it, or beyond, with fewer entries up to there.
  const cases: [first: number[], then?: number[]][] = [
    [[1, 2]],
    [[10, 11], [7, 8, 9]],
    [[1, 2], [1, 5, 6]],
  ];
  for (const [first, then] of cases) {
    await using h = await createHarness();
    const consumer = await h.consume("a");
    await until(async () => await h.redis.exists(STREAM) === 1, {
      message: "the group is there",
    });
    const ahead = Date.now() + 60_000;
    const add = (sequence: number, power: number) =>
      h.redis.xadd(
        STREAM,
        `${ahead}-${sequence}`,
        ...["site_id", "site-001", "device_id", "meter-1", "power_reading"],
        ...[power, "timestamp", "2024-01-15T10:30:00Z"],
      );
    for (const [i, sequence] of first.entries()) await add(sequence, 1 + i);
    await until(async () => (await h.powers()).length === 2, {
      message: "the first are stored",
    });
    await consumer.stop();
    await h.redis.del(STREAM);
    if (then === undefined) await h.add(range(3, 3));
    for (const [i, sequence] of then?.entries() ?? []) {
      await add(sequence, 3 + i);
    }
    await h.consume("b");
    await until(async () => (await h.powers()).length === 5, {
      message: "those of the new stream are stored",
    });
    assertEquals(await h.powers(), [1, 2, 3, 4, 5]);
    assertEquals(await lag(h), 0);
  }
});

Deno.test("the watermark stays before the oldest pending entry", async () => {
  await using h = await createHarness();
  const ids = await h.add(range(3));
  await h.deliver("slow", 1);
  await h.redis.set("energy_readings:consumer:slow", "1");
  await h.consume("a");
  await until(async () => (await h.powers()).length === 2, {
    message: "the others are stored",
  });
  const [ms, sequence] = (await h.redis.get(WATERMARK))!.split(/[- ]/);
  const [oldestMs, oldestSequence] = ids[0].split("-");
  assert(
    Number(ms) < Number(oldestMs) ||
      (ms === oldestMs && BigInt(sequence) < BigInt(oldestSequence)),
  );
});

Deno.test("a consumer that Redis refuses what it needs says so once, and works as soon as it can", async () => {
  await using h = await createHarness({ own: true });
  const told: unknown[] = [];
  const log = {
    ...{ debug: () => {}, info: () => {}, error: () => {} },
    // A group that is gone is told without a reason.
    warning: (_: string, values?: Record<string, unknown>) =>
      values && told.push(values.why),
  } as unknown as Logger;
  const refused = async () =>
    Number(
      /errorstat_WRONGTYPE:count=(\d+)/
        .exec(await h.redis.info("errorstats"))?.[1] ?? 0,
    );
  await h.redis.del(STREAM);
  await h.redis.set(STREAM, "x");
  await h.consume("a", { log });
  await until(async () => await refused() >= 4, { message: "it tries again" });
  assertEquals(told.length, 1);
  assertMatch(String(told[0]), /the key energy_readings holds something else/);
  await h.redis.del(STREAM);
  await h.add([{ power: 1 }]);
  await until(async () => (await h.powers()).length === 1, {
    message: "it is stored",
  });
  await h.redis.del(STREAM);
  await h.redis.set(STREAM, "x");
  await until(() => told.length === 2, { message: "it says so again" });
});
