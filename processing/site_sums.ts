/**
 * One site's readings summed up, and kept up to date by what has come to its list since.
 *
 * @module
 */

import { metaKey, readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import type { Accumulator } from "./aggregate.ts";
import { createAccumulator } from "./aggregate.ts";
import { gatherReadings } from "./series.ts";
import { deviceOf, powerOf, timeOf } from "./stored.ts";

/** What is summed up. */
export interface SumsQuery {
  /** The start of each step and, last, the end, in milliseconds since 1970. */
  bounds: number[];
  /** The start and the end of today. */
  today: number[];
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
}

/** A device's sums. */
export interface DeviceSums {
  steps: Accumulator;
  day: Accumulator;
}

/** A site's sums. */
export interface SiteSums {
  /** How much of its list they hold. */
  length: number;
  /** The last reading that they hold: when it is not in its place any more, the list is another one. */
  last: string | null;
  devices: Map<string, DeviceSums>;
}

/**
 * Sums a site up.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param query What is summed up.
 * @param length How long its list is.
 * @param now The clock, in milliseconds since 1970.
 * @returns Its sums.
 */
export async function sumUpSite(
  redis: Redis,
  siteId: string,
  { bounds, today, maxGapMs }: SumsQuery,
  length: number,
  now: number,
): Promise<SiteSums> {
  const whole = [
    Math.min(bounds[0], today[0]),
    Math.max(bounds.at(-1)!, today[1]),
  ];
  // One whose key holds something else is not read: the others have something to show.
  if (length === 0) return { length, last: null, devices: new Map() };
  // A trim since its length was read moves both in the same way: `last` is then another reading, or none.
  const [[, base], [, last]] = await redis.multi()
    .hget(metaKey(siteId), "base")
    .lindex(readingsKey(siteId), length - 1)
    .exec() as [unknown, string | null][];
  const gathered = await gatherReadings(
    redis,
    { siteId, bounds: whole, maxGapMs },
    Number(base ?? 0) + length,
  );
  const sumUp = (device: string, steps: number[]) =>
    gathered.sumUp(device, steps, maxGapMs, now);
  const devices = gathered.devices().map((device) =>
    [device, {
      steps: sumUp(device, bounds),
      day: sumUp(device, today),
    }] as const
  );
  return { length, last, devices: new Map(devices) };
}

/**
 * Adds what has come to a site's list since.
 *
 * @param sums The site's sums.
 * @param jsons The list from the last reading that they hold on.
 * @param query What is summed up.
 * @param now The clock, in milliseconds since 1970.
 * @returns Whether the sums hold it now. If not, they are of no use any more: the list is another one, or a
 * reading came late or lies ahead of the clock.
 */
export function followSite(
  sums: SiteSums,
  jsons: string[],
  { bounds, today, maxGapMs }: SumsQuery,
  now: number,
): boolean {
  if (jsons[0] !== sums.last) return false;
  for (const json of jsons.slice(1)) {
    const device = deviceOf(json), time = timeOf(json), power = powerOf(json);
    let of = sums.devices.get(device);
    if (of === undefined) {
      of = {
        steps: createAccumulator(bounds, maxGapMs),
        day: createAccumulator(today, maxGapMs),
      };
      sums.devices.set(device, of);
    }
    if (time > now || !(time >= of.steps.newest())) return false;
    of.steps.add(time, power, now);
    of.day.add(time, power, now);
  }
  sums.length += jsons.length - 1;
  sums.last = jsons.at(-1)!;
  return true;
}

/**
 * Whether a site's sums stay right while the clock goes on: not when a reading lies ahead of it.
 *
 * @param sums The site's sums.
 * @param now The clock, in milliseconds since 1970.
 * @returns Whether they do.
 */
export function lasts(sums: SiteSums, now: number): boolean {
  return [...sums.devices.values()].every(({ steps }) => steps.newest() <= now);
}
