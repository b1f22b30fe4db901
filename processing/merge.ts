/**
 * Bringing readings that follow on in the list into the rollups that there are.
 *
 * @module
 */

import type { Gathered } from "./gather.ts";
import { dayOf, extend, quarterOf, type Rollup } from "./rollup.ts";

/** A day of a device. */
export interface DeviceDay {
  deviceId: string;
  /** Days since 1970, in UTC. */
  day: number;
}

/** What a device-day is called, and what the set of them has as a member. */
export function memberOf({ deviceId, day }: DeviceDay): string {
  return `${day}:${deviceId}`;
}

/** Rollups by {@linkcode memberOf} their device-day, each by time. */
export type Days = Map<string, Rollup[]>;

/** For each device the quarters that have to be computed anew. */
export type Late = Map<string, Set<number>>;

/**
 * Tells which days readings fall into.
 *
 * @param gathered The readings.
 * @returns The days of each device, by time.
 */
export function daysOf(gathered: Gathered): DeviceDay[] {
  const days: DeviceDay[] = [];
  for (const deviceId of gathered.devices()) {
    const { times } = gathered.inOrder(deviceId);
    let day: number | undefined;
    for (const time of times) {
      if (dayOf(time) === day) continue;
      day = dayOf(time);
      days.push({ deviceId, day });
    }
  }
  return days;
}

/**
 * Adds readings to rollups.
 *
 * @param gathered The readings.
 * @param days The rollups of their days, which are changed; a day that is missing has none.
 * @param options How long a reading holds at most, and up to which time retention has removed readings.
 * @returns The quarters whose readings have to be looked at anew: one of them is not later than what the quarter has.
 * What it would change in a quarter that retention has taken from is left as it is.
 */
export function merge(
  gathered: Gathered,
  days: Days,
  options: { maxGapMs: number; trimmedMax: number },
): Late {
  const late: Late = new Map();
  for (const deviceId of gathered.devices()) {
    const { times, powers } = gathered.inOrder(deviceId);
    for (let from = 0; from < times.length;) {
      const quarter = quarterOf(times[from]);
      let to = from + 1;
      while (to < times.length && quarterOf(times[to]) === quarter) to++;
      const member = memberOf({ deviceId, day: dayOf(quarter) });
      const rollups = days.get(member) ?? [];
      days.set(member, rollups);
      let at = rollups.length;
      while (at > 0 && rollups[at - 1].start > quarter) at--;
      let rollup = rollups[at - 1]?.start === quarter
        ? rollups[at - 1]
        : undefined;
      const known = rollup !== undefined;
      if (known && times[from] <= rollup!.last) {
        if (quarter > options.trimmedMax) {
          let quarters = late.get(deviceId);
          if (quarters === undefined) {
            late.set(deviceId, quarters = new Set());
          }
          quarters.add(quarter);
          from = to;
          continue;
        }
        while (from < to && times[from] <= rollup!.last) from++;
      }
      for (; from < to; from++) {
        rollup = extend(rollup, times[from], powers[from], options.maxGapMs);
      }
      if (!known) rollups.splice(at, 0, rollup!);
    }
  }
  return late;
}

/**
 * Puts quarters that were computed anew in the place of what they were.
 *
 * @param gathered All the readings of those quarters.
 * @param days The rollups, which are changed.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 */
export function replace(
  gathered: Gathered,
  days: Days,
  maxGapMs: number,
): void {
  const anew: Days = new Map();
  merge(gathered, anew, { maxGapMs, trimmedMax: -Infinity });
  for (const [member, rollups] of anew) {
    const kept = days.get(member)!;
    for (const rollup of rollups) {
      kept[kept.findIndex(({ start }) => start === rollup.start)] = rollup;
    }
  }
}
