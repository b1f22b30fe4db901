/**
 * Prometheus metrics that every service has: its requests and its process.
 *
 * @module
 */

import { Counter, Gauge, Registry } from "prom-client";
import { createHistogram, type Observe } from "./histogram.ts";

/** Upper bounds of latency buckets, in seconds. */
const LATENCY_BUCKETS = [
  0.001,
  0.0025,
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
];

/** A stranger may invent methods without end; what is none of these is counted as `_OTHER`. */
const METHODS = "GET HEAD POST PUT PATCH DELETE OPTIONS".split(" ");

/** A service's metrics. */
export interface Metrics {
  /** Where further metrics register. */
  registry: Registry;
  /** Counts a finished request; `route` is the pattern, never the path, which strangers choose. */
  observeRequest(
    method: string,
    route: string,
    status: number,
    seconds: number,
  ): void;
}

/** The requests of one method, route and status: few, so that to look one of them up is to go through all. */
interface Child {
  method: string;
  route: string;
  status: number;
  count: number;
  duration: Observe;
}

/**
 * Makes the metrics that every service has.
 *
 * @returns The metrics, in a registry of their own.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // prom-client's counter checks what it is given each time; so it is told what was counted only when it is asked.
  const children: Child[] = [];
  new Counter({
    name: "energy_http_requests_total",
    help: "HTTP requests answered, by method, route and status.",
    labelNames: ["method", "route", "status"],
    registers,
    collect() {
      this.reset();
      for (const { method, route, status, count } of children) {
        this.inc({ method, route, status }, count);
      }
    },
  });
  const durations = createHistogram(registry, {
    name: "energy_http_request_duration_seconds",
    help: "Time from a request to its answer's head, by method and route.",
    buckets: LATENCY_BUCKETS,
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the process.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  const started = Date.now() / 1000;
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970.",
    registers,
    collect() {
      this.set(started);
    },
  });
  return {
    registry,
    observeRequest(sent, route, status, seconds) {
      const method = METHODS.includes(sent) ? sent : "_OTHER";
      let child = children.find((known) =>
        known.status === status && known.route === route &&
        known.method === method
      );
      if (child === undefined) {
        child = {
          method,
          route,
          status,
          count: 0,
          duration: durations({ method, route }),
        };
        children.push(child);
      }
      child.count++;
      child.duration(seconds);
    },
  };
}
