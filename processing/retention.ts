/**
 * Retention: what is kept of every site, and for how long.
 *
 * @module
 */

import { daysKey, seriesPrefix } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import type { Rounds } from "./rounds.ts";
import source from "./trim_series.lua" with { type: "text" };
import { type Keep, type Seen, trimSite } from "./trim_site.ts";

const script = createScript(source);

const DAY_MS = 86_400_000;

/** How often every site is looked at, in milliseconds. */
const EVERY_MS = 5000;

/** How many devices' days go at a time. */
const DAYS_A_CALL = 100;

/** The settings of retention; what is not set is kept for ever. */
export interface RetentionConfig {
  SITE_READINGS_MAX?: number;
  READINGS_RETENTION?: number;
  SERIES_RETENTION?: number;
}

/**
 * Takes away what a site has of sums of days that are too old.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param before Days that ended before this time go, in milliseconds since 1970.
 * @returns How many days of a device were taken away.
 */
export async function trimSeries(
  redis: Redis,
  siteId: string,
  before: number,
): Promise<number> {
  const oldest = Math.floor(before / DAY_MS) - 1;
  for (let removed = 0;;) {
    const count = await script(redis, [daysKey(siteId)], [
      oldest,
      DAYS_A_CALL,
      seriesPrefix(siteId),
    ]) as number;
    removed += count;
    if (count < DAYS_A_CALL) return removed;
  }
}

/**
 * What retention does, as rounds over all sites, those without new readings among them.
 *
 * @param redis The connection.
 * @param config What is kept.
 * @param removed Told how many readings were taken away.
 * @returns The rounds; `undefined` when all is kept for ever.
 */
export function retentionRounds(
  redis: Redis,
  config: RetentionConfig,
  removed: (readings: number) => void = () => {},
): Rounds | undefined {
  const {
    SITE_READINGS_MAX: most,
    READINGS_RETENTION: readingsMs,
    SERIES_RETENTION: seriesMs,
  } = config;
  const readings = most !== undefined || readingsMs !== undefined;
  if (!readings && seriesMs === undefined) return undefined;
  const seen: Seen = new Map();
  return {
    name: "retention",
    everyMs: EVERY_MS,
    async visit(siteId, stopping) {
      if (readings) {
        const keep: Keep = {
          most,
          since: readingsMs === undefined ? undefined : Date.now() - readingsMs,
        };
        for (let count = 1; count > 0 && !stopping?.aborted;) {
          count = await trimSite(redis, siteId, keep, seen);
          removed(count);
        }
      }
      if (seriesMs !== undefined) {
        await trimSeries(redis, siteId, Date.now() - seriesMs);
      }
    },
  };
}
