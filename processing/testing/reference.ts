/**
 * A series worked out in the plainest way, to compare with: every reading against every step.
 *
 * @module
 */

/** A reading as the tests of history have it. */
export interface Sample {
  device: string;
  /** Milliseconds since 1970. */
  time: number;
  /** W. */
  power: number;
}

/**
 * Sums readings up by steps.
 *
 * @param samples The readings of one device, in the order of the list.
 * @param bounds The start of each step and, last, the end.
 * @param maxGapMs How long a reading holds at most.
 * @param now The clock.
 * @returns The steps in which something is known.
 */
export function referencePoints(
  samples: Sample[],
  bounds: number[],
  maxGapMs: number,
  now: number,
) {
  const byTime = new Map<number, number>();
  for (const { time, power } of samples) byTime.set(time, power);
  const times = [...byTime.keys()].sort((a, b) => a - b);
  return bounds.slice(0, -1).map((start, step) => {
    const end = bounds[step + 1];
    const held: { power: number; ms: number }[] = [];
    times.forEach((time, i) => {
      const until = Math.min(times[i + 1] ?? Infinity, time + maxGapMs, now);
      const ms = Math.min(until, end) - Math.max(time, start);
      if (ms > 0) held.push({ power: byTime.get(time)!, ms });
    });
    const sum = (of: (part: { power: number; ms: number }) => number) =>
      held.reduce((total, part) => total + of(part), 0);
    const covered = sum(({ ms }) => ms);
    const powers = held.map(({ power }) => power);
    return {
      start: new Date(start).toISOString(),
      mean: held.length === 0
        ? null
        : sum(({ power, ms }) => power * ms) / covered,
      min: held.length === 0 ? null : Math.min(...powers),
      max: held.length === 0 ? null : Math.max(...powers),
      import_kwh: sum(({ power, ms }) => Math.max(0, power) * ms) / 3.6e9,
      export_kwh: sum(({ power, ms }) => Math.max(0, -power) * ms) / 3.6e9,
      count: times.filter((time) => time >= start && time < end).length,
      coverage: covered / (end - start),
    };
  }).filter(({ count, coverage }) => count > 0 || coverage > 0);
}

/**
 * Sums the readings of a site up, device by device.
 *
 * @param samples The readings, in the order of the list.
 * @param bounds As {@linkcode referencePoints} has it, like the rest.
 * @param maxGapMs How long a reading holds at most.
 * @param now The clock.
 * @returns The devices of which something is known, by name.
 */
export function referenceDevices(
  samples: Sample[],
  bounds: number[],
  maxGapMs: number,
  now: number,
) {
  return [...new Set(samples.map(({ device }) => device))].sort()
    .map((device) => ({
      device_id: device,
      points: referencePoints(
        samples.filter((sample) => sample.device === device),
        bounds,
        maxGapMs,
        now,
      ),
    })).filter(({ points }) => points.length > 0);
}

/**
 * Compares what two calculations gave: numbers to 1e-9 of their size, or of 1e-6 when they are smaller.
 *
 * @param actual What there is.
 * @param expected What there should be.
 * @returns Whether both say the same.
 */
export function close(actual: unknown, expected: unknown): boolean {
  if (typeof actual === "number" && typeof expected === "number") {
    return Math.abs(actual - expected) <=
      1e-9 * Math.max(1e-6, Math.abs(actual), Math.abs(expected));
  }
  if (
    typeof actual !== "object" || typeof expected !== "object" ||
    actual === null || expected === null
  ) return actual === expected;
  const a = Object.entries(actual), b = new Map(Object.entries(expected));
  return a.length === b.size &&
    a.every(([key, value]) => b.has(key) && close(value, b.get(key)));
}
