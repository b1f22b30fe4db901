/**
 * The metrics of processing.
 *
 * @module
 */

import { Counter, Gauge, Histogram } from "prom-client";
import { createHistogram } from "../core/histogram.ts";
import type { Metrics } from "../core/metrics.ts";

/** What processing counts. */
export interface ProcessingMetrics {
  /** A batch was stored: counts its readings, those that another had stored, and the time each took to get here. */
  observeStored(acceptedMs: number[], stored: number, now: number): void;
  deadLettered: Counter;
  redelivered: Counter;
  trimmed: Counter;
  /** Readings that retention has taken away. */
  removed: Counter;
  storeDuration: Histogram;
  /** Readings that this replica's roller has rolled up. */
  rolled: Counter;
  /** Readings that wait for this replica's roller. */
  behind: Gauge;
  /** Clients that follow events, by stream. */
  followers: Gauge<"stream">;
}

/**
 * Makes the metrics of processing.
 *
 * @param metrics The service's metrics, where these register.
 * @returns The metrics.
 */
export function createProcessingMetrics(metrics: Metrics): ProcessingMetrics {
  const registers = [metrics.registry];
  const stored = new Counter({
    name: "energy_readings_stored_total",
    help: "Readings stored by this replica.",
    registers,
  });
  const duplicates = new Counter({
    name: "energy_readings_duplicate_total",
    help:
      "Entries that had been stored before this replica came to store them.",
    registers,
  });
  const latency = createHistogram(metrics.registry, {
    name: "energy_reading_latency_seconds",
    help: "Time from the acceptance of a reading to its storage.",
    buckets: [
      0.005,
      0.01,
      0.025,
      0.05,
      0.1,
      0.25,
      0.5,
      1,
      2.5,
      5,
      10,
      30,
      60,
      300,
      1800,
    ],
  })();
  const batch = new Histogram({
    name: "energy_store_batch_readings",
    help: "Readings stored at a time.",
    buckets: [1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000],
    registers,
  });
  return {
    observeStored(acceptedMs, count, now) {
      stored.inc(count);
      const duplicate = acceptedMs.length - count;
      if (duplicate > 0) duplicates.inc(duplicate);
      batch.observe(acceptedMs.length);
      for (const ms of acceptedMs) latency(Math.max(0, now - ms) / 1000);
    },
    deadLettered: new Counter({
      name: "energy_readings_dead_lettered_total",
      help: "Entries that became dead letters.",
      registers,
    }),
    redelivered: new Counter({
      name: "energy_readings_redelivered_total",
      help: "Entries that were delivered more than once.",
      registers,
    }),
    trimmed: new Counter({
      name: "energy_stream_trimmed_total",
      help:
        "Entries that were trimmed from the stream after they had been processed.",
      registers,
    }),
    removed: new Counter({
      name: "energy_readings_removed_total",
      help: "Readings that retention has taken away.",
      registers,
    }),
    storeDuration: new Histogram({
      name: "energy_store_duration_seconds",
      help: "Time that Redis took to store a batch.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
      registers,
    }),
    rolled: new Counter({
      name: "energy_readings_rolled_up_total",
      help: "Readings that this replica has rolled up in the background.",
      registers,
    }),
    behind: new Gauge({
      name: "energy_readings_not_rolled_up",
      help:
        "Readings that are not rolled up yet; 0 on a replica that leaves it to another.",
      registers,
    }),
    followers: new Gauge({
      name: "energy_live_followers",
      help: "Clients that follow live events.",
      labelNames: ["stream"],
      registers,
    }),
  };
}
