import { assertEquals } from "../dev/testing/assert.ts";
import { overviewAnswer } from "./overview_answer.ts";

Deno.test("overviewAnswer() writes all there is, whatever room it takes", async () => {
  const start = Date.UTC(2026, 0, 1), step = 900_000;
  const bounds = Array.from({ length: 5 }, (_, i) => start + i * step);
  const site = (number: number, devices: number, name: string) => ({
    site_id: `s${number}`,
    count: number,
    last_heard: "2026-01-01T00:00:00.000Z",
    devices: Array.from({ length: devices }, (_, i) => ({
      // Another program may have named them.
      device_id: `${name.repeat(60)}${i}`,
      power_reading: 1 / 3,
      timestamp: "2026-01-01T00:00:00.123456789Z",
    })),
  });
  const sites = Array.from({ length: 90 }, (_, i) => site(i, i, "電é€"[i % 3]));
  const sums = {
    means: Float64Array.of(1 / 3, NaN, -1e-9, 1e9),
    importKwh: 2 / 3,
    exportKwh: 0,
  };
  const all = new Map(
    sites.filter(({ count }) => count !== 7).map((
      { site_id },
    ) => [site_id, sums]),
  );
  const iso = (index: number) => new Date(bounds[index]).toISOString();
  assertEquals(await overviewAnswer(sites, all, bounds).json(), {
    count: 89,
    sites: sites.filter(({ count }) => count !== 7).map((site) => ({
      ...site,
      means: [
        { start: iso(0), mean: 1 / 3 },
        { start: iso(2), mean: -1e-9 },
        { start: iso(3), mean: 1e9 },
      ],
      today: { import_kwh: 2 / 3, export_kwh: 0 },
    })),
  });
  const none = await overviewAnswer([], all, bounds).text();
  assertEquals(none, '{"count":0,"sites":[]}');
});
