/**
 * `deno task torture`: kills processing and Redis under load, then counts every reading.
 *
 * Each reading has a power of its own, so that what was posted can be told from what was stored, one by one.
 * A kill falls while the replica holds entries that it has not acknowledged: killing an idle process shows nothing.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { DEAD_STREAM } from "../core/keys.ts";
import { startService, testRedis } from "../dev/testing.ts";
import {
  type Count,
  countStored,
  numberedBatch,
  postUntilTaken,
} from "./testing/load.ts";
import { connect, consumerOf, drained, stopHolding } from "./testing/system.ts";

/** How hard it gets. */
export interface TortureOptions {
  /** Readings that are posted. */
  readings: number;
  /** Times that a processing replica is killed with SIGKILL. */
  kills: number;
  /** Times that Redis is killed with SIGKILL and started again on its data. */
  restarts: number;
  /** Settings of processing that differ from their defaults. */
  processing?: Record<string, string>;
}

/** What came of it. */
export interface TortureReport extends Count {
  posted: number;
  dead_letters: number;
  kills: number;
  /** Kills of a replica that held entries at that moment. */
  kills_in_a_batch: number;
  restarts: number;
  /** Requests that were sent again after a 503. */
  retries: number;
  /** Entries that were delivered, not acknowledged, and had to be delivered again. */
  redelivered: number;
  seconds: number;
}

const BATCH = 100;
const CLIENTS = 4;
const REPLICAS = 2;

/**
 * Runs it.
 *
 * @param options How hard.
 * @returns What came of it; see {@linkcode isWhole}.
 */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await testRedis({ persist: true }));
  const client = stack.adopt(connect(redis), (it) => it.disconnect());
  const ingestion = stack.use(
    await startService("ingestion", { REDIS_URL: redis.url }),
  );
  const startReplica = async () =>
    stack.use(
      await startService("processing", {
        REDIS_URL: redis.url,
        ...options.processing,
      }),
    );
  const replicas = await Promise.all(
    Array.from({ length: REPLICAS }, startReplica),
  );
  const started = Date.now();
  const load = startShares(ingestion.url, options.readings);
  const blows = plan(options);
  let redelivered = 0, inBatch = 0;

  for (const [index, blow] of blows.entries()) {
    // A share of the load for each blow, which falls into the middle of it.
    load.release((index + 0.5) / (blows.length + 1));
    await load.taken();
    if (blow === "restart") {
      load.release((index + 1) / (blows.length + 1));
      await redis.kill("SIGKILL");
      await redis.restart();
      // What the dead hold was counted when they were killed.
      for (const replica of replicas) {
        redelivered += (await consumerOf(client, replica))?.pending ?? 0;
      }
    } else {
      const victim = replicas.shift()!;
      load.release((index + 1) / (blows.length + 1));
      await stopHolding(client, victim, load.done);
      victim.kill("SIGKILL");
      await victim.exited;
      const left = await consumerOf(client, victim);
      redelivered += left?.pending ?? 0;
      if ((left?.pending ?? 0) > 0) inBatch++;
      replicas.push(await startReplica());
    }
  }
  load.release(1);
  const retries = await load.finished;
  await drained(client);
  return {
    posted: options.readings,
    ...await countStored(client, options.readings),
    dead_letters: await client.xlen(DEAD_STREAM),
    kills: options.kills,
    kills_in_a_batch: inBatch,
    restarts: options.restarts,
    retries,
    redelivered,
    seconds: Math.round((Date.now() - started) / 100) / 10,
  };
}

/**
 * Says whether nothing was lost, doubled, changed or given up.
 *
 * @param report What came of it.
 * @returns Whether each reading is stored exactly once.
 */
export function isWhole(report: TortureReport): boolean {
  const { posted, stored, lost, twice, changed, dead_letters } = report;
  return stored === posted && lost + twice + changed + dead_letters === 0;
}

/** The blows in their order, the restarts of Redis spread among the kills. */
function plan({ kills, restarts }: TortureOptions): ("kill" | "restart")[] {
  const total = kills + restarts;
  return Array.from({ length: total }, (_, index) => {
    const due = (n: number) => Math.floor(n * restarts / total);
    return due(index + 1) > due(index) ? "restart" : "kill";
  });
}

/** Posts all readings, a share at a time. */
function startShares(url: string, readings: number) {
  const run = crypto.randomUUID();
  let next = 0, taken = 0, released = 0, failed = false;
  const client = async () => {
    let retries = 0;
    while (next < readings) {
      if (next >= released) {
        await moment();
        continue;
      }
      const first = next;
      const count = Math.min(BATCH, readings - first);
      next += count;
      const batch = numberedBatch(first, count);
      retries += await postUntilTaken(url, batch, `${run}-${first}`);
      taken += count;
    }
    return retries;
  };
  const finished = Promise.all(Array.from({ length: CLIENTS }, client)).then(
    (retries) => retries.reduce((a, b) => a + b, 0),
  );
  finished.catch(() => failed = true);
  /** Whether all that is released is posted; also when the posting has failed, so that nobody waits for it. */
  const done = () => failed || taken >= released;
  return {
    finished,
    release(share: number) {
      released = Math.ceil(readings * share);
    },
    done,
    taken: async () => {
      while (!done()) await moment();
    },
  };
}

/** A pause so short that the blow finds the services at work. */
function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      readings: { type: "string", default: "100000" },
      kills: { type: "string", default: "20" },
      restarts: { type: "string", default: "3" },
    },
  });
  const options = {
    readings: Number(values.readings),
    kills: Number(values.kills),
    restarts: Number(values.restarts),
  };
  for (const [name, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    console.error(`--${name} must be a whole number`);
    Deno.exit(2);
  }
  const report = await torture(options);
  for (const [name, value] of Object.entries(report)) {
    console.log(name.replaceAll("_", " ").padEnd(18), value);
  }
  const whole = isWhole(report);
  console.log(
    whole
      ? "Every reading is stored exactly once."
      : "Readings are lost, there twice, changed or dead letters.",
  );
  Deno.exit(whole ? 0 : 1);
}
