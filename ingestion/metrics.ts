/**
 * Ingestion's metrics.
 *
 * @module
 */

import { Counter, Gauge } from "prom-client";
import { createHistogram } from "../core/histogram.ts";
import { createMetrics, type Metrics } from "../core/metrics.ts";
import { Problem } from "../core/problem.ts";

/** Why readings were not taken. */
export type RejectionReason = "invalid" | "backlog" | "redis" | "unknown";

/** What ingestion counts besides what every service does. */
export interface IngestionMetrics extends Metrics {
  /** Readings that Redis took with one request, or one part of an upload. */
  accepted(readings: number): void;
  /** Readings that were not taken. */
  rejected(reason: RejectionReason, readings: number): void;
  /** A call of the publishing script. */
  publishTook(seconds: number): void;
  /** Shows the backlog. */
  showBacklog(read: () => number): void;
}

/**
 * Makes the metrics.
 *
 * @returns The metrics.
 */
export function createIngestionMetrics(): IngestionMetrics {
  const metrics = createMetrics();
  const registers = [metrics.registry];
  let accepted = 0;
  new Counter({
    name: "energy_readings_accepted_total",
    help: "Readings written to the stream.",
    registers,
    collect() {
      this.reset();
      this.inc(accepted);
    },
  });
  const rejected = new Counter({
    name: "energy_readings_rejected_total",
    help:
      "Readings not taken: invalid, backlog (too many wait), redis (it refused), unknown (it may have taken them).",
    labelNames: ["reason"],
    registers,
  });
  const reasons = {
    invalid: rejected.labels("invalid"),
    backlog: rejected.labels("backlog"),
    redis: rejected.labels("redis"),
    unknown: rejected.labels("unknown"),
  };
  for (const reason of Object.values(reasons)) reason.inc(0);
  const batches = createHistogram(metrics.registry, {
    name: "energy_batch_readings",
    help: "Readings written together for one request.",
    buckets: [1, 10, 100, 1000, 10_000],
  })();
  const durations = createHistogram(metrics.registry, {
    name: "energy_publish_duration_seconds",
    help: "Time that one call of the publishing script took.",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 2],
  })();
  return {
    ...metrics,
    accepted(readings) {
      accepted += readings;
      batches(readings);
    },
    rejected: (reason, readings) => reasons[reason].inc(readings),
    publishTook: durations,
    showBacklog(read) {
      new Gauge({
        name: "energy_backlog_readings",
        help: "Readings that wait for processing: lag and pending.",
        registers,
        collect() {
          this.set(read());
        },
      });
    },
  };
}

/**
 * Counts readings that were not taken, by the reason.
 *
 * @param metrics Where to count.
 * @param readings How many.
 * @param error What was thrown.
 */
export function countRefused(
  metrics: Pick<IngestionMetrics, "rejected">,
  readings: number,
  error: unknown,
): void {
  const problem = error instanceof Problem ? error.problem : undefined;
  if (problem === "backlog") metrics.rejected("backlog", readings);
  if (problem === "redis-unavailable") metrics.rejected("redis", readings);
  if (problem === "outcome-unknown") metrics.rejected("unknown", readings);
}
