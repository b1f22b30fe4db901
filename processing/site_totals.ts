/**
 * Summing up a site's devices for an overview, straight from their packed rollups.
 *
 * It is what an accumulator does (`aggregate.ts`), without what an overview does not show: it runs for some hundred
 * thousand rollups in an answer.
 *
 * @module
 */

import { PER_KWH } from "./aggregate.ts";
import { DAY_MS, QUARTER_MS, RECORD } from "./rollup.ts";
import type { DeviceRollups } from "./site_rollups.ts";

/** What a site sums up to. */
export interface Totals {
  /** For each step the sum over its devices of their means, in W. */
  means: Float64Array;
  /** For each step 1 when something is known in it. */
  known: Uint8Array;
  /** Energy of today, in kWh. */
  importKwh: number;
  exportKwh: number;
}

/**
 * Makes the totals of a site of which nothing is known.
 *
 * @param steps How many steps there are.
 * @returns The totals.
 */
export function createTotals(steps: number): Totals {
  return {
    means: new Float64Array(steps),
    known: new Uint8Array(steps),
    importKwh: 0,
    exportKwh: 0,
  };
}

/**
 * Adds a device to its site's totals.
 *
 * @param totals The totals.
 * @param device Its rollups.
 * @param query The steps, today, all made of whole quarters, and how long a reading holds at most.
 * @param now The clock, in milliseconds since 1970.
 * @returns `false` when rollups cannot say it, for a reading lies ahead of the clock in a quarter that has begun.
 */
export function addDevice(
  totals: Totals,
  { days, records }: DeviceRollups,
  { bounds, today, maxGapMs }: {
    bounds: number[];
    today: [number, number];
    maxGapMs: number;
  },
  now: number,
): boolean {
  const steps = bounds.length - 1;
  const first = bounds[0], end = bounds[steps];
  const energy = new Float64Array(steps), covered = new Float64Array(steps);
  let imported = 0, exported = 0;
  let at = 0, time = NaN, power = 0;

  /** Lets the reading at `time` hold until then. */
  function hold(until: number): void {
    const stop = Math.min(until, time + maxGapMs, now);
    const ofToday = Math.min(stop, today[1]) - Math.max(time, today[0]);
    if (ofToday > 0) {
      if (power > 0) imported += power * ofToday;
      else exported -= power * ofToday;
    }
    let from = Math.max(time, first);
    const to = Math.min(stop, end);
    while (from < to) {
      while (bounds[at + 1] <= from) at++;
      const next = Math.min(to, bounds[at + 1]);
      energy[at] += power * (next - from);
      covered[at] += next - from;
      from = next;
    }
  }

  for (let i = 0; i < days.length; i++) {
    const bytes = records[i];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let byte = 0; byte < bytes.length; byte += RECORD) {
      const head = view.getUint32(byte, true);
      const start = days[i] * DAY_MS + (head >>> 20) * QUARTER_MS;
      if (start > now) break;
      const last = start + view.getUint32(byte + 4, true);
      if (last > now) return false;
      // The first comparison with NaN is false.
      if (time <= start) hold(start + (head & 0xfffff));
      const plus = view.getFloat64(byte + 40, true);
      const minus = view.getFloat64(byte + 48, true);
      if (start >= today[0] && start < today[1]) {
        imported += plus;
        exported += minus;
      }
      if (start >= first && start < end) {
        while (bounds[at + 1] <= start) at++;
        energy[at] += plus - minus;
        covered[at] += view.getUint32(byte + 12, true);
      }
      time = last;
      power = view.getFloat64(byte + 32, true);
    }
  }
  if (!Number.isNaN(time)) hold(Infinity);
  for (let step = 0; step < steps; step++) {
    if (covered[step] === 0) continue;
    totals.means[step] += energy[step] / covered[step];
    totals.known[step] = 1;
  }
  totals.importKwh += imported / PER_KWH;
  totals.exportKwh += exported / PER_KWH;
  return true;
}
