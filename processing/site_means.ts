/**
 * The sites' means by steps and their energy of today, for an overview.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import type { Point } from "./aggregate.ts";
import { gatherReadings } from "./series.ts";
import type { Site } from "./sites.ts";

/** What is wanted of every site. */
export interface MeansQuery {
  /** The start of each step of the means and, last, the end, in milliseconds since 1970. */
  bounds: number[];
  /** The start and the end of today. */
  today: number[];
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
}

/** A site with what was wanted. */
export interface SiteWithMeans extends Site {
  /** For each step in which something is known, the sum over the devices of their means, in W. */
  means: { start: string; mean: number }[];
  /** Energy since the day began, in kWh. */
  today: { import_kwh: number; export_kwh: number };
}

/**
 * Adds means and energy to sites.
 *
 * @param redis The connection.
 * @param sites The sites.
 * @param query What is wanted.
 * @param now The clock, in milliseconds since 1970.
 * @returns The sites with what was wanted.
 */
export async function addMeans(
  redis: Redis,
  sites: Site[],
  query: MeansQuery,
  now: number,
): Promise<SiteWithMeans[]> {
  const { bounds, today, maxGapMs } = query;
  const whole = [
    Math.min(bounds[0], today[0]),
    Math.max(bounds.at(-1)!, today[1]),
  ];
  const answers: SiteWithMeans[] = [];
  for (const site of sites) {
    const gathered = await gatherReadings(redis, {
      siteId: site.site_id,
      bounds: whole,
      maxGapMs,
    });
    const pointsBy = (steps: number[]) =>
      gathered.devices().map((device) =>
        gathered.sumUp(device, steps, maxGapMs, now).points(now)
      );
    answers.push({
      ...site,
      means: totalMeans(pointsBy(bounds)),
      today: totalEnergy(pointsBy(today)),
    });
  }
  return answers;
}

function totalMeans(devices: Point[][]): SiteWithMeans["means"] {
  const totals = new Map<number, number>();
  for (const { start, mean } of devices.flat()) {
    if (mean !== null) totals.set(start, (totals.get(start) ?? 0) + mean);
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
