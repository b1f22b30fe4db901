/**
 * How fast processing empties a full stream.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { GROUP, readingsKey, STREAM } from "../core/keys.ts";
import type { Plan } from "./main.ts";
import { benchRedis, type Program, type Source, start } from "./processes.ts";
import { gather, type Measured } from "./report.ts";

/** Adds readings, with their numbers from ARGV 1 up to before ARGV 2, of 20 sites with 7 devices each. */
const FILL = `
for number = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  redis.call('XADD', KEYS[1], '*', 'site_id', string.format('site-%03d', number % 20), 'device_id',
    'meter-' .. number % 7, 'power_reading', string.format('%.1f', 1000 + number * 37 % 9000 / 10),
    'timestamp', string.format('2024-01-15T10:%02d:%02dZ', math.floor(number / 60) % 60, number % 60))
end`;

/**
 * Measures a drain, with the append-only file flushed at each write.
 *
 * @param source How to start Redis.
 * @param plan How much to measure.
 * @returns Readings a second against the simple loop, and processing's memory.
 */
export async function measureDrain(
  source: Source,
  plan: Plan,
): Promise<Measured[]> {
  await using redis = await benchRedis(source, "always");
  const values = gather(), floor = gather(), memory = gather();
  for (let round = 0; round <= plan.rounds; round++) {
    console.error(`Drain, ${round === 0 ? "warm-up" : `round ${round}`}`);
    const loop = await drain(redis, "floor_loop", plan.looped);
    const { rate, peakMB } = await drain(redis, "processing", plan.drained);
    if (round === 0) continue;
    floor.push(loop.rate);
    values.push(rate);
    memory.push(peakMB);
  }
  return [{
    name: `Drain of ${plan.drained.toLocaleString("en")} readings, AOF always`,
    unit: "readings/s",
    values,
    floor: { name: "a loop of RPUSH and XACK", values: floor },
    goals: [
      { of: "value", atLeast: 120_000 },
      { of: "ratio", atLeast: 15 },
    ],
  }, {
    name: "Memory of processing while it drains, at most",
    unit: "MB",
    values: memory,
    goals: [{ of: "value", below: 150 }],
  }];
}

/**
 * Fills the stream, starts the program and times it from its first read to its last reading stored.
 *
 * @param redis Where the stream is.
 * @param program What drains it.
 * @param count How many readings.
 * @param prepare What to do with the empty Redis before.
 * @returns Readings a second, and the program's memory.
 */
export async function drain(
  { client, url }: { client: Redis; url: string },
  program: Program,
  count: number,
  prepare?: () => Promise<unknown>,
): Promise<{ rate: number; peakMB: number }> {
  await client.flushall();
  await prepare?.();
  await client.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
  for (let from = 0; from < count; from += 10_000) {
    const to = Math.min(from + 10_000, count);
    await client.eval(FILL, 1, STREAM, from, to);
  }
  await using process = await start(program, { REDIS_URL: url });
  const field = async (name: string) => {
    const [group] = await client.xinfo("GROUPS", STREAM) as unknown[][];
    return group[group.indexOf(name) + 1] as number | null;
  };
  const end = performance.now() + 300_000;
  let begun = performance.now();
  // A look costs Redis some microseconds, so they may be close together.
  while (!await field("entries-read")) {
    if (performance.now() > end) throw new Error(`${program} does not begin`);
    begun = performance.now();
    await pause(1);
  }
  while (await field("lag") !== 0 || await field("pending") !== 0) {
    if (performance.now() > end) throw new Error(`${program} does not end`);
    await pause(5);
  }
  const rate = count / ((performance.now() - begun) / 1000);
  await checkStored(client, count);
  return { rate, peakMB: process.peakMB() };
}

async function checkStored(client: Redis, count: number): Promise<void> {
  let stored = 0;
  for (let site = 0; site < 20; site++) {
    const siteId = `site-${String(site).padStart(3, "0")}`;
    stored += await client.llen(readingsKey(siteId));
  }
  if (stored !== count) {
    throw new Error(`Expected ${count} readings to be stored, found ${stored}`);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
