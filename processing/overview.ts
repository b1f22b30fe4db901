/**
 * The sites' means by steps and their energy of today, for an overview: out of the rollups, and of the readings that
 * are not rolled up yet.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createGathered } from "./gather.ts";
import { type Days, daysOf, memberOf, merge } from "./merge.ts";
import {
  packDay,
  QUARTER_MS,
  quarterOf,
  recordsFrom,
  unpackDay,
} from "./rollup.ts";
import { readMaterial, sumUp } from "./series.ts";
import { readSiteRollups, type SiteRollups } from "./site_rollups.ts";
import { behind, readStates, type SiteState, usable } from "./site_state.ts";
import { addDevice, createTotals, type Totals } from "./site_totals.ts";
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

/**
 * Works an overview out.
 *
 * @param redis The connection.
 * @param sites The sites.
 * @param query What is wanted of them.
 * @param now The clock, in milliseconds since 1970.
 * @returns For each site, in their order, what it sums up to.
 */
export async function readOverview(
  redis: Redis,
  sites: Site[],
  query: OverviewQuery,
  now: number,
): Promise<Totals[]> {
  const siteIds = sites.map(({ site_id }) => site_id);
  const states = await readStates(redis, siteIds);
  const { bounds, today, maxGapMs } = query;
  const whole = [...bounds, ...today].every((time) => time % QUARTER_MS === 0);
  const from = quarterOf(Math.min(bounds[0], today[0]) - maxGapMs);
  const quick = states.filter((state) =>
    whole && usable(state, maxGapMs) &&
    behind(state, maxGapMs) <= MOST_ADDED && state.length >= 0
  );
  const found = new Map<string, Totals>();
  const tails = readTails(redis, quick, maxGapMs);
  tails.catch(() => {});
  const ids = quick.map(({ siteId }) => siteId);
  let at = 0;
  for await (const rollups of readSiteRollups(redis, ids, from, now)) {
    const state = quick[at++];
    const tail = (await tails).get(state.siteId);
    if (
      tail !== undefined &&
      !addTail(rollups, tail, state, { from, now, maxGapMs })
    ) continue;
    const totals = createTotals(bounds.length - 1);
    const exact = [...rollups.values()].every((device) =>
      addDevice(totals, device, query, now)
    );
    if (exact) found.set(state.siteId, totals);
  }
  const all: Totals[] = [];
  for (const siteId of siteIds) {
    all.push(found.get(siteId) ?? await sumUpSite(redis, siteId, query));
  }
  return all;
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

/** Adds a site's tail to its rollups; `false` when that takes a look at the readings before it. */
function addTail(
  rollups: SiteRollups,
  tail: string[],
  { trimmedMax }: SiteState,
  { from, now, maxGapMs }: { from: number; now: number; maxGapMs: number },
): boolean {
  const gathered = createGathered();
  let exact = true;
  eachReading(tail, (deviceId, time, power) => {
    if (time > now) exact = false;
    if (time >= from) gathered.add(deviceId, time, power);
  });
  if (!exact) return false;
  const touched = daysOf(gathered);
  const kept = new Map<string, Uint8Array>();
  const days: Days = new Map();
  for (const { deviceId, day } of touched) {
    const member = memberOf({ deviceId, day });
    const device = rollups.get(deviceId);
    const records = device?.records[device.days.indexOf(day)];
    if (records === undefined) continue;
    // Nearly always it is the last quarter alone that readings are added to.
    const from = recordsFrom(records, day, gathered.inOrder(deviceId).times[0]);
    kept.set(member, records.subarray(0, from));
    days.set(member, unpackDay(records.subarray(from), day));
  }
  if (merge(gathered, days, { maxGapMs, trimmedMax }).size > 0) return false;
  for (const { deviceId, day } of touched) {
    let device = rollups.get(deviceId);
    if (device === undefined) {
      rollups.set(deviceId, device = { deviceId, days: [], records: [] });
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
  return true;
}

/** Sums a site up the long way. */
async function sumUpSite(
  redis: Redis,
  siteId: string,
  { bounds, today, maxGapMs }: OverviewQuery,
): Promise<Totals> {
  const totals = createTotals(bounds.length - 1);
  const steps = { siteId, bounds, maxGapMs };
  for (const [, points] of sumUp(await readMaterial(redis, steps), steps)) {
    for (const { start, mean } of points) {
      if (mean === null) continue;
      const step = bounds.indexOf(start);
      totals.means[step] += mean;
      totals.known[step] = 1;
    }
  }
  const day = { siteId, bounds: [...today], maxGapMs };
  for (const [, points] of sumUp(await readMaterial(redis, day), day)) {
    for (const { import_kwh, export_kwh } of points) {
      totals.importKwh += import_kwh;
      totals.exportKwh += export_kwh;
    }
  }
  return totals;
}

/**
 * Sends an overview.
 *
 * @param sites The sites.
 * @param all What each sums up to.
 * @param bounds The start of each step and, last, the end.
 * @returns The answer.
 */
export function overviewAnswer(
  sites: Site[],
  all: Totals[],
  bounds: number[],
): Response {
  // Of some hundred sites with some hundred steps each, writing is a good part of the work.
  const starts = bounds.map((start) =>
    `{"start":"${new Date(start).toISOString()}","mean":`
  );
  const parts: string[] = [];
  sites.forEach((site, index) => {
    const { means, known, importKwh, exportKwh } = all[index];
    let text = "";
    for (let step = 0; step < means.length; step++) {
      if (known[step] === 0) continue;
      text += (text === "" ? "" : ",") + starts[step] + means[step] + "}";
    }
    parts.push(
      `${JSON.stringify(site).slice(0, -1)},"means":[${text}],"today":{` +
        `"import_kwh":${importKwh},"export_kwh":${exportKwh}}}`,
    );
  });
  return new Response(
    `{"count":${sites.length},"sites":[${parts.join(",")}]}`,
    { headers: { "content-type": "application/json" } },
  );
}
