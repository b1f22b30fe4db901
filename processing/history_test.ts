import fc from "fast-check";
import { assert, assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { getter } from "./testing/api.ts";
import { replaceSamples } from "./testing/fill.ts";
import { createHarness } from "./testing/harness.ts";
import { close, referenceDevices, type Sample } from "./testing/reference.ts";

const MINUTE = 60_000, HOUR = 60 * MINUTE, GAP = 15 * MINUTE;

const iso = (time: number) => new Date(time).toISOString();

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
        await replaceSamples(h, samples);
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
        const devices = referenceDevices(samples, bounds, GAP, Infinity);
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
    await replaceSamples(h, samples);
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
  await replaceSamples(
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
  await replaceSamples(h, samples);
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
    assertEquals(response.headers.get("vary"), "accept");
    const lines = (await response.text()).split("\n");
    assertEquals(lines.length, expected.length + Number(head) + 1);
  }
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
      [
        "/sites/a/series?from=0000-01-01&to=0000-01-02&tz=Pacific/Auckland&step=1d",
        "from",
        "0000 to 9999",
      ],
      [
        "/sites/a/series?from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59Z&step=1d",
        "to",
        "0000 to 9999",
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
  for (
    const range of [
      "from=2024-01-01T00:00:00Z&to=2100-01-01T00:00:00Z",
      "from=2024-01-01&to=2100-01-01&tz=UTC",
      "from=0000-01-01&to=0000-01-02&tz=UTC",
      "from=9999-11-30&to=9999-12-01&tz=UTC",
    ]
  ) {
    const response = await app.request(`/sites/a/series?${range}&step=1mo`);
    assertEquals(response.status, 200, `${range}: ${await response.text()}`);
  }
});
