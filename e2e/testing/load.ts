/**
 * A load of readings that can be told apart, and counting what became of them.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { readingsKey } from "../../core/keys.ts";

/** A reading as a client sends it. */
export interface Sent {
  site_id: string;
  device_id: string;
  power_reading: number;
  timestamp: string;
}

/** Sites that a load is spread over. */
export const LOAD_SITES = 7;

/**
 * Makes the reading of a number; its power is that number, so that each can be counted.
 *
 * @param index The number.
 * @returns The reading.
 */
export function numbered(index: number): Sent {
  return {
    site_id: `site-${index % LOAD_SITES}`,
    device_id: `meter-${index % 3}`,
    power_reading: index,
    timestamp: new Date(Date.UTC(2024, 0, 1) + index * 1000).toISOString()
      .replace(".000Z", "Z"),
  };
}

/**
 * Makes some in a row.
 *
 * @param first The number of the first.
 * @param count How many.
 * @returns The readings.
 */
export function numberedBatch(first: number, count: number): Sent[] {
  return Array.from({ length: count }, (_, index) => numbered(first + index));
}

/**
 * Posts once.
 *
 * @param url Where ingestion is.
 * @param readings One reading, or an array of them.
 * @param headers Further headers.
 * @returns The answer, its body parsed.
 */
export async function post(
  url: string,
  readings: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}/readings`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(readings),
  });
  return {
    status: response.status,
    headers: response.headers,
    // deno-lint-ignore no-explicit-any
    body: await response.json() as any,
  };
}

/**
 * Posts until it is taken. The key makes that safe when it is not known whether it was; a 503 is sent again when
 * its `Retry-After` says so.
 *
 * @param url Where ingestion is.
 * @param readings The readings.
 * @param key The `Idempotency-Key`.
 * @param refused Told of each 503.
 * @returns How often it had to be sent again.
 * @throws {Error} When the answer is neither 202 nor a 503 with `Retry-After`.
 */
export async function postUntilTaken(
  url: string,
  readings: Sent[],
  key: string,
  refused: () => void = () => {},
): Promise<number> {
  for (let retries = 0;; retries++) {
    const { status, headers, body } = await post(url, readings, {
      "idempotency-key": key,
    });
    if (status === 202) return retries;
    const seconds = Number(headers.get("retry-after") ?? NaN);
    if (status !== 503 || !(seconds > 0)) {
      throw new Error(`ingestion answered ${status}: ${JSON.stringify(body)}`);
    }
    refused();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

/** A load that goes on. */
export interface Load {
  /** Readings that were taken so far. */
  readonly taken: number;
  /** Requests that were answered with 503 so far; each is sent again. */
  readonly retries: number;
  /** Ends it, once what is under way is taken. */
  stop(): Promise<{ taken: number; retries: number }>;
}

/**
 * Posts numbered readings without end.
 *
 * @param url Where ingestion is.
 * @param options How many readings a request has, and how many clients there are.
 * @returns The load.
 */
export function startLoad(
  url: string,
  options: { batch?: number; clients?: number } = {},
): Load {
  const { batch = 100, clients = 4 } = options;
  const run = crypto.randomUUID();
  let next = 0, taken = 0, retries = 0, stopped = false;
  const client = async () => {
    while (!stopped) {
      const first = next;
      next += batch;
      const readings = numberedBatch(first, batch);
      const refused = () => retries++;
      await postUntilTaken(url, readings, `${run}-${first}`, refused);
      taken += batch;
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  // Told by stop(); until then it must not end the test as an unhandled rejection.
  all.catch(() => {});
  return {
    get taken() {
      return taken;
    },
    get retries() {
      return retries;
    },
    async stop() {
      stopped = true;
      await all;
      return { taken, retries };
    },
  };
}

/** What became of numbered readings. */
export interface Count {
  stored: number;
  lost: number;
  twice: number;
  /** Stored with another site, device or timestamp than was sent. */
  changed: number;
}

/**
 * Counts numbered readings, one by one.
 *
 * @param client The connection.
 * @param sent How many were taken, from number 0.
 * @returns What became of them.
 */
export async function countStored(client: Redis, sent: number): Promise<Count> {
  const times = new Uint8Array(sent);
  let stored = 0, changed = 0;
  for (let site = 0; site < LOAD_SITES; site++) {
    const key = readingsKey(`site-${site}`);
    for (const json of await client.lrange(key, 0, -1)) {
      const reading = JSON.parse(json);
      const { site_id, device_id, timestamp } = numbered(reading.power_reading);
      if (
        reading.site_id !== site_id || reading.device_id !== device_id ||
        reading.timestamp !== timestamp || site_id !== `site-${site}`
      ) changed++;
      times[reading.power_reading]++;
      stored++;
    }
  }
  return {
    stored,
    lost: times.filter((n) => n === 0).length,
    twice: times.filter((n) => n > 1).length,
    changed,
  };
}

/**
 * What {@linkcode countStored} gives when all is well.
 *
 * @param sent How many readings were taken.
 * @returns Each stored once, as it was sent.
 */
export function eachOnce(sent: number): Count {
  return { stored: sent, lost: 0, twice: 0, changed: 0 };
}
