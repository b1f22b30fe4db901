import fc from "fast-check";
import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import { assertEquals, assertMatch } from "../dev/testing/assert.ts";
import { prepareBatch, storeBatch } from "./store.ts";
import { held, range, storeEntries } from "./testing/entries.ts";
import { createHarness } from "./testing/harness.ts";

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
