/**
 * A device's quarters of an hour, summed up straight from their packed rollups.
 *
 * It is what an accumulator does (`aggregate.ts`), without what an overview does not show: it runs for some hundred
 * thousand rollups in an answer.
 *
 * @module
 */

import { QUARTER_MS, RECORD } from "./rollup.ts";
import type { DeviceRollups } from "./site_rollups.ts";

/** What a device's quarters sum up to, one number for each. */
export interface QuarterSums {
  /** The integral of what is above zero, and of what is below, in W ms. */
  imported: Float64Array;
  exported: Float64Array;
  /** How much readings cover, in milliseconds. */
  covered: Float64Array;
}

/**
 * Makes a place for sums.
 *
 * @param count How many quarters there are.
 * @returns The sums, all 0.
 */
export function createSums(count: number): QuarterSums {
  return {
    imported: new Float64Array(count),
    exported: new Float64Array(count),
    covered: new Float64Array(count),
  };
}

/**
 * Sums a device's quarters up, from one on that is counted since 1970.
 *
 * @param sums Where to; what was in there goes.
 * @param device The device's rollups.
 * @param first The first quarter.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 * @param now The clock, in milliseconds since 1970.
 * @returns `false` when rollups cannot say it, for a reading lies ahead of the clock in a quarter that has begun.
 */
export function sumQuarters(
  sums: QuarterSums,
  { days, records }: DeviceRollups,
  first: number,
  maxGapMs: number,
  now: number,
): boolean {
  const { imported, exported, covered } = sums;
  imported.fill(0);
  exported.fill(0);
  covered.fill(0);
  const begin = first * QUARTER_MS;
  const end = Math.min(now, begin + covered.length * QUARTER_MS);
  let time = NaN, power = 0;
  for (let i = 0; i < days.length; i++) {
    const bytes = records[i];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let byte = 0; byte < bytes.length; byte += RECORD) {
      const head = view.getUint32(byte, true);
      const quarter = days[i] * 96 + (head >>> 20);
      const start = quarter * QUARTER_MS;
      if (start > now) break;
      const last = start + view.getUint32(byte + 4, true);
      if (last > now) return false;
      // A comparison with NaN is false.
      if (time <= start) {
        const until = Math.min(start + (head & 0xfffff), time + maxGapMs, end);
        hold(sums, begin, time, until, power);
      }
      const at = quarter - first;
      if (at >= 0 && at < covered.length) {
        covered[at] += view.getUint32(byte + 12, true);
        imported[at] += view.getFloat64(byte + 40, true);
        exported[at] += view.getFloat64(byte + 48, true);
      }
      time = last;
      power = view.getFloat64(byte + 32, true);
    }
  }
  if (!Number.isNaN(time)) {
    hold(sums, begin, time, Math.min(time + maxGapMs, end), power);
  }
  return true;
}

/** Lets a reading hold, from its time or the first quarter's begin on until then. */
function hold(
  { imported, exported, covered }: QuarterSums,
  begin: number,
  time: number,
  until: number,
  power: number,
): void {
  let from = Math.max(time, begin);
  for (let at = Math.floor((from - begin) / QUARTER_MS); from < until; at++) {
    const to = Math.min(until, begin + (at + 1) * QUARTER_MS);
    covered[at] += to - from;
    if (power > 0) imported[at] += power * (to - from);
    else exported[at] -= power * (to - from);
    from = to;
  }
}
