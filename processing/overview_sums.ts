/**
 * Summing a site up for an overview, out of its rollups and, where the steps are those of its totals, out of these.
 *
 * @module
 */

import { PER_KWH } from "./aggregate.ts";
import { DAY_MS, QUARTER_MS } from "./rollup.ts";
import type { SiteRollups } from "./site_rollups.ts";
import {
  clearTotals,
  createTotals,
  readKept,
  type Totals,
} from "./site_totals.ts";
import { createSums, type StepSums, sumSteps } from "./step_sums.ts";

/** What is wanted of every site. */
export interface OverviewQuery {
  /** The start of each step and, last, the end, in milliseconds since 1970. */
  bounds: number[];
  /** The start and the end of today. */
  today: [start: number, end: number];
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
}

/** What a site sums up to. */
export interface SiteSums {
  /** For each step the sum over its devices of their means, in W; `NaN` when nothing is known. */
  means: Float64Array;
  /** Energy of today, in kWh. */
  importKwh: number;
  exportKwh: number;
}

/** Sums sites up, one after the other. */
export interface Summer {
  /** Puts a site's rollups together in its sums, which say nothing yet; `false` when they cannot say it. */
  sumUp(sums: SiteSums, rollups: SiteRollups): boolean;
  /** The totals of the site that was summed up last, when there are such. */
  totals?: Totals;
}

/**
 * Prepares summing up by the quarters and hours of a few days, which totals are kept of.
 *
 * @param query What is wanted.
 * @param form Which of them the steps are.
 * @param first The first day, in days since 1970.
 * @param now The clock, in milliseconds since 1970.
 * @returns What sums up.
 */
export function createTotalsSummer(
  { bounds, today, maxGapMs }: OverviewQuery,
  form: "quarters" | "hours",
  first: number,
  now: number,
): Summer {
  const begun = first * 96, last = Math.floor(now / QUARTER_MS);
  const count = last + 1 - begun;
  const totals = createTotals(begun, count);
  const quarters = createSums(
    Array.from({ length: count + 1 }, (_, at) => (begun + at) * QUARTER_MS),
  );
  const steps = bounds.slice(0, -1).map((bound) => bound / QUARTER_MS - begun);
  const start = today[0] / QUARTER_MS - begun;
  const end = Math.min(today[1] / QUARTER_MS - begun, count);
  return {
    totals,
    sumUp(sums, { final, totals: kept, devices }) {
      // Another replica's clock is ahead of this one's.
      if (final > last) return false;
      clearTotals(totals);
      readKept(totals, kept);
      const behind = final - begun;
      const hour = behind - behind % 4;
      for (const device of devices.values()) {
        if (!sumSteps(quarters, device, hour, maxGapMs, now)) return false;
        for (let at = behind; at < count; at++) {
          addMean(totals.means, at, quarters, at, at + 1);
          totals.imported[at] += quarters.imported[at];
          totals.exported[at] += quarters.exported[at];
        }
        for (let at = hour; at < count; at += 4) {
          addMean(totals.hours, at >> 2, quarters, at, Math.min(at + 4, count));
        }
      }
      const { means } = sums;
      for (let step = 0; step < steps.length; step++) {
        means[step] = form === "quarters"
          ? totals.means[steps[step]]
          : totals.hours[steps[step] >> 2];
      }
      for (let at = start; at < end; at++) {
        sums.importKwh += totals.imported[at] / PER_KWH;
        sums.exportKwh += totals.exported[at] / PER_KWH;
      }
      return true;
    },
  };
}

/**
 * Prepares summing up by any steps. It takes a place for each step, and none for the quarters since the first: there
 * may be a thousand years of them.
 *
 * @param query What is wanted.
 * @param now The clock, in milliseconds since 1970.
 * @returns What sums up.
 */
export function createStepsSummer(
  { bounds, today, maxGapMs }: OverviewQuery,
  now: number,
): Summer {
  const steps = createSums(bounds), day = createSums(today);
  const count = bounds.length - 1;
  return {
    sumUp(sums, { devices }) {
      for (const device of devices.values()) {
        // From the end, so that it takes the longer the older the readings are, and not what is asked for.
        let first = Math.max(0, count - 1);
        while (first > 0 && bounds[first] > device.days[0] * DAY_MS) first--;
        if (
          !sumSteps(steps, device, first, maxGapMs, now) ||
          !sumSteps(day, device, 0, maxGapMs, now)
        ) return false;
        for (let step = first; step < count; step++) {
          addMean(sums.means, step, steps, step, step + 1);
        }
        sums.importKwh += day.imported[0] / PER_KWH;
        sums.exportKwh += day.exported[0] / PER_KWH;
      }
      return true;
    },
  };
}

/** Adds a device's mean of the steps from one on until another to a sum. */
function addMean(
  means: Float64Array,
  index: number,
  { imported, exported, covered }: StepSums,
  from: number,
  until: number,
): void {
  let energy = 0, ms = 0;
  for (let at = from; at < until; at++) {
    energy += imported[at] - exported[at];
    ms += covered[at];
  }
  if (ms > 0) means[index] = (means[index] || 0) + energy / ms;
}
