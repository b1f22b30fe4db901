/**
 * The rollups of many sites at once.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { daysKey, seriesKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createBufferScript } from "../core/script.ts";
import { DAY_MS, dayOf, QUARTER_MS, RECORD } from "./rollup.ts";
import source from "./site_rollups.lua" with { type: "text" };

const script = createBufferScript(source);

/** How many days of a site's devices are asked for in one go, if a site has three devices; that takes Redis 1 ms. */
const PAGE = 100;

/** A device's rollups of some days. */
export interface DeviceRollups {
  deviceId: string;
  /** Days since 1970, ascending. */
  days: number[];
  /** The records of each of the days. */
  records: Uint8Array[];
}

/** The rollups of a site, by device. */
export type SiteRollups = Map<string, DeviceRollups>;

/**
 * Reads the rollups of many sites.
 *
 * @param redis The connection.
 * @param siteIds The sites.
 * @param from From when on, in milliseconds since 1970; there may be some that are older.
 * @param to Up to when.
 * @yields The rollups of some sites, in the order of the sites; what is next is asked for meanwhile.
 */
export async function* readSiteRollups(
  redis: Redis,
  siteIds: string[],
  from: number,
  to: number,
): AsyncGenerator<SiteRollups> {
  const first = dayOf(from), last = Math.ceil(to / DAY_MS) - 1;
  const quarters = Math.ceil(((first + 1) * DAY_MS - from) / QUARTER_MS);
  const size = Math.max(1, Math.floor(PAGE / (last - first + 1)));
  const ask = async (at: number) => {
    const page = siteIds.slice(at, at + size);
    const reply = await script(redis, page.map(daysKey), [
      first,
      last,
      quarters * RECORD,
      ...page.map((siteId) => seriesKey(siteId, 0, "").slice(0, -"0:".length)),
    ]) as Buffer[][];
    return reply.map(toSite);
  };
  // Several are under way at a time, so that Redis does not wait for this process.
  const ahead: Promise<SiteRollups[]>[] = [];
  for (let at = 0, next = 0; at < siteIds.length; at += size) {
    for (; next < siteIds.length && ahead.length < 4; next += size) {
      const page = ask(next);
      page.catch(() => {});
      ahead.push(page);
    }
    yield* await ahead.shift()!;
  }
}

function toSite(reply: Buffer[]): SiteRollups {
  const site: SiteRollups = new Map();
  // The set is in the order of its scores, so days ascend.
  for (let i = 0; i < reply.length; i += 2) {
    const member = reply[i].toString();
    const deviceId = member.slice(member.indexOf(":") + 1);
    let device = site.get(deviceId);
    if (device === undefined) {
      site.set(deviceId, device = { deviceId, days: [], records: [] });
    }
    device.days.push(parseInt(member));
    device.records.push(reply[i + 1]);
  }
  return site;
}
