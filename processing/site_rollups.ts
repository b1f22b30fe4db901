/**
 * What an overview of many sites is made of: the totals that are kept of each, and behind them its rollups.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { daysKey, seriesPrefix } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createBufferScript } from "../core/script.ts";
import { QUARTER_MS } from "./rollup.ts";
import source from "./site_rollups.lua" with { type: "text" };

const script = createBufferScript(source);

/** How many days of sites are asked for in one go; of sites with three devices that takes Redis about 1 ms. */
const PAGE = 100;

/** A device's rollups of some days. */
export interface DeviceRollups {
  deviceId: string;
  /** Days since 1970, ascending. */
  days: number[];
  /** The records of each of the days. */
  records: Uint8Array[];
}

/** What is there of a site. */
export interface SiteRollups {
  /** The quarter, counted since 1970, that the totals end before. */
  final: number;
  /** The totals of the quarters from the first day's first one on, day by day. */
  totals: Uint8Array[];
  /** Its devices, with rollups from the hour on that `final` is in, and of what still holds when that begins. */
  devices: Map<string, DeviceRollups>;
}

/** Which days are wanted. */
export interface DaysWanted {
  /** Days since 1970. */
  first: number;
  last: number;
  maxGapMs: number;
  /** The clock, in milliseconds since 1970. */
  now: number;
  /** Whether totals can be used: they are of quarters and of whole hours in UTC. */
  totals: boolean;
}

/**
 * Reads what an overview is made of.
 *
 * @param redis The connection.
 * @param siteIds The sites.
 * @param wanted Which days.
 * @yields What is there of each site, in their order, `undefined` when it is too much to be read at once; what is next
 * is asked for meanwhile.
 */
export async function* readSiteRollups(
  redis: Redis,
  siteIds: string[],
  { first, last, maxGapMs, now, totals }: DaysWanted,
): AsyncGenerator<SiteRollups | undefined> {
  const size = Math.max(1, Math.floor(PAGE / (last - first + 1)));
  const ask = async (at: number) => {
    const page = siteIds.slice(at, at + size);
    const reply = await script(redis, page.map(daysKey), [
      first,
      last,
      Math.ceil(maxGapMs / QUARTER_MS),
      totals ? 1 : 0,
      Math.floor(now / QUARTER_MS),
      ...page.map((siteId) => seriesPrefix(siteId)),
    ]) as Buffer[][];
    return reply.map(toSite);
  };
  // The next one is under way, so that Redis does not wait for this process; what waits here costs the collector.
  const ahead: Promise<(SiteRollups | undefined)[]>[] = [];
  for (let at = 0, next = 0; at < siteIds.length; at += size) {
    for (; next < siteIds.length && ahead.length < 2; next += size) {
      const page = ask(next);
      page.catch(() => {});
      ahead.push(page);
    }
    yield* await ahead.shift()!;
  }
}

function toSite(reply: Buffer[]): SiteRollups | undefined {
  if (reply.length === 0) return undefined;
  const devices: SiteRollups["devices"] = new Map();
  const behind = 2 + Number(reply[1].toString());
  // The set is in the order of its scores, so days ascend.
  for (let i = behind; i < reply.length; i += 2) {
    const member = reply[i].toString("latin1");
    const deviceId = member.slice(member.indexOf(":") + 1);
    let device = devices.get(deviceId);
    if (device === undefined) {
      devices.set(deviceId, device = { deviceId, days: [], records: [] });
    }
    device.days.push(parseInt(member));
    device.records.push(reply[i + 1]);
  }
  return {
    final: Number(reply[0].toString()),
    totals: reply.slice(2, behind),
    devices,
  };
}
