/**
 * The totals of a site: what its devices sum up to in each quarter of an hour, and in each hour.
 *
 * What is over is kept, in 32 bytes a quarter, so that an overview does not put together the rollups of every
 * device each time. Rolling up takes away what it changes, and what follows that on the same day.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { daysKey, metaKey, seriesKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import keepSource from "./keep_totals.lua" with { type: "text" };
import { memberOf } from "./merge.ts";
import type { SiteState } from "./site_state.ts";

const keep = createScript(keepSource);

/** Bytes of a quarter: its mean (the sum over devices), import, export, and its hour's mean when it ends one. */
export const TOTAL = 32;

/** Totals, one number for each quarter. */
export interface Totals {
  /** The first quarter, counted since 1970; it begins an hour. */
  first: number;
  /** The sum over devices of their means, in W; `NaN` when nothing is known. */
  means: Float64Array;
  /** W ms. */
  imported: Float64Array;
  exported: Float64Array;
  /** The same as `means`, of each hour. */
  hours: Float64Array;
}

/**
 * Makes totals in which nothing is known.
 *
 * @param first The first quarter, counted since 1970; it begins an hour.
 * @param count How many there are.
 * @returns The totals.
 */
export function createTotals(first: number, count: number): Totals {
  return {
    first,
    means: new Float64Array(count).fill(NaN),
    imported: new Float64Array(count),
    exported: new Float64Array(count),
    hours: new Float64Array(Math.ceil(count / 4)).fill(NaN),
  };
}

/**
 * Forgets what totals know, to be used for another site: made anew for each of hundreds, their arrays are a good part of
 * what an overview leaves to the garbage collector.
 *
 * @param totals The totals.
 */
export function clearTotals(
  { means, imported, exported, hours }: Totals,
): void {
  means.fill(NaN);
  imported.fill(0);
  exported.fill(0);
  hours.fill(NaN);
}

/**
 * Reads kept totals.
 *
 * @param totals Where to.
 * @param kept What is kept, day by day, from the first of the totals on.
 */
export function readKept(totals: Totals, kept: Uint8Array[]): void {
  let at = 0;
  for (const bytes of kept) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (
      let byte = 0;
      byte < bytes.length && at < totals.means.length;
      byte += TOTAL, at++
    ) {
      totals.means[at] = view.getFloat64(byte, true);
      totals.imported[at] = view.getFloat64(byte + 8, true);
      totals.exported[at] = view.getFloat64(byte + 16, true);
      if (at % 4 === 3) {
        totals.hours[at >> 2] = view.getFloat64(byte + 24, true);
      }
    }
  }
}

/**
 * Keeps totals. Failing to is nothing lost.
 *
 * @param redis The connection.
 * @param state What was known of the site before its rollups were read.
 * @param totals The totals.
 * @param from The first quarter to keep, where those that are kept end.
 * @param until The quarter before which to end: it and what follows may yet change by time alone.
 */
export async function keepTotals(
  redis: Redis,
  { siteId, rolled, gap }: SiteState,
  totals: Totals,
  from: number,
  until: number,
): Promise<void> {
  const keys = [metaKey(siteId), daysKey(siteId)];
  const args: (string | number | Buffer)[] = [rolled, gap ?? ""];
  for (let quarter = from; quarter < until;) {
    const day = Math.floor(quarter / 96);
    const end = Math.min(until, (day + 1) * 96);
    const bytes = Buffer.alloc((end - quarter) * TOTAL);
    const before = (quarter - day * 96) * TOTAL;
    for (let byte = 0; quarter < end; quarter++, byte += TOTAL) {
      const at = quarter - totals.first;
      bytes.writeDoubleLE(totals.means[at], byte);
      bytes.writeDoubleLE(totals.imported[at], byte + 8);
      bytes.writeDoubleLE(totals.exported[at], byte + 16);
      bytes.writeDoubleLE(totals.hours[at >> 2], byte + 24);
    }
    keys.push(seriesKey(siteId, day, ""));
    args.push(memberOf({ deviceId: "", day }), day, before, bytes);
  }
  if (keys.length > 2) await keep(redis, keys, args);
}
