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
import { createScript, type ScriptClient } from "../core/script.ts";
import { compareTimestamps } from "../core/timestamp.ts";
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

/** What the script is told of the entries of a batch that belong to one site. */
interface SiteBatch {
  /** When it was last heard, in milliseconds since 1970. */
  heard: number;
  /** The sum of the milliseconds in the ids. */
  sumMs: number;
  /** The smallest and the largest time of its readings, in milliseconds since 1970. */
  low: number;
  high: number;
  ids: string[];
  jsons: string[];
  newest: Map<string, Entry>;
}

/** A batch in the form that the script takes. */
export interface Batch {
  /** When each of its entries was accepted, in milliseconds since 1970. */
  acceptedMs: number[];
  /** Those that belong to a trace. */
  traced: Entry[];
  keys: string[];
  args: (string | number)[];
  /** Its sites, in the order of their keys. */
  sites: string[];
}

/**
 * Prepares a batch for being stored.
 *
 * @param entries Entries that this consumer holds, in the order of the stream.
 * @param consumer The consumer, when one read of new entries has given it all of them: that is stored faster.
 * @returns What the script takes.
 */
export function prepareBatch(entries: Entry[], consumer = ""): Batch {
  const bySite = groupBySite(entries);
  const keys = [STREAM, WATERMARK, SITES, STATS];
  const args: (string | number)[] = [
    GROUP,
    LIVE_PREFIX,
    BLOCK,
    consumer,
    entries[0].id,
  ];
  for (const [siteId, site] of bySite) {
    keys.push(readingsKey(siteId), devicesKey(siteId), blocksKey(siteId));
    let newest = "";
    for (const [deviceId, { reading, json }] of site.newest) {
      newest += `${deviceId} ${reading.timestamp.slice(0, -1)} ${json}\n`;
    }
    const { heard, sumMs, low, high, ids, jsons } = site;
    args.push(siteId, heard, sumMs, low, high);
    args.push(ids.join(" ") + " ", `[${jsons.join(",")}]`, newest);
  }
  return {
    acceptedMs: entries.map(({ acceptedMs }) => acceptedMs),
    traced: entries.filter(({ traceparent }) => traceparent !== undefined),
    keys,
    args,
    sites: [...bySite.keys()],
  };
}

/**
 * Acknowledges entries and stores those that were still pending.
 *
 * @param client The connection.
 * @param batch The entries, prepared.
 * @returns What became of them.
 * @throws What Redis answers when it cannot take them; `NOGROUP` when the group is gone.
 */
export async function storeBatch(
  client: ScriptClient,
  { keys, args, sites }: Batch,
): Promise<Stored> {
  const [stored, now, ...blocked] = await script(
    client,
    keys,
    args,
  ) as number[];
  return {
    stored,
    now,
    blockedSites: blocked.map((number) => sites[number - 1]),
  };
}

function groupBySite(entries: Entry[]): Map<string, SiteBatch> {
  const sites = new Map<string, SiteBatch>();
  for (const entry of entries) {
    const { id, json, acceptedMs, reading, epochMs } = entry;
    const { site_id, device_id } = reading;
    const site = sites.get(site_id);
    if (site === undefined) {
      sites.set(site_id, {
        heard: acceptedMs,
        sumMs: acceptedMs,
        low: epochMs,
        high: epochMs,
        ids: [id],
        jsons: [json],
        newest: new Map([[device_id, entry]]),
      });
      continue;
    }
    site.ids.push(id);
    site.jsons.push(json);
    site.sumMs += acceptedMs;
    if (epochMs < site.low) site.low = epochMs;
    if (epochMs > site.high) site.high = epochMs;
    if (acceptedMs > site.heard) site.heard = acceptedMs;
    const newest = site.newest.get(device_id);
    if (newest === undefined || !isBefore(entry, newest)) {
      site.newest.set(device_id, entry);
    }
  }
  return sites;
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.epochMs !== b.epochMs) return a.epochMs < b.epochMs;
  return compareTimestamps(a.reading.timestamp, b.reading.timestamp) < 0;
}
