/**
 * Mean, extremes and energy of power readings, by steps of time.
 *
 * Energy is the integral of power over time, 1 kWh = 3.6e6 J (NIST SP 811, appendix B.8). Between readings the
 * power is not known; each is taken to hold until the next of its device, which is the left Riemann sum (as
 * Home Assistant's integral sensor does with `method: left`,
 * https://www.home-assistant.io/integrations/integration/), but no longer than the largest gap, and never past
 * now. Of two readings of a device at the same time, to the millisecond, the later in the list replaces the other.
 *
 * Import is the integral of what is above zero, export of what is below, apart from each other. The mean is the
 * one over time, of the part of the step that readings cover; smallest and largest are of the powers that held
 * for some part of it. A reading counts in the step of its own timestamp.
 *
 * @module
 */

import type { Rollup } from "./rollup.ts";

/** Watt milliseconds in a kilowatt hour. */
export const PER_KWH = 3.6e9;

/** A step of a device in which something is known. */
export interface Point {
  /** When it starts, in milliseconds since 1970. */
  start: number;
  /** Mean power over what is covered, in W; `null` when nothing is. */
  mean: number | null;
  /** Smallest power, in W. */
  min: number | null;
  /** Largest power, in W. */
  max: number | null;
  /** Energy taken, in kWh. */
  import_kwh: number;
  /** Energy given, in kWh, not negative. */
  export_kwh: number;
  /** How many readings have their time in it. */
  count: number;
  /** The share of it that readings cover, 0 to 1. */
  coverage: number;
}

/** Sums up the readings of one device. */
export interface Accumulator {
  /**
   * Adds a reading that is not earlier than the one before; its time is in milliseconds since 1970, its power
   * in W. One that lies ahead of the clock `now` is right for that clock only.
   */
  add(time: number, power: number, now: number): void;
  /**
   * Adds a quarter of an hour that lies within a step, all of it later than what was added before. Its readings are
   * all ahead of the clock `now`, or none of them is.
   */
  addRollup(rollup: Rollup, now: number): void;
  /** The steps so far, by the clock `now`; more readings may follow. */
  points(now: number): Point[];
}

interface Sums {
  imported: number;
  exported: number;
  covered: number;
  min: number;
  max: number;
  count: number;
}

/**
 * Makes what sums up one device's readings. It holds a step's sums and the newest reading, however many there are.
 *
 * @param bounds The start of each step and, last, the end, ascending.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 * @returns The accumulator.
 */
export function createAccumulator(
  bounds: number[],
  maxGapMs: number,
): Accumulator {
  const last = bounds.length - 1;
  const first = bounds[0], end = bounds[last];
  const sums = new Map<number, Sums>();
  let newest: { time: number; power: number } | undefined;
  /** The step that times are in by now; it only ever goes on. */
  let at = 0;

  /** Puts a reading that holds until `until` into its steps. */
  function settle(
    { time, power }: { time: number; power: number },
    until: number,
    into: Map<number, Sums>,
  ): void {
    let step = at;
    while (step < last && bounds[step + 1] <= time) step++;
    if (into === sums) at = step;
    if (time >= first && time < end) sumsOf(into, step).count++;
    const stop = Math.min(until, time + maxGapMs, end);
    for (let from = Math.max(time, first); from < stop; step++) {
      const to = Math.min(bounds[step + 1], stop);
      const sum = sumsOf(into, step);
      sum.covered += to - from;
      if (power > 0) sum.imported += power * (to - from);
      else sum.exported -= power * (to - from);
      if (power < sum.min) sum.min = power;
      if (power > sum.max) sum.max = power;
      from = to;
    }
  }

  function sumsOf(into: Map<number, Sums>, step: number): Sums {
    let sum = into.get(step);
    if (sum === undefined) {
      const settled = sums.get(step);
      sum = settled !== undefined ? { ...settled } : {
        imported: 0,
        exported: 0,
        covered: 0,
        min: Infinity,
        max: -Infinity,
        count: 0,
      };
      into.set(step, sum);
    }
    return sum;
  }

  return {
    add(time, power, now) {
      if (newest !== undefined && time !== newest.time) {
        settle(newest, Math.min(time, now), sums);
      }
      newest = { time, power };
    },
    addRollup(rollup, now) {
      if (newest !== undefined) {
        settle(newest, Math.min(rollup.first, now), sums);
      }
      if (rollup.start >= first && rollup.start < end) {
        while (bounds[at + 1] <= rollup.start) at++;
        const sum = sumsOf(sums, at);
        // The last one is counted when it is known how long it holds.
        sum.count += rollup.count - 1;
      }
      if (rollup.start >= first && rollup.start < end && rollup.first <= now) {
        const sum = sumsOf(sums, at);
        sum.covered += rollup.covered;
        sum.imported += rollup.imported;
        sum.exported += rollup.exported;
        if (rollup.min < sum.min) sum.min = rollup.min;
        if (rollup.max > sum.max) sum.max = rollup.max;
      }
      newest = { time: rollup.last, power: rollup.power };
    },
    points(now) {
      // How long the newest holds is not known yet, so it is summed up beside the others.
      const open = new Map<number, Sums>();
      if (newest !== undefined) settle(newest, now, open);
      const steps = new Map([...sums, ...open]);
      return [...steps].sort(([a], [b]) => a - b).map(([step, sum]) =>
        toPoint(bounds[step], bounds[step + 1], sum)
      );
    },
  };
}

function toPoint(start: number, end: number, sum: Sums): Point {
  const known = sum.covered > 0;
  const mean = (sum.imported - sum.exported) / sum.covered;
  return {
    start,
    // Rounding must not put a mean outside of what it is the mean of.
    mean: known ? Math.min(sum.max, Math.max(sum.min, mean)) : null,
    min: known ? sum.min : null,
    max: known ? sum.max : null,
    import_kwh: sum.imported / PER_KWH,
    export_kwh: sum.exported / PER_KWH,
    count: sum.count,
    coverage: sum.covered / (end - start),
  };
}
