import fc from "fast-check";
import { readingsKey, STREAM } from "../core/keys.ts";
import { assert, assertEquals } from "../dev/testing/assert.ts";
import { BLOCK, partsWithin, readBlocks } from "./blocks.ts";
import { readChunks } from "./readings.ts";
import { roll } from "./roll.ts";
import { timeOf } from "./stored.ts";
import { pushSamples, storeSamples } from "./testing/fill.ts";
import { createHarness, type Harness } from "./testing/harness.ts";

const SITE = "site-001", SECOND = 1000;
const START = Date.UTC(2024, 0, 1);

const samples = (times: number[]) =>
  times.map((time) => ({ device: "a", time, power: 1 }));

/** Sends readings of these times through the storing script, as one batch. */
function store(h: Harness, times: number[]): Promise<void> {
  return storeSamples(h, SITE, samples(times));
}

/** Pushes readings as a program does that keeps no index. */
function push(h: Harness, times: number[]): Promise<void> {
  return pushSamples(h, SITE, samples(times));
}

async function timesWithin(h: Harness, from: number, to: number) {
  const times: number[] = [];
  for await (
    const jsons of readChunks(h.redis, { siteId: SITE, order: "asc", from, to })
  ) times.push(...jsons.map(timeOf));
  return times;
}

Deno.test("a range finds all that is in it, whatever was stored, pushed beside or deleted before", async () => {
  await using h = await createHarness();
  const seconds = fc.integer({ min: 0, max: 40_000 });
  const batch = fc.record({
    how: fc.constantFrom(
      "store",
      "store",
      "store",
      "push",
      "delete",
      "replace",
    ),
    rolled: fc.boolean(),
    first: seconds,
    count: fc.integer({ min: 1, max: 1500 }),
    disorder: fc.constantFrom(1, 1, 7, 40),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(seconds, seconds), { minLength: 3, maxLength: 3 }),
      async (batches, ranges) => {
        await h.redis.flushdb();
        await h.redis.xgroup(
          "CREATE",
          STREAM,
          "processing_group",
          "0",
          "MKSTREAM",
        );
        let all: number[] = [];
        for (const { how, first, count, disorder, rolled } of batches) {
          const times = Array.from(
            { length: count },
            (_, i) => START + (first + (i * disorder) % count) * SECOND,
          );
          if (how === "delete" || how === "replace") {
            await h.redis.del(readingsKey(SITE));
            all = [];
          }
          await (how === "push" || how === "replace" ? push : store)(h, times);
          all.push(...times);
          // From then on the index is relied on, as far as it is this list's.
          if (rolled) await roll(h.redis, SITE, { maxGapMs: 900_000 });
        }
        for (const [a, b] of ranges) {
          const from = START + Math.min(a, b) * SECOND;
          const to = START + Math.max(a, b) * SECOND;
          assertEquals(
            await timesWithin(h, from, to),
            all.filter((time) => time >= from && time < to),
          );
        }
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("a list that was put in another's place by hand is not read by the other's index", async () => {
  await using h = await createHarness();
  for (const rolled of [false, true]) {
    await h.redis.del(readingsKey(SITE));
    await store(h, Array.from({ length: 2500 }, (_, i) => START + i * SECOND));
    if (rolled) await roll(h.redis, SITE, { maxGapMs: 900_000 });
    await h.redis.del(readingsKey(SITE));
    const late = START + 90_000 * SECOND;
    const times = Array.from({ length: 2500 }, (_, i) => late + i * SECOND);
    await push(h, times);
    assertEquals(await timesWithin(h, late, Infinity), times, `${rolled}`);
  }
});

Deno.test("a range of a list in order reads the blocks that it touches, behind old data, too", async () => {
  await using h = await createHarness();
  const times = Array.from({ length: 8500 }, (_, i) => START + i * SECOND);
  await push(h, times.slice(0, 2500));
  for (let at = 2500; at < times.length; at += 500) {
    await store(h, times.slice(at, at + 500));
  }
  const blocks = await readBlocks(h.redis, SITE);
  assertEquals(blocks.length, 9);
  assertEquals(blocks.at(-1), {
    low: times[8000],
    high: times[8499],
    count: 500,
  });
  const range = { from: times[5100], to: times[6000] };
  // What was pushed without an index may be any time.
  assertEquals(partsWithin(blocks, range, 8500), [
    { start: 0, end: 3 * BLOCK },
    { start: 5 * BLOCK, end: 6 * BLOCK },
  ]);
  assertEquals(
    partsWithin(blocks, range, 8600).at(-1),
    { start: 8500, end: 8600 },
    "what the index does not know yet is read",
  );
  assertEquals(
    partsWithin(blocks, { from: times[6999], to: times[7001] }, 8500).slice(1),
    [{ start: 6 * BLOCK, end: 8 * BLOCK }],
    "a block whose last reading is the range's first is read",
  );
  assert(partsWithin(blocks, range, 8000)[0].end === 8000, "another list's");
});
