import { blocksKey, metaKey, readingsKey } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { deleteSite } from "./delete_site.ts";
import { readChunks } from "./readings.ts";
import { powerOf } from "./stored.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { series, setRolled, storeReadings } from "./testing/site.ts";
import { type Seen, trimSite } from "./trim_site.ts";

const START = Date.UTC(2024, 0, 1), SITE = "site-001";

async function trimAll(
  h: Harness,
  keep: Parameters<typeof trimSite>[2],
  seen?: Seen,
) {
  let removed = 0;
  for (;;) {
    const count = await trimSite(h.redis, SITE, keep, seen);
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
  // What has no time that can be read is never too old.
  await h.redis.lset(readingsKey(SITE), 2500, "x");
  const seen: Seen = new Map();
  assertEquals(await trimAll(h, { since: START + 9e6 }, seen), 0);
  assertEquals(await trimAll(h, { since: START + 1e9 }, seen), 0);
  assertEquals(await trimAll(h, { since: START + 1e9 + 1 }, seen), 2000);
  assertEquals(await trimAll(h, { most: 1 }, seen), 0);
  assertEquals(await meta(h), [3000, START + 1e9]);
  await storeReadings(h, SITE, series(1000, START + 4e6, 4000));
  assertEquals(await trimAll(h, { most: 1000 }, seen), 1000);
});

Deno.test("trimSite() takes nothing of a site that is not as it was when it looked", async () => {
  await using h = await createHarness();
  const changes = {
    "it was deleted and is there anew": async () => {
      await deleteSite(h.redis, SITE);
      await storeReadings(h, SITE, series(2000, START + 1e9));
      await setRolled(h, SITE, 2000);
    },
    "its sums are made anew": () => setRolled(h, SITE, 0),
  };
  await storeReadings(h, SITE, series(2000, START));
  await setRolled(h, SITE, 2000);
  for (const [what, change] of Object.entries(changes)) {
    const redis = Object.create(h.redis, {
      lrange: {
        value: async (key: string, from: number, to: number) => {
          const jsons = await h.redis.lrange(key, from, to);
          await change();
          return jsons;
        },
      },
    });
    assertEquals(await trimSite(redis, SITE, { most: 1000 }), 0, what);
    assertEquals((await h.powers()).length, 2000, what);
  }
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
