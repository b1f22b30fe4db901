/**
 * How soon a service is ready.
 *
 * @module
 */

import type { Plan } from "./main.ts";
import {
  benchRedis,
  type Program,
  ready,
  type Source,
  start,
} from "./processes.ts";
import { gather, type Measured } from "./report.ts";

/**
 * Measures the time from the start of a process to the first `/readyz` that says 200. Deno has compiled the sources
 * before, as on every start but the first.
 *
 * @param source How to start Redis.
 * @param plan How much to measure.
 * @returns Milliseconds, against a bare server's.
 */
export async function measureStart(
  source: Source,
  plan: Plan,
): Promise<Measured[]> {
  await using redis = await benchRedis(source, "always");
  const time = async (program: Program) => {
    const begun = performance.now();
    await using process = await start(program, { REDIS_URL: redis.url });
    await ready(process);
    return performance.now() - begun;
  };
  const floor = gather(), ingestion = gather(), processing = gather();
  for (let round = 0; round <= plan.rounds; round++) {
    console.error(`Start, ${round === 0 ? "warm-up" : `round ${round}`}`);
    const [bare, first, second] = [
      await time("floor_server"),
      await time("ingestion"),
      await time("processing"),
    ];
    if (round === 0) continue;
    floor.push(bare);
    ingestion.push(first);
    processing.push(second);
  }
  return Object.entries({ ingestion, processing }).map(([name, values]) => ({
    name: `Start of ${name} until it is ready`,
    unit: "ms",
    values,
    floor: { name: "bare Deno.serve", values: floor },
    goals: [{ of: "value", below: 500 }],
  }));
}
