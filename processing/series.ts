/**
 * A site's series: its readings summed up by steps, for each device.
 *
 * Steps that are made of whole quarters of an hour come out of the rollups, after the list's tail has been rolled
 * up; shorter ones come out of the readings, found by the list's index. So does what rollups cannot say: a quarter
 * with readings that lie ahead of the clock, and a list that is being rolled up for the first time.
 *
 * @module
 */

import { daysKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createAccumulator, type Point } from "./aggregate.ts";
import { createGathered, type Gathered } from "./gather.ts";
import { readChunks } from "./readings.ts";
import { catchUp } from "./catch_up.ts";
import { DAY_MS, dayOf, QUARTER_MS, quarterOf, type Rollup } from "./rollup.ts";
import { behind, type SiteState, usable } from "./site_state.ts";
import { readDays, unpack } from "./span.ts";
import { eachReading } from "./stored.ts";

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

/** What a series is made of. */
export interface Material {
  /** The clock that it is right for, in milliseconds since 1970. */
  now: number;
  /** The rollups of each device, by time. */
  rollups: Map<string, Rollup[]>;
  /** Readings behind the rollups. */
  readings: Gathered;
}

/**
 * Reads what a series is made of.
 *
 * @param redis The connection.
 * @param query Which series.
 * @returns Rollups and readings, those that still hold when the range begins among them.
 */
export async function readMaterial(
  redis: Redis,
  query: SeriesQuery,
): Promise<Material> {
  const { siteId, bounds, maxGapMs } = query;
  // Nearly all zones differ from UTC by whole quarters; what differs otherwise, or is shorter, is not made of them.
  const whole = bounds.every((bound) => bound % QUARTER_MS === 0);
  const state = whole ? await catchUp(redis, siteId, maxGapMs) : undefined;
  const now = Date.now();
  let rollups = new Map<string, Rollup[]>();
  let readingsFrom = -Infinity;
  if (state !== undefined) {
    const ready = usable(state, maxGapMs) && behind(state, maxGapMs) === 0;
    // Of what retention has removed there are rollups only.
    readingsFrom = ready ? Infinity : removedUntil(state);
    rollups = await readRollups(redis, query, readingsFrom);
    if (ready && ahead(rollups, now)) {
      readingsFrom = quarterOf(now);
      for (const [deviceId, all] of rollups) {
        rollups.set(
          deviceId,
          all.filter(({ start }) => start < readingsFrom),
        );
      }
    }
  }
  const from = Math.max(bounds[0] - maxGapMs, readingsFrom);
  const readings = createGathered();
  if (from < bounds.at(-1)!) {
    const { deviceId } = query;
    const range = { from, to: bounds.at(-1)! };
    const chunks = readChunks(redis, {
      siteId,
      deviceId,
      order: "asc",
      ...range,
    });
    for await (const jsons of chunks) eachReading(jsons, readings.add);
  }
  return { now, rollups, readings };
}

/** The end of the last quarter that retention may have taken readings from. */
function removedUntil({ list, clearing, trimmedMax }: SiteState): number {
  return list === "another" || clearing === "list" || trimmedMax === -Infinity
    ? -Infinity
    : quarterOf(trimmedMax) + QUARTER_MS;
}

function ahead(rollups: Map<string, Rollup[]>, now: number): boolean {
  return [...rollups.values()].some((all) => all.some((it) => it.last > now));
}

/** Reads the rollups that a series is made of, those that end before a time. */
async function readRollups(
  redis: Redis,
  { siteId, deviceId, bounds, maxGapMs }: SeriesQuery,
  until: number,
): Promise<Map<string, Rollup[]>> {
  const from = quarterOf(bounds[0] - maxGapMs);
  const to = Math.min(bounds.at(-1)!, until);
  const rollups = new Map<string, Rollup[]>();
  if (from >= to) return rollups;
  const members = await redis.zrangebyscore(
    daysKey(siteId),
    dayOf(from),
    Math.ceil(to / DAY_MS) - 1,
  );
  const days = members.map((member) => ({
    day: parseInt(member),
    deviceId: member.slice(member.indexOf(":") + 1),
  })).filter((day) =>
    // One without a device is of the site's totals.
    deviceId === undefined ? day.deviceId !== "" : day.deviceId === deviceId
  )
    .sort((a, b) => a.day - b.day);
  const unpacked = unpack(days, await readDays(redis, siteId, days));
  days.forEach(({ deviceId, day }) => {
    const all = rollups.get(deviceId) ?? [];
    rollups.set(deviceId, all);
    for (const rollup of unpacked.get(`${day}:${deviceId}`)!) {
      if (rollup.start >= from && rollup.start < to) all.push(rollup);
    }
  });
  return rollups;
}

/**
 * Sums a series up.
 *
 * @param material What it is made of.
 * @param query Which series.
 * @yields Each device that has something to say, by name, with its points.
 */
export function* sumUp(
  { now, rollups, readings }: Material,
  { bounds, maxGapMs }: SeriesQuery,
): Generator<[deviceId: string, points: Point[]]> {
  const devices = new Set([...rollups.keys(), ...readings.devices()]);
  for (const deviceId of [...devices].sort()) {
    const accumulator = createAccumulator(bounds, maxGapMs);
    for (const rollup of rollups.get(deviceId) ?? []) {
      accumulator.addRollup(rollup, now);
    }
    const { times, powers } = readings.inOrder(deviceId);
    for (let i = 0; i < times.length; i++) {
      accumulator.add(times[i], powers[i], now);
    }
    const points = accumulator.points(now);
    // One that only held readings older than the range, and too old for it, has nothing to say.
    if (points.length > 0) yield [deviceId, points];
  }
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
 * @param material What it is made of.
 * @param query What was asked for.
 * @returns The answer.
 */
export function seriesAnswer(
  head: SeriesHead,
  material: Material,
  query: SeriesQuery,
): Response {
  function* text(): Generator<string> {
    yield `${JSON.stringify(head).slice(0, -1)},"devices":[`;
    let between = "";
    for (const [device_id, points] of sumUp(material, query)) {
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
