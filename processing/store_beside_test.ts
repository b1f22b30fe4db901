import { ensureGroup } from "../core/ensure_group.ts";
import { STREAM, WATERMARK } from "../core/keys.ts";
import { assertEquals } from "../dev/testing/assert.ts";
import { held, range, storeEntries } from "./testing/entries.ts";
import { createHarness } from "./testing/harness.ts";

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
