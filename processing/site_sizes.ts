/**
 * What each site takes in Redis's memory.
 *
 * Measured in rounds by one replica and kept in Redis, so that asking costs little however many sites there are, and
 * every replica answers the same. Large keys are sampled: a list's nodes and a hash's fields are much alike.
 *
 * @module
 */

import {
  blocksKey,
  daysKey,
  devicesKey,
  metaKey,
  readingsKey,
  seriesPrefix,
  SITE_SIZES,
  SITES,
  STATS,
} from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import type { Rounds } from "./rounds.ts";
import { writeSmall } from "./small_write.ts";

/** How often every site is measured, in milliseconds. */
const EVERY_MS = 60_000;

/** How many parts of a key are looked at. */
const SAMPLES = 50;

/** How many keys of a site's sums are looked at. */
const SERIES_SAMPLES = 5;

/** The field of {@linkcode STATS} that all sites together are kept in. */
const TOTAL = "site_bytes";

/** What a site takes. */
export interface SiteSize {
  site_id: string;
  bytes: number;
}

/**
 * Measures a site.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @returns Bytes.
 * @throws What Redis or the connection to it objects.
 */
export async function measureSite(
  redis: Redis,
  siteId: string,
): Promise<number> {
  const days = daysKey(siteId);
  const keys = [readingsKey, devicesKey, blocksKey, metaKey, daysKey];
  const sampled = await redis.zrandmember(days, SERIES_SAMPLES);
  const pipeline = redis.pipeline().zcard(days);
  for (const key of keys) {
    pipeline.memory("USAGE", key(siteId), "SAMPLES", SAMPLES);
  }
  for (const member of sampled) {
    pipeline.memory("USAGE", seriesPrefix(siteId) + member);
  }
  const replies = (await pipeline.exec() ?? []).map(([error, reply]) => {
    if (error !== null) throw error;
    return Number(reply ?? 0);
  });
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const series = sum(replies.slice(1 + keys.length)) /
    Math.max(1, sampled.length) * replies[0];
  return Math.round(sum(replies.slice(1, 1 + keys.length)) + series);
}

/**
 * The measuring, as rounds over all sites.
 *
 * @param redis The connection.
 * @returns The rounds.
 */
export function sizeRounds(redis: Redis): Rounds {
  let total = 0;
  return {
    name: "sizes",
    everyMs: EVERY_MS,
    async visit(siteId) {
      const bytes = await measureSite(redis, siteId);
      total += bytes;
      await writeSmall(redis, "ZADD", SITE_SIZES, bytes, siteId);
    },
    async done() {
      await forgetDeleted(redis);
      await writeSmall(redis, "HSET", STATS, TOTAL, total);
      total = 0;
    },
  };
}

/** A site that was deleted while it was measured has a size again. */
async function forgetDeleted(redis: Redis): Promise<void> {
  let cursor = "0";
  do {
    const [next, items] = await redis.zscan(SITE_SIZES, cursor, "COUNT", 100);
    cursor = next;
    const siteIds = items.filter((_, index) => index % 2 === 0);
    if (siteIds.length === 0) continue;
    const heard = await redis.zmscore(SITES, ...siteIds);
    const gone = siteIds.filter((_, index) => heard[index] === null);
    if (gone.length > 0) await redis.zrem(SITE_SIZES, ...gone);
  } while (cursor !== "0");
}

/**
 * Lists what the sites take, the largest first.
 *
 * @param redis The connection.
 * @param offset How many are passed over.
 * @param limit How many at most.
 * @returns The sites, how many there are, and what all take together.
 */
export async function listSizes(
  redis: Redis,
  offset: number,
  limit: number,
): Promise<{ count: number; bytes: number; sites: SiteSize[] }> {
  const [count, bytes, items] = await Promise.all([
    redis.zcard(SITE_SIZES),
    redis.hget(STATS, TOTAL),
    redis.zrevrange(SITE_SIZES, offset, offset + limit - 1, "WITHSCORES"),
  ]);
  const sites: SiteSize[] = [];
  for (let i = 0; i < items.length; i += 2) {
    sites.push({ site_id: items[i], bytes: Number(items[i + 1]) });
  }
  return { count, bytes: Number(bytes ?? 0), sites };
}
