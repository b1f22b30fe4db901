/**
 * The days that a site's devices have rollups of, and their records, device by device.
 *
 * A site of some dozen devices has a million rollups in a year, so neither all of them are read at once nor is there
 * an object for each.
 *
 * @module
 */

import { daysKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import type { DeviceDay } from "./merge.ts";
import { readDays } from "./span.ts";

/** How many members of the set of days are asked for in one go. */
const MEMBERS = 10_000;

/** How many days are read in one go, 5 kB each at most. */
const PAGE = 100;

/** Which days are wanted, in days since 1970. */
export interface DayRange {
  first: number;
  last: number;
  /** Only of this device. */
  deviceId?: string;
}

/** The records of a device's day. */
export interface DayRecords extends DeviceDay {
  records: Uint8Array;
  /** The clock when they were read, in milliseconds since 1970. */
  now: number;
}

/**
 * Reads which days there are.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param range Which ones are wanted.
 * @returns The days of each device, ascending.
 */
export async function readDeviceDays(
  redis: Redis,
  siteId: string,
  { first, last, deviceId: only }: DayRange,
): Promise<Map<string, number[]>> {
  const devices = new Map<string, number[]>();
  for (let from = first, size = MEMBERS; from <= last;) {
    const members = await redis.zrangebyscore(
      daysKey(siteId),
      from,
      last,
      "LIMIT",
      0,
      size,
    );
    for (const member of members) {
      const deviceId = member.slice(member.indexOf(":") + 1);
      // One without a device is of the site's totals.
      if (only === undefined ? deviceId === "" : deviceId !== only) continue;
      const day = parseInt(member);
      let days = devices.get(deviceId);
      if (days === undefined) devices.set(deviceId, days = []);
      if (days.at(-1) !== day) days.push(day);
    }
    if (members.length < size) break;
    // The last day once more, for it need not be complete. By positions one could be left out when the set changes.
    const day = parseInt(members.at(-1)!);
    if (day === from) size *= 2;
    from = day;
  }
  return devices;
}

/**
 * Reads the records of days, as fast as they are taken.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param days Which ones.
 * @yields The records of each, in their order.
 */
export async function* readRecords(
  redis: Redis,
  siteId: string,
  days: Iterable<DeviceDay>,
): AsyncGenerator<DayRecords> {
  let page: DeviceDay[] = [];
  async function* read() {
    const all = await readDays(redis, siteId, page);
    const now = Date.now();
    for (const [i, day] of page.entries()) {
      yield { ...day, records: all[i], now };
    }
    page = [];
  }
  for (const day of days) {
    if (page.push(day) === PAGE) yield* read();
  }
  yield* read();
}
