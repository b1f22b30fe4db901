/**
 * The routes that sum readings up over time.
 *
 * @module
 */

import type { App } from "../core/app.ts";
import { SITES } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { get, json, PROBLEMS } from "./endpoint.ts";
import { parameterProblem } from "./parameter_problem.ts";
import {
  checkParameters,
  seriesQuery,
  siteParams,
  sitesQuery,
} from "./parameters.ts";
import {
  calendarOf,
  checkYears,
  rangeTime,
  readRange,
  readSteps,
} from "./range.ts";
import { seriesAnswerSchema, sitesAnswer } from "./schemas.ts";
import { readOverview } from "./overview.ts";
import { overviewAnswer } from "./overview_answer.ts";
import { readSeries } from "./series.ts";
import { seriesAnswer } from "./series_answer.ts";
import { listSites } from "./sites.ts";

/**
 * Adds the routes.
 *
 * @param app The API.
 * @param redis The connection.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 */
export function addHistoryRoutes(
  app: App,
  redis: Redis,
  maxGapMs: number,
): void {
  app.endpoint({
    ...get(
      "/sites",
      "The sites, each with its devices and their newest readings",
    ),
    description:
      "`since` adds each site's `means`, per step the sum over its devices of their means, and `today`, the " +
      "energy since its day began in `tz`.",
    request: { query: sitesQuery },
    responses: { ...json("The sites, by name", sitesAnswer), ...PROBLEMS },
  }, async (context) => {
    const { since, step, tz } = checkParameters(
      sitesQuery,
      context.req.query(),
    );
    const now = Date.now();
    if (since === undefined) {
      if (tz !== undefined || step !== undefined) {
        throw parameterProblem([{
          parameter: "since",
          detail: "is required when step or tz is given",
        }]);
      }
      const sites = await listSites(redis);
      return Response.json({ count: sites.length, sites });
    }
    const from = rangeTime("since", since, tz);
    if (from > now) {
      throw parameterProblem([{
        parameter: "since",
        detail: "must not be in the future",
      }]);
    }
    const zone = tz ?? "UTC";
    const calendar = calendarOf(zone);
    const midnight = calendar.floor("1d", now);
    const bounds = readSteps(step ?? "15m", zone, from, now);
    const today: [number, number] = [midnight, calendar.next("1d", midnight)];
    const query = { bounds, today, maxGapMs };
    const siteIds = await redis.zrange(SITES, 0, -1);
    const [sites, all] = await Promise.all([
      listSites(redis),
      readOverview(redis, siteIds, query, now),
    ]);
    return overviewAnswer(sites, all, bounds);
  });

  app.endpoint({
    ...get(
      "/sites/{site_id}/series",
      "Mean, extremes and energy of a site's devices, by steps of time",
    ),
    description:
      "Each reading holds until the next of its device, but no longer than `MAX_GAP` and never past now. Energy " +
      "is the integral of power; import and export are apart. Readings that come late correct the steps that they " +
      "fall into, as long as retention has not removed readings of the site that are as new. Steps begin where the " +
      "calendar of `tz` (UTC without it) says, summer time included; the range is widened to whole steps.",
    request: { params: siteParams, query: seriesQuery },
    responses: { ...json("The series", seriesAnswerSchema), ...PROBLEMS },
  }, async (context) => {
    const { site_id } = checkParameters(siteParams, context.req.param());
    const { step, tz: zone, device_id, ...given } = checkParameters(
      seriesQuery,
      context.req.query(),
    );
    const tz = zone ?? "UTC";
    const range = readRange({ ...given, tz: zone });
    const bounds = readSteps(step, tz, range.from!, range.to!);
    checkYears(bounds);
    const query = { siteId: site_id, deviceId: device_id, bounds, maxGapMs };
    const iso = (time: number) => new Date(time).toISOString();
    return await seriesAnswer(
      { site_id, step, tz, from: iso(bounds[0]), to: iso(bounds.at(-1)!) },
      readSeries(redis, query),
    );
  });
}
