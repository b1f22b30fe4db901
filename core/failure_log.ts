/**
 * What the log says of requests that failed: each of a few, and of a storm how large it was. While Redis is away every
 * reading is answered 503, and a line for each fills a disk before morning.
 *
 * @module
 */

import type { Logger } from "./log.ts";

/** Lines of one kind that a window may have. */
const MOST = 10;
/** Milliseconds. */
const WINDOW = 10_000;

/** What a line says of a request that failed; those that are alike in the first three are of one kind. */
export interface FailedRequest {
  method: string;
  route: string;
  status: number;
  [more: string]: unknown;
}

/** The log of the requests that failed. */
export interface FailureLog {
  /**
   * Takes a request that failed into the log, or counts it.
   *
   * @param failed The fields of its line.
   * @param now The time on any clock, in milliseconds.
   */
  add(failed: FailedRequest, now: number): void;
  /**
   * Writes down what was counted, once ten seconds are over since the first; to be called now and then.
   *
   * @param now The time on the same clock; infinity for what is left at the end.
   */
  flush(now: number): void;
}

/**
 * Makes the log of the requests that failed.
 *
 * @param log Where the lines go.
 * @returns The log: in ten seconds ten requests of a kind have a line each, and the rest have one together.
 */
export function createFailureLog(log: Logger): FailureLog {
  const kinds = new Map<string, { first: FailedRequest; times: number }>();
  let end = Infinity;
  const flush = (now: number) => {
    if (now < end) return;
    for (const { first: { method, route, status }, times } of kinds.values()) {
      if (times <= MOST) continue;
      log.warning("{method} {route} answered {status}, {times} times more", {
        method,
        route,
        status,
        times: times - MOST,
        within_s: WINDOW / 1000,
      });
    }
    kinds.clear();
    end = Infinity;
  };
  return {
    flush,
    add(failed, now) {
      flush(now);
      if (kinds.size === 0) end = now + WINDOW;
      const name = `${failed.method} ${failed.route} ${failed.status}`;
      const kind = kinds.get(name) ?? { first: failed, times: 0 };
      kinds.set(name, kind);
      if (++kind.times <= MOST) {
        log.warning("{method} {route} answered {status}", failed);
      }
    },
  };
}
