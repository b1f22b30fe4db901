/**
 * A rollup: what a quarter of an hour of one device's readings says, in 56 bytes.
 *
 * It holds what lies between the first and the last reading of the quarter. How long the last one holds is known
 * only with the next, so that is left to whoever puts rollups together, and putting them together is exact.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** The length of a rollup's step, in milliseconds. */
export const QUARTER_MS = 900_000;

/** The length of a day in UTC, in milliseconds. */
export const DAY_MS = 86_400_000;

/** Bytes of a packed rollup: four unsigned integers and five doubles, little-endian. */
export const RECORD = 56;

/** A quarter of an hour of a device; times are milliseconds since 1970. */
export interface Rollup {
  /** When the quarter begins. */
  start: number;
  /** The time of its first reading. */
  first: number;
  /** The time of its last reading. */
  last: number;
  /** How many times it has readings at. */
  count: number;
  /** How much readings cover between the first and the last, in milliseconds. */
  covered: number;
  /** The smallest and the largest power, in W, that held between them; `Infinity` and `-Infinity` when none did. */
  min: number;
  max: number;
  /** The power of the last reading, in W. */
  power: number;
  /** The integral of what is above zero, and of what is below, between them, in W ms. */
  imported: number;
  exported: number;
}

/**
 * The start of the quarter that a time is in.
 *
 * @param time Milliseconds since 1970.
 * @returns Milliseconds since 1970.
 */
export function quarterOf(time: number): number {
  return Math.floor(time / QUARTER_MS) * QUARTER_MS;
}

/**
 * The day that a time is in.
 *
 * @param time Milliseconds since 1970.
 * @returns Days since 1970, in UTC.
 */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

/**
 * Adds a reading to a quarter.
 *
 * @param rollup The quarter so far; `undefined` before its first reading.
 * @param time The reading's time, later than all that the quarter has.
 * @param power Its power, in W.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 * @returns The quarter with it, the same object when there was one.
 */
export function extend(
  rollup: Rollup | undefined,
  time: number,
  power: number,
  maxGapMs: number,
): Rollup {
  if (rollup === undefined) {
    return {
      start: quarterOf(time),
      first: time,
      last: time,
      count: 1,
      covered: 0,
      min: Infinity,
      max: -Infinity,
      power,
      imported: 0,
      exported: 0,
    };
  }
  const held = Math.min(time - rollup.last, maxGapMs);
  if (held > 0) {
    const before = rollup.power;
    rollup.covered += held;
    if (before > 0) rollup.imported += before * held;
    else rollup.exported -= before * held;
    if (before < rollup.min) rollup.min = before;
    if (before > rollup.max) rollup.max = before;
  }
  rollup.last = time;
  rollup.power = power;
  rollup.count++;
  return rollup;
}

/**
 * Packs the rollups of a day.
 *
 * @param rollups The rollups, by time.
 * @returns Their records.
 */
export function packDay(rollups: Rollup[]): Buffer {
  const bytes = Buffer.alloc(rollups.length * RECORD);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  rollups.forEach((rollup, index) => {
    const at = index * RECORD;
    const quarter = (rollup.start - dayOf(rollup.start) * DAY_MS) / QUARTER_MS;
    // A quarter of an hour has 900,000 ms, which is less than 2^20.
    view.setUint32(at, quarter << 20 | rollup.first - rollup.start, true);
    view.setUint32(at + 4, rollup.last - rollup.start, true);
    view.setUint32(at + 8, rollup.count, true);
    view.setUint32(at + 12, rollup.covered, true);
    view.setFloat64(at + 16, rollup.min, true);
    view.setFloat64(at + 24, rollup.max, true);
    view.setFloat64(at + 32, rollup.power, true);
    view.setFloat64(at + 40, rollup.imported, true);
    view.setFloat64(at + 48, rollup.exported, true);
  });
  return bytes;
}

/**
 * Unpacks the rollups of a day.
 *
 * @param bytes Their records; a part of them when it consists of whole ones.
 * @param day The day, in days since 1970.
 * @returns The rollups, by time.
 */
export function unpackDay(bytes: Uint8Array, day: number): Rollup[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rollups: Rollup[] = [];
  for (let at = 0; at + RECORD <= bytes.byteLength; at += RECORD) {
    rollups.push(readRollup(view, at, day, createRollup()));
  }
  return rollups;
}

/**
 * Makes a place for a rollup.
 *
 * @returns One that says nothing.
 */
export function createRollup(): Rollup {
  return {
    start: 0,
    first: 0,
    last: 0,
    count: 0,
    covered: 0,
    min: Infinity,
    max: -Infinity,
    power: 0,
    imported: 0,
    exported: 0,
  };
}

/**
 * Reads one of the packed rollups of a day.
 *
 * @param view Their records.
 * @param at The byte that it begins at.
 * @param day The day, in days since 1970.
 * @param into Where to; what was in there goes.
 * @returns The same.
 */
export function readRollup(
  view: DataView,
  at: number,
  day: number,
  into: Rollup,
): Rollup {
  const head = view.getUint32(at, true);
  const start = day * DAY_MS + (head >>> 20) * QUARTER_MS;
  into.start = start;
  into.first = start + (head & 0xfffff);
  into.last = start + view.getUint32(at + 4, true);
  into.count = view.getUint32(at + 8, true);
  into.covered = view.getUint32(at + 12, true);
  into.min = view.getFloat64(at + 16, true);
  into.max = view.getFloat64(at + 24, true);
  into.power = view.getFloat64(at + 32, true);
  into.imported = view.getFloat64(at + 40, true);
  into.exported = view.getFloat64(at + 48, true);
  return into;
}

/**
 * Finds where in the records of a day those from a time on begin.
 *
 * @param bytes The records.
 * @param day The day, in days since 1970.
 * @param time Milliseconds since 1970.
 * @returns How many bytes come before the quarter that the time is in.
 */
export function recordsFrom(
  bytes: Uint8Array,
  day: number,
  time: number,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const quarter = (quarterOf(time) - day * DAY_MS) / QUARTER_MS;
  let from = bytes.byteLength;
  while (
    from > 0 && view.getUint32(from - RECORD, true) >>> 20 >= quarter
  ) from -= RECORD;
  return from;
}
