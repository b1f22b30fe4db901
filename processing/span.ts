/**
 * A part of a site's list, read from where it is rolled up to.
 *
 * @module
 */

import { readingsKey, seriesKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { BLOCK } from "./blocks.ts";
import { createGathered, type Gathered } from "./gather.ts";
import { type Days, type DeviceDay, memberOf } from "./merge.ts";
import { unpackDay } from "./rollup.ts";
import { eachReading } from "./stored.ts";

/** A part of a list; positions are counted from the list's first item. */
export interface Span {
  start: number;
  end: number;
  /** Its last reading. */
  last: string;
  gathered: Gathered;
  /** The smallest and the largest time in each block that it touches. */
  seen: Map<number, { low: number; high: number }>;
}

/**
 * Begins a span.
 *
 * @param start Where it begins.
 * @returns A span that has nothing yet.
 */
export function createSpan(start: number): Span {
  return {
    start,
    end: start,
    last: "",
    gathered: createGathered(),
    seen: new Map(),
  };
}

/**
 * Reads on.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param span What was read so far; it grows.
 * @param count How many readings to add.
 */
export async function readOn(
  redis: Redis,
  siteId: string,
  span: Span,
  count: number,
): Promise<void> {
  const jsons = await redis.lrange(
    readingsKey(siteId),
    span.end,
    span.end + count - 1,
  );
  eachReading(jsons, (deviceId, time, power, index) => {
    span.gathered.add(deviceId, time, power);
    const block = Math.floor((span.end + index) / BLOCK);
    const seen = span.seen.get(block);
    if (seen === undefined) span.seen.set(block, { low: time, high: time });
    else if (time < seen.low) seen.low = time;
    else if (time > seen.high) seen.high = time;
  });
  span.end += jsons.length;
  span.last = jsons.at(-1) ?? span.last;
}

/**
 * Reads the rollups of days.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param days Which ones.
 * @returns Their records as they are stored, empty where there are none.
 */
export async function readDays(
  redis: Redis,
  siteId: string,
  days: DeviceDay[],
): Promise<Uint8Array[]> {
  if (days.length === 0) return [];
  const keys = days.map(({ day, deviceId }) =>
    seriesKey(siteId, day, deviceId)
  );
  const values = await redis.mgetBuffer(...keys);
  return values.map((value) => value ?? new Uint8Array());
}

/**
 * Unpacks the rollups of days.
 *
 * @param days Which ones.
 * @param records Their records.
 * @returns The rollups.
 */
export function unpack(days: DeviceDay[], records: Uint8Array[]): Days {
  return new Map(
    days.map((day, index) => [
      memberOf(day),
      unpackDay(records[index], day.day),
    ]),
  );
}
