/**
 * Storing: acknowledges entries and appends their readings to their sites, in one atomic script.
 *
 * @module
 */

import {
  blocksKey,
  devicesKey,
  GROUP,
  LIVE_PREFIX,
  readingsKey,
  SITES,
  STATS,
  STREAM,
  WATERMARK,
} from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import { compareTimestamps, epochMsOf } from "../core/timestamp.ts";
import { BLOCK } from "./blocks.ts";
import type { Entry } from "./entry.ts";
import source from "./store.lua" with { type: "text" };

const script = createScript(source);

/** What became of a batch. */
export interface Stored {
  /** How many readings were stored; the rest of the batch had been stored before, or was left out. */
  stored: number;
  /** Redis's clock, in milliseconds since 1970. */
  now: number;
  /** Sites whose key holds something else; their entries stay pending. */
  blockedSites: string[];
}

/** The entries of a batch that belong to one site. */
interface SiteBatch {
  ids: string[];
  jsons: string[];
  heard: number;
  sumMs: number;
  /** The smallest and the largest time of its readings, in milliseconds since 1970. */
  low: number;
  high: number;
  newest: Map<string, Entry>;
}

/**
 * Acknowledges entries and stores those that were still pending.
 *
 * @param redis The connection.
 * @param entries Entries that this consumer holds, in the order of the stream.
 * @returns What became of them.
 * @throws What Redis answers when it cannot take them; `NOGROUP` when the group is gone.
 */
export async function storeEntries(
  redis: Redis,
  entries: Entry[],
): Promise<Stored> {
  const sites = groupBySite(entries);
  const keys = [STREAM, WATERMARK, SITES, STATS];
  const args: (string | number)[] = [GROUP, LIVE_PREFIX, BLOCK];
  for (const [siteId, site] of sites) {
    keys.push(readingsKey(siteId), devicesKey(siteId), blocksKey(siteId));
    args.push(
      siteId,
      site.heard,
      site.sumMs,
      site.low,
      site.high,
      site.ids.length,
      site.newest.size,
    );
    for (const id of site.ids) args.push(id);
    for (const json of site.jsons) args.push(json);
    for (const [deviceId, { reading, json }] of site.newest) {
      args.push(deviceId, reading.timestamp.slice(0, -1), json);
    }
  }
  const [stored, now, ...blocked] = await script(redis, keys, args) as number[];
  const names = [...sites.keys()];
  return {
    stored,
    now,
    blockedSites: blocked.map((number) => names[number - 1]),
  };
}

function groupBySite(entries: Entry[]): Map<string, SiteBatch> {
  const sites = new Map<string, SiteBatch>();
  for (const entry of entries) {
    const { site_id, device_id, timestamp } = entry.reading;
    let site = sites.get(site_id);
    if (site === undefined) {
      site = {
        ids: [],
        jsons: [],
        heard: 0,
        sumMs: 0,
        low: Infinity,
        high: -Infinity,
        newest: new Map(),
      };
      sites.set(site_id, site);
    }
    site.ids.push(entry.id);
    site.jsons.push(entry.json);
    site.sumMs += entry.acceptedMs;
    const time = epochMsOf(timestamp);
    site.low = Math.min(site.low, time);
    site.high = Math.max(site.high, time);
    site.heard = Math.max(site.heard, entry.acceptedMs);
    const newest = site.newest.get(device_id);
    if (
      newest === undefined ||
      compareTimestamps(newest.reading.timestamp, timestamp) <= 0
    ) {
      site.newest.set(device_id, entry);
    }
  }
  return sites;
}
