/**
 * The range of time that a site's page shows, from the address.
 *
 * @module
 */

import { fromLocal, knownZone } from "./zone.ts";

/** The ranges that end now, in ms. */
export const RANGES: Record<string, number> = {
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 7 * 86_400_000,
  "30d": 30 * 86_400_000,
};

/** A range and the step it is drawn by. */
export interface Range {
  /** A key of `RANGES`, or `own`. */
  name: string;
  from: number;
  to: number;
  /** Why it is not the range that was asked for. */
  fault?: string;
}

/** Steps that the series has, in ms, finest first. */
const STEPS: [string, number][] = [
  ["1m", 60_000],
  ["5m", 300_000],
  ["15m", 900_000],
  ["1h", 3_600_000],
  ["1d", 86_400_000],
];

/** About as many points as a wide screen has pixels to tell apart. */
const MAX_POINTS = 750;

/** The finest step that does not give too many points. */
export function stepFor(
  from: number,
  to: number,
): { step: string; ms: number } {
  const [step, ms] = STEPS.find(([, ms]) => (to - from) / ms <= MAX_POINTS) ??
    STEPS.at(-1)!;
  return { step, ms };
}

/** Years of four digits, in every zone. */
const FIRST = Date.parse("0001-01-02T00:00:00Z");
const LAST = Date.parse("9999-12-30T00:00:00Z");

/**
 * Reads `range`, or `from` and `to`; what cannot be read is the last 24 hours, with a sentence that says why.
 *
 * @param params The address's
 * @param now ms
 * @param timeZone What times without an offset are in, unless `tz` says another
 */
export function rangeOf(
  params: URLSearchParams,
  now: number,
  timeZone: string,
): Range {
  const zone = knownZone(params.get("tz") ?? "") ?? timeZone;
  const from = fromLocal(params.get("from") ?? "", zone);
  const to = fromLocal(params.get("to") ?? "", zone);
  const isOwn = params.has("from") || params.has("to");
  const fault = isOwn ? faultOf(from, to) : undefined;
  if (isOwn && fault === undefined) return { name: "own", from, to };
  const name = params.get("range") ?? "24h";
  const known = Object.hasOwn(RANGES, name) ? name : "24h";
  const range = { name: known, from: now - RANGES[known], to: now };
  return fault === undefined ? range : { ...range, fault };
}

function faultOf(from: number, to: number): string | undefined {
  const isKnown = (ms: number) => ms >= FIRST && ms <= LAST;
  if (!isKnown(from) || !isKnown(to)) {
    return "From and to must both be times such as 2026-01-15T10:30, in years 1 to 9999.";
  }
  return from < to ? undefined : "From must be before to.";
}

/** The energy bars that suit a range. */
export function barStepFor({ from, to }: Range): "1h" | "1d" | "1mo" {
  const days = (to - from) / 86_400_000;
  return days <= 2.1 ? "1h" : days <= 92 ? "1d" : "1mo";
}
