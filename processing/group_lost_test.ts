/**
 * What becomes of readings when the group or the stream is deleted.
 *
 * @module
 */

import { GROUP, STREAM, WATERMARK } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
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
  await h.add(range(50, 100));
  await h.redis.xgroup("DESTROY", STREAM, GROUP);
  await h.consume("b");
  await until(async () => (await h.powers()).length >= 150, {
    message: "the rest is stored",
  });
  await until(async () => await lag(h) === 0, { message: "the lag is 0" });
  assertEquals(await h.powers(), range(150).map(({ power }) => power));
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
  // The new one ends before the old one did, or beyond, with fewer entries up to there.
  for (const beyond of [false, true]) {
    await using h = await createHarness();
    const consumer = await h.consume("a");
    await until(async () => await h.redis.exists(STREAM) === 1, {
      message: "the group is there",
    });
    const ahead = Date.now() + 60_000;
    const add = (id: string, power: number) =>
      h.redis.xadd(
        STREAM,
        id,
        ...["site_id", "site-001", "device_id", "meter-1", "power_reading"],
        ...[power, "timestamp", "2024-01-15T10:30:00Z"],
      );
    await add(`${ahead}-1`, 1);
    await add(`${ahead}-2`, 2);
    await until(async () => (await h.powers()).length === 2, {
      message: "the first are stored",
    });
    await consumer.stop();
    await h.redis.del(STREAM);
    if (beyond) {
      await add(`${ahead}-1`, 3);
      await add(`${ahead}-5`, 4);
      await add(`${ahead}-6`, 5);
    } else await h.add(range(3, 3));
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
