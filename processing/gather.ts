/**
 * Readings gathered by device and brought into the order of time, in 16 bytes each.
 *
 * A site's list is in the order processed, and a reading may come late, so the order of time is known only when
 * all of a range have been seen.
 *
 * @module
 */

import { type Accumulator, createAccumulator } from "./aggregate.ts";

/** The readings of one device, in the order that they have in the list. */
interface Column {
  times: Float64Array;
  powers: Float64Array;
  length: number;
  /** Whether they are in the order of time, too. */
  ordered: boolean;
}

/** Readings by device. */
export interface Gathered {
  /** Adds a reading, in the order of the list; its time is in milliseconds since 1970, its power in W. */
  add(deviceId: string, time: number, power: number): void;
  /** The devices, by name. */
  devices(): string[];
  /** Sums up a device's readings by steps, as {@linkcode createAccumulator} does. */
  sumUp(
    deviceId: string,
    bounds: number[],
    maxGapMs: number,
    now: number,
  ): Accumulator;
}

/**
 * Makes an empty collection.
 *
 * @returns The collection.
 */
export function createGathered(): Gathered {
  const columns = new Map<string, Column>();
  return {
    add(deviceId, time, power) {
      let column = columns.get(deviceId);
      if (column === undefined) {
        column = {
          times: new Float64Array(64),
          powers: new Float64Array(64),
          length: 0,
          ordered: true,
        };
        columns.set(deviceId, column);
      }
      const { length } = column;
      if (length === column.times.length) {
        column.times = grown(column.times);
        column.powers = grown(column.powers);
      }
      if (length > 0 && time < column.times[length - 1]) column.ordered = false;
      column.times[length] = time;
      column.powers[length] = power;
      column.length = length + 1;
    },
    devices: () => [...columns.keys()].sort(),
    sumUp(deviceId, bounds, maxGapMs, now) {
      const accumulator = createAccumulator(bounds, maxGapMs);
      const column = columns.get(deviceId);
      if (column === undefined) return accumulator;
      const { times, powers, length, ordered } = column;
      if (ordered) {
        for (let i = 0; i < length; i++) {
          accumulator.add(times[i], powers[i], now);
        }
        return accumulator;
      }
      const order = Uint32Array.from({ length }, (_, i) => i)
        .sort((a, b) => times[a] - times[b] || a - b);
      for (const i of order) accumulator.add(times[i], powers[i], now);
      return accumulator;
    },
  };
}

function grown(values: Float64Array): Float64Array {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}
