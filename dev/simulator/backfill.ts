/**
 * Filling an empty store with the last day, so that a first look shows a day and not one dot.
 *
 * @module
 */

import { until } from "../until.ts";
import { type Meter, type Reading, readMeter } from "./meters.ts";
import type { Send } from "./send.ts";

const MINUTE = 60_000;
const MINUTES = 24 * 60;
/** Half of what ingestion takes at once by default. */
const BATCH = 5000;

/**
 * Says whether processing has no readings yet; asks until it answers.
 *
 * @param url The processing API.
 * @param apiKey The API key, if one is needed.
 * @returns Whether there is no site. A key that may only write cannot see them: then there is nothing to fill.
 */
export async function isEmpty(url: string, apiKey?: string): Promise<boolean> {
  const response = await until(async () => {
    const response = await fetch(`${url}/sites`, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status < 500 && response.status !== 429) return response;
    await response.body?.cancel();
  }, { timeout: Infinity });
  if (response.ok) return (await response.json()).sites.length === 0;
  await response.body?.cancel();
  return false;
}

/**
 * Lists the readings of the 24 hours before a moment, one a minute of each meter, in the order of time.
 *
 * @param meters The meters.
 * @param now The moment, in milliseconds since 1970.
 * @returns Batches that ingestion takes.
 */
export function* lastDay(meters: Meter[], now: number): Generator<Reading[]> {
  const end = Math.floor(now / MINUTE) * MINUTE;
  let batch: Reading[] = [];
  for (let ago = MINUTES; ago > 0; ago--) {
    if (batch.length + meters.length > BATCH) {
      yield batch;
      batch = [];
    }
    for (const meter of meters) {
      batch.push(readMeter(meter, end - ago * MINUTE));
    }
  }
  if (batch.length > 0) yield batch;
}

/**
 * Sends the last 24 hours.
 *
 * @param meters The meters.
 * @param send The sender.
 * @param now The moment, in milliseconds since 1970.
 * @returns How many readings it were.
 */
export async function backfill(
  meters: Meter[],
  send: Send,
  now: number,
): Promise<number> {
  let count = 0;
  for (const batch of lastDay(meters, now)) {
    await send(batch, `simulator-backfill-${batch[0].timestamp}`);
    count += batch.length;
  }
  return count;
}
