import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import { assertEquals, assertRejects } from "../dev/testing/assert.ts";
import { held, range, storeEntries } from "./testing/entries.ts";
import { createHarness } from "./testing/harness.ts";

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
