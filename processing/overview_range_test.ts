import { daysKey, seriesKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { readOverview } from "./overview.ts";
import { roll } from "./roll.ts";
import { extend, packDay } from "./rollup.ts";
import { replaceSamples } from "./testing/fill.ts";
import { createHarness } from "./testing/harness.ts";
import { close, referenceDevices } from "./testing/reference.ts";

const MINUTE = 60_000, HOUR = 60 * MINUTE, GAP = 15 * MINUTE;

/** Steps of so many days until behind the clock. */
function daily(now: number, count: number, days: number): number[] {
  const end = Math.ceil(now / (24 * HOUR)) * 24 * HOUR;
  return Array.from(
    { length: count + 1 },
    (_, i) => end - (count - i) * days * 24 * HOUR,
  );
}

Deno.test("an overview of many days, and one since long ago, are those of a plain calculation", async () => {
  await using h = await createHarness();
  const now = Date.UTC(2026, 0, 21, 12, 13);
  // Without readings for days, from before the range on, ahead of the clock, and one of long ago.
  const times: Record<string, number[]> = {
    a: [-30, -29.5, -10, -9.999, -0.001, -0.0005],
    b: [-9.3, -9.29, -0.6, -0.595, -0.3, 0.5],
    c: [-9000, -0.02, -0.015, 0.0001],
  };
  const samples = Object.entries(times).flatMap(([device, days]) =>
    days.map((day, i) => ({
      device,
      time: now + Math.round(day * 24 * HOUR),
      power: (i % 3 - 1) * 100 + 7,
    }))
  );
  const today = daily(now, 1, 1) as [number, number];
  // The last of the third device is rolled up, lies behind the others, and is ahead of the clock.
  for (const until of [samples.length - 1, samples.length]) {
    await replaceSamples(h, samples.slice(0, until), "s");
    while ((await roll(h.redis, "s", { maxGapMs: GAP })).readings > 0);
    for (
      const bounds of [
        daily(now, 12, 1),
        daily(now, 5, 3),
        daily(now, 9800, 1),
        daily(now, 9000, 31),
        [...daily(now, 12, 1).slice(0, -1), now - HOUR - 13 * MINUTE, today[1]],
      ]
    ) {
      const query = { bounds, today, maxGapMs: GAP };
      const sums = (await readOverview(h.redis, ["s"], query, now)).get("s")!;
      // What takes the long way goes by a clock of its own.
      const clock = until === samples.length ? Infinity : now;
      const points = (of: number[]) =>
        referenceDevices(samples.slice(0, until), of, GAP, clock)
          .flatMap(({ points }) => points);
      const means = new Array(bounds.length - 1).fill(NaN);
      for (const { start, mean } of points(bounds)) {
        const step = bounds.indexOf(Date.parse(start));
        if (mean !== null) means[step] = (means[step] || 0) + mean;
      }
      assert(
        means.every((mean, step) =>
          Object.is(mean, sums.means[step]) || close(mean, sums.means[step])
        ),
      );
      const energy = points(today).reduce((sum, p) => sum + p.import_kwh, 0);
      assert(close(sums.importKwh, energy), `${sums.importKwh}, ${energy}`);
    }
  }
});

Deno.test("an overview takes as much memory for what is long ago as there are steps", async () => {
  await using h = await createHarness();
  const now = Date.now();
  const ids = ["s1", "s2", "s3", "s4"];
  for (const site of ids) {
    const samples = ["a", "b"].map((device) => ({
      device,
      time: now - HOUR,
      power: 60,
    }));
    await replaceSamples(h, samples, site);
    while ((await roll(h.redis, site, { maxGapMs: GAP })).readings > 0);
  }
  const bounds = daily(now, 9000, 31);
  const today = daily(now, 1, 1) as [number, number];
  let slots = 0;
  const plain = Float64Array;
  globalThis.Float64Array = new Proxy(plain, {
    construct(target, args, to) {
      if (typeof args[0] === "number") slots += args[0];
      return Reflect.construct(target, args, to);
    },
  });
  try {
    await readOverview(h.redis, ids, { bounds, today, maxGapMs: GAP }, now);
  } finally {
    globalThis.Float64Array = plain;
  }
  assert(slots < (ids.length + 3) * 9000 + 100, `${slots} numbers`);
});

Deno.test("an overview by minutes finds each step of a device by going on from the one before", async () => {
  await using h = await createHarness();
  const now = Date.now(), count = 1000;
  const first = Math.floor(now / MINUTE - count) * MINUTE;
  const samples = ["a", "b", "c", "d"].flatMap((device, i) =>
    Array.from({ length: count }, (_, minute) => ({
      device,
      time: first + minute * MINUTE,
      power: minute + 1000 * i,
    }))
  );
  await replaceSamples(h, samples, "s");
  let looks = 0;
  const bounds = new Proxy(
    Array.from({ length: count + 1 }, (_, i) => first + i * MINUTE),
    {
      get(target, name) {
        looks++;
        return Reflect.get(target, name);
      },
    },
  );
  const today = daily(now, 1, 1) as [number, number];
  const query = { bounds, today, maxGapMs: GAP };
  const sums = (await readOverview(h.redis, ["s"], query, now)).get("s")!;
  assertEquals(
    [...sums.means],
    Array.from({ length: count }, (_, minute) => 6000 + 4 * minute),
  );
  assert(looks < 100 * count, `${looks} looks at the bounds`);
});

Deno.test("an overview of many days reads no more than some megabytes at a time", async () => {
  await using h = await createHarness();
  const now = Date.UTC(2026, 0, 21, 12, 13), day = 24 * HOUR;
  const bounds = daily(now, 100, 1);
  const ids = ["s1", "s2"];
  for (const [i, site] of ids.entries()) {
    await replaceSamples(h, [{ device: "a", time: 0, power: 1 }], site);
    while ((await roll(h.redis, site, { maxGapMs: GAP })).readings > 0);
    const pipeline = h.redis.pipeline();
    for (const start of bounds.slice(0, -2)) {
      // A reading that holds all of each quarter.
      const records = packDay(
        Array.from(
          { length: 96 },
          (_, quarter) => extend(undefined, start + quarter * GAP, 100, GAP),
        ),
      );
      for (let device = 0; device < (i === 0 ? 40 : 1); device++) {
        const name = `meter-${device}`;
        pipeline.set(seriesKey(site, start / day, name), records);
        pipeline.zadd(daysKey(site), start / day, `${start / day}:${name}`);
      }
    }
    await pipeline.exec();
  }
  let most = 0;
  const bytes = (reply: unknown): number =>
    Array.isArray(reply)
      ? reply.reduce((sum, part) => sum + bytes(part), 0)
      : (reply as Uint8Array | null)?.length ?? 0;
  const redis = new Proxy(h.redis, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const reply = value.apply(target, args);
        if (!String(name).endsWith("Buffer")) return reply;
        return reply.then((all: unknown) => {
          most = Math.max(most, bytes(all));
          return all;
        });
      };
    },
  });
  const today = daily(now, 1, 1) as [number, number];
  const all = await readOverview(
    redis,
    ids,
    { bounds, today, maxGapMs: GAP },
    now,
  );
  for (const [site, mean] of [["s1", 4000], ["s2", 100]] as const) {
    const { means } = all.get(site)!;
    assertEquals([...means], [...new Array(99).fill(mean), NaN]);
  }
  assert(most < 17 * 1024 * 1024, `${most} bytes`);
});
