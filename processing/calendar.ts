/**
 * Steps of time in the calendar of a time zone, with its summer time.
 *
 * Hours and days begin where the clocks on the wall say so: a day has 23 or 25 hours when they are changed. A
 * change is the beginning of a step, too, so that no step has two offsets. Zones are those of the IANA database,
 * by the rules that the runtime's `Intl` has.
 *
 * @module
 */

/** The lengths of steps, smallest first, with their usual length in milliseconds. */
export const STEP_MS = {
  "1m": 60_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "1d": 86_400_000,
  "1mo": 30 * 86_400_000,
} as const;

/** The length of a step. */
export type StepName = keyof typeof STEP_MS;

const DAY_MS = 86_400_000;

/** How many days a calendar remembers the offsets of. */
const MOST_EDGES = 50_000;

/** A time zone's calendar; times are milliseconds since 1970. */
export interface Calendar {
  /** When a local day begins; `day` may be beyond the month's end. `month` counts from 0. */
  dayStart(year: number, month: number, day: number): number;
  /** The start of the step that a time is in. */
  floor(step: StepName, time: number): number;
  /** The start of the step behind the one that starts at a time. */
  next(step: StepName, start: number): number;
}

/**
 * Makes a zone's calendar.
 *
 * @param timeZone Its name, such as `Europe/Berlin`.
 * @returns The calendar.
 * @throws {RangeError} When there is no such zone.
 */
export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    timeZoneName: "longOffset",
  });
  const askOffset = (time: number): number => {
    const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(
      format.format(time),
    );
    if (match === null) return 0;
    const seconds = +match[2] * 3600 + +match[3] * 60 + +(match[4] ?? 0);
    return (match[1] === "-" ? -1000 : 1000) * seconds;
  };
  // Asking is slow, and most days begin and end with the same offset.
  const edges = new Map<number, number>();
  const edge = (day: number): number => {
    let offset = edges.get(day);
    if (offset === undefined) {
      if (edges.size >= MOST_EDGES) edges.clear();
      edges.set(day, offset = askOffset(day * DAY_MS));
    }
    return offset;
  };
  const offsetAt = (time: number): number => {
    const day = Math.floor(time / DAY_MS);
    const offset = edge(day);
    return offset === edge(day + 1) ? offset : askOffset(time);
  };
  /** The first time after `low` that has the offset of `high`. */
  const changeBetween = (low: number, high: number): number => {
    const after = offsetAt(high);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  };
  const localMidnight = (year: number, month: number, day: number): number => {
    // Date.UTC takes a year below 100 to mean 19xx.
    const local = new Date(0).setUTCFullYear(year, month, day);
    const before = local - offsetAt(local - DAY_MS);
    const after = local - offsetAt(local + DAY_MS);
    for (const time of [Math.min(before, after), Math.max(before, after)]) {
      if (time + offsetAt(time) === local) return time;
    }
    // The clocks are put forward at midnight, which that day does not have.
    return changeBetween(local - DAY_MS, local + DAY_MS);
  };
  const localDate = (time: number) => new Date(time + offsetAt(time));
  const calendarStart = (step: "1d" | "1mo", time: number, further: number) => {
    const date = localDate(time);
    const year = date.getUTCFullYear(), month = date.getUTCMonth();
    return step === "1d"
      ? localMidnight(year, month, date.getUTCDate() + further)
      : localMidnight(year, month + further, 1);
  };
  return {
    dayStart: localMidnight,
    floor(step, time) {
      if (step === "1d" || step === "1mo") return calendarStart(step, time, 0);
      const offset = offsetAt(time), length = STEP_MS[step];
      const start = Math.floor((time + offset) / length) * length - offset;
      return offsetAt(start) === offset ? start : changeBetween(start, time);
    },
    next(step, start) {
      if (step === "1d" || step === "1mo") return calendarStart(step, start, 1);
      const offset = offsetAt(start), length = STEP_MS[step];
      const end = (Math.floor((start + offset) / length) + 1) * length - offset;
      return offsetAt(end) === offset ? end : changeBetween(start, end);
    },
  };
}

/**
 * The bounds of the whole steps that cover a range.
 *
 * @param calendar The calendar.
 * @param step The length of a step.
 * @param from The range's start, inclusive.
 * @param to Its end, exclusive.
 * @param most How many steps there may be.
 * @returns The start of each step and, last, the end; `undefined` when there would be more steps.
 */
export function stepBounds(
  calendar: Calendar,
  step: StepName,
  from: number,
  to: number,
  most: number,
): number[] | undefined {
  // A step is never longer than 31 days and an hour or so: what is far too much is not worked out.
  if ((to - from) / (STEP_MS[step] * 1.05) > most) return undefined;
  const bounds = [calendar.floor(step, from)];
  for (let end = bounds[0]; end < to;) {
    if (bounds.length > most) return undefined;
    bounds.push(end = calendar.next(step, end));
  }
  return bounds;
}
