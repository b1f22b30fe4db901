import fc from "fast-check";
import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM, WATERMARK } from "../core/keys.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
} from "../dev/testing/assert.ts";
import { type Entry, readEntry } from "./entry.ts";
import { prepareBatch, storeBatch } from "./store.ts";
import { storeEntries } from "./testing/entries.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

/** Reads everything on the stream as a consumer that then holds it. */
async function held(h: Harness): Promise<Entry[]> {
  await h.deliver("a", 10_000);
  const entries = await h.redis.xrange(STREAM, "-", "+");
  return entries.map((raw) => readEntry(raw) as Entry);
}

const range = (count: number) =>
  Array.from({ length: count }, (_, power) => ({ power }));

Deno.test("storeBatch() stores an entry that two consumers hold once", async () => {
  await using h = await createHarness();
  await h.add(range(100));
  const entries = await held(h);
  const results = await Promise.all(
    [1, 2, 3].map(() => storeEntries(h.redis, entries)),
  );
  assertEquals(results.map(({ stored }) => stored), [100, 0, 0]);
  assertEquals(await h.powers(), range(100).map(({ power }) => power));
  assertEquals(await h.redis.hget("pipeline_stats", "stored"), "100");
});

Deno.test("storeBatch() stores of a batch what others have not, and the newest of each device stays right", async () => {
  await using h = await createHarness();
  await h.add([
    { power: 1, at: "2024-01-01T00:00:03Z" },
    { power: 2, at: "2024-01-01T00:00:01Z" },
    { power: 3, at: "2024-01-01T00:00:02Z" },
    { power: 4, at: "2024-01-01T00:00:02Z", device: "meter-2" },
  ]);
  const [first, second, third, fourth] = await held(h);
  await storeEntries(h.redis, [second]);
  assertEquals(
    (await storeEntries(h.redis, [first, second, third, fourth])).stored,
    3,
  );
  assertEquals(await h.powers(), [2, 1, 3, 4]);
  const newest = await h.redis.hgetall("site_devices:site-001");
  assertEquals(JSON.parse(newest["meter-1"]).power_reading, 1);
  assertEquals(JSON.parse(newest["meter-2"]).power_reading, 4);
});

Deno.test("storeBatch() stores each entry once, however batches overlap", async () => {
  await using h = await createHarness();
  const batch = fc.array(fc.nat(39), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 6 }),
      async (batches) => {
        await h.redis.flushdb();
        await h.redis.xgroup(
          "CREATE",
          STREAM,
          "processing_group",
          "0",
          "MKSTREAM",
        );
        await h.add(
          range(40).map(({ power }) => ({ power, site: `s${power % 3}` })),
        );
        const entries = await held(h);
        await Promise.all(
          batches.map((indexes) =>
            storeEntries(h.redis, indexes.map((i) => entries[i]))
          ),
        );
        const stored = (await Promise.all(["s0", "s1", "s2"].map(h.powers)))
          .flat().sort((a, b) => a - b);
        assertEquals(
          stored,
          [...new Set(batches.flat())].sort((a, b) => a - b),
        );
        assertEquals(await h.pending(), 40 - stored.length);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("storeBatch() acknowledges a batch that one read has given by one XACK a site", async () => {
  await using h = await createHarness({ own: true });
  await h.add(range(60).map(({ power }) => ({ power, site: `s${power % 3}` })));
  const batch = prepareBatch(await held(h), "a");
  await h.redis.config("RESETSTAT");
  assertEquals((await storeBatch(h.redis, batch)).stored, 60);
  assertMatch(await h.redis.info("commandstats"), /cmdstat_xack:calls=3,/);
  assertEquals([await h.pending(), (await h.powers("s1")).length], [0, 20]);
});

Deno.test("storeBatch() stores of a batch that one read has given what others did not take over", async () => {
  await using h = await createHarness();
  const takes: Record<string, (ids: string[]) => Promise<unknown>> = {
    // Who takes over takes the oldest first.
    "by another consumer": (ids) =>
      h.redis.xclaim(STREAM, GROUP, "b", 0, ...ids),
    "by this one, after it has lost its connection": (ids) =>
      h.redis.xclaim(STREAM, GROUP, "a", 0, ...ids),
    "by another that read them after the group was set back": async (ids) => {
      await h.redis.xgroup("SETID", STREAM, GROUP, "0");
      await h.deliver("b", ids.length);
    },
  };
  for (const [how, take] of Object.entries(takes)) {
    await h.redis.flushdb();
    await h.redis.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
    const ids = await h.add(range(100));
    const entries = await held(h);
    const batch = prepareBatch(entries, "a");
    await take(ids.slice(0, 50));
    await storeEntries(h.redis, entries.slice(20, 50));
    assertEquals((await storeBatch(h.redis, batch)).stored, 70, how);
    assertEquals(
      (await h.powers()).sort((a, b) => a - b),
      range(100).map(({ power }) => power),
      how,
    );
  }
});

Deno.test("storeBatch() writes nothing when the group is gone", async () => {
  await using h = await createHarness();
  await h.add(range(3));
  const entries = await held(h);
  await h.redis.xgroup("DESTROY", STREAM, GROUP);
  await assertRejects(() => storeEntries(h.redis, entries), /NOGROUP/);
  assertEquals(await h.powers(), []);
});

Deno.test("storeBatch() writes nothing when a key that is not a site's has the wrong type", async () => {
  await using h = await createHarness();
  await h.add(range(3));
  const entries = await held(h);
  for (const key of ["sites", "pipeline_stats", "energy_readings:watermark"]) {
    await h.redis.rpush(key, "x");
    await assertRejects(() => storeEntries(h.redis, entries), /WRONGTYPE/);
    assertEquals([await h.pending(), (await h.powers()).length], [3, 0]);
    await h.redis.del(key);
  }
  assertEquals((await storeEntries(h.redis, entries)).stored, 3);
});

Deno.test("storeBatch() writes nothing of a site one of whose keys has the wrong type, and what is there of the others", async () => {
  await using h = await createHarness();
  for (const key of ["site_readings", "site_devices", "site_blocks"]) {
    await h.redis.set(`${key}:broken`, "x");
    await h.add([{ power: 1, site: "broken" }, { power: 2, site: "whole" }]);
    const { stored, blockedSites } = await storeEntries(
      h.redis,
      await held(h),
    );
    assertEquals([stored, blockedSites, await h.pending()], [1, ["broken"], 1]);
    const written = await h.redis.exists(
      "site_readings:broken",
      "site_devices:broken",
      "site_blocks:broken",
    );
    assertEquals(written, 1, "only the key that was there is");
    await h.redis.del(`${key}:broken`);
    assertEquals((await storeEntries(h.redis, await held(h))).stored, 1);
    await h.redis.del("site_readings:broken");
    await h.redis.del("site_devices:broken", "site_blocks:broken", STREAM);
    await ensureGroup(h.redis);
  }
});

Deno.test("storeBatch() takes of readings of the same time the one stored last for a device's newest", async () => {
  await using h = await createHarness();
  const at = "2024-01-01T00:00:00Z";
  const newest = async () =>
    JSON.parse((await h.redis.hget("site_devices:site-001", "meter-1"))!)
      .power_reading;
  await h.add(range(6).map(({ power }) => ({ power, at })));
  const entries = await held(h);
  await storeEntries(h.redis, entries.slice(0, 2));
  assertEquals(await newest(), 1, "in one batch");
  await storeEntries(h.redis, entries.slice(2, 3));
  assertEquals(await newest(), 2, "in the next");
  await storeEntries(h.redis, entries.slice(2, 6));
  assertEquals(await newest(), 5, "in a batch of which a part is stored");
});

Deno.test("storeBatch() takes for when a site was last heard the latest time, whatever is stored last", async () => {
  await using h = await createHarness();
  const fields = ["site_id", "site-001", "device_id", "meter-1"];
  const rest = ["power_reading", "1", "timestamp", "2024-01-01T00:00:00Z"];
  for (const id of ["1000-0", "2000-0", "3000-0"]) {
    await h.redis.xadd(STREAM, id, ...fields, ...rest);
  }
  const [first, second, third] = await held(h);
  const heard = async () => Number(await h.redis.zscore("sites", "site-001"));
  await storeEntries(h.redis, [second]);
  assertEquals(await heard(), 2000);
  await storeEntries(h.redis, [first]);
  assertEquals(await heard(), 2000, "an earlier one came later");
  await storeEntries(h.redis, [third]);
  assertEquals(await heard(), 3000);
  for (const id of ["4000-0", "5000-0"]) {
    await h.redis.xadd(STREAM, id, ...fields, ...rest);
  }
  const [fourth, fifth] = (await held(h)).slice(3);
  await storeEntries(h.redis, [fifth, fourth]);
  assertEquals(await heard(), 5000, "an earlier one came later in a batch");
});

Deno.test("storeBatch() takes for a device's newest the latest in time, down to the nanosecond, of a part of a batch, too", async () => {
  await using h = await createHarness();
  const given = [
    { power: 0, at: "2023-12-31T00:00:00Z" },
    { power: 1, at: "2024-01-01T00:00:00.000000002Z" },
    { power: 2, at: "2024-01-01T00:00:00.000000001Z" },
    { power: 3, at: "2024-01-01T00:00:00Z" },
  ];
  for (const site of ["part", "whole"]) {
    await h.add(given.map((reading) => ({ ...reading, site })));
  }
  const entries = await held(h);
  await storeEntries(h.redis, entries.slice(0, 1));
  await storeEntries(h.redis, entries);
  for (const site of ["part", "whole"]) {
    const newest = await h.redis.hget(`site_devices:${site}`, "meter-1");
    assertEquals(JSON.parse(newest!).power_reading, 1, site);
  }
});

Deno.test("storeBatch() counts how long readings had waited, and the longest of these times", async () => {
  await using h = await createHarness();
  const fields = ["device_id", "meter-1", "power_reading", "1"];
  const at = ["timestamp", "2024-01-01T00:00:00Z"];
  const sites = ["a", "b", "b", "b", "a"];
  for (const [i, site] of sites.entries()) {
    const id = `${1000 * (i + 1)}-0`;
    await h.redis.xadd(STREAM, id, "site_id", site, ...fields, ...at);
  }
  const entries = await held(h);
  const times = async () =>
    (await h.redis.hmget("pipeline_stats", "latency_ms", "latency_max_ms"))
      .map(Number);
  const one = await storeEntries(h.redis, entries.slice(1, 2));
  assertEquals(await times(), [one.now - 2000, one.now - 2000]);
  // Of site b only a part is stored here.
  const two = await storeEntries(h.redis, entries.slice(0, 4));
  const sum = one.now - 2000 + 3 * two.now - 8000;
  assertEquals(await times(), [sum, two.now - 1000]);
  const three = await storeEntries(h.redis, entries);
  assertEquals(await times(), [sum + three.now - 5000, two.now - 1000]);
});

Deno.test("storeBatch() begins the index of blocks anew for a list that was deleted and begun again", async () => {
  await using h = await createHarness();
  const blocks = async () => {
    const packed = await h.redis.lrangeBuffer("site_blocks:site-001", 0, -1);
    return packed.map((block) =>
      [0, 8, 16].map((offset) => block.readDoubleLE(offset))
    );
  };
  const year = (year: number) => ({ power: 1, at: `${year}-01-01T00:00:00Z` });
  const ms = (year: number) => Date.UTC(year, 0);
  await h.add([year(2020), year(2021)]);
  await storeEntries(h.redis, await held(h));
  assertEquals(await blocks(), [[ms(2020), ms(2021), 2]]);
  await h.redis.del("site_readings:site-001");
  await h.add([year(2024)]);
  await storeEntries(h.redis, (await held(h)).slice(2));
  assertEquals(await blocks(), [[ms(2024), ms(2024), 1]]);
});

Deno.test("storeBatch() announces of a batch what others have not stored", async () => {
  await using h = await createHarness();
  await h.add(range(3));
  const entries = await held(h);
  await storeEntries(h.redis, entries.slice(1, 2));
  const listener = await h.connect();
  await listener.subscribe("site_live:site-001");
  const message = new Promise<string>((resolve) =>
    listener.on("message", (_, text) => resolve(text))
  );
  await storeEntries(h.redis, entries);
  const announced: { power_reading: number }[] = JSON.parse(await message);
  assertEquals(announced.map(({ power_reading }) => power_reading), [0, 2]);
});

Deno.test("storeBatch() stores more readings and sites than Lua can unpack", async () => {
  await using h = await createHarness();
  const count = 8500;
  for (const sites of [1, count]) {
    await h.redis.flushdb();
    await ensureGroup(h.redis);
    const pipeline = h.redis.pipeline();
    for (let power = 0; power < count; power++) {
      pipeline.xadd(
        STREAM,
        "*",
        ...["site_id", `site-${power % sites}`, "device_id", "meter-1"],
        ...["power_reading", power, "timestamp", "2024-01-01T00:00:00Z"],
      );
    }
    await pipeline.exec();
    const batch = prepareBatch(await held(h), "a");
    assertEquals((await storeBatch(h.redis, batch)).stored, count);
    assertEquals(await h.redis.zcard("sites"), sites);
    assertEquals((await h.powers("site-0")).length, count / sites);
  }
});

Deno.test("storeBatch() keeps the watermark just before the oldest entry that is pending", async () => {
  await using h = await createHarness();
  const fields = ["site_id", "site-001", "device_id", "meter-1"];
  const rest = ["power_reading", "1", "timestamp", "2024-01-01T00:00:00Z"];
  const watermarks = {
    "5-3": "5-2",
    "5-0": "4-18446744073709551615",
    "0-1": "0-0",
    // Too large for Lua's numbers: none is better than a wrong one.
    "5-99999999999999999": null,
  };
  for (const [id, before] of Object.entries(watermarks)) {
    await h.redis.flushdb();
    await ensureGroup(h.redis);
    await h.redis.xadd(STREAM, id, ...fields, ...rest);
    await h.redis.xadd(STREAM, "9-9", ...fields, ...rest);
    const [, later] = await held(h);
    await storeEntries(h.redis, [later]);
    assertEquals(await h.redis.get(WATERMARK), before, id);
  }
});

Deno.test("storeBatch() announces what it stored on the site's channel, as a JSON array", async () => {
  await using h = await createHarness();
  await h.add([{ power: 1 }, { power: 2 }]);
  const entries = await held(h);
  const listener = await h.connect();
  await listener.subscribe("site_live:site-001");
  const message = new Promise<string>((resolve) =>
    listener.on("message", (_, text) => resolve(text))
  );
  await storeEntries(h.redis, entries);
  assertEquals(
    JSON.parse(await message).map((
      { power_reading }: { power_reading: number },
    ) => power_reading),
    [1, 2],
  );
});
