/**
 * A site's series: its readings summed up by steps, for each device.
 *
 * Steps that are made of whole quarters of an hour come out of the rollups, after the list's tail has been rolled
 * up; shorter ones come out of the readings, found by the list's index. So does what rollups cannot say: the quarter
 * that it is, of a device with readings that lie ahead of the clock, and a list that is being rolled up for the first
 * time.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import { createTurns } from "../core/turns.ts";
import {
  type Accumulator,
  createAccumulator,
  type Point,
} from "./aggregate.ts";
import { catchUp } from "./catch_up.ts";
import { type DayRecords, readDeviceDays, readRecords } from "./device_days.ts";
import { createGathered, type Gathered } from "./gather.ts";
import type { DeviceDay } from "./merge.ts";
import { readChunks } from "./readings.ts";
import {
  createRollup,
  DAY_MS,
  dayOf,
  QUARTER_MS,
  quarterOf,
  readRollup,
  RECORD,
} from "./rollup.ts";
import { behind, type SiteState, usable } from "./site_state.ts";
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

/** What a device has to say. */
export interface DeviceSeries {
  deviceId: string;
  points: Point[];
  /** The clock that they are right for, in milliseconds since 1970. */
  now: number;
}

/** Readings of a range and the clock when they were read. */
interface Read {
  /** The start of the range. */
  from: number;
  now: number;
  readings: Gathered;
}

/**
 * Reads a series, a device at a time.
 *
 * @param redis The connection.
 * @param query Which series.
 * @yields Each device that has something to say, by name.
 */
export async function* readSeries(
  redis: Redis,
  query: SeriesQuery,
): AsyncGenerator<DeviceSeries> {
  const { siteId, deviceId: only, bounds, maxGapMs } = query;
  // Nearly all zones differ from UTC by whole quarters; what differs otherwise, or is shorter, is not made of them.
  const whole = bounds.every((bound) => bound % QUARTER_MS === 0);
  const state = whole ? await catchUp(redis, siteId, maxGapMs) : undefined;
  const ready = state !== undefined && usable(state, maxGapMs) &&
    behind(state, maxGapMs) === 0;
  // Of what retention has removed there are rollups only.
  const until = state === undefined
    ? -Infinity
    : ready
    ? Infinity
    : removedUntil(state);
  const from = quarterOf(bounds[0] - maxGapMs);
  const to = Math.min(bounds.at(-1)!, until);
  const days: Map<string, number[]> = from >= to
    ? new Map()
    : await readDeviceDays(redis, siteId, {
      first: dayOf(from),
      last: Math.ceil(to / DAY_MS) - 1,
      deviceId: only,
    });
  const rest = await read(redis, query, until, Infinity, Date.now());
  /** What takes the place of rollups that have readings on both sides of the clock. */
  let current: Read | undefined;

  const devices = [...new Set([...days.keys(), ...rest.readings.devices()])]
    .sort();
  const records = readRecords(redis, siteId, eachDay(devices, days));
  const turns = createTurns();
  let next = await records.next();
  for (const deviceId of devices) {
    const accumulator = createAccumulator(bounds, maxGapMs);
    const add = ({ readings, now }: Read) => {
      const { times, powers } = readings.inOrder(deviceId);
      for (let i = 0; i < times.length; i++) {
        accumulator.add(times[i], powers[i], now);
      }
    };
    let { now } = rest, split = false;
    for (
      ;
      !next.done && next.value.deviceId === deviceId;
      next = await records.next()
    ) {
      await turns.turn();
      const { value } = next;
      // What came in while other devices were read or sent does not lie ahead.
      if (ready && !split) now = value.now;
      const range = { from, to, now: ready ? now : Infinity };
      for (let at = 0; at < value.records.length; at += RECORD) {
        at = addDay(accumulator, value, at, range);
        if (at === value.records.length) break;
        const quarter = quarterOf(now);
        if (current?.from !== quarter) {
          const end = quarter + QUARTER_MS;
          current = await read(redis, query, quarter, end, now);
        }
        add(current);
        now = range.now = current.now;
        split = true;
      }
    }
    add(rest);
    const points = accumulator.points(now);
    // One that only held readings older than the range, and too old for it, has nothing to say.
    if (points.length > 0) yield { deviceId, points, now };
    await turns.turn();
  }
}

/** The end of the last quarter that retention may have taken readings from. */
function removedUntil({ list, clearing, trimmedMax }: SiteState): number {
  return list === "another" || clearing === "list" || trimmedMax === -Infinity
    ? -Infinity
    : quarterOf(trimmedMax) + QUARTER_MS;
}

function* eachDay(
  devices: string[],
  days: Map<string, number[]>,
): Generator<DeviceDay> {
  for (const deviceId of devices) {
    for (const day of days.get(deviceId) ?? []) yield { deviceId, day };
  }
}

/** Reads what a series is made of from a time on until another, that is readings. */
async function read(
  redis: Redis,
  { siteId, deviceId, bounds, maxGapMs }: SeriesQuery,
  from: number,
  to: number,
  now: number,
): Promise<Read> {
  const readings = createGathered();
  const range = {
    from: Math.max(bounds[0] - maxGapMs, from),
    to: Math.min(bounds.at(-1)!, to),
  };
  if (range.from < range.to) {
    const wanted = { siteId, deviceId, order: "asc", ...range } as const;
    for await (const jsons of readChunks(redis, wanted)) {
      eachReading(jsons, readings.add);
    }
  }
  return { from, now, readings };
}

/** Each rollup in turn: an object for every one of a year's is more than there is memory for. */
const rollup = createRollup();

/**
 * Adds the rollups of a day that begin within a range, from a byte on up to the first that has readings on both sides of
 * the clock.
 *
 * @returns The byte that one begins at, or where the day ends.
 */
function addDay(
  accumulator: Accumulator,
  { day, records: { buffer, byteOffset, byteLength } }: DayRecords,
  begin: number,
  { from, to, now }: { from: number; to: number; now: number },
): number {
  const view = new DataView(buffer, byteOffset, byteLength);
  let at = begin;
  for (; at < byteLength; at += RECORD) {
    const { start, first, last } = readRollup(view, at, day, rollup);
    if (start < from || start >= to) continue;
    if (first <= now && last > now) break;
    accumulator.addRollup(rollup, now);
  }
  return at;
}
