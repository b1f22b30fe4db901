/**
 * The sites' means by steps and their energy of today, for an overview: out of the rollups, and of the readings that
 * are not rolled up yet.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import { PER_KWH } from "./aggregate.ts";
import { addTail, readTails } from "./overview_tail.ts";
import { DAY_MS, dayOf, QUARTER_MS } from "./rollup.ts";
import { createSums, sumQuarters } from "./quarter_sums.ts";
import { readSeries } from "./series.ts";
import { readSiteRollups, type SiteRollups } from "./site_rollups.ts";
import { behind, readStates, usable } from "./site_state.ts";
import {
  clearTotals,
  createTotals,
  keepTotals,
  readKept,
  type Totals,
} from "./site_totals.ts";

/** What is wanted of every site. */
export interface OverviewQuery {
  /** The start of each step and, last, the end, in milliseconds since 1970. */
  bounds: number[];
  /** The start and the end of today. */
  today: [start: number, end: number];
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
}

/** How many readings of a site are added to its rollups here; more are rolled up first. */
const MOST_ADDED = 1000;

/** How long a quarter must be over before its totals are kept: most of its readings have come then. */
const SETTLED_MS = 60_000;

/** Totals are kept for overviews of so many days; a longer one reads rollups. */
const MOST_KEPT_DAYS = 8;

/** What a site sums up to. */
export interface SiteSums {
  /** For each step the sum over its devices of their means, in W; `NaN` when nothing is known. */
  means: Float64Array;
  /** Energy of today, in kWh. */
  importKwh: number;
  exportKwh: number;
}

/**
 * Works an overview out.
 *
 * @param redis The connection.
 * @param siteIds The sites.
 * @param query What is wanted of them.
 * @param now The clock, in milliseconds since 1970.
 * @returns What each site sums up to.
 */
export async function readOverview(
  redis: Redis,
  siteIds: string[],
  query: OverviewQuery,
  now: number,
): Promise<Map<string, SiteSums>> {
  const states = await readStates(redis, siteIds);
  const { bounds, today, maxGapMs } = query;
  const whole = [...bounds, ...today].every((time) => time % QUARTER_MS === 0);
  const quick = states.filter((state) =>
    whole && usable(state, maxGapMs) &&
    behind(state, maxGapMs) <= MOST_ADDED && state.length >= 0
  );
  const found = new Map<string, SiteSums>();
  const tails = readTails(redis, quick, maxGapMs);
  tails.catch(() => {});
  const form = formOf(bounds);
  // A range may begin ahead of the clock, when midnight lies between.
  const firstDay = dayOf(Math.min(bounds[0], today[0], now));
  const wanted = {
    first: firstDay,
    last: dayOf(now),
    maxGapMs,
    now,
    totals: form !== "other" && dayOf(now) - firstDay < MOST_KEPT_DAYS,
  };
  const ids = quick.map(({ siteId }) => siteId);
  const first = wanted.first * 96;
  const totals = createTotals(first, Math.floor(now / QUARTER_MS) + 1 - first);
  const steps = bounds.slice(0, -1).map((bound) => bound / QUARTER_MS);
  const plan = { ...query, steps, form, now };
  // One for all sites: the collector keeps an account of each buffer.
  const means = new Float64Array(quick.length * steps.length).fill(NaN);
  let at = 0;
  for await (const rollups of readSiteRollups(redis, ids, wanted)) {
    const state = quick[at];
    const begin = at++ * steps.length;
    const tail = (await tails).get(state.siteId) ?? [];
    const touched = addTail(rollups, tail, state, {
      from: wanted.first * DAY_MS - maxGapMs,
      now,
      maxGapMs,
    });
    if (touched === undefined) continue;
    const sums = {
      means: means.subarray(begin, begin + steps.length),
      importKwh: 0,
      exportKwh: 0,
    };
    if (!sumUpRollups(sums, totals, rollups, plan)) continue;
    found.set(state.siteId, sums);
    if (!wanted.totals) continue;
    const settled = Math.floor((now - SETTLED_MS) / QUARTER_MS);
    // Not waited for: the next one who asks has the use of it. What is kept of the totals is copied at once.
    keepTotals(
      redis,
      state,
      totals,
      rollups.final,
      Math.min(settled, touched),
    ).catch(() => {});
  }
  for (const { siteId, length } of states) {
    if (found.has(siteId)) continue;
    // One whose key holds something else has nothing to say; the others do.
    const sums = length < 0 ? noSums(bounds) : sumUpSite(redis, siteId, query);
    found.set(siteId, await sums);
  }
  return found;
}

/** Which totals the steps are: quarters, hours of UTC, or neither. */
function formOf(bounds: number[]): "quarters" | "hours" | "other" {
  const each = (length: number) =>
    bounds.every((bound, i) =>
      bound % length === 0 && (i === 0 || bound - bounds[i - 1] === length)
    );
  return each(QUARTER_MS)
    ? "quarters"
    : each(4 * QUARTER_MS)
    ? "hours"
    : "other";
}

/** What is wanted, and what is the same for all sites. */
interface Plan extends OverviewQuery {
  /** The quarters, counted since 1970, that the steps begin with. */
  steps: number[];
  form: ReturnType<typeof formOf>;
  now: number;
}

/**
 * Puts a site's kept totals and its devices' rollups together, in the totals and in its sums; `false` when they cannot
 * say it.
 */
function sumUpRollups(
  sums: SiteSums,
  totals: Totals,
  { final, totals: kept, devices }: SiteRollups,
  { bounds, today, maxGapMs, steps, form, now }: Plan,
): boolean {
  const { first } = totals;
  const last = Math.floor(now / QUARTER_MS);
  // Another replica's clock is ahead of this one's.
  if (final > last) return false;
  clearTotals(totals);
  readKept(totals, kept);
  const begin = final - final % 4;
  const quarters = createSums(last + 1 - begin);
  const { means } = sums;
  const { imported, exported, covered } = quarters;
  /** Adds a device's mean of some quarters, from `at` on, to a sum. */
  const add = (to: Float64Array, index: number, at: number, count: number) => {
    let energy = 0, ms = 0;
    for (let i = at; i < at + count && i < covered.length; i++) {
      energy += imported[i] - exported[i];
      ms += covered[i];
    }
    if (ms > 0) to[index] = (to[index] || 0) + energy / ms;
  };
  for (const device of devices.values()) {
    if (!sumQuarters(quarters, device, begin, maxGapMs, now)) return false;
    for (let at = final - begin; at < covered.length; at++) {
      const quarter = begin + at - first;
      add(totals.means, quarter, at, 1);
      totals.imported[quarter] += imported[at];
      totals.exported[quarter] += exported[at];
    }
    for (let at = 0; at < covered.length; at += 4) {
      add(totals.hours, (begin + at - first) >> 2, at, 4);
    }
    if (form !== "other") continue;
    steps.forEach((from, step) =>
      add(means, step, from - begin, bounds[step + 1] / QUARTER_MS - from)
    );
  }
  if (form !== "other") {
    for (let step = 0; step < steps.length; step++) {
      const quarter = steps[step] - first;
      means[step] = form === "quarters"
        ? totals.means[quarter]
        : totals.hours[quarter >> 2];
    }
  }
  const end = Math.min(today[1] / QUARTER_MS, last + 1);
  for (let quarter = today[0] / QUARTER_MS; quarter < end; quarter++) {
    sums.importKwh += totals.imported[quarter - first] / PER_KWH;
    sums.exportKwh += totals.exported[quarter - first] / PER_KWH;
  }
  return true;
}

function noSums(bounds: number[]): SiteSums {
  const means = new Float64Array(bounds.length - 1).fill(NaN);
  return { means, importKwh: 0, exportKwh: 0 };
}

/** Sums a site up the long way. */
async function sumUpSite(
  redis: Redis,
  siteId: string,
  { bounds, today, maxGapMs }: OverviewQuery,
): Promise<SiteSums> {
  const sums = noSums(bounds);
  const { means } = sums;
  const steps = { siteId, bounds, maxGapMs };
  for await (const { points } of readSeries(redis, steps)) {
    for (const { start, mean } of points) {
      if (mean === null) continue;
      const step = bounds.indexOf(start);
      means[step] = (means[step] || 0) + mean;
    }
  }
  const day = { siteId, bounds: [...today], maxGapMs };
  for await (const { points } of readSeries(redis, day)) {
    for (const { import_kwh, export_kwh } of points) {
      sums.importKwh += import_kwh;
      sums.exportKwh += export_kwh;
    }
  }
  return sums;
}
