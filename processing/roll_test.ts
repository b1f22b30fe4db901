import { blocksKey, metaKey, readingsKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import type { Redis } from "../core/redis.ts";
import { catchUp } from "./catch_up.ts";
import { readChunks } from "./readings.ts";
import { roll } from "./roll.ts";
import { quarterOf } from "./rollup.ts";
import { readSeries } from "./series.ts";
import { readState } from "./site_state.ts";
import { timeOf } from "./stored.ts";
import { pushSamples, storeSamples } from "./testing/fill.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import {
  checkSeries,
  GAP,
  MINUTE,
  QUARTER,
  rollAll,
  SITE,
} from "./testing/rollups.ts";
import { trimSite } from "./trim_site.ts";

Deno.test("a list of many blocks in disorder is rolled up as it is, a part at a time", async () => {
  await using h = await createHarness();
  const start = Date.UTC(2024, 0, 1);
  const samples = Array.from({ length: 6000 }, (_, i) => ({
    device: `meter-${i % 3}`,
    // In disorder, many of them at the same time.
    time: start + i * 7919 % 2000 * 10_000,
    power: i % 977 - 300,
  }));
  const bounds = Array.from({ length: 25 }, (_, i) => start + i * QUARTER);
  for (let at = 0; at < samples.length; at += 500) {
    const some = samples.slice(at, at + 500);
    await (at % 1500 === 0 ? pushSamples : storeSamples)(h, SITE, some);
    if (at % 1000 === 0) {
      await roll(h.redis, SITE, { maxGapMs: GAP, chunk: 100 });
    }
  }
  await checkSeries(h, samples, bounds);
  const { rolled } = await readState(h.redis, SITE);
  assertEquals(rolled, samples.length);
});

Deno.test("a list that was replaced while its index stayed is known for another: no reading is hidden", async () => {
  await using h = await createHarness();
  const day = Date.UTC(2024, 0, 1);
  const series = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      device: "a",
      time: from + i * MINUTE,
      power: i,
    }));
  await storeSamples(h, SITE, series(day, 3000));
  await rollAll(h);
  await h.redis.del(readingsKey(SITE));
  const other = series(day + 100 * 24 * 60 * MINUTE, 4000);
  await pushSamples(h, SITE, other);
  const from = other[1000].time, to = other[2000].time;
  const within = async () => {
    let count = 0;
    for await (
      const jsons of readChunks(h.redis, {
        ...{ siteId: SITE, order: "asc", from, to },
      })
    ) count += jsons.filter((json) => timeOf(json) >= from).length;
    return count;
  };
  assertEquals(await within(), 1000);
  const bounds = [day, quarterOf(from), quarterOf(to)];
  await checkSeries(h, other, bounds);
  await rollAll(h);
  assertEquals(await within(), 1000);
  assertEquals(await h.redis.llen(blocksKey(SITE)), 4);
});

/** The connection; `meanwhile` runs behind the first of its reads of the list, and `count` is told how much each gives. */
function watched(
  { redis }: Harness,
  { meanwhile, count }: {
    meanwhile?: () => Promise<unknown>;
    count?: (readings: number) => void;
  },
): Redis {
  const watching: Redis = Object.create(redis);
  for (const name of ["lrange", "lrangeBuffer"] as const) {
    watching[name] = async (...args: unknown[]) => {
      // deno-lint-ignore no-explicit-any
      const items = await (redis[name] as any)(...args);
      if (args[0] === readingsKey(SITE)) count?.(items.length);
      const run = meanwhile;
      meanwhile = undefined;
      await run?.();
      return items;
    };
  }
  return watching;
}

const shuffled = (count: number, start: number, minutes: number) =>
  Array.from({ length: count }, (_, i) => ({
    device: "a",
    time: start + (i * 7919 % count) * minutes * MINUTE,
    power: i % 977,
  }));

Deno.test("rolling late readings up ends when retention makes the list shorter meanwhile, and is done the next time", async () => {
  await using h = await createHarness();
  const start = Date.UTC(2024, 0, 1);
  const samples = shuffled(6000, start, 1).sort((a, b) => a.time - b.time);
  await storeSamples(h, SITE, samples);
  await rollAll(h);
  const late = shuffled(3000, start + 1000, 2);
  await storeSamples(h, SITE, late);
  let trimmed = 0, reads = 0;
  const redis = watched(h, {
    count: () => assert(++reads < 100, "it comes to an end"),
    meanwhile: async () =>
      trimmed = await trimSite(h.redis, SITE, { most: 1000 }),
  });
  const { readings } = await roll(redis, SITE, { maxGapMs: GAP });
  assertEquals([trimmed, readings], [5000, 0]);
  await rollAll(h);
  const { rolled } = await readState(h.redis, SITE);
  assertEquals(rolled, samples.length + late.length);
});

Deno.test("a query does not roll up a tail for each part of which it would have to look at all of the list", async () => {
  await using h = await createHarness();
  const start = Date.UTC(2024, 0, 1);
  const samples = shuffled(150_000, start, 1);
  await pushSamples(h, SITE, samples.slice(0, 100_000));
  await rollAll(h);
  await pushSamples(h, SITE, samples.slice(100_000));
  let read = 0;
  const redis = watched(h, { count: (readings) => read += readings });
  const state = await catchUp(redis, SITE, GAP);
  assert(state.rolled < samples.length, "it is left to the background");
  assert(read < 2 * samples.length, `${read} readings were looked at`);
  await checkSeries(h, samples, [start + QUARTER, start + 9 * QUARTER]);
});

Deno.test("with another MAX_GAP all is rolled up anew, but for what retention has taken from", async () => {
  await using h = await createHarness();
  const start = Date.UTC(2024, 0, 1);
  const samples = Array.from({ length: 2500 }, (_, i) => ({
    device: "a",
    time: start + i * 10 * MINUTE,
    power: 600,
  }));
  const bounds = [start, start + QUARTER, start + 9 * QUARTER];
  await storeSamples(h, SITE, samples);
  await rollAll(h);
  await checkSeries(h, samples, bounds);
  const short = 5 * MINUTE;
  await checkSeries(h, samples, bounds, short);
  await rollAll(h, short);
  await checkSeries(h, samples, bounds, short);
  assertEquals((await readState(h.redis, SITE)).gap, short);

  // As retention removes the first 1,000.
  await h.redis.ltrim(readingsKey(SITE), 1000, -1);
  await h.redis.ltrim(blocksKey(SITE), 1, -1);
  await h.redis.hset(metaKey(SITE), {
    base: 1000,
    trimmed_max_ts: samples[999].time,
  });
  const energy = async (maxGapMs: number) => {
    const query = { siteId: SITE, bounds, maxGapMs };
    const [{ points }] = await Array.fromAsync(readSeries(h.redis, query));
    return points.map((point) => point.import_kwh);
  };
  const before = await energy(short);
  await pushSamples(h, SITE, [{ device: "a", time: start + 1, power: 1e6 }]);
  await rollAll(h, short);
  assertEquals(await energy(short), before, "what is removed is frozen");
  await rollAll(h, GAP);
  const frozen = await energy(GAP);
  assert(frozen[1] > 0 && frozen[1] < 2 * before[1]);
  const late = [samples[1200].time, samples[1500].time].map(quarterOf);
  await checkSeries(h, samples, late);
});
