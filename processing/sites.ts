/**
 * The sites, each with its devices and their newest readings.
 *
 * @module
 */

import { devicesKey, readingsKey, SITES } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import source from "./sites.lua" with { type: "text" };

const script = createScript(source);

/** How many sites are asked for in one go; a site costs Redis some 2 µs, and its devices. */
const PAGE = 250;

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
  const pages: Promise<unknown>[] = [];
  for (let at = 0; at < names.length; at += PAGE) {
    const keys = names.slice(at, at + PAGE).flatMap((name) => [
      readingsKey(name),
      devicesKey(name),
    ]);
    pages.push(script(redis, keys, []));
  }
  const replies = (await Promise.all(pages)).flat() as [number, string[]][];
  return replies.map(([count, newest], index) => ({
    site_id: names[index],
    count,
    last_heard: new Date(heard.get(names[index])!).toISOString(),
    devices: newest.map(toDevice).sort((a, b) =>
      a.device_id < b.device_id ? -1 : 1
    ),
  }));
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
