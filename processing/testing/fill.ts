/**
 * Filling a site's list in a test, through the storing script or past it.
 *
 * @module
 */

import { readingsKey, STREAM } from "../../core/keys.ts";
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
 */
export async function pushSamples(
  h: Harness,
  site: string,
  samples: Sample[],
): Promise<void> {
  for (let at = 0; at < samples.length; at += 5000) {
    await h.redis.rpush(
      readingsKey(site),
      ...samples.slice(at, at + 5000).map(({ device, time, power }) =>
        JSON.stringify({
          site_id: site,
          device_id: device,
          power_reading: power,
          timestamp: iso(time),
          id: `1700000000000-${pushed++}`,
        })
      ),
    );
  }
}

function iso(time: number): string {
  return new Date(time).toISOString().replace(/\.?0*Z$/, "Z");
}
