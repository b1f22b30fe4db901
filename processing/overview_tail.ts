/**
 * The readings of sites that are not rolled up yet, for an overview: they are few, and rolling hundreds of sites up
 * for it would take longer than adding them to what was read.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createGathered } from "./gather.ts";
import { type Days, daysOf, memberOf, merge } from "./merge.ts";
import { packDay, QUARTER_MS, recordsFrom, unpackDay } from "./rollup.ts";
import type { SiteRollups } from "./site_rollups.ts";
import { behind, type SiteState } from "./site_state.ts";
import { eachReading } from "./stored.ts";

/**
 * Reads what is not rolled up yet.
 *
 * @param redis The connection.
 * @param states What is known of the sites.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 * @returns The readings of each site that has some.
 */
export async function readTails(
  redis: Redis,
  states: SiteState[],
  maxGapMs: number,
): Promise<Map<string, string[]>> {
  const late = states.filter((state) => behind(state, maxGapMs) > 0);
  const pipeline = redis.pipeline();
  for (const { siteId, rolled, base, length } of late) {
    pipeline.lrange(readingsKey(siteId), rolled - base, length - 1);
  }
  const replies = late.length === 0 ? [] : await pipeline.exec() ?? [];
  return new Map(
    late.map(({ siteId }, i) => {
      const [error, jsons] = replies[i];
      if (error !== null) throw error;
      return [siteId, jsons as string[]];
    }),
  );
}

/**
 * Adds a site's tail to its rollups.
 *
 * @param rollups The rollups, which are changed.
 * @param tail The readings.
 * @param state What is known of the site.
 * @param options From which time on readings matter, the clock, and how long a reading holds at most.
 * @returns The first quarter that it touches; `undefined` when it takes a look at the readings before it.
 */
export function addTail(
  { final, devices }: SiteRollups,
  tail: string[],
  { trimmedMax }: SiteState,
  { from, now, maxGapMs }: { from: number; now: number; maxGapMs: number },
): number | undefined {
  const gathered = createGathered();
  let exact = true, first = Infinity;
  eachReading(tail, (deviceId, time, power) => {
    if (time < from) return;
    if (time > now || time < final * QUARTER_MS) exact = false;
    first = Math.min(first, Math.floor(time / QUARTER_MS));
    gathered.add(deviceId, time, power);
  });
  if (!exact) return undefined;
  const touched = daysOf(gathered);
  const kept = new Map<string, Uint8Array>();
  const days: Days = new Map();
  for (const { deviceId, day } of touched) {
    const member = memberOf({ deviceId, day });
    const device = devices.get(deviceId);
    const records = device?.records[device.days.indexOf(day)];
    if (records === undefined) continue;
    // Nearly always it is the last quarter alone that readings are added to.
    const from = recordsFrom(records, day, gathered.inOrder(deviceId).times[0]);
    kept.set(member, records.subarray(0, from));
    days.set(member, unpackDay(records.subarray(from), day));
  }
  if (merge(gathered, days, { maxGapMs, trimmedMax }).size > 0) {
    return undefined;
  }
  for (const { deviceId, day } of touched) {
    let device = devices.get(deviceId);
    if (device === undefined) {
      devices.set(deviceId, device = { deviceId, days: [], records: [] });
    }
    const member = memberOf({ deviceId, day });
    const records = Buffer.concat([
      kept.get(member) ?? new Uint8Array(),
      packDay(days.get(member)!),
    ]);
    let index = device.days.findIndex((other) => other >= day);
    if (index < 0) index = device.days.length;
    const known = device.days[index] === day;
    device.days.splice(index, known ? 1 : 0, day);
    device.records.splice(index, known ? 1 : 0, records);
  }
  return first;
}
