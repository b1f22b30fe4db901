/**
 * The consumer: reads batches of the stream, stores them, and takes over what other consumers leave behind.
 *
 * @module
 */

import { ensureGroup } from "../core/ensure_group.ts";
import { GROUP, STREAM } from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import type { Redis } from "../core/redis.ts";
import { outcomeOf } from "../core/redis_error.ts";
import type { ProcessingConfig } from "./config.ts";
import { buryEntries } from "./dead_letters.ts";
import {
  type Entry,
  type RawEntry,
  readEntry,
  type UnreadableEntry,
} from "./entry.ts";
import type { ProcessingMetrics } from "./metrics.ts";
import { storeEntries } from "./store.ts";
import { HEARTBEAT_MS, leave, showLife, takeOver } from "./takeover.ts";
import { recordStep, STEP_MS, trimStream } from "./upkeep.ts";

/** How long a read waits for new entries, in milliseconds. */
const BLOCK_MS = 1000;

/** How often abandoned entries are looked for, and what was held back is tried again, in milliseconds. */
const TAKEOVER_MS = 1000;
const RETRY_MS = 2000;
const TRIM_MS = 2000;

/** What a consumer is made of. */
export interface ConsumerDeps {
  /** For scripts and all that answers at once. */
  redis: Redis;
  /** For reads that wait; no other command may go behind one. */
  reader: Redis;
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
  log: Logger;
  metrics: ProcessingMetrics;
  /** Told once Redis was reached and the group exists. */
  onReady?: () => void;
  /** How entries are stored; tests put failures in. */
  store?: typeof storeEntries;
}

/** A running consumer. */
export interface Consumer {
  /** Stores what it holds, gives its name up and ends. */
  stop(): Promise<void>;
  /** Sites whose entries wait because their key holds something else. */
  blockedSites(): string[];
}

/** An entry with how often it was delivered, where that is known. */
interface Delivered {
  raw: RawEntry;
  deliveries: number;
}

/**
 * Starts a consumer. It works until it is stopped, whatever becomes of Redis.
 *
 * @param deps What it is made of.
 * @returns The running consumer.
 */
export function startConsumer(deps: ConsumerDeps): Consumer {
  const { redis, reader, config, name, log, metrics, store = storeEntries } =
    deps;
  let stopping = false;
  let wake = () => {};
  let blocked = new Set<string>();
  let lastFailure = "";
  let readerId = 0;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });

  /** Stores the good, buries the unreadable; `true` when nothing had to be held back. */
  async function process(batch: Delivered[]): Promise<boolean> {
    const good: Entry[] = [], alone: { entry: Entry; from: Delivered }[] = [];
    const bad: (UnreadableEntry & { deliveries: number })[] = [];
    for (const delivered of batch) {
      const entry = readEntry(delivered.raw);
      if (!("reading" in entry)) {
        bad.push({ ...entry, deliveries: delivered.deliveries });
      } else if (delivered.deliveries > config.MAX_DELIVERIES) {
        alone.push({ entry, from: delivered });
      } else good.push(entry);
    }
    let clear = good.length === 0 || await storeAll(good);
    for (const { entry, from } of alone) {
      try {
        clear = await storeAll([entry]) && clear;
      } catch (error) {
        const { outcome, why } = outcomeOf(error);
        if (outcome !== "other") throw error;
        bad.push({
          id: entry.id,
          fields: from.raw[1] ?? [],
          reason: why,
          deliveries: from.deliveries,
        });
      }
    }
    if (bad.length > 0) {
      const buried = await buryEntries(redis, bad);
      metrics.deadLettered.inc(buried);
      log.warning(
        "{count} entries became dead letters, the first because {reason}.",
        {
          count: buried,
          reason: bad[0].reason,
          source_id: bad[0].id,
        },
      );
    }
    return clear;
  }

  async function storeAll(entries: Entry[]): Promise<boolean> {
    const done = metrics.storeDuration.startTimer();
    const { stored, now, blockedSites } = await store(redis, entries);
    done();
    metrics.observeStored(entries, stored, now);
    for (const { traceparent, id, reading, acceptedMs } of entries) {
      if (traceparent === undefined) continue;
      // The last bit of the flags says that the caller records this trace.
      const level = parseInt(traceparent.slice(-1), 16) & 1 ? "info" : "debug";
      log[level]("stored {id}", {
        id,
        site_id: reading.site_id,
        traceparent,
        after_ms: now - acceptedMs,
      });
    }
    for (const site of blockedSites) {
      if (!blocked.has(site)) {
        log.error(
          "The readings of site {site} wait: site_readings:{site}, site_devices:{site} or site_blocks:{site} is not of the type it should be. " +
            "Rename or delete that key; they are stored as soon as it is gone.",
          { site },
        );
      }
      blocked.add(site);
    }
    return blockedSites.length === 0;
  }

  const read = async (from: string): Promise<RawEntry[]> => {
    const reply = from === ">"
      ? await reader.xreadgroup(
        "GROUP",
        GROUP,
        name,
        "COUNT",
        config.BATCH_SIZE,
        "BLOCK",
        BLOCK_MS,
        "STREAMS",
        STREAM,
        from,
      )
      : await reader.xreadgroup(
        "GROUP",
        GROUP,
        name,
        "COUNT",
        config.BATCH_SIZE,
        "STREAMS",
        STREAM,
        from,
      );
    return (reply as [string, RawEntry[]][] | null)?.[0][1] ?? [];
  };

  /** What this consumer was given and has not stored: after a broken connection nobody knows what arrived. */
  async function processOwn(): Promise<void> {
    const held = new Set<string>(blocked);
    blocked = new Set();
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
      await process(
        entries.map((raw) => ({
          raw,
          deliveries: deliveries.get(raw[0]) ?? 1,
        })),
      );
      from = last;
    }
    for (const site of held) {
      if (!blocked.has(site)) {
        log.info("The readings of site {site} are stored.", { site });
      }
    }
  }

  /** Reads and stores until something fails or is to be tried again. */
  async function work(): Promise<void> {
    readerId = await reader.client("ID");
    await ensureGroup(redis);
    await showLife(redis, name);
    deps.onReady?.();
    await processOwn();
    lastFailure = "";
    let lookAt = Date.now() + Math.random() * TAKEOVER_MS;
    const retryAt = Date.now() + RETRY_MS;
    let next = read(">");
    // A failure of the read under way is met when it is awaited.
    next.catch(() => {});
    while (!stopping && (blocked.size === 0 || Date.now() < retryAt)) {
      const batch = await next;
      next = read(">");
      next.catch(() => {});
      await process(batch.map((raw) => ({ raw, deliveries: 1 })));
      if (Date.now() >= lookAt) {
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
          await process(taken);
        }
        lookAt = Date.now() +
          (taken.length === config.BATCH_SIZE ? 0 : TAKEOVER_MS);
      }
    }
    // What the read under way has been given is this consumer's to store.
    if (stopping) await redis.client("UNBLOCK", readerId).catch(() => {});
    await process((await next).map((raw) => ({ raw, deliveries: 1 })));
  }

  async function run(): Promise<void> {
    for (let attempt = 0; !stopping; attempt++) {
      // The connection itself says why it cannot be made, and that it is back.
      if (redis.status !== "ready" || reader.status !== "ready") {
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
    blockedSites: () => [...blocked],
    async stop() {
      stopping = true;
      wake();
      if (redis.status === "ready") {
        await redis.client("UNBLOCK", readerId).catch(() => {});
      }
      await running;
      for (const timer of timers) clearInterval(timer);
      if (redis.status === "ready") await leave(redis, name).catch(() => {});
    },
  };
}
