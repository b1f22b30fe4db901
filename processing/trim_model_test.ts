import fc from "fast-check";
import { metaKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createHarness } from "./testing/harness.ts";
import {
  type Given,
  series,
  setRolled,
  storeReadings,
} from "./testing/site.ts";
import { trimSite } from "./trim_site.ts";

const START = Date.UTC(2024, 0, 1);

Deno.test("appends, trims and restarts leave what a plain array has, for ranges, cursors and positions", async () => {
  await using h = await createHarness({ persist: true });
  let app = await h.app();
  const get = async (path: string) => {
    const response = await app.request(path);
    const link = response.headers.get("link") ?? "";
    const { readings } = await response.json();
    return {
      powers: readings.map((r: { power_reading: number }) => r.power_reading),
      next: /<([^>]+)>/.exec(link)?.[1],
    };
  };
  const step = fc.oneof(
    fc.record({
      how: fc.constant("store" as const),
      count: fc.integer({ min: 1, max: 2500 }),
      disorder: fc.constantFrom(1, 1, 7),
    }),
    fc.record({
      how: fc.constant("trim" as const),
      rolled: fc.double({ min: 0, max: 1, noNaN: true }),
      most: fc.integer({ min: 1, max: 4000 }),
    }),
    fc.record({
      how: fc.constant("age" as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.constant({ how: "restart" as const }),
    fc.record({
      how: fc.constant("read" as const),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      limit: fc.integer({ min: 1, max: 900 }),
      order: fc.constantFrom("asc", "desc"),
    }),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 14 }),
      async (steps) => {
        const site = `site-${run++}`;
        const all: Given[] = [];
        let base = 0, rolled = 0;
        let cursor:
          | { path: string; position: number; order: string }
          | undefined;
        for (const step of steps) {
          if (step.how === "store") {
            const time = START + all.length * 1000;
            const readings = series(step.count, time, all.length)
              .map((reading, i) => ({
                ...reading,
                time: time + (i * step.disorder % step.count) * 1000,
              }));
            await storeReadings(h, site, readings);
            all.push(...readings);
          } else if (step.how === "restart") {
            await h.server.restart();
            await until(() => h.redis.ping().then(() => true, () => false), {
              message: "Redis is back",
            });
            app = await h.app();
          } else if (step.how === "trim") {
            rolled = Math.max(rolled, Math.floor(step.rolled * all.length));
            await setRolled(h, site, rolled);
            const may = Math.floor((rolled - base) / 1000);
            const over = Math.floor((all.length - base - step.most) / 1000);
            const expected = 1000 * Math.max(0, Math.min(5, may, over));
            assertEquals(
              await trimSite(h.redis, site, { most: step.most }),
              expected,
            );
            base += expected;
          } else if (step.how === "age") {
            const since = START + step.share * all.length * 1000;
            const removed = await trimSite(h.redis, site, { since });
            const gone = all.slice(base, base + removed);
            assert(gone.every(({ time }) => time < since));
            base += removed;
            assert(base <= rolled);
          } else {
            const left = all.slice(base);
            const from = START + Math.floor(step.from * all.length) * 1000;
            const to = from + 1_500_000;
            const iso = (time: number) => new Date(time).toISOString();
            const range = await get(
              `/sites/${site}/readings?from=${iso(from)}&to=${iso(to)}`,
            );
            assertEquals(
              range.powers,
              left.filter(({ time }) => time >= from && time < to)
                .map(({ power }) => power),
            );
            const { limit, order } = step;
            cursor ??= {
              path: `/sites/${site}/readings?limit=${limit}&order=${order}`,
              position: order === "asc" ? base : all.length - 1,
              order,
            };
            const page = await get(cursor.path);
            const size = Number(/limit=(\d+)/.exec(cursor.path)![1]);
            const start = Math.max(base, cursor.position);
            const expected = cursor.order === "asc"
              ? all.slice(start, start + size)
              : all.slice(
                Math.max(base, cursor.position + 1 - size),
                Math.max(base, cursor.position + 1),
              ).reverse();
            assertEquals(page.powers, expected.map(({ power }) => power));
            cursor = page.next === undefined ? undefined : {
              ...cursor,
              path: page.next,
              position: cursor.order === "asc"
                ? start + size
                : cursor.position - size,
            };
          }
        }
        const [found, highest] = (await h.redis.hmget(
          metaKey(site),
          "base",
          "trimmed_max_ts",
        )).map(Number);
        assertEquals(found, base);
        if (base > 0) {
          assertEquals(
            highest,
            Math.max(...all.slice(0, base).map(({ time }) => time)),
          );
        }
        assertEquals(
          await h.powers(site),
          all.slice(base).map(({ power }) => power),
        );
      },
    ),
    { numRuns: 8 },
  );
});
