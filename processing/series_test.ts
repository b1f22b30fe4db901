import type { Redis } from "../core/redis.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { quarterOf } from "./rollup.ts";
import { readSeries } from "./series.ts";
import { pushSamples, replaceSamples } from "./testing/fill.ts";
import { createHarness } from "./testing/harness.ts";
import type { Sample } from "./testing/reference.ts";
import {
  checkSeries,
  GAP,
  MINUTE,
  QUARTER,
  rollAll,
  SITE,
} from "./testing/rollups.ts";
import { trimSite } from "./trim_site.ts";

const DAY = 96 * QUARTER, START = Date.UTC(2024, 0, 1);

/** Devices with three readings on each of some days. */
function everyDay(devices: number, days: number): Sample[] {
  return Array.from(
    { length: days },
    (_, day) =>
      Array.from({ length: devices }, (_, i) =>
        [0, 10, 300].map((minute) => ({
          device: `meter-${i}`,
          time: START + day * DAY + (600 + minute) * MINUTE,
          power: 100 * (i + 1) + day,
        }))).flat(),
  ).flat();
}

/** A connection that notes of how many days each question for records is. */
function noting(redis: Redis): { redis: Redis; asked: number[] } {
  const asked: number[] = [];
  const noted = new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === "mgetBuffer") asked.push(args.length);
        return value.apply(target, args);
      };
    },
  });
  return { redis: noted, asked };
}

const daily = (days: number) =>
  Array.from({ length: days + 1 }, (_, day) => START + day * DAY);

Deno.test("a series of many days is read a hundred days of a device at a time", async () => {
  await using h = await createHarness();
  const samples = everyDay(3, 120);
  await replaceSamples(h, samples);
  await rollAll(h);
  const { redis, asked } = noting(h.redis);
  await checkSeries({ redis }, samples, daily(120));
  assertEquals(asked, [100, 100, 100, 60]);
  asked.length = 0;
  const query = { siteId: SITE, bounds: daily(120), maxGapMs: GAP };
  const devices = readSeries(redis, query);
  const { value } = await devices.next();
  assertEquals(value!.deviceId, "meter-0");
  assert(asked.length <= 2, "the first is there before the last is read");
});

Deno.test("a series of many devices is not asked for one by one", async () => {
  await using h = await createHarness();
  const samples = everyDay(60, 2);
  await replaceSamples(h, samples);
  await rollAll(h);
  const { redis, asked } = noting(h.redis);
  await checkSeries({ redis }, samples, daily(2));
  assertEquals(asked, [100, 20]);
});

Deno.test("the event loop turns between the devices of a series", async () => {
  await using h = await createHarness();
  await replaceSamples(h, everyDay(5, 1));
  await rollAll(h);
  const { now } = performance;
  try {
    let time = 0;
    performance.now = () => time += 30;
    for (const step of [QUARTER, MINUTE]) {
      const bounds = Array.from({ length: 900 }, (_, i) => START + i * step);
      const query = { siteId: SITE, bounds, maxGapMs: GAP };
      let devices = 0, turns = 0;
      for await (const _ of readSeries(h.redis, query)) {
        assertEquals(turns, devices++);
        setTimeout(() => turns++, 0);
      }
      assertEquals([devices, turns], [5, 5]);
    }
  } finally {
    performance.now = now;
  }
});

Deno.test("readings ahead of the clock take nothing away of what retention has removed since", async () => {
  await using h = await createHarness();
  const now = Date.now(), quarter = quarterOf(now);
  const some = (count: number, device: string, from: number, to: number) =>
    Array.from({ length: count }, (_, i) => ({
      device,
      time: from + Math.floor(i / count * (to - from)),
      power: 1000,
    }));
  await replaceSamples(h, [
    ...some(1000, "b", quarter + QUARTER, quarter + 2 * QUARTER),
    ...some(4000, "a", quarter, now),
  ]);
  await rollAll(h);
  const query = {
    siteId: SITE,
    bounds: [quarter, quarter + QUARTER, quarter + 2 * QUARTER],
    maxGapMs: GAP,
  };
  const read = async () =>
    (await Array.fromAsync(readSeries(h.redis, query)))
      .map(({ deviceId, points: [{ count, import_kwh }] }) => ({
        deviceId,
        count,
        import_kwh,
      }));
  const before = await read();
  assertEquals(before[1], { deviceId: "b", count: 1000, import_kwh: 0 });
  // The newest holds on while the test goes on.
  const check = async () => {
    const after = await read();
    for (const [i, { deviceId, count, import_kwh }] of before.entries()) {
      assertEquals([after[i].deviceId, after[i].count], [deviceId, count]);
      assert(after[i].import_kwh - import_kwh >= 0, "nothing is lost");
    }
  };
  while (await trimSite(h.redis, SITE, { most: 1000 }) > 0);
  await check();
  await pushSamples(h, SITE, some(1, "c", quarter + QUARTER - 1, 0));
  await check();
});
