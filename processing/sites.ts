/**
 * The sites, each with its devices and their newest readings.
 *
 * @module
 */

import { devicesKey, readingsKey, SITES } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";

/** How many sites are asked for in one go. */
const PAGE = 500;

/** A device's newest reading. */
export interface Device {
  device_id: string;
  power_reading: number;
  timestamp: string;
}

/** A site. */
export interface Site {
  site_id: string;
  /** How many readings are stored. */
  count: number;
  /** When it was last heard, in UTC. */
  last_heard: string;
  /** Its devices by name. */
  devices: Device[];
}

/**
 * Lists the sites by name.
 *
 * @param redis The connection.
 * @param siteIds Only these; all when not given.
 * @returns The sites that exist.
 * @throws What Redis or the connection to it objects.
 */
export async function listSites(
  redis: Redis,
  siteIds?: string[],
): Promise<Site[]> {
  const heard = siteIds === undefined
    ? await allHeard(redis)
    : await someHeard(redis, siteIds);
  const names = [...heard.keys()].sort();
  const sites: Site[] = [];
  for (let at = 0; at < names.length; at += PAGE) {
    const page = names.slice(at, at + PAGE);
    const pipeline = redis.pipeline();
    for (const name of page) {
      pipeline.llen(readingsKey(name)).hvals(devicesKey(name));
    }
    const replies = await pipeline.exec() ?? [];
    for (const [error] of replies) {
      // A key of the wrong type: that site has nothing to show, the others do. Anything else is no answer at all.
      if (error !== null && !error.message.startsWith("WRONGTYPE")) throw error;
    }
    page.forEach((site_id, index) => {
      const count = replies[2 * index][1] as number | null;
      const newest = replies[2 * index + 1][1] as string[] | null;
      sites.push({
        site_id,
        count: count ?? 0,
        last_heard: new Date(heard.get(site_id)!).toISOString(),
        devices: (newest ?? []).map(toDevice).sort((a, b) =>
          a.device_id < b.device_id ? -1 : 1
        ),
      });
    });
  }
  return sites;
}

async function allHeard(redis: Redis): Promise<Map<string, number>> {
  const items = await redis.zrange(SITES, 0, -1, "WITHSCORES");
  const heard = new Map<string, number>();
  for (let i = 0; i < items.length; i += 2) {
    heard.set(items[i], Number(items[i + 1]));
  }
  return heard;
}

async function someHeard(
  redis: Redis,
  siteIds: string[],
): Promise<Map<string, number>> {
  const heard = new Map<string, number>();
  if (siteIds.length === 0) return heard;
  const scores = await redis.zmscore(SITES, ...siteIds);
  siteIds.forEach((siteId, index) => {
    const score = scores[index];
    if (score !== null) heard.set(siteId, Number(score));
  });
  return heard;
}

function toDevice(json: string): Device {
  const { device_id, power_reading, timestamp } = JSON.parse(json);
  return { device_id, power_reading, timestamp };
}
