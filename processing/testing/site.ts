/**
 * A site of a test, beside which a plain array says what must be in its list.
 *
 * @module
 */

import { metaKey, STREAM } from "../../core/keys.ts";
import { type Entry, type RawEntry, readEntry } from "../entry.ts";
import { storeEntries } from "./entries.ts";
import type { Harness } from "./harness.ts";

/** A reading as the tests write it. */
export interface Given {
  power: number;
  /** Milliseconds since 1970. */
  time: number;
  device?: string;
}

/**
 * Sends readings through the stream and the storing script, at most 5000 a batch.
 *
 * @param h The harness.
 * @param siteId The site.
 * @param readings The readings.
 */
export async function storeReadings(
  h: Harness,
  siteId: string,
  readings: Given[],
): Promise<void> {
  for (let at = 0; at < readings.length; at += 5000) {
    const batch = readings.slice(at, at + 5000);
    const pipeline = h.redis.pipeline();
    for (const { power, time, device = "a" } of batch) {
      pipeline.xadd(
        STREAM,
        "*",
        "site_id",
        siteId,
        "device_id",
        device,
        "power_reading",
        power,
        "timestamp",
        new Date(time).toISOString(),
      );
    }
    await pipeline.exec();
    const [[, raws]] = await h.deliver("a", batch.length) as [
      string,
      RawEntry[],
    ][];
    await storeEntries(h.redis, raws.map((raw) => readEntry(raw) as Entry));
  }
}

/** Says up to which absolute position a site is summed up. */
export async function setRolled(
  h: Harness,
  siteId: string,
  rolled: number,
): Promise<void> {
  await h.redis.hset(metaKey(siteId), "rolled", rolled);
}

/** Readings one a second from a time on, whose powers count from a number on. */
export function series(count: number, time: number, power = 0): Given[] {
  return Array.from({ length: count }, (_, i) => ({
    power: power + i,
    time: time + 1000 * i,
  }));
}
