/**
 * Filling a site's list in a test, through the storing script or past it.
 *
 * @module
 */

import { readingsKey, SITES, STREAM } from "../../core/keys.ts";
import { type Entry, type RawEntry, readEntry } from "../entry.ts";
import { storeEntries } from "./entries.ts";
import type { Harness } from "./harness.ts";
import type { Sample } from "./reference.ts";

/**
 * Sends readings through the storing script, as one batch.
 *
 * @param h The harness.
 * @param site The site.
 * @param samples The readings.
 */
export async function storeSamples(
  h: Harness,
  site: string,
  samples: Sample[],
): Promise<void> {
  const pipeline = h.redis.pipeline();
  for (const { device, time, power } of samples) {
    pipeline.xadd(
      ...[STREAM, "*", "site_id", site, "device_id", device] as const,
      ...["power_reading", power, "timestamp", iso(time)],
    );
  }
  await pipeline.exec();
  const [[, raws]] = await h.deliver("filler", samples.length) as [
    string,
    RawEntry[],
  ][];
  await storeEntries(h.redis, raws.map((raw) => readEntry(raw) as Entry));
}

let pushed = 0;

/**
 * Pushes readings as a program does that knows of no index.
 *
 * @param h The harness.
 * @param site The site.
 * @param samples The readings.
 * @param first The number in the id of the first; one that no other has unless it is given.
 */
export async function pushSamples(
  h: Harness,
  site: string,
  samples: Sample[],
  first = pushed,
): Promise<void> {
  const jsons = samples.map(({ device, time, power }, i) =>
    JSON.stringify({
      site_id: site,
      device_id: device,
      power_reading: power,
      timestamp: iso(time),
      id: `1700000000000-${first + i}`,
    })
  );
  pushed = Math.max(pushed, first + samples.length);
  for (let at = 0; at < jsons.length; at += 5000) {
    await h.redis.rpush(readingsKey(site), ...jsons.slice(at, at + 5000));
  }
}

/**
 * Puts readings in place of a site's list, as if they had been processed before there was an index. What is the same
 * as before is so with its ids, as if only the rest had been pushed.
 *
 * @param h The harness.
 * @param samples The readings.
 * @param site The site.
 */
export async function replaceSamples(
  h: Harness,
  samples: Sample[],
  site = "site-001",
): Promise<void> {
  await h.redis.del(readingsKey(site));
  await h.redis.zadd(SITES, Date.now(), site);
  await pushSamples(h, site, samples, 0);
}

function iso(time: number): string {
  return new Date(time).toISOString().replace(/\.?0*Z$/, "Z");
}
