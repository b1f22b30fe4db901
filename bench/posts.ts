/**
 * How fast ingestion takes readings: one a request, and a hundred.
 *
 * @module
 */

import { halves, pin } from "./cores.ts";
import type { Plan } from "./main.ts";
import { benchRedis, ready, type Source, start } from "./processes.ts";
import { gather, type Measured } from "./report.ts";
import { addByBenchmark, postReadings } from "./tools.ts";

/** The least share of a bare server's requests, by when the append-only file is flushed. */
const ONE_GOAL = { everysec: 0.45, always: 0.35 };

/** The least share of what `redis-benchmark` adds. */
const HUNDRED_GOAL = 0.45;

/**
 * Measures POST.
 *
 * @param source How to start Redis.
 * @param plan How much to measure.
 * @returns Readings a second against the floors, and ingestion's memory.
 */
export async function measurePosts(
  source: Source,
  plan: Plan,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  const memory: number[] = [];
  const cores = plan.pin ? halves() : undefined;
  const name = (readings: string, appendfsync: string) =>
    `POST of ${readings}, AOF ${appendfsync}${cores ? ", pinned" : ""}`;
  for (const appendfsync of ["everysec", "always"] as const) {
    await using redis = await benchRedis(source, appendfsync);
    await using ingestion = await start("ingestion", {
      REDIS_URL: redis.url,
      // Nothing drains the stream here, and what is measured is not the refusal.
      MAX_BACKLOG: "1000000000000",
    });
    await using server = await start("floor_server");
    await Promise.all([ready(ingestion), ready(server)]);
    if (cores !== undefined) {
      await Promise.all([
        pin(ingestion.pid, cores.measured),
        pin(server.pid, cores.measured),
        pin(redis.pid, cores.rest),
      ]);
    }

    const post = async (readings: number, seconds: number) => {
      const rate = await postReadings(
        `${ingestion.url}/readings`,
        readings,
        seconds,
        cores?.rest,
      );
      await redis.client.flushall();
      return rate;
    };
    const bare = (seconds: number) =>
      postReadings(`${server.url}/readings`, 1, seconds, cores?.rest);
    const add = async (seconds: number) => {
      const count = 200_000 * seconds;
      const rate = await addByBenchmark(redis.port, count, cores?.measured);
      await redis.client.flushall();
      return rate;
    };
    await bare(2);
    await post(1, 2);
    await post(100, 1);

    const one = gather(), oneFloor = gather();
    const hundred = gather(), hundredFloor = gather();
    for (let round = 1; round <= plan.rounds; round++) {
      console.error(`POST, AOF ${appendfsync}, round ${round}`);
      oneFloor.push(await bare(plan.seconds));
      one.push(await post(1, plan.seconds));
      hundredFloor.push(await add(plan.seconds));
      hundred.push(await post(100, plan.seconds));
    }
    memory.push(ingestion.peakMB());
    measured.push({
      name: name("one reading", appendfsync),
      unit: "readings/s",
      values: one,
      floor: { name: "bare Deno.serve", values: oneFloor },
      goals: [{ of: "ratio", atLeast: ONE_GOAL[appendfsync] }],
    }, {
      name: name("100 readings", appendfsync),
      unit: "readings/s",
      values: hundred,
      floor: { name: "redis-benchmark -P 100", values: hundredFloor },
      goals: [{ of: "ratio", atLeast: HUNDRED_GOAL }],
    });
  }
  measured.push({
    name: "Memory of ingestion under these loads, at most",
    unit: "MB",
    values: memory,
    goals: [{ of: "value", below: 150 }],
  });
  return measured;
}
