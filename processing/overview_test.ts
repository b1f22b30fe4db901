import { daysKey, readingsKey, seriesKey, SITES } from "../core/keys.ts";
import { until } from "../dev/testing.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { readOverview } from "./overview.ts";
import { roll } from "./roll.ts";
import { extend, packDay } from "./rollup.ts";
import { getter } from "./testing/api.ts";
import { replaceSamples } from "./testing/fill.ts";
import { createHarness } from "./testing/harness.ts";
import { close, referenceDevices, type Sample } from "./testing/reference.ts";

const MINUTE = 60_000, HOUR = 60 * MINUTE, GAP = 15 * MINUTE;

const iso = (time: number) => new Date(time).toISOString();

Deno.test("GET /sites adds each site's means and today's energy", async () => {
  await using h = await createHarness();
  const get = await getter(h);
  const now = Date.now();
  const midnight = Math.floor(now / (24 * HOUR)) * 24 * HOUR;
  const since = Math.floor(now / GAP) * GAP - 8 * GAP;
  const sites: Record<string, Sample[]> = {};
  for (const site of ["s1", "s2"]) {
    sites[site] = ["a", "b"].flatMap((device, i) =>
      Array.from({ length: 180 }, (_, minute) => ({
        device,
        time: Math.floor(now / MINUTE - minute) * MINUTE,
        power: (i === 0 ? 1 : -1) * (minute + 100),
      }))
    ).reverse();
    await replaceSamples(h, sites[site], site);
  }
  const check = async () => {
    const answer = await get(
      `/sites?since=${iso(since)}&step=15m&tz=UTC`,
    );
    assertEquals(answer.count, 2);
    for (const { site_id, means, today } of answer.sites) {
      const bounds = Array.from({ length: 10 }, (_, i) => since + i * GAP);
      const devices = referenceDevices(sites[site_id], bounds, GAP, now);
      // The step under way goes on while the test does.
      assertEquals(means.length, 9);
      for (const { start, mean } of means.slice(0, -1)) {
        const of = devices.map(({ points }) =>
          points.find((point) => point.start === start)!.mean!
        );
        assert(close(mean, of.reduce((a, b) => a + b)));
      }
      const days = referenceDevices(
        sites[site_id],
        [
          midnight,
          midnight + 24 * HOUR,
        ],
        GAP,
        now,
      );
      const sum = (key: "import_kwh" | "export_kwh") =>
        days.reduce((total, { points }) => total + (points[0]?.[key] ?? 0), 0);
      assert(Math.abs(today.import_kwh - sum("import_kwh")) < 1e-3);
      assert(Math.abs(today.export_kwh - sum("export_kwh")) < 1e-3);
    }
  };
  await check();
  // What comes after that, in order, late, for a device that is new, or in place of all, counts as well.
  const more: Sample[][] = [
    [{ device: "a", time: Date.now(), power: 5000 }],
    [{ device: "b", time: now - HOUR, power: 9000 }],
    [{ device: "a", time: since + HOUR + 1, power: 700 }],
  ];
  for (const samples of more) {
    sites.s1.push(...samples);
    await replaceSamples(h, sites.s1, "s1");
    await check();
  }
  sites.s2 = sites.s2.map((sample) => ({ ...sample, power: 50 }));
  await replaceSamples(h, sites.s2, "s2");
  await check();
  const plain = await get("/sites");
  assertEquals(Object.hasOwn(plain.sites[0], "means"), false);
});

Deno.test("GET /sites adds means where another site's key holds something else", async () => {
  await using h = await createHarness();
  await replaceSamples(h, [{
    device: "a",
    time: Date.now() - MINUTE,
    power: 60,
  }]);
  await h.redis.set(readingsKey("broken"), "x");
  await h.redis.zadd(SITES, Date.now(), "broken");
  const get = await getter(h);
  const { sites } = await get(`/sites?since=${iso(Date.now() - HOUR)}`);
  assertEquals(sites[0].means, []);
  assert(sites[1].means.length > 0);
});

Deno.test("an overview of what lies ahead of the clock, behind midnight, knows nothing of it yet", async () => {
  await using h = await createHarness();
  const now = Date.UTC(2026, 0, 1, 23, 50);
  const sample = { device: "a", time: now - MINUTE, power: 1 };
  await replaceSamples(h, [sample], "s");
  const ahead: [number, number] = [now + 10 * MINUTE, now + 25 * MINUTE];
  const query = { bounds: ahead, today: ahead, maxGapMs: GAP };
  const all = await readOverview(h.redis, ["s"], query, now);
  const { means, importKwh, exportKwh } = all.get("s")!;
  assertEquals([...means, importKwh, exportKwh], [NaN, 0, 0]);
});

Deno.test("an overview is that of a plain calculation where rolled up readings are ahead of the clock", async () => {
  await using h = await createHarness();
  const now = Date.UTC(2026, 0, 1, 12, 13), midnight = Date.UTC(2026, 0, 1);
  // The one has readings in every quarter until the evening, the other until now.
  const samples = [["a", 20 * HOUR], ["b:", now - midnight]] as const;
  const all = samples.flatMap(([device, end]) =>
    Array.from({ length: Math.floor(end / (5 * MINUTE)) + 1 }, (_, i) => ({
      device,
      time: midnight + i * 5 * MINUTE,
      power: 100 + i,
    }))
  );
  await replaceSamples(h, all, "s");
  while ((await roll(h.redis, "s", { maxGapMs: GAP })).readings > 0);
  const bounds = Array.from({ length: 49 }, (_, i) => midnight + i * GAP);
  const today: [number, number] = [midnight, midnight + 24 * HOUR];
  const query = { bounds: [...bounds, midnight + 49 * GAP], today };
  const reference = referenceDevices(all, query.bounds, GAP, now);
  const check = async () => {
    const wanted = { ...query, maxGapMs: GAP };
    const { means } = (await readOverview(h.redis, ["s"], wanted, now))
      .get("s")!;
    means.forEach((mean, step) => {
      const start = iso(query.bounds[step]);
      const should = reference.reduce(
        (sum, { points }) =>
          sum + points.find((point) => point.start === start)!.mean!,
        0,
      );
      assert(close(mean, should), `${start}: ${mean}, not ${should}`);
    });
  };
  await check();
  // Out of the totals that the first one kept, and the rollups from there on.
  const day = midnight / (24 * HOUR);
  await until(async () => await h.redis.exists(seriesKey("s", day, "")) === 1, {
    message: "totals are kept",
  });
  await check();
});

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
