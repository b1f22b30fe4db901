import fc from "fast-check";
import { blocksKey, readingsKey, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { roll } from "./roll.ts";
import { quarterOf } from "./rollup.ts";
import { pushSamples, storeSamples } from "./testing/fill.ts";
import { createHarness, type Harness } from "./testing/harness.ts";
import type { Sample } from "./testing/reference.ts";
import {
  checkOverview,
  checkSeries,
  GAP,
  MINUTE,
  QUARTER,
  SITE,
} from "./testing/rollups.ts";

/** A connection whose process is killed at a script: before it is run, or before its reply comes. */
function killedAt(redis: Redis, nth: number, before: boolean): Redis {
  let calls = 0;
  return new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "call") return value.bind(target);
      return async (...args: Parameters<Redis["call"]>) => {
        const last = calls++ === nth;
        if (last && before) throw new Error("killed");
        const reply = await target.call(...args);
        if (last) throw new Error("killed");
        return reply;
      };
    },
  });
}

async function empty(h: Harness): Promise<void> {
  await h.redis.flushdb();
  await h.redis.xgroup("CREATE", STREAM, "processing_group", "0", "MKSTREAM");
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ how: "store" as const }) },
  { weight: 2, arbitrary: fc.constant({ how: "push" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      how: fc.constant("roll" as const),
      chunk: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      how: fc.constant("killed" as const),
      nth: fc.integer({ min: 1, max: 4 }),
      before: fc.boolean(),
      chunk: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ how: "together" as const }) },
  { weight: 4, arbitrary: fc.constant({ how: "look" as const }) },
  { weight: 1, arbitrary: fc.constant({ how: "delete" as const }) },
  { weight: 1, arbitrary: fc.constant({ how: "cut" as const }) },
  { weight: 1, arbitrary: fc.constant({ how: "forget index" as const }) },
);

Deno.test("series and overview are those of a plain calculation, whenever a list is rolled up, by whom, and who is killed", async () => {
  await using h = await createHarness();
  // Up to the current quarter and beyond, so that some lie ahead of the clock.
  const start = quarterOf(Date.now()) - 12 * QUARTER;
  const sample = fc.record({
    device: fc.constantFrom("a", "b", "c:"),
    time: fc.integer({ min: -20, max: 200 }).map((m) => start + m * MINUTE),
    power: fc.integer({ min: -5000, max: 5000 }).map((watts) => watts / 8),
  });
  const part = fc.tuple(
    step,
    fc.array(sample, { minLength: 1, maxLength: 60 }),
    fc.boolean(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 15 }),
      fc.integer({ min: -2, max: 13 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(1, 4),
      async (parts, first, count, quarters) => {
        const from = start + first * QUARTER;
        const bounds = Array.from(
          { length: count + 1 },
          (_, i) => from + i * quarters * QUARTER,
        );
        await empty(h);
        let list: Sample[] = [];
        for (const [action, samples, inOrder] of parts) {
          if (inOrder) samples.sort((a, b) => a.time - b.time);
          const options = { maxGapMs: GAP };
          switch (action.how) {
            case "store":
              await storeSamples(h, SITE, samples);
              list = list.concat(samples);
              break;
            case "push":
              await pushSamples(h, SITE, samples);
              list = list.concat(samples);
              break;
            case "roll":
              await roll(h.redis, SITE, { ...options, chunk: action.chunk });
              break;
            case "killed":
              await roll(
                killedAt(h.redis, action.nth, action.before),
                SITE,
                { ...options, chunk: action.chunk },
              ).catch(() => {});
              break;
            case "together":
              await Promise.all([
                roll(h.redis, SITE, { ...options, chunk: 7 }),
                roll(h.redis, SITE, { ...options, chunk: 20 }),
                roll(h.redis, SITE, options),
              ]);
              break;
            case "delete":
              await h.redis.del(readingsKey(SITE));
              list = [];
              break;
            case "cut":
              // Its newest are removed by hand, and others come in their place.
              list = list.slice(0, list.length >> 1);
              if (list.length === 0) await h.redis.del(readingsKey(SITE));
              else await h.redis.ltrim(readingsKey(SITE), 0, list.length - 1);
              await pushSamples(h, SITE, samples);
              list = list.concat(samples);
              break;
            case "look":
              await checkOverview(h, list, bounds);
              break;
            case "forget index":
              await h.redis.del(blocksKey(SITE));
          }
        }
        await checkOverview(h, list, bounds);
        await checkSeries(h, list, bounds);
        await checkSeries(h, list, bounds);
        await checkOverview(h, list, bounds);
      },
    ),
    { numRuns: 150 },
  );
});
