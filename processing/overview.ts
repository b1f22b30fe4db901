/**
 * The sites' means by steps and their energy of today, for an overview: out of the rollups, and of the readings that
 * are not rolled up yet.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { PER_KWH } from "./aggregate.ts";
import { createGathered } from "./gather.ts";
import { type Days, daysOf, memberOf, merge } from "./merge.ts";
import {
  DAY_MS,
  dayOf,
  packDay,
  QUARTER_MS,
  recordsFrom,
  unpackDay,
} from "./rollup.ts";
import { createSums, sumQuarters } from "./quarter_sums.ts";
import { readMaterial, sumUp } from "./series.ts";
import { readSiteRollups, type SiteRollups } from "./site_rollups.ts";
import { behind, readStates, type SiteState, usable } from "./site_state.ts";
import {
  createTotals,
  keepTotals,
  readKept,
  type Totals,
} from "./site_totals.ts";
import type { Site } from "./sites.ts";
import { eachReading } from "./stored.ts";

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
  const wanted = {
    first: dayOf(Math.min(bounds[0], today[0])),
    last: dayOf(now),
    maxGapMs,
    totals: form !== "other",
  };
  const ids = quick.map(({ siteId }) => siteId);
  let at = 0;
  for await (const rollups of readSiteRollups(redis, ids, wanted)) {
    const state = quick[at++];
    const tail = (await tails).get(state.siteId) ?? [];
    const touched = addTail(rollups, tail, state, {
      from: wanted.first * DAY_MS - maxGapMs,
      now,
      maxGapMs,
    });
    if (touched === undefined) continue;
    const summed = sumUpRollups(rollups, query, form, wanted.first * 96, now);
    if (summed === undefined) continue;
    found.set(state.siteId, summed.sums);
    if (form === "other") continue;
    const settled = Math.floor((now - SETTLED_MS) / QUARTER_MS);
    // Not waited for: the next one who asks has the use of it.
    keepTotals(
      redis,
      state,
      summed.totals,
      rollups.final,
      Math.min(settled, touched),
    ).catch(() => {});
  }
  for (const siteId of siteIds) {
    if (found.has(siteId)) continue;
    found.set(siteId, await sumUpSite(redis, siteId, query));
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

/** Puts a site's kept totals and its devices' rollups together; `undefined` when they cannot say it. */
function sumUpRollups(
  { final, totals: kept, devices }: SiteRollups,
  { bounds, today, maxGapMs }: OverviewQuery,
  form: ReturnType<typeof formOf>,
  first: number,
  now: number,
): { sums: SiteSums; totals: Totals } | undefined {
  const last = Math.floor(now / QUARTER_MS);
  // Another replica's clock is ahead of this one's.
  if (final > last) return undefined;
  const totals = createTotals(first, last + 1 - first);
  readKept(totals, kept);
  const begin = final - final % 4;
  const quarters = createSums(last + 1 - begin);
  const steps = bounds.slice(0, -1).map((bound) => bound / QUARTER_MS);
  const means = new Float64Array(steps.length).fill(NaN);
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
    if (!sumQuarters(quarters, device, begin, maxGapMs, now)) return undefined;
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
    steps.forEach((from, step) =>
      means[step] = form === "quarters"
        ? totals.means[from - first]
        : totals.hours[(from - first) >> 2]
    );
  }
  const sums = { means, importKwh: 0, exportKwh: 0 };
  const end = Math.min(today[1] / QUARTER_MS, last + 1);
  for (let quarter = today[0] / QUARTER_MS; quarter < end; quarter++) {
    sums.importKwh += totals.imported[quarter - first] / PER_KWH;
    sums.exportKwh += totals.exported[quarter - first] / PER_KWH;
  }
  return { sums, totals };
}

/** Reads what is not rolled up yet. */
async function readTails(
  redis: Redis,
  states: SiteState[],
  maxGapMs: number,
): Promise<Map<string, string[]>> {
  const late = states.filter((state) => behind(state, maxGapMs) > 0);
  const pipeline = redis.pipeline();
  for (const { siteId, rolled, base, length } of late) {
    pipeline.lrange(readingsKey(siteId), rolled - base, length - 1);
  }
  const replies = late.length === 0 ? [] : await pipeline.exec() ?? [];
  return new Map(
    late.map(({ siteId }, i) => [siteId, replies[i]?.[1] as string[] ?? []]),
  );
}

/**
 * Adds a site's tail to its rollups.
 *
 * @returns The first quarter that it touches; `undefined` when it takes a look at the readings before it.
 */
function addTail(
  { final, devices }: SiteRollups,
  tail: string[],
  { trimmedMax }: SiteState,
  { from, now, maxGapMs }: { from: number; now: number; maxGapMs: number },
): number | undefined {
  const gathered = createGathered();
  let exact = true, first = Infinity;
  eachReading(tail, (deviceId, time, power) => {
    if (time < from) return;
    if (time > now || time < final * QUARTER_MS) exact = false;
    first = Math.min(first, Math.floor(time / QUARTER_MS));
    gathered.add(deviceId, time, power);
  });
  if (!exact) return undefined;
  const touched = daysOf(gathered);
  const kept = new Map<string, Uint8Array>();
  const days: Days = new Map();
  for (const { deviceId, day } of touched) {
    const member = memberOf({ deviceId, day });
    const device = devices.get(deviceId);
    const records = device?.records[device.days.indexOf(day)];
    if (records === undefined) continue;
    // Nearly always it is the last quarter alone that readings are added to.
    const from = recordsFrom(records, day, gathered.inOrder(deviceId).times[0]);
    kept.set(member, records.subarray(0, from));
    days.set(member, unpackDay(records.subarray(from), day));
  }
  if (merge(gathered, days, { maxGapMs, trimmedMax }).size > 0) {
    return undefined;
  }
  for (const { deviceId, day } of touched) {
    let device = devices.get(deviceId);
    if (device === undefined) {
      devices.set(deviceId, device = { deviceId, days: [], records: [] });
    }
    const member = memberOf({ deviceId, day });
    const records = Buffer.concat([
      kept.get(member) ?? new Uint8Array(),
      packDay(days.get(member)!),
    ]);
    let index = device.days.findIndex((other) => other >= day);
    if (index < 0) index = device.days.length;
    const known = device.days[index] === day;
    device.days.splice(index, known ? 1 : 0, day);
    device.records.splice(index, known ? 1 : 0, records);
  }
  return first;
}

/** Sums a site up the long way. */
async function sumUpSite(
  redis: Redis,
  siteId: string,
  { bounds, today, maxGapMs }: OverviewQuery,
): Promise<SiteSums> {
  const means = new Float64Array(bounds.length - 1).fill(NaN);
  const steps = { siteId, bounds, maxGapMs };
  for (const [, points] of sumUp(await readMaterial(redis, steps), steps)) {
    for (const { start, mean } of points) {
      if (mean === null) continue;
      const step = bounds.indexOf(start);
      means[step] = (means[step] || 0) + mean;
    }
  }
  const sums = { means, importKwh: 0, exportKwh: 0 };
  const day = { siteId, bounds: [...today], maxGapMs };
  for (const [, points] of sumUp(await readMaterial(redis, day), day)) {
    for (const { import_kwh, export_kwh } of points) {
      sums.importKwh += import_kwh;
      sums.exportKwh += export_kwh;
    }
  }
  return sums;
}

/**
 * Sends an overview.
 *
 * @param sites The sites.
 * @param all What each sums up to; one that is not among them came meanwhile, and is left out.
 * @param bounds The start of each step and, last, the end.
 * @returns The answer.
 */
export function overviewAnswer(
  sites: Site[],
  all: Map<string, SiteSums>,
  bounds: number[],
): Response {
  // Of some hundred sites with some hundred steps each, writing is a good part of the work.
  const starts = bounds.map((start) =>
    `{"start":"${new Date(start).toISOString()}","mean":`
  );
  const parts: string[] = [];
  for (const site of sites) {
    const sums = all.get(site.site_id);
    if (sums === undefined) continue;
    const { means, importKwh, exportKwh } = sums;
    let text = "";
    for (let step = 0; step < means.length; step++) {
      if (Number.isNaN(means[step])) continue;
      text += (text === "" ? "" : ",") + starts[step] + means[step] + "}";
    }
    parts.push(
      `${JSON.stringify(site).slice(0, -1)},"means":[${text}],"today":{` +
        `"import_kwh":${importKwh},"export_kwh":${exportKwh}}}`,
    );
  }
  return new Response(
    `{"count":${parts.length},"sites":[${parts.join(",")}]}`,
    { headers: { "content-type": "application/json" } },
  );
}
