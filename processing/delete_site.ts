/**
 * Deleting a site with all that belongs to it.
 *
 * @module
 */

import {
  blocksKey,
  daysKey,
  devicesKey,
  liveChannel,
  metaKey,
  readingsKey,
  seriesPrefix,
  SITE_SIZES,
  SITES,
} from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import source from "./delete_site.lua" with { type: "text" };

const script = createScript(source);

/**
 * Deletes a site: its readings, devices, index, sums, and its place among the sites.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @returns Whether there was anything of it.
 */
export async function deleteSite(
  redis: Redis,
  siteId: string,
): Promise<boolean> {
  const keys = [
    SITES,
    SITE_SIZES,
    daysKey(siteId),
    readingsKey(siteId),
    devicesKey(siteId),
    blocksKey(siteId),
    metaKey(siteId),
  ];
  const args = [siteId, seriesPrefix(siteId), liveChannel(siteId)];
  return await script(redis, keys, args) === 1;
}
