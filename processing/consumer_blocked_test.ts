import { DEAD_STREAM, GROUP, STREAM } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { storeBatch } from "./store.ts";
import { range } from "./testing/entries.ts";
import { createHarness } from "./testing/harness.ts";

Deno.test("entries of a site whose key has the wrong type wait, and are stored once it is mended", async () => {
  await using h = await createHarness();
  await h.redis.set("site_readings:broken", "x");
  await h.add([{ power: 1 }, { power: 2, site: "broken" }, { power: 3 }]);
  const consumer = await h.consume("a");
  await until(async () => (await h.powers()).length === 2, {
    message: "the others are stored",
  });
  await until(() => consumer.blockedSites().length === 1, {
    message: "the site is reported",
  });
  for (const power of [4, 5, 6]) {
    await h.add([{ power }]);
    await until(async () => (await h.powers()).includes(power), {
      message: "what comes for another site meanwhile is stored",
    });
  }
  assertEquals(await h.pending(), 1);
  await h.redis.del("site_readings:broken");
  await until(async () => (await h.powers("broken")).length === 1, {
    message: "it is stored",
  });
  assertEquals(await h.pending(), 0);
  assertEquals(await h.redis.xlen(DEAD_STREAM), 0);
});

Deno.test("what waits for a site's key is neither tried one by one nor overtaken, however often it was delivered", async () => {
  await using h = await createHarness({}, { MAX_DELIVERIES: "2" });
  await h.redis.set("site_readings:broken", "x");
  const broken = range(300).map((reading) => ({ ...reading, site: "broken" }));
  const ids = await h.add(broken);
  // Delivered more often than an entry that fails may be.
  await h.deliver("a", 300);
  await h.redis.xclaim(STREAM, GROUP, "a", 0, ...ids, "RETRYCOUNT", 9);
  let calls = 0;
  const consumer = await h.consume("a", {
    store: (redis, batch) => {
      calls++;
      return storeBatch(redis, batch);
    },
  });
  await until(() => consumer.blockedSites().length === 1, {
    message: "the site is reported",
  });
  await h.add([{ power: 301, site: "broken" }, { power: 1 }]);
  await until(async () => (await h.powers()).length === 1, {
    message: "another site's is stored",
  });
  await h.redis.del("site_readings:broken");
  await until(async () => (await h.powers("broken")).length === 301, {
    message: "all are stored",
  });
  assertEquals(
    await h.powers("broken"),
    [...range(300), { power: 301 }].map(({ power }) => power),
  );
  assert(calls < 10, `${calls} calls`);
});

Deno.test("while the dead letters' key holds something else what cannot be read waits, and all else is stored", async () => {
  await using h = await createHarness();
  await h.redis.set(DEAD_STREAM, "x");
  await h.add([{ power: 1 }, { power: "12abc" }, { power: 2 }]);
  await h.consume("a");
  for (const power of [3, 4, "34def", 5]) {
    await h.add([{ power }]);
    if (typeof power === "string") continue;
    await until(async () => (await h.powers()).includes(power), {
      message: "what can be read is stored",
    });
  }
  assertEquals(await h.pending(), 2);
  await h.redis.del(DEAD_STREAM);
  await until(async () => await h.redis.xlen(DEAD_STREAM) === 2, {
    message: "they are dead letters",
  });
  assertEquals(await h.pending(), 0);
});
