import { readingsKey, seriesKey, SITES } from "../core/keys.ts";
import { until } from "../dev/testing.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { readOverview } from "./overview.ts";
import { roll } from "./roll.ts";
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
