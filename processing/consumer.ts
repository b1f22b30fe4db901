/**
 * The consumer: reads batches of the stream, stores them, and takes over what other consumers leave behind.
 *
 * @module
 */

import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { outcomeOf } from "../core/redis_error.ts";
import { type BatchDeps, createBatches } from "./batch.ts";
import type { ProcessingConfig } from "./config.ts";
import type { RawEntry } from "./entry.ts";
import {
  type GroupConnection,
  openGroupConnection,
} from "./group_connection.ts";
import { HEARTBEAT_MS, leave, showLife, takeOver } from "./takeover.ts";
import { recordStep, STEP_MS, trimStream } from "./upkeep.ts";

/** How long a read waits for new entries, in milliseconds. */
const BLOCK_MS = 1000;

/** How often abandoned entries are looked for, and whether what waits can be stored, in milliseconds. */
const TAKEOVER_MS = 1000;
const RETRY_MS = 2000;
const TRIM_MS = 2000;

/** What a consumer is made of. */
export interface ConsumerDeps
  extends Omit<BatchDeps, "connection" | "maxDeliveries"> {
  /** For reading the stream and storing what was read, and nothing else. */
  groupRedis: Redis;
  config: Pick<
    ProcessingConfig,
    | "BATCH_SIZE"
    | "MAX_DELIVERIES"
    | "CLAIM_IDLE_MS"
    | "STREAM_RETENTION"
    | "STREAM_MAX_BYTES"
  >;
  /** Its name in the group; no other may have it. */
  name: string;
  /** Told once Redis was reached and the group exists. */
  onReady?: () => void;
}

/** A running consumer. */
export interface Consumer {
  /** Stores what it holds, gives its name up and ends. */
  stop(): Promise<void>;
  /** Whether the last read found as much as it may: more is waiting. */
  busy(): boolean;
  /** Sites whose entries wait because their key holds something else. */
  blockedSites(): string[];
}

/**
 * Starts a consumer. It works until it is stopped, whatever becomes of Redis.
 *
 * @param deps What it is made of.
 * @returns The running consumer.
 */
export function startConsumer(deps: ConsumerDeps): Consumer {
  const { redis, config, name, log, metrics } = deps;
  const batches = createBatches({
    ...deps,
    connection: () => group!,
    maxDeliveries: config.MAX_DELIVERIES,
  });
  let stopping = false;
  let wake = () => {};
  let lastFailure = "";
  let full = false;
  let group: GroupConnection | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });

  const process = (entries: RawEntry[], deliveries?: Map<string, number>) =>
    batches.finish(batches.sort(entries, deliveries));

  /** What this consumer was given and has not stored: after a broken connection nobody knows what arrived. */
  async function processOwn({ read }: GroupConnection): Promise<void> {
    for (let from = "0";;) {
      const entries = await read(from);
      if (entries.length === 0) break;
      const last = entries.at(-1)![0];
      const rows = await redis.xpending(
        STREAM,
        GROUP,
        entries[0][0],
        last,
        entries.length,
        name,
      );
      const deliveries = new Map(
        (rows as [string, string, number, number][]).map((
          row,
        ) => [row[0], row[3]]),
      );
      metrics.redelivered.inc(entries.length);
      await process(entries, deliveries);
      from = last;
    }
  }

  /** Reads and stores until something fails, or what waits can be stored. */
  async function work(): Promise<void> {
    if (!group?.current()) {
      group = await openGroupConnection(deps.groupRedis, {
        consumer: name,
        count: config.BATCH_SIZE,
      });
    }
    const { read } = group;
    await ensureGroup(redis);
    await showLife(redis, name);
    deps.onReady?.();
    const own = group;
    await batches.blocked.retry(() => processOwn(own));
    lastFailure = "";
    let lookAt = Date.now() + Math.random() * TAKEOVER_MS;
    let retryAt = Date.now() + RETRY_MS;
    // Of a stream with much on it two batches are on their way from it and two to be stored, so that neither this process
    // nor Redis waits for the other. A failure of what is under way is met when it is awaited.
    const reading: Promise<RawEntry[]>[] = [], storing: Promise<unknown>[] = [];
    const readOn = (waitMs?: number) => underWay(reading, read(">", waitMs));
    const stored = () => Promise.all(storing.splice(0));
    while (!stopping) {
      if (batches.blocked.any && Date.now() >= retryAt) {
        if (await batches.blocked.mended()) break;
        retryAt = Date.now() + RETRY_MS;
      }
      if (reading.length === 0) {
        await stored();
        readOn(BLOCK_MS);
      }
      const entries = await reading.shift()!;
      full = entries.length === config.BATCH_SIZE;
      if (full && reading.length === 0) readOn();
      const sorted = batches.sort(entries);
      if (storing.length > 1) await storing.shift();
      underWay(storing, batches.finish(sorted));
      if (full) readOn();
      if (Date.now() >= lookAt) {
        await stored();
        const taken = await takeOver(
          redis,
          name,
          config.CLAIM_IDLE_MS,
          config.BATCH_SIZE,
        );
        if (taken.length > 0) {
          metrics.redelivered.inc(taken.length);
          log.info("Took over {count} entries that another consumer left.", {
            count: taken.length,
          });
          await process(
            taken.map(({ raw }) => raw),
            new Map(taken.map(({ raw, deliveries }) => [raw[0], deliveries])),
          );
        }
        lookAt = Date.now() +
          (taken.length === config.BATCH_SIZE ? 0 : TAKEOVER_MS);
      }
    }
    await stored();
    // What the reads under way have been given is this consumer's to store.
    if (stopping) await unblock();
    for (const entries of reading) await process(await entries);
  }

  const unblock = () =>
    group && redis.client("UNBLOCK", group.id).catch(() => {});

  async function run(): Promise<void> {
    for (let attempt = 0; !stopping; attempt++) {
      // The connection itself says why it cannot be made, and that it is back.
      if (redis.status !== "ready" || deps.groupRedis.status !== "ready") {
        await pause(20);
        continue;
      }
      try {
        await work();
        attempt = 0;
      } catch (error) {
        const { outcome, why } = outcomeOf(error);
        const message = (error as Error).message;
        if (/NOGROUP|UNBLOCKED/.test(message)) {
          log.warning(
            "The consumer group is gone; it is made anew where processing had come to.",
          );
          continue;
        }
        const failure = outcome === "other" ? message : why;
        if (failure !== lastFailure) {
          log.warning("Processing waits for Redis: {why}.", { why: failure });
          lastFailure = failure;
        }
        await pause(Math.min(1000, 50 * 2 ** Math.min(attempt, 5)));
      }
    }
  }

  const quietly = (task: () => Promise<unknown>) => () => {
    // Redis being away is told once, by the loop above.
    if (redis.status === "ready") {
      task().catch((error) => log.debug("{error}", { error: String(error) }));
    }
  };
  const timers = [
    setInterval(quietly(() => showLife(redis, name)), HEARTBEAT_MS),
    setInterval(
      quietly(async () => metrics.trimmed.inc(await trimStream(redis, config))),
      TRIM_MS,
    ),
    setInterval(quietly(() => recordStep(redis)), STEP_MS / 4),
  ];
  const running = run();

  return {
    busy: () => full,
    blockedSites: () => [...batches.blocked.sites],
    async stop() {
      stopping = true;
      wake();
      if (redis.status === "ready") await unblock();
      await running;
      for (const timer of timers) clearInterval(timer);
      if (redis.status === "ready") await leave(redis, name).catch(() => {});
    },
  };
}

function underWay<T>(list: Promise<T>[], promise: Promise<T>): void {
  promise.catch(() => {});
  list.push(promise);
}
