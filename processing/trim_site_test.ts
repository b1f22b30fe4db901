import fc from "fast-check";
import { blocksKey, metaKey, readingsKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { readChunks } from "./readings.ts";
import { powerOf } from "./stored.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import {
  type Given,
  series,
  setRolled,
  storeReadings,
} from "./testing/site.ts";
import { trimSite } from "./trim_site.ts";

const START = Date.UTC(2024, 0, 1), SITE = "site-001";

async function trimAll(h: Harness, keep: Parameters<typeof trimSite>[2]) {
  let removed = 0;
  for (;;) {
    const count = await trimSite(h.redis, SITE, keep);
    if (count === 0) return removed;
    assert(count <= 5000, "at most five blocks at a time");
    removed += count;
  }
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i);

const meta = async (h: Harness) =>
  (await h.redis.hmget(metaKey(SITE), "base", "trimmed_max_ts")).map(Number);

Deno.test("trimSite() takes whole blocks from the front, and keeps the newest so many", async () => {
  await using h = await createHarness();
  await storeReadings(h, SITE, series(15_500, START));
  await setRolled(h, SITE, 15_500);
  assertEquals(await trimSite(h.redis, SITE, { most: 3000 }), 5000);
  assertEquals(await trimSite(h.redis, SITE, { most: 3000 }), 5000);
  assertEquals(await trimSite(h.redis, SITE, { most: 3000 }), 2000);
  assertEquals(await trimSite(h.redis, SITE, { most: 3000 }), 0);
  assertEquals((await h.powers())[0], 12_000);
  assertEquals(await h.redis.llen(blocksKey(SITE)), 4);
  assertEquals(await meta(h), [12_000, START + 11_999_000]);
});

Deno.test("trimSite() takes nothing past what is summed up", async () => {
  await using h = await createHarness();
  await storeReadings(h, SITE, series(5000, START));
  assertEquals(await trimAll(h, { most: 1 }), 0);
  await setRolled(h, SITE, 2999);
  assertEquals(await trimAll(h, { most: 1 }), 2000);
  assertEquals(await trimAll(h, { since: Date.now() }), 0);
  await setRolled(h, SITE, 3000);
  assertEquals(await trimAll(h, { since: Date.now() }), 1000);
  await setRolled(h, SITE, 5000);
  assertEquals(await trimAll(h, { since: Date.now() }), 2000);
  assertEquals(await h.redis.exists(readingsKey(SITE), blocksKey(SITE)), 0);
  await storeReadings(h, SITE, series(10, START + 9e6, 5000));
  assertEquals(await h.powers(), series(10, 0, 5000).map((r) => r.power));
  assertEquals((await meta(h))[0], 5000);
});

Deno.test("trimSite() goes by the newest reading of a block, by the readings' own time, and asks old data without an index", async () => {
  await using h = await createHarness();
  const readings = series(4000, START);
  // One late in the second block keeps it, and what is behind it.
  readings[1500].time = START + 1e9;
  await storeReadings(h, SITE, readings.slice(0, 1000));
  await storeReadings(h, SITE, readings.slice(1000));
  await setRolled(h, SITE, 4000);
  assertEquals(await trimAll(h, { since: START + 9e6 }), 1000);
  await h.redis.del(blocksKey(SITE));
  assertEquals(await trimAll(h, { since: START + 9e6 }), 0);
  assertEquals(await trimAll(h, { since: START + 1e9 }), 0);
  assertEquals(await trimAll(h, { since: START + 1e9 + 1 }), 3000);
  assertEquals(await meta(h), [4000, START + 1e9]);
});

Deno.test("trimSite() by many replicas at once takes no more than by one", async () => {
  await using h = await createHarness();
  await storeReadings(h, SITE, series(6000, START));
  await setRolled(h, SITE, 6000);
  const others = await Promise.all([1, 2, 3].map(() => h.connect()));
  await Promise.all(
    others.map((redis) => trimSite(redis, SITE, { most: 2000 })),
  );
  assertEquals((await h.powers()).length, 2000);
  assertEquals((await meta(h))[0], 4000);
});

Deno.test("a stream of readings leaves out and repeats nothing but what is trimmed while it runs", async () => {
  await using h = await createHarness();
  for (const order of ["asc", "desc"] as const) {
    await h.redis.flushdb();
    await h.redis.xgroup(
      "CREATE",
      "energy_readings",
      "processing_group",
      "0",
      "MKSTREAM",
    );
    await storeReadings(h, SITE, series(8500, START));
    await setRolled(h, SITE, 8500);
    const range = { from: START + 500_000, to: START + 1e8 };
    const powers: number[] = [];
    let most = 8000;
    for await (
      const jsons of readChunks(h.redis, { siteId: SITE, order, ...range })
    ) {
      powers.push(...jsons.map(powerOf));
      // Three blocks go, then one a chunk: the reader is overtaken, and goes on at the oldest that is left.
      most -= most === 8000 ? 3000 : 1000;
      await trimSite(h.redis, SITE, { most: Math.max(1000, most) });
    }
    if (order === "asc") {
      const jump = powers.findIndex((power, i) => power !== 500 + i);
      assert(jump > 0 && powers[jump] % 1000 === 0, "goes on at a block");
      assertEquals(powers.slice(jump), numbers(powers[jump], 8500));
    } else {
      assertEquals(powers, numbers(8500 - powers.length, 8500).reverse());
      assert(powers.length < 8000, "ends at the oldest that is left");
    }
  }
});

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
