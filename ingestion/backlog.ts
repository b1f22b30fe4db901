/**
 * How much waits for processing, and whether more may.
 *
 * @module
 */

import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
import { outcomeOf } from "../core/redis_error.ts";
import type { Publisher } from "./publish.ts";

/** How often Redis is asked, in milliseconds. */
const SAMPLE_MS = 250;

/** The work not done yet. */
export interface Backlog {
  /** Readings delivered and not acknowledged, or not delivered: by the last sample, and what was sent since. */
  readonly readings: number;
  /** Whether no more may be taken. */
  readonly full: boolean;
  /**
   * Lets a request through or not.
   *
   * @throws {Problem} 503 while too much waits, or before Redis was ever reached.
   */
  admit(): void;
  /** Ends the sampling. */
  stop(): void;
}

/** What the backlog is watched with. */
export interface BacklogDeps {
  redis: Redis;
  publisher: Publisher;
  log: Logger;
  /** Readings that may wait. */
  max: number;
  /** Called after each sample: stream and group exist. */
  onSample: () => void;
}

/**
 * Watches the backlog: four times a second, which also shows at once when stream or group are missing, at the
 * start or because somebody deleted them, and makes them anew.
 *
 * @param deps What it is watched with.
 * @returns The backlog.
 */
export function watchBacklog(
  { redis, publisher, log, max, onSample }: BacklogDeps,
): Backlog {
  let sampled: number | undefined;
  let sentBefore = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let complaint = "";

  const sample = async () => {
    try {
      // The connection keeps the order: what was sent before this command is in the sample.
      const sentNow = publisher.sent;
      let waiting = await workNotDone(redis);
      if (waiting === undefined) {
        if (await ensureGroup(redis)) log.info("Made the consumer group.");
        waiting = await workNotDone(redis) ?? 0;
      }
      sampled = waiting;
      sentBefore = sentNow;
      complaint = "";
      onSample();
    } catch (error) {
      // Of a connection that is lost the connection itself has told.
      const { why } = outcomeOf(error);
      if (redis.status === "ready" && why !== complaint && !stopped) {
        log.warning("The backlog cannot be sampled: {why}", { why });
      }
      complaint = why;
    }
    if (!stopped) timer = setTimeout(sample, SAMPLE_MS);
  };
  if (redis.status === "ready") sample();
  // Again after each reconnection: it may be another Redis, or have lost its data.
  const onReady = () => {
    clearTimeout(timer);
    sample();
  };
  redis.on("ready", onReady);

  const readings = () =>
    (sampled ?? 0) + publisher.sent - sentBefore + publisher.queued;
  return {
    get readings() {
      return readings();
    },
    get full() {
      return readings() >= max;
    },
    admit() {
      if (sampled === undefined) {
        throw new Problem(
          "redis-unavailable",
          "Redis has not been reached yet. Nothing was stored; send the readings again shortly.",
          {},
          { "retry-after": "1" },
        );
      }
      if (readings() >= max) throw backlogProblem(readings(), max);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      redis.off("ready", onReady);
    },
  };
}

function backlogProblem(readings: number, max: number): Problem {
  return new Problem(
    "backlog",
    `${readings} readings wait for processing, and ${max} may. Nothing was stored; send the readings again later.`,
    {},
    { "retry-after": "5" },
  );
}

/** Lag and pending of the group; `undefined` when stream or group are missing. */
async function workNotDone(redis: Redis): Promise<number | undefined> {
  let groups: unknown[][];
  try {
    groups = await redis.xinfo("GROUPS", STREAM) as unknown[][];
  } catch (error) {
    if (/no such key/.test((error as Error).message)) return undefined;
    throw error;
  }
  const group = groups.find((fields) => fields[1] === GROUP);
  if (group === undefined) return undefined;
  const field = (name: string) =>
    group[group.indexOf(name) + 1] as number | null;
  // Redis gives no lag once an entry that nobody has read was deleted; then all that is there may be unread.
  const lag = field("lag") ?? await redis.xlen(STREAM);
  return lag + (field("pending") ?? 0);
}
