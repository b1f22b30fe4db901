/**
 * A household's readings, and the energy that a plain loop over them gives.
 *
 * @module
 */

import type { Sent } from "./load.ts";

const MINUTE = 60_000, HOUR = 60 * MINUTE;

/** The day that is looked at; readings begin in the afternoon before, and go on into the night after. */
export const DAY = Date.UTC(2006, 11, 17);

/** How a household is called, and the meter of all that it takes. */
export const SITE = "house-1", MAIN = "main";

const METERS = [MAIN, "kitchen", "laundry", "heating"];

/**
 * Makes a household's readings: four meters, one reading a minute each, the same each time.
 *
 * @returns The readings, in the order of their times.
 */
export function household(): Sent[] {
  let seed = 17;
  const random = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const start = DAY - 6.6 * HOUR;
  return Array.from({ length: 8000 }, (_, i) => ({
    site_id: SITE,
    device_id: METERS[i % 4],
    power_reading: Math.round(random() * 70_000) / 10,
    timestamp: new Date(start + Math.floor(i / 4) * MINUTE).toISOString()
      .replace(".000Z", "Z"),
  }));
}

/**
 * Puts readings out of order, the same way each time.
 *
 * @param readings The readings.
 * @returns The same ones.
 */
export function shuffled<T>(readings: T[]): T[] {
  let seed = 1;
  const random = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const all = [...readings];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/**
 * Adds a meter's energy of {@linkcode DAY} up, each reading holding for its minute.
 *
 * @param readings The readings, in any order.
 * @returns kWh of the day, and of each of its hours.
 */
export function plainLoop(readings: Sent[]): { day: number; hours: number[] } {
  const hours = new Array<number>(24).fill(0);
  let day = 0;
  for (const { device_id, power_reading, timestamp } of readings) {
    const into = Date.parse(timestamp) - DAY;
    if (device_id !== MAIN || into < 0 || into >= 24 * HOUR) continue;
    day += power_reading / 60_000;
    hours[Math.floor(into / HOUR)] += power_reading / 60_000;
  }
  return { day, hours };
}

/** The largest difference between two series of numbers, relative to the second. */
export function difference(actual: number[], expected: number[]): number {
  if (actual.length !== expected.length) return Infinity;
  return Math.max(
    ...actual.map((value, i) =>
      value === expected[i]
        ? 0
        : Math.abs(value - expected[i]) / Math.abs(expected[i])
    ),
  );
}
