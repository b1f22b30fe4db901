/**
 * Writing readings to the stream.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { GROUP, STREAM, WATERMARK } from "../core/keys.ts";
import type { Reading } from "../core/reading.ts";
import { createScript, type ScriptClient } from "../core/script.ts";
import { countRefused, type IngestionMetrics } from "./metrics.ts";
import source from "./publish.lua" with { type: "text" };
import { notSent, publishProblem, unavailable } from "./publish_problem.ts";

const script = createScript(source);

/** Readings that one call of the script takes, unless a single request has more. */
const CALL_READINGS = 10_000;

/** Calls that may be under way at the same time, so that this process works while Redis does. */
const CALLS = 4;

/** Readings for which a further call is worth while; fewer wait for the present one to end, and for company. */
const WORTH_A_CALL = 100;

/** What reading and answering a request takes this process at most, in milliseconds. */
const REQUEST_MS = 0.03;

/** Readings that may wait for the next call; more would only wait for longer than their clients do. */
const QUEUE_READINGS = 100_000;

/** Readings in the form that the script takes. */
export interface Lines {
  /** A line a reading. */
  text: string;
  /** How many. */
  count: number;
}

/** What was written. */
export interface Written {
  /** The id of the first entry; empty when there was no reading. */
  first: string;
  /** The id of the last entry. */
  last: string;
}

/** What goes with readings that come with an Idempotency-Key. */
export interface Claim {
  /** Where the answer is kept. */
  key: string;
  /** What is kept there so far; empty for nothing. */
  before: string;
  /** For how long, in milliseconds. */
  ttlMs: number;
  /** The answer without its ids, which the script adds. */
  answer: string;
}

/** Told of what becomes of readings, and of calls. */
export type PublisherMetrics = Pick<
  IngestionMetrics,
  "accepted" | "rejected" | "publishTook"
>;

const UNCOUNTED: PublisherMetrics = {
  accepted() {},
  rejected() {},
  publishTook() {},
};

/**
 * Writes readings, and counts them. What it rejects with is a {@linkcode Problem} whenever Redis is the reason.
 */
export interface Publisher {
  /** Readings that wait for the next call of the script. */
  readonly queued: number;
  /** Readings sent to Redis so far, whatever became of them. */
  readonly sent: number;
  /**
   * Writes the readings of one request.
   *
   * @param lines The readings.
   * @param answer Makes what the promise resolves to; it may not throw. To make it there and not behind the promise saves
   * a promise for each request, which tells when each has one reading.
   */
  publish<T>(lines: Lines, answer: (written: Written) => T): Promise<T>;
  /** Writes them together with a claim; or writes nothing and gives what another has put there. */
  publishOnce(lines: Lines, claim: Claim): Promise<Written | { kept: string }>;
}

interface Waiting {
  lines: Lines;
  written: (written: Written) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes the line that a reading is in the script's argument.
 *
 * @param reading The reading.
 * @param traceparent The trace it belongs to.
 * @returns The line. None of its fields can contain a space or a line break: each was checked.
 */
export function lineOf(reading: Reading, traceparent?: string): string {
  const line =
    `${reading.site_id} ${reading.device_id} ${reading.power_reading} ${reading.timestamp}`;
  return traceparent === undefined ? line + "\n" : `${line} ${traceparent}\n`;
}

/**
 * Makes a publisher. Requests that come in the same turn of the event loop, or while a call of the script is
 * under way, are written together by the next one: what Redis and the disk cost (with `appendfsync always`, a
 * flush) is paid once for all of them. Each request is still written whole or not at all, and has its own ids.
 *
 * @param redis The connection.
 * @param metrics Where to count.
 * @param now The clock, in milliseconds.
 * @returns The publisher.
 */
export function createPublisher(
  redis: ScriptClient,
  metrics: PublisherMetrics = UNCOUNTED,
  now: () => number = () => performance.now(),
): Publisher {
  let queue: Waiting[] = [];
  let queued = 0;
  let calls = 0;
  let scheduled = false;
  let sent = 0;

  const run = async (keys: string[], args: string[], count: number) => {
    const start = now();
    sent += count;
    try {
      return await script(redis, keys, args);
    } finally {
      metrics.publishTook((now() - start) / 1000);
    }
  };

  const call = async (group: Waiting[]) => {
    const count = group.reduce((sum, { lines }) => sum + lines.count, 0);
    let text = "", counts = "";
    for (const { lines } of group) {
      text += lines.text;
      counts += ` ${lines.count}`;
    }
    queued -= count;
    calls++;
    const start = now();
    let reply: unknown;
    try {
      reply = await run([STREAM, WATERMARK], [GROUP, text, counts], count);
    } catch (error) {
      const problem = publishProblem(error);
      countRefused(metrics, count, problem);
      for (const { reject } of group) reject(problem);
      // The others were not sent: that they were not taken is certain, and to try each would let the last of
      // them wait for many times the time that one may take.
      const unsent = notSent(error);
      countRefused(metrics, queued, unsent);
      for (const { reject } of queue) reject(unsent);
      queue = [];
      queued = 0;
    }
    calls--;
    // Before the answers are made, so that Redis works meanwhile. The call is sent by a microtask; with the answers made
    // before it, clients and Redis would wake in the same moment, and Redis would wait for a core.
    next(share(group.length + queue.length, now() - start));
    await undefined;
    if (reply === undefined) return;
    const ids = (reply as string).split(" ");
    for (let i = 0; i < group.length; i++) {
      metrics.accepted(group[i].lines.count);
      group[i].written({ first: ids[2 * i], last: ids[2 * i + 1] });
    }
  };

  const due = () =>
    queue.length > 0 &&
    (calls === 0 || calls < CALLS && queued >= WORTH_A_CALL);
  const next = (most = Infinity) => {
    while (due()) {
      const group = takeFrom(queue, most);
      queue = queue.slice(group.length);
      call(group);
    }
  };

  // Once the requests that have arrived together have all been read. What waits for a call to end waits for that alone.
  const schedule = () => {
    if (scheduled || !due()) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      next();
    });
  };

  return {
    get queued() {
      return queued;
    },
    get sent() {
      return sent;
    },
    publish(lines, answer) {
      if (queued > QUEUE_READINGS) {
        const slow = unavailable(
          "it takes readings more slowly than they come",
        );
        countRefused(metrics, lines.count, slow);
        return Promise.reject(slow);
      }
      return new Promise((resolve, reject) => {
        const written = (ids: Written) => resolve(answer(ids));
        queue.push({ lines, written, reject });
        queued += lines.count;
        schedule();
      });
    },
    async publishOnce({ text, count }, { key, before, ttlMs, answer }) {
      const args = [GROUP, before, String(ttlMs), answer, text, String(count)];
      try {
        const reply = await run([STREAM, WATERMARK, key], args, count);
        if (Array.isArray(reply)) return { kept: reply[1] };
        metrics.accepted(count);
        const [first, last] = (reply as string).split(" ");
        return { first, last };
      } catch (error) {
        const problem = publishProblem(error);
        countRefused(metrics, count, problem);
        throw problem;
      }
    },
  };
}

/**
 * How many of the requests one call takes. Where calls are quick, half of them: one half is written while the other is
 * answered and the clients' next requests are read. Left to themselves the two drift apart, until one has nearly all and
 * this process and Redis wait for each other. Where a call takes longer than all that is to be done here, as with a slow
 * disk, the fewer calls the better.
 */
function share(requests: number, callMs: number): number {
  return callMs < requests * REQUEST_MS ? Math.ceil(requests / 2) : Infinity;
}

/** As many requests as one call takes and at most so many, at least one. */
function takeFrom(queue: Waiting[], most: number): Waiting[] {
  let count = 0;
  const end = queue.findIndex(({ lines }, index) => {
    count += lines.count;
    return index > 0 && (count > CALL_READINGS || index >= most);
  });
  return end === -1 ? queue : queue.slice(0, end);
}
