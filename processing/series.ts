/**
 * A site's series: its readings summed up by steps, for each device.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import type { Point } from "./aggregate.ts";
import { createGathered, type Gathered } from "./gather.ts";
import { readChunks } from "./readings.ts";
import { deviceOf, powerOf, timeOf } from "./stored.ts";

/** Which series is wanted. */
export interface SeriesQuery {
  siteId: string;
  /** Only of this device. */
  deviceId?: string;
  /** The start of each step and, last, the end, in milliseconds since 1970. */
  bounds: number[];
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
}

/**
 * Gathers a site's readings that say something about a range.
 *
 * @param redis The connection.
 * @param query Which range.
 * @param end The absolute position behind the last that counts, when not all do.
 * @returns The readings, those that still hold when it begins among them.
 */
export async function gatherReadings(
  redis: Redis,
  { siteId, deviceId, bounds, maxGapMs }: SeriesQuery,
  end?: number,
): Promise<Gathered> {
  const gathered = createGathered();
  const chunks = readChunks(redis, {
    siteId,
    deviceId,
    order: "asc",
    from: bounds[0] - maxGapMs,
    to: bounds.at(-1)!,
  }, end);
  for await (const jsons of chunks) {
    for (const json of jsons) {
      gathered.add(deviceOf(json), timeOf(json), powerOf(json));
    }
  }
  return gathered;
}

/** A series without its devices. */
export interface SeriesHead {
  site_id: string;
  step: string;
  tz: string;
  from: string;
  to: string;
}

/**
 * Sends a series, a device at a time.
 *
 * @param head What it is of.
 * @param gathered Its readings.
 * @param query What was asked for.
 * @param now The clock, in milliseconds since 1970.
 * @returns The answer.
 */
export function seriesAnswer(
  head: SeriesHead,
  gathered: Gathered,
  { bounds, maxGapMs }: SeriesQuery,
  now: number,
): Response {
  function* text(): Generator<string> {
    yield `${JSON.stringify(head).slice(0, -1)},"devices":[`;
    let between = "";
    for (const device_id of gathered.devices()) {
      const points = gathered.sumUp(device_id, bounds, maxGapMs, now)
        .points(now);
      // One that only held readings older than the range, and too old for it, has nothing to say.
      if (points.length === 0) continue;
      yield between +
        JSON.stringify({ device_id, points: points.map(written) });
      between = ",";
    }
    yield "]}";
  }
  return new Response(
    ReadableStream.from(text()).pipeThrough(new TextEncoderStream()),
    { headers: { "content-type": "application/json" } },
  );
}

function written(point: Point) {
  return { ...point, start: new Date(point.start).toISOString() };
}
