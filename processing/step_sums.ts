/**
 * A device's steps, summed up straight from its packed rollups.
 *
 * It is what an accumulator does (`aggregate.ts`), without what an overview does not show: it runs for some hundred
 * thousand rollups in an answer.
 *
 * @module
 */

import { DAY_MS, QUARTER_MS, RECORD } from "./rollup.ts";
import type { DeviceRollups } from "./site_rollups.ts";

/** What a device's steps sum up to, one number for each. */
export interface StepSums {
  /** The start of each step and, last, the end, in milliseconds since 1970; all begin quarters of an hour. */
  bounds: number[];
  /** The integral of what is above zero, and of what is below, in W ms. */
  imported: Float64Array;
  exported: Float64Array;
  /** How much readings cover, in milliseconds. */
  covered: Float64Array;
}

/**
 * Makes a place for sums, which is used for one device after the other.
 *
 * @param bounds The start of each step and, last, the end.
 * @returns The sums, all 0.
 */
export function createSums(bounds: number[]): StepSums {
  const count = bounds.length - 1;
  return {
    bounds,
    imported: new Float64Array(count),
    exported: new Float64Array(count),
    covered: new Float64Array(count),
  };
}

/**
 * Sums a device up.
 *
 * @param sums Where to; what was in there goes, from the first step on.
 * @param device The device's rollups.
 * @param first The step to begin with.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 * @param now The clock, in milliseconds since 1970.
 * @returns `false` when rollups cannot say it, for a reading lies ahead of the clock in a quarter that has begun.
 */
export function sumSteps(
  sums: StepSums,
  { days, records }: DeviceRollups,
  first: number,
  maxGapMs: number,
  now: number,
): boolean {
  const { bounds, imported, exported, covered } = sums;
  imported.fill(0, first);
  exported.fill(0, first);
  covered.fill(0, first);
  const begin = bounds[first];
  const end = Math.min(now, bounds[covered.length]);
  let time = NaN, power = 0;
  /** The step that the newest reading is in, or the first. */
  let at = first;
  for (let i = 0; i < days.length; i++) {
    // What does not hold on into the first step.
    if ((days[i] + 1) * DAY_MS + maxGapMs <= begin) continue;
    const bytes = records[i];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let byte = 0; byte < bytes.length; byte += RECORD) {
      const head = view.getUint32(byte, true);
      const start = days[i] * DAY_MS + (head >>> 20) * QUARTER_MS;
      if (start > now) break;
      const last = start + view.getUint32(byte + 4, true);
      if (last > now) return false;
      // A comparison with NaN is false.
      if (time <= start) {
        const until = Math.min(start + (head & 0xfffff), time + maxGapMs, end);
        hold(sums, at, Math.max(time, begin), until, power);
      }
      while (at < covered.length && bounds[at + 1] <= start) at++;
      if (at < covered.length && start >= begin) {
        covered[at] += view.getUint32(byte + 12, true);
        imported[at] += view.getFloat64(byte + 40, true);
        exported[at] += view.getFloat64(byte + 48, true);
      }
      time = last;
      power = view.getFloat64(byte + 32, true);
    }
  }
  if (!Number.isNaN(time)) {
    const until = Math.min(time + maxGapMs, end);
    hold(sums, at, Math.max(time, begin), until, power);
  }
  return true;
}

/** Lets a reading hold for a time that begins in a step. */
function hold(
  { bounds, imported, exported, covered }: StepSums,
  at: number,
  from: number,
  until: number,
  power: number,
): void {
  for (; from < until; at++) {
    const to = Math.min(until, bounds[at + 1]);
    covered[at] += to - from;
    if (power > 0) imported[at] += power * (to - from);
    else exported[at] -= power * (to - from);
    from = to;
  }
}
