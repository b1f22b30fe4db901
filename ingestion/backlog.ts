/**
 * How much waits for processing, and whether more may.
 *
 * @module
 */

import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import { Problem } from "../core/problem.ts";
import { outcomeOf } from "../core/redis_error.ts";
import type { ScriptClient } from "../core/script.ts";
import type { KeptWire } from "../core/wire.ts";
import type { Publisher } from "./publish.ts";

/** How often Redis is asked, in milliseconds. */
const SAMPLE_MS = 250;

/** The work not done yet. */
export interface Backlog {
  /** Readings delivered and not acknowledged, or not delivered: by the last sample, and what was sent since. */
  readonly readings: number;
  /**
   * Lets a request through or not.
   *
   * @throws {Problem} 503 while too much waits, or before Redis was ever reached.
   */
  admit(): void;
  /**
   * Waits for a while until more may be taken.
   *
   * @param timeoutMs For how long.
   * @throws {Problem} 503 when it is in vain.
   */
  room(timeoutMs: number): Promise<void>;
  /** Ends the sampling. */
  stop(): void;
}

/** What the backlog is watched with. */
export interface BacklogDeps {
  /** The connection that readings are sent on. */
  redis: KeptWire;
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
  let sampling = false;

  const sample = async () => {
    if (sampling || stopped) return;
    sampling = true;
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
      if (redis.open() && why !== complaint && !stopped) {
        log.warning("The backlog cannot be sampled: {why}", { why });
      }
      complaint = why;
    }
    sampling = false;
    if (!stopped) timer = setTimeout(sample, SAMPLE_MS);
  };
  // At each new connection: it may be to another Redis, or that has lost its data.
  redis.onOpen(() => {
    clearTimeout(timer);
    sample();
  });

  const readings = () =>
    (sampled ?? 0) + publisher.sent - sentBefore + publisher.queued;
  const admit = () => {
    if (sampled === undefined) {
      throw new Problem(
        "redis-unavailable",
        "Redis has not been reached yet. These were not stored; send the readings again shortly.",
        {},
        { "retry-after": "1" },
      );
    }
    if (readings() >= max) throw backlogProblem(readings(), max);
  };
  return {
    get readings() {
      return readings();
    },
    admit,
    async room(timeoutMs) {
      const end = performance.now() + timeoutMs;
      while (
        sampled !== undefined && readings() >= max && performance.now() < end
      ) {
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      }
      admit();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function backlogProblem(readings: number, max: number): Problem {
  return new Problem(
    "backlog",
    `${readings} readings wait for processing, and ${max} may. These were not stored; send the readings again later.`,
    {},
    { "retry-after": "5" },
  );
}

/** Lag and pending of the group; `undefined` when stream or group are missing. */
async function workNotDone(
  redis: ScriptClient,
): Promise<number | undefined> {
  let groups: unknown[][];
  try {
    groups = await redis.call("xinfo", ["GROUPS", STREAM]) as unknown[][];
  } catch (error) {
    if (/no such key/.test((error as Error).message)) return undefined;
    throw error;
  }
  const group = groups.find((fields) => fields[1] === GROUP);
  if (group === undefined) return undefined;
  const field = (name: string) =>
    group[group.indexOf(name) + 1] as number | null;
  // Redis gives no lag once an entry that nobody has read was deleted; then all that is there may be unread.
  const lag = field("lag") ?? await redis.call("xlen", [STREAM]) as number;
  return lag + (field("pending") ?? 0);
}
