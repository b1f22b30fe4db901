/**
 * Rolling the list of one site up in a test, and comparing what comes of it with a plain calculation.
 *
 * @module
 */

import { assert } from "../../dev/testing/assert.ts";
import { readOverview } from "../overview.ts";
import { roll } from "../roll.ts";
import { quarterOf } from "../rollup.ts";
import { readSeries } from "../series.ts";
import type { Harness } from "./harness.ts";
import { close, referenceDevices, type Sample } from "./reference.ts";

/** The site whose list it is. */
export const SITE = "site-001";

export const MINUTE = 60_000, QUARTER = 15 * MINUTE;

/** How long a reading holds, unless a test says otherwise. */
export const GAP = 20 * MINUTE;

/** Rolls the list up to its end. */
export async function rollAll(h: Harness, maxGapMs = GAP, chunk?: number) {
  while (
    (await roll(h.redis, SITE, { maxGapMs, rebuild: true, chunk })).readings
  );
}

/** Asserts that the series of the list is that of a plain calculation. */
export async function checkSeries(
  h: Pick<Harness, "redis">,
  samples: Sample[],
  bounds: number[],
  gap = GAP,
): Promise<void> {
  const query = { siteId: SITE, bounds, maxGapMs: gap };
  const actual = [];
  const clocks = new Map<string, number>();
  for await (const { deviceId, points, now } of readSeries(h.redis, query)) {
    clocks.set(deviceId, now);
    actual.push({
      device_id: deviceId,
      points: points.map((p) => ({
        ...p,
        start: new Date(p.start).toISOString(),
      })),
    });
  }
  const devices = [...new Set(samples.map(({ device }) => device))].sort();
  const should = devices.flatMap((device) =>
    referenceDevices(
      samples.filter((sample) => sample.device === device),
      bounds,
      gap,
      clocks.get(device) ?? Date.now(),
    )
  );
  assert(close(actual, should), JSON.stringify({ actual, should }));
}

/** Asserts that the overview of the list is that of a plain calculation. */
export async function checkOverview(
  h: Harness,
  samples: Sample[],
  bounds: number[],
): Promise<void> {
  const now = Date.now();
  const today: [number, number] = [bounds[0], quarterOf(now) + QUARTER];
  const query = { bounds, today, maxGapMs: GAP };
  const all = await readOverview(h.redis, [SITE], query, now);
  const totals = all.get(SITE)!;
  const means = new Array(bounds.length - 1).fill(0);
  const add = (of: number[], now: number) =>
    referenceDevices(samples, of, GAP, now).flatMap(({ points }) => points);
  for (const { start, mean } of add(bounds, now)) {
    means[bounds.indexOf(Date.parse(start))] += mean ?? 0;
  }
  const energy = add(today, now).reduce((sum, p) => sum + p.import_kwh, 0);
  // What had to take the long way has a clock of its own, some milliseconds on.
  assert(
    Math.abs(totals.importKwh - energy) < 1e-3 &&
      means.every((mean, step) =>
        Math.abs(mean - (totals.means[step] || 0)) < 0.5
      ),
    JSON.stringify({ totals, means, energy }),
  );
}
