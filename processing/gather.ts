/**
 * Readings gathered by device and brought into the order of time, in 16 bytes each.
 *
 * A site's list is in the order processed, and a reading may come late, so the order of time is known only when
 * all of a range have been seen.
 *
 * @module
 */

/** The readings of one device, in the order that they have in the list. */
interface Column {
  times: Float64Array;
  powers: Float64Array;
  length: number;
  /** Whether they are in the order of time, too. */
  ordered: boolean;
  /** Whether two that follow each other have the same time. */
  repeated: boolean;
}

/** A device's readings in the order of time; of two at the same time only the later in the list. */
export interface Ordered {
  /** Milliseconds since 1970. */
  times: Float64Array;
  /** W. */
  powers: Float64Array;
}

/** Readings by device. */
export interface Gathered {
  /** Adds a reading, in the order of the list; its time is in milliseconds since 1970, its power in W. */
  add(deviceId: string, time: number, power: number): void;
  /** The devices, by name. */
  devices(): string[];
  /** A device's readings in the order of time. */
  inOrder(deviceId: string): Ordered;
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
          repeated: false,
        };
        columns.set(deviceId, column);
      }
      if (column.length === column.times.length) makeRoom(column);
      const { length } = column;
      if (length > 0) {
        const before = column.times[length - 1];
        if (time < before) column.ordered = false;
        else if (time === before) column.repeated = true;
      }
      column.times[length] = time;
      column.powers[length] = power;
      column.length = length + 1;
    },
    devices: () => [...columns.keys()].sort(),
    inOrder(deviceId) {
      const column = columns.get(deviceId);
      return column === undefined
        ? { times: new Float64Array(), powers: new Float64Array() }
        : inOrder(column);
    },
  };
}

function inOrder(
  { times, powers, length, ordered, repeated }: Column,
): Ordered {
  if (ordered && !repeated) {
    return {
      times: times.subarray(0, length),
      powers: powers.subarray(0, length),
    };
  }
  const order = Uint32Array.from({ length }, (_, i) => i);
  if (!ordered) order.sort((a, b) => times[a] - times[b] || a - b);
  const last = order.filter((at, i) =>
    i + 1 === length || times[order[i + 1]] !== times[at]
  );
  return {
    times: Float64Array.from(last, (at) => times[at]),
    powers: Float64Array.from(last, (at) => powers[at]),
  };
}

/**
 * Makes room for more: at least half of what there is is free then. Readings whose time has come again since are let go,
 * so that a client that sends the same times over and over does not take more memory each time.
 */
function makeRoom(column: Column): void {
  if (!column.ordered || column.repeated) {
    const { times, powers } = inOrder(column);
    column.times.set(times);
    column.powers.set(powers);
    column.length = times.length;
    column.ordered = true;
    column.repeated = false;
  }
  if (column.length > column.times.length / 2) {
    column.times = grown(column.times);
    column.powers = grown(column.powers);
  }
}

function grown(values: Float64Array): Float64Array {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}
