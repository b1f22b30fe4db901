import { blocksKey, readingsKey, ROLLED, ROLLER, SITES } from "../core/keys.ts";
import { createMetrics } from "../core/metrics.ts";
import { createLog } from "../core/log.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { partsWithin, readBlocks } from "./blocks.ts";
import { createProcessingMetrics } from "./metrics.ts";
import { describePipeline } from "./pipeline.ts";
import { type Roller, startRoller } from "./roller.ts";
import { readState } from "./site_state.ts";
import { pushSamples } from "./testing/fill.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

const START = Date.UTC(2024, 0, 1);

async function start(h: Harness, name = "a"): Promise<Roller> {
  return startRoller({
    redis: await h.connect(),
    maxGapMs: 900_000,
    name,
    log: await createLog("test", h.config),
    metrics: createProcessingMetrics(createMetrics()),
  });
}

/** Readings of a store that was filled before there were rollups or an index. */
async function fillOld(h: Harness, site: string, count: number) {
  await h.redis.zadd(SITES, 1, site);
  await pushSamples(
    h,
    site,
    Array.from({ length: count }, (_, i) => ({
      device: `meter-${i % 2}`,
      time: START + i * 30_000,
      power: i % 1000,
    })),
  );
}

function rolledUp(h: Harness, site: string) {
  return until(async () => {
    const { rolled, length } = await readState(h.redis, site);
    return rolled === length;
  }, { message: `${site} is rolled up` });
}

Deno.test("startRoller() brings what was stored before up to date, its index too, and tells how far it is", async () => {
  await using h = await createHarness();
  await fillOld(h, "old", 9500);
  await fillOld(h, "small", 10);
  assertEquals((await progress(h)).sites, 0);
  const roller = await start(h);
  try {
    await rolledUp(h, "old");
    await rolledUp(h, "small");
    const blocks = await readBlocks(h.redis, "old");
    assertEquals(
      partsWithin(blocks, {
        from: START + 5100 * 30_000,
        to: START + 5200 * 30_000,
      }, 9500),
      [{ start: 5000, end: 6000 }],
    );
    await until(async () => {
      const rollups = await progress(h);
      return rollups.sites === 2 && rollups.readings === 9510 &&
        rollups.readings_behind === 0;
    }, { message: "it is told" });
  } finally {
    await roller.stop();
  }
  assertEquals(await h.redis.exists(ROLLER), 0, "the lock is given up");
});

async function progress(h: Harness): Promise<Record<string, number>> {
  const { rollups } = await describePipeline(h.redis);
  return rollups as Record<string, number>;
}

Deno.test("startRoller() makes the index of a list that is rolled up and has none", async () => {
  await using h = await createHarness();
  await fillOld(h, "s", 3500);
  let roller = await start(h);
  await rolledUp(h, "s");
  await roller.stop();
  await h.redis.del(blocksKey("s"));
  roller = await start(h, "b");
  try {
    await until(async () => await h.redis.llen(blocksKey("s")) === 3, {
      message: "whole blocks are indexed",
    });
    const [{ low, count }] = await readBlocks(h.redis, "s");
    assertEquals([low, count], [START, 1000]);
  } finally {
    await roller.stop();
  }
});

Deno.test("of two rollers one works, and the other goes on when it is gone without a word", async () => {
  await using h = await createHarness();
  await h.redis.set(ROLLER, "gone", "PX", 1500);
  await fillOld(h, "s", 2500);
  const rollers = [await start(h, "a"), await start(h, "b")];
  try {
    await until(async () => await h.redis.hexists(ROLLED, "sites"), {
      message: "one has taken over",
    });
    await rolledUp(h, "s");
    assert(["a", "b"].includes(await h.redis.get(ROLLER) ?? ""));
  } finally {
    for (const roller of rollers) await roller.stop();
  }
});

Deno.test("a site whose key holds something else does not keep the roller from the others", async () => {
  await using h = await createHarness();
  await h.redis.zadd(SITES, 1, "broken");
  await h.redis.set(readingsKey("broken"), "x");
  await fillOld(h, "broken-too", 10);
  await h.redis.set("site_days:broken-too", "x");
  await fillOld(h, "sound", 10);
  const roller = await start(h);
  try {
    await rolledUp(h, "sound");
  } finally {
    await roller.stop();
  }
});
