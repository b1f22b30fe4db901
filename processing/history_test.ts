import fc from "fast-check";
import { readingsKey, SITES } from "../core/keys.ts";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { close, referencePoints, type Sample } from "./testing/reference.ts";

const MINUTE = 60_000, HOUR = 60 * MINUTE, GAP = 15 * MINUTE;

const iso = (time: number) => new Date(time).toISOString();

/** Puts readings into a site's list as if they had been processed before. */
async function fill(h: Harness, samples: Sample[], site = "site-001") {
  await h.redis.del(readingsKey(site));
  await h.redis.zadd(SITES, Date.now(), site);
  for (let at = 0; at < samples.length; at += 5000) {
    await h.redis.rpush(
      readingsKey(site),
      ...samples.slice(at, at + 5000).map(({ device, time, power }, i) =>
        JSON.stringify({
          site_id: site,
          device_id: device,
          power_reading: power,
          timestamp: iso(time).replace(/\.?0*Z$/, "Z"),
          id: `1700000000000-${at + i}`,
        })
      ),
    );
  }
}

// deno-lint-ignore no-explicit-any
async function getter(h: Harness): Promise<(path: string) => Promise<any>> {
  const app = await h.app();
  return async (path) => {
    const response = await app.request(path);
    const body = await response.json();
    assertEquals(response.status, 200, JSON.stringify(body));
    return body;
  };
}

/** What `GET /sites/{site_id}/series` must say of readings. */
function expectedDevices(samples: Sample[], bounds: number[], now = Infinity) {
  return [...new Set(samples.map(({ device }) => device))].sort()
    .map((device) => ({
      device_id: device,
      points: referencePoints(
        samples.filter((sample) => sample.device === device),
        bounds,
        GAP,
        now,
      ),
    })).filter(({ points }) => points.length > 0);
}

Deno.test("ranges and series are those of a plain calculation, for readings in any order", async () => {
  await using h = await createHarness();
  const get = await getter(h);
  const start = Date.UTC(2024, 0, 1);
  const sample = fc.record({
    device: fc.constantFrom("a", "b", "meter-1", "meter-10"),
    time: fc.integer({ min: 0, max: 360 }).map((m) => start + m * MINUTE / 2),
    power: fc.integer({ min: -5000, max: 5000 }).map((watts) => watts / 8),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sample, { minLength: 1, maxLength: 120 }),
      fc.integer({ min: -30, max: 200 }),
      fc.integer({ min: 0, max: 120 }),
      fc.boolean(),
      async (samples, first, length, inOrder) => {
        if (inOrder) samples.sort((a, b) => a.time - b.time);
        await fill(h, samples);
        const from = start + first * MINUTE, to = from + length * MINUTE;
        const { readings } = await get(
          `/sites/site-001/readings?from=${iso(from)}&to=${iso(to)}`,
        );
        assertEquals(
          readings.map((r: { power_reading: number }) => r.power_reading),
          samples.filter(({ time }) => time >= from && time < to)
            .map(({ power }) => power),
        );
        const low = Math.floor(from / (5 * MINUTE)) * 5 * MINUTE;
        const bounds = [low];
        while (bounds.at(-1)! < to) bounds.push(bounds.at(-1)! + 5 * MINUTE);
        const series = await get(
          `/sites/site-001/series?step=5m&from=${iso(from)}&to=${iso(to)}`,
        );
        const devices = expectedDevices(samples, bounds);
        assert(
          close(series.devices, devices),
          JSON.stringify([series.devices, devices]),
        );
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("GET /sites/{site_id}/series gives a household's energy by day and by hour as a plain loop does", async () => {
  await using h = await createHarness();
  const get = await getter(h);
  const start = Date.UTC(2006, 11, 16, 17, 24);
  let seed = 1;
  const random = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const samples: Sample[] = [];
  for (let minute = 0; minute < 2000; minute++) {
    const time = start + minute * MINUTE;
    const power = Math.round(random() * 60_000) / 10;
    samples.push({ device: "main", time, power });
    samples.push({ device: "kitchen", time, power: power / 4 });
  }
  const day = Date.UTC(2006, 11, 17);
  let kwh = 0;
  const byHour = new Array(24).fill(0);
  for (const { device, time, power } of samples) {
    if (device !== "main" || time < day || time >= day + 24 * HOUR) continue;
    kwh += power / 60_000;
    byHour[Math.floor((time - day) / HOUR)] += power / 60_000;
  }
  for (const shuffled of [false, true]) {
    if (shuffled) samples.sort(() => random() - 0.5);
    await fill(h, samples);
    const energy = async (step: string) =>
      (await get(
        `/sites/site-001/series?from=2006-12-17&to=2006-12-18&tz=UTC&device_id=main&step=${step}`,
      )).devices[0].points.map((p: { import_kwh: number }) => p.import_kwh);
    assert(close(await energy("1d"), [kwh]));
    assert(close(await energy("1h"), byHour));
  }
});

Deno.test("GET /sites/{site_id}/series follows a zone's summer time and widens to whole steps", async () => {
  await using h = await createHarness();
  const get = await getter(h);
  const start = Date.UTC(2024, 9, 26, 12);
  await fill(
    h,
    Array.from({ length: 48 * 6 }, (_, i) => ({
      device: "a",
      time: start + i * 10 * MINUTE,
      power: 1000,
    })),
  );
  const series = async (query: string) =>
    await get(`/sites/site-001/series?tz=Europe/Berlin&${query}`);
  const hours = await series("step=1h&from=2024-10-27&to=2024-10-28");
  assertEquals(hours.devices[0].points.length, 25);
  assertEquals([hours.from, hours.to, hours.tz, hours.step], [
    "2024-10-26T22:00:00.000Z",
    "2024-10-27T23:00:00.000Z",
    "Europe/Berlin",
    "1h",
  ]);
  const day = await series(
    "step=1d&from=2024-10-27T10:00:00%2B01:00&to=2024-10-27T11:00:00+01:00",
  );
  assertEquals([day.from, day.to], [hours.from, hours.to]);
  assertEquals(day.devices[0].points.length, 1);
  assert(close(day.devices[0].points[0].import_kwh, 25));
  assertEquals(day.devices[0].points[0].count, 25 * 6);
});

Deno.test("GET /sites/{site_id}/readings pages through a range, either way, in every form", async () => {
  await using h = await createHarness();
  const app = await h.app();
  const start = Date.UTC(2024, 0, 1);
  const samples = Array.from({ length: 3000 }, (_, i) => ({
    device: `meter-${i % 2}`,
    time: start + (i ^ 5) * MINUTE,
    power: i,
  }));
  await fill(h, samples);
  const range =
    "from=2024-01-01T10:00:00Z&to=2024-01-02&tz=UTC&device_id=meter-1";
  const expected = samples.filter(({ device, time }) =>
    device === "meter-1" && time >= start + 10 * HOUR &&
    time < start + 24 * HOUR
  ).map(({ power }) => power);
  for (const order of ["asc", "desc"]) {
    const all: number[] = [];
    let path: string | undefined =
      `/sites/site-001/readings?limit=100&order=${order}&${range}`;
    while (path !== undefined) {
      const response: Response = await app.request(path);
      for (const { power_reading } of (await response.json()).readings) {
        all.push(power_reading);
      }
      path = /<([^>]+)>/.exec(response.headers.get("link") ?? "")?.[1];
    }
    assertEquals(all, order === "asc" ? expected : expected.toReversed());
  }
  for (const [accept, head] of [["text/csv", 1], ["application/x-ndjson", 0]]) {
    const response = await app.request(`/sites/site-001/readings?${range}`, {
      headers: { accept: String(accept) },
    });
    const lines = (await response.text()).trimEnd().split("\n");
    assertEquals(lines.length, expected.length + Number(head));
  }
});

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
    await fill(h, sites[site], site);
  }
  const check = async () => {
    const answer = await get(
      `/sites?since=${iso(since)}&step=15m&tz=UTC`,
    );
    assertEquals(answer.count, 2);
    for (const { site_id, means, today } of answer.sites) {
      const bounds = Array.from({ length: 10 }, (_, i) => since + i * GAP);
      const devices = expectedDevices(sites[site_id], bounds, now);
      // The step under way goes on while the test does.
      assertEquals(means.length, 9);
      for (const { start, mean } of means.slice(0, -1)) {
        const of = devices.map(({ points }) =>
          points.find((point) => point.start === start)!.mean!
        );
        assert(close(mean, of.reduce((a, b) => a + b)));
      }
      const days = expectedDevices(sites[site_id], [
        midnight,
        midnight + 24 * HOUR,
      ], now);
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
    await fill(h, sites.s1, "s1");
    await check();
  }
  sites.s2 = sites.s2.map((sample) => ({ ...sample, power: 50 }));
  await fill(h, sites.s2, "s2");
  await check();
  const plain = await get("/sites");
  assertEquals(Object.hasOwn(plain.sites[0], "means"), false);
});

Deno.test("parameters of history that break a rule get a 422 that names them", async () => {
  await using h = await createHarness();
  const app = await h.app();
  const range = "from=2024-01-01T00:00:00Z&to=2024-01-02T00:00:00Z";
  for (
    const [path, parameter, detail] of [
      ["/sites/a/readings?from=2024-01-02&to=2024-01-01&tz=UTC", "from", "to"],
      ["/sites/a/readings?from=2024-01-01", "from", "tz"],
      ["/sites/a/readings?to=2024-01-01T00:00:00", "to", "offset"],
      ["/sites/a/readings?to=2024-02-30&tz=UTC", "to", "exists"],
      ["/sites/a/readings?tz=Mars/Olympus", "tz", "Europe/Berlin"],
      [`/sites/a/series?${range}`, "step", "required"],
      ["/sites/a/series?step=1h&to=2024-01-01T00:00:00Z", "from", "required"],
      [`/sites/a/series?${range}&step=7m`, "step", "1m, 5m, 15m, 1h, 1d, 1mo"],
      [`/sites/a/series?${range}&step=1h&tz=Nowhere`, "tz", "Europe/Berlin"],
      [
        "/sites/a/series?from=2024-01-01&to=2024-02-01&tz=UTC&step=1m",
        "step",
        "smallest allowed for this range is 5m",
      ],
      [
        "/sites/a/series?from=0001-01-01&to=2024-02-01&tz=UTC&step=1m",
        "step",
        "no step",
      ],
      ["/sites?step=1h", "since", "required"],
      ["/sites?since=2024-01-01", "since", "tz"],
      ["/sites?since=2999-01-01&tz=UTC", "since", "future"],
      ["/sites?since=2020-01-01&tz=UTC&step=15m", "step", "1h|1d"],
    ]
  ) {
    const response = await app.request(path);
    const problem = await response.json();
    assertEquals(response.status, 422, path);
    assertEquals(problem.errors[0].parameter, parameter, path);
    assertMatch(problem.errors[0].detail, new RegExp(detail));
  }
});

Deno.test("GET /sites adds means where another site's key holds something else", async () => {
  await using h = await createHarness();
  await fill(h, [{ device: "a", time: Date.now() - MINUTE, power: 60 }]);
  await h.redis.set(readingsKey("broken"), "x");
  await h.redis.zadd(SITES, Date.now(), "broken");
  const get = await getter(h);
  const { sites } = await get(`/sites?since=${iso(Date.now() - HOUR)}`);
  assertEquals(sites[0].means, []);
  assert(sites[1].means.length > 0);
});
