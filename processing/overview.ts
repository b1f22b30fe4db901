/**
 * The sites' means by steps and their energy of today, for an overview: out of the rollups, and of the readings that
 * are not rolled up yet.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import {
  createStepsSummer,
  createTotalsSummer,
  type OverviewQuery,
  type SiteSums,
} from "./overview_sums.ts";
import { addTail, readTails } from "./overview_tail.ts";
import { DAY_MS, dayOf, QUARTER_MS } from "./rollup.ts";
import { readSeries } from "./series.ts";
import { readSiteRollups } from "./site_rollups.ts";
import { behind, readStates, usable } from "./site_state.ts";
import { keepTotals } from "./site_totals.ts";

/** How many readings of a site are added to its rollups here; more are rolled up first. */
const MOST_ADDED = 1000;

/** How long a quarter must be over before its totals are kept: most of its readings have come then. */
const SETTLED_MS = 60_000;

/** Totals are kept for overviews of so many days; a longer one reads rollups. */
const MOST_KEPT_DAYS = 8;

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
  const totals = form !== "other" && dayOf(now) - firstDay < MOST_KEPT_DAYS;
  const wanted = {
    first: firstDay,
    last: dayOf(now),
    maxGapMs,
    now,
    totals,
  };
  const ids = quick.map(({ siteId }) => siteId);
  const summer = totals
    ? createTotalsSummer(query, form, firstDay, now)
    : createStepsSummer(query, now);
  const steps = bounds.length - 1;
  // One for all sites: the collector keeps an account of each buffer.
  const means = new Float64Array(quick.length * steps).fill(NaN);
  let at = 0;
  for await (const rollups of readSiteRollups(redis, ids, wanted)) {
    const state = quick[at];
    const begin = at++ * steps;
    if (rollups === undefined) continue;
    const tail = (await tails).get(state.siteId) ?? [];
    const touched = addTail(rollups, tail, state, {
      from: wanted.first * DAY_MS - maxGapMs,
      now,
      maxGapMs,
    });
    if (touched === undefined) continue;
    const sums = {
      means: means.subarray(begin, begin + steps),
      importKwh: 0,
      exportKwh: 0,
    };
    if (!summer.sumUp(sums, rollups)) continue;
    found.set(state.siteId, sums);
    if (summer.totals === undefined) continue;
    const settled = Math.floor((now - SETTLED_MS) / QUARTER_MS);
    // Not waited for: the next one who asks has the use of it. What is kept of the totals is copied at once.
    keepTotals(
      redis,
      state,
      summer.totals,
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
    let step = 0;
    for (const { start, mean } of points) {
      // Points are in the order of the steps.
      while (bounds[step] < start) step++;
      if (mean !== null) means[step] = (means[step] || 0) + mean;
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
