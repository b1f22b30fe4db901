import { ensureGroup } from "../core/ensure_group.ts";
import {
  blocksKey,
  daysKey,
  metaKey,
  readingsKey,
  seriesPrefix,
} from "../core/keys.ts";
import { createScript } from "../core/script.ts";
import { assertEquals } from "../dev/testing/assert.ts";
import clearSource from "./clear.lua" with { type: "text" };
import { roll } from "./roll.ts";
import { unpackDay } from "./rollup.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import { series, storeReadings } from "./testing/site.ts";
import { GAP, SITE } from "./testing/rollups.ts";
import { trimSite } from "./trim_site.ts";

const DAY = 86_400_000, START = 19_737 * DAY;
const clear = createScript(clearSource);

async function rollAll(h: Harness, maxGapMs = GAP): Promise<void> {
  while ((await roll(h.redis, SITE, { maxGapMs, rebuild: true })).readings);
}

/** How many readings the sums of the site are of, by device. */
async function summedUp(h: Harness): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const member of await h.redis.zrange(daysKey(SITE), 0, -1)) {
    const [, day, device] = /^(\d+):(.*)$/.exec(member)!;
    // Totals have no device.
    if (device === "") continue;
    const records = await h.redis.getBuffer(seriesPrefix(SITE) + member);
    counts[device] ??= 0;
    for (const { count } of unpackDay(records!, Number(day))) {
      counts[device] += count;
    }
  }
  return counts;
}

Deno.test("what retention has removed stays summed up when MAX_GAP changes, whatever its device is called", async () => {
  await using h = await createHarness();
  for (const device of ["meter", "meter:", "1:"]) {
    const readings = series(3000, START).map((it) => ({ ...it, device }));
    await storeReadings(h, SITE, readings);
    await rollAll(h);
    assertEquals(await trimSite(h.redis, SITE, { most: 1000 }), 2000);
    await rollAll(h, 2 * GAP);
    assertEquals(await summedUp(h), { [device]: 3000 });
    await h.redis.flushdb();
    await ensureGroup(h.redis);
  }
});

Deno.test("retention waits while sums are removed to be made anew", async () => {
  await using h = await createHarness();
  for (let day = 0; day < 4; day++) {
    await storeReadings(h, SITE, series(1000, START + day * DAY));
  }
  await rollAll(h);
  const keys = [metaKey(SITE), daysKey(SITE), blocksKey(SITE)];
  const step = (...seen: (string | number)[]) =>
    clear(h.redis, keys, ["gap", ...seen, seriesPrefix(SITE), 1]);
  assertEquals(await step(0, 4000), 1, "there are more to remove");
  assertEquals(await trimSite(h.redis, SITE, { most: 2000 }), 0);
  while (await step("", "") === 1);
  await rollAll(h, 2 * GAP);
  assertEquals(await trimSite(h.redis, SITE, { most: 2000 }), 2000);
  assertEquals(await summedUp(h), { a: 4000 });
});

Deno.test("retention takes nothing of a list that was put in another's place before it is summed up", async () => {
  await using h = await createHarness();
  await storeReadings(h, SITE, series(5000, START));
  await rollAll(h);
  await h.redis.del(readingsKey(SITE));
  await storeReadings(h, SITE, series(4000, START + DAY));
  assertEquals(await trimSite(h.redis, SITE, { most: 1000 }), 0);
  await rollAll(h);
  assertEquals(await trimSite(h.redis, SITE, { most: 1000 }), 3000);
  assertEquals(await summedUp(h), { a: 4000 });
});
