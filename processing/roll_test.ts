import fc from "fast-check";
import { blocksKey, metaKey, readingsKey, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { readOverview } from "./overview.ts";
import { readChunks } from "./readings.ts";
import { roll } from "./roll.ts";
import { quarterOf } from "./rollup.ts";
import { readMaterial, sumUp } from "./series.ts";
import { readState } from "./site_state.ts";
import { timeOf } from "./stored.ts";
import { pushSamples, storeSamples } from "./testing/fill.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { close, referencePoints, type Sample } from "./testing/reference.ts";

const SITE = "site-001", MINUTE = 60_000, QUARTER = 15 * MINUTE;
const GAP = 20 * MINUTE;

/** A connection whose process is killed at a script: before it is run, or before its reply comes. */
function killedAt(redis: Redis, nth: number, before: boolean): Redis {
  let calls = 0;
  return new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "call") return value.bind(target);
      return async (...args: Parameters<Redis["call"]>) => {
        const last = calls++ === nth;
        if (last && before) throw new Error("killed");
        const reply = await target.call(...args);
        if (last) throw new Error("killed");
        return reply;
      };
    },
  });
}

async function rollAll(h: Harness, maxGapMs = GAP, chunk?: number) {
  while (
    (await roll(h.redis, SITE, { maxGapMs, rebuild: true, chunk })).readings
  );
}

async function empty(h: Harness): Promise<void> {
  await h.redis.flushdb();
  await h.redis.xgroup("CREATE", STREAM, "processing_group", "0", "MKSTREAM");
}

function expected(
  samples: Sample[],
  bounds: number[],
  gap: number,
  now: number,
) {
  return [...new Set(samples.map(({ device }) => device))].sort()
    .map((device) => [
      device,
      referencePoints(
        samples.filter((sample) => sample.device === device),
        bounds,
        gap,
        now,
      ),
    ]).filter(([, points]) => points.length > 0);
}

async function checkSeries(
  h: Harness,
  samples: Sample[],
  bounds: number[],
  gap = GAP,
): Promise<void> {
  const query = { siteId: SITE, bounds, maxGapMs: gap };
  const material = await readMaterial(h.redis, query);
  const actual = [...sumUp(material, query)].map(([device, points]) => [
    device,
    points.map((p) => ({ ...p, start: new Date(p.start).toISOString() })),
  ]);
  const should = expected(samples, bounds, gap, material.now);
  assert(close(actual, should), JSON.stringify({ actual, should }));
}

async function checkOverview(
  h: Harness,
  samples: Sample[],
  bounds: number[],
): Promise<void> {
  const now = Date.now();
  const today: [number, number] = [bounds[0], quarterOf(now) + QUARTER];
  const query = { bounds, today, maxGapMs: GAP };
  const all = await readOverview(h.redis, [SITE], query, now);
  const totals = all.get(SITE)!;
  const means = new Array(bounds.length - 1).fill(0);
  const add = (of: number[], now: number) =>
    expected(samples, of, GAP, now).flatMap(([, points]) =>
      points as ReturnType<typeof referencePoints>
    );
  for (const { start, mean } of add(bounds, now)) {
    means[bounds.indexOf(Date.parse(start))] += mean ?? 0;
  }
  const energy = add(today, now).reduce((sum, p) => sum + p.import_kwh, 0);
  // What had to take the long way has a clock of its own, some milliseconds on.
  assert(
    Math.abs(totals.importKwh - energy) < 1e-3 &&
      means.every((mean, step) =>
        Math.abs(mean - (totals.means[step] || 0)) < 0.5
      ),
    JSON.stringify({ totals, means, energy }),
  );
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ how: "store" as const }) },
  { weight: 2, arbitrary: fc.constant({ how: "push" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      how: fc.constant("roll" as const),
      chunk: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      how: fc.constant("killed" as const),
      nth: fc.integer({ min: 1, max: 4 }),
      before: fc.boolean(),
      chunk: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ how: "together" as const }) },
  { weight: 4, arbitrary: fc.constant({ how: "look" as const }) },
  { weight: 1, arbitrary: fc.constant({ how: "delete" as const }) },
  { weight: 1, arbitrary: fc.constant({ how: "cut" as const }) },
  { weight: 1, arbitrary: fc.constant({ how: "forget index" as const }) },
);

Deno.test("series and overview are those of a plain calculation, whenever a list is rolled up, by whom, and who is killed", async () => {
  await using h = await createHarness();
  // Up to the current quarter and beyond, so that some lie ahead of the clock.
  const start = quarterOf(Date.now()) - 12 * QUARTER;
  const sample = fc.record({
    device: fc.constantFrom("a", "b", "c"),
    time: fc.integer({ min: -20, max: 200 }).map((m) => start + m * MINUTE),
    power: fc.integer({ min: -5000, max: 5000 }).map((watts) => watts / 8),
  });
  const part = fc.tuple(
    step,
    fc.array(sample, { minLength: 1, maxLength: 60 }),
    fc.boolean(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 15 }),
      fc.integer({ min: -2, max: 13 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(1, 4),
      async (parts, first, count, quarters) => {
        const from = start + first * QUARTER;
        const bounds = Array.from(
          { length: count + 1 },
          (_, i) => from + i * quarters * QUARTER,
        );
        await empty(h);
        let list: Sample[] = [];
        for (const [action, samples, inOrder] of parts) {
          if (inOrder) samples.sort((a, b) => a.time - b.time);
          const options = { maxGapMs: GAP };
          switch (action.how) {
            case "store":
              await storeSamples(h, SITE, samples);
              list = list.concat(samples);
              break;
            case "push":
              await pushSamples(h, SITE, samples);
              list = list.concat(samples);
              break;
            case "roll":
              await roll(h.redis, SITE, { ...options, chunk: action.chunk });
              break;
            case "killed":
              await roll(
                killedAt(h.redis, action.nth, action.before),
                SITE,
                { ...options, chunk: action.chunk },
              ).catch(() => {});
              break;
            case "together":
              await Promise.all([
                roll(h.redis, SITE, { ...options, chunk: 7 }),
                roll(h.redis, SITE, { ...options, chunk: 20 }),
                roll(h.redis, SITE, options),
              ]);
              break;
            case "delete":
              await h.redis.del(readingsKey(SITE));
              list = [];
              break;
            case "cut":
              // Its newest are removed by hand, and others come in their place.
              list = list.slice(0, list.length >> 1);
              if (list.length === 0) await h.redis.del(readingsKey(SITE));
              else await h.redis.ltrim(readingsKey(SITE), 0, list.length - 1);
              await pushSamples(h, SITE, samples);
              list = list.concat(samples);
              break;
            case "look":
              await checkOverview(h, list, bounds);
              break;
            case "forget index":
              await h.redis.del(blocksKey(SITE));
          }
        }
        await checkOverview(h, list, bounds);
        await checkSeries(h, list, bounds);
        await checkSeries(h, list, bounds);
        await checkOverview(h, list, bounds);
      },
    ),
    { numRuns: 150 },
  );
});

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
    const [[, points]] = [...sumUp(await readMaterial(h.redis, query), query)];
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
