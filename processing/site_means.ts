/**
 * The sites' means by steps and their energy of today, for an overview.
 *
 * @module
 */

import { readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import type { Point } from "./aggregate.ts";
import {
  followSite,
  lasts,
  type SiteSums,
  type SumsQuery,
  sumUpSite,
} from "./site_sums.ts";
import type { Site } from "./sites.ts";

/** What is wanted of every site. */
export interface MeansQuery extends SumsQuery {
  /** What the steps are of, the same for all queries that differ in their start only. */
  name: string;
}

/** How many readings of a site are followed; with more it is summed up anew. */
const MOST_FOLLOWED = 10_000;

/** How many kinds of queries are kept. */
const MOST_KEPT = 4;

/** The sums of the sites, for one kind of query. */
interface Kept {
  query: MeansQuery;
  sites: Map<string, SiteSums>;
}

/** A site with what was wanted. */
export interface SiteWithMeans extends Site {
  /** For each step in which something is known, the sum over the devices of their means, in W. */
  means: { start: string; mean: number }[];
  /** Energy since the day began, in kWh. */
  today: { import_kwh: number; export_kwh: number };
}

/** Adds what is wanted to sites, by the clock `now` in milliseconds since 1970. */
export type AddMeans = (
  sites: Site[],
  query: MeansQuery,
  now: number,
) => Promise<SiteWithMeans[]>;

/**
 * Makes what adds means and energy to sites. It keeps the sums of a query, and for the next one like it reads only
 * what has come since.
 *
 * @param redis The connection.
 * @returns How to add them.
 */
export function createMeans(redis: Redis): AddMeans {
  const kept = new Map<string, Kept>();
  let running: Promise<unknown> = Promise.resolve();

  async function add(sites: Site[], wanted: MeansQuery, now: number) {
    let found = kept.get(wanted.name);
    kept.delete(wanted.name);
    if (
      found === undefined || found.query.today[0] !== wanted.today[0] ||
      found.query.bounds[0] > wanted.bounds[0] ||
      found.query.bounds.at(-1)! < wanted.bounds.at(-1)!
    ) found = { query: wanted, sites: new Map() };
    const { query, sites: sums } = found;
    await follow(redis, sums, sites, query, now);
    const answers: SiteWithMeans[] = [];
    for (const site of sites) {
      const { site_id, count } = site;
      const of = sums.get(site_id) ??
        await sumUpSite(redis, site_id, query, count, now);
      if (lasts(of, now)) sums.set(site_id, of);
      const devices = [...of.devices.values()];
      answers.push({
        ...site,
        means: totalMeans(
          devices.map(({ steps }) => steps.points(now)),
          wanted.bounds[0],
        ),
        today: totalEnergy(devices.map(({ day }) => day.points(now))),
      });
    }
    kept.set(wanted.name, found);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return answers;
  }

  // One at a time: two would add the same readings twice.
  return (sites, query, now) => {
    const call = running.then(() => add(sites, query, now));
    running = call.catch(() => {});
    return call;
  };
}

/** Adds what has come since to the sums, and drops those that it cannot be added to. */
async function follow(
  redis: Redis,
  sums: Map<string, SiteSums>,
  sites: Site[],
  query: SumsQuery,
  now: number,
): Promise<void> {
  const pipeline = redis.pipeline();
  const asked: string[] = [];
  for (const { site_id, count } of sites) {
    const of = sums.get(site_id);
    if (of === undefined) continue;
    // Without a last reading, or with too many new ones, summing up anew is as good.
    if (
      of.last === null || count < of.length || count - of.length > MOST_FOLLOWED
    ) {
      sums.delete(site_id);
      continue;
    }
    asked.push(site_id);
    pipeline.lrange(readingsKey(site_id), of.length - 1, count - 1);
  }
  const replies = await pipeline.exec() ?? [];
  asked.forEach((siteId, index) => {
    const jsons = replies[index]?.[1] as string[] | null | undefined;
    if (!jsons || !followSite(sums.get(siteId)!, jsons, query, now)) {
      sums.delete(siteId);
    }
  });
}

function totalMeans(
  devices: Point[][],
  from: number,
): SiteWithMeans["means"] {
  const totals = new Map<number, number>();
  for (const { start, mean } of devices.flat()) {
    if (mean !== null && start >= from) {
      totals.set(start, (totals.get(start) ?? 0) + mean);
    }
  }
  return [...totals].sort(([a], [b]) => a - b).map(([start, mean]) => ({
    start: new Date(start).toISOString(),
    mean,
  }));
}

function totalEnergy(devices: Point[][]): SiteWithMeans["today"] {
  const total = { import_kwh: 0, export_kwh: 0 };
  for (const { import_kwh, export_kwh } of devices.flat()) {
    total.import_kwh += import_kwh;
    total.export_kwh += export_kwh;
  }
  return total;
}
