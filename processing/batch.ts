/**
 * What a consumer does with a batch of entries: it stores the good and buries those that cannot be read.
 *
 * @module
 */

import type { Logger } from "../core/log.ts";
import type { Redis } from "../core/redis.ts";
import type { ScriptClient } from "../core/script.ts";
import { outcomeOf } from "../core/redis_error.ts";
import { type Blocked, createBlocked } from "./blocked.ts";
import { buryEntries } from "./dead_letters.ts";
import {
  type Entry,
  type RawEntry,
  readEntry,
  type UnreadableEntry,
} from "./entry.ts";
import type { ProcessingMetrics } from "./metrics.ts";
import { type Batch, prepareBatch, storeBatch } from "./store.ts";

/** A batch that was read, and is ready to be stored. */
export interface Sorted {
  /** What is stored together; `undefined` when there is nothing. */
  good?: Batch;
  /** What was delivered so often that each is stored alone. */
  alone: { batch: Batch; raw: RawEntry; deliveries: number }[];
  /** What cannot be read. */
  bad: (UnreadableEntry & { deliveries: number })[];
}

/** What stores batches. */
export interface BatchDeps {
  redis: Redis;
  /** Through what batches are stored now. */
  connection: () => ScriptClient;
  /** The consumer's name. */
  name: string;
  log: Logger;
  metrics: ProcessingMetrics;
  /** Deliveries from which on an entry that fails is buried. */
  maxDeliveries: number;
  /** How a batch is stored; tests put failures in. */
  store?: typeof storeBatch;
}

/** Stores batches. */
export interface Batches {
  /**
   * Reads entries and makes them ready. It takes this process's time alone, so the batch before may be under way.
   *
   * @param entries The entries.
   * @param deliveries How often those were delivered that were delivered before.
   * @returns What is to be done with them. Nothing else is held on to: what lives on costs more than what is made.
   */
  sort(entries: RawEntry[], deliveries?: Map<string, number>): Sorted;
  /**
   * Stores and buries.
   *
   * @throws What Redis answers.
   */
  finish(sorted: Sorted): Promise<void>;
  /** What waits because a key holds something else. */
  readonly blocked: Blocked;
}

/**
 * Makes what stores batches.
 *
 * @param deps What it is made of.
 * @returns How to store them.
 */
export function createBatches(
  { redis, connection, name, log, metrics, maxDeliveries, store = storeBatch }:
    BatchDeps,
): Batches {
  const blocked = createBlocked(redis, log);

  async function storeOne(batch: Batch): Promise<void> {
    const done = metrics.storeDuration.startTimer();
    const { stored, now, blockedSites } = await store(connection(), batch);
    done();
    metrics.observeStored(batch.acceptedMs, stored, now);
    logTraces(log, batch.traced, now);
    blockedSites.forEach(blocked.addSite);
  }

  async function bury(bad: Sorted["bad"]): Promise<void> {
    if (bad.length === 0 || blocked.letters) return;
    let buried: number;
    try {
      buried = await buryEntries(redis, bad);
    } catch (error) {
      if (!(error as Error).message.startsWith("WRONGTYPE")) throw error;
      return blocked.addLetters();
    }
    metrics.deadLettered.inc(buried);
    const [{ reason, id }] = bad;
    log.warning(
      "{count} entries became dead letters, the first because {reason}.",
      { count: buried, reason, source_id: id },
    );
  }

  return {
    blocked,
    sort(entries, deliveriesOf) {
      const good: Entry[] = [], sorted: Sorted = { alone: [], bad: [] };
      for (const raw of entries) {
        const entry = readEntry(raw);
        const deliveries = deliveriesOf?.get(raw[0]) ?? 1;
        if (!("reading" in entry)) {
          sorted.bad.push({ ...entry, deliveries });
          continue;
        }
        const { site_id } = entry.reading;
        // Behind what waits: a device's readings keep their order.
        if (blocked.sites.has(site_id)) continue;
        if (deliveries > maxDeliveries && !blocked.isRetried(site_id)) {
          const batch = prepareBatch([entry]);
          sorted.alone.push({ batch, raw, deliveries });
        } else good.push(entry);
      }
      if (good.length > 0) {
        sorted.good = prepareBatch(good, deliveriesOf ? undefined : name);
      }
      return sorted;
    },
    async finish({ good, alone, bad }) {
      if (good !== undefined) await storeOne(good);
      for (const { batch, raw: [id, fields], deliveries } of alone) {
        if (blocked.sites.has(batch.sites[0])) continue;
        try {
          await storeOne(batch);
        } catch (error) {
          const { outcome, why } = outcomeOf(error);
          if (outcome !== "other") throw error;
          bad.push({ id, fields: fields ?? [], reason: why, deliveries });
        }
      }
      await bury(bad);
    },
  };
}

function logTraces(log: Logger, entries: Entry[], now: number): void {
  for (const { traceparent, id, reading, acceptedMs } of entries) {
    // The last bit of the flags says that the caller records this trace.
    const recorded = parseInt(traceparent!.slice(-1), 16) & 1;
    log[recorded ? "info" : "debug"]("stored {id}", {
      id,
      site_id: reading.site_id,
      traceparent,
      after_ms: now - acceptedMs,
    });
  }
}
