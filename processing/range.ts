/**
 * The range of time that a request asks for.
 *
 * @module
 */

import { parseTimestamp } from "../core/timestamp.ts";
import {
  type Calendar,
  createCalendar,
  STEP_MS,
  stepBounds,
  type StepName,
} from "./calendar.ts";
import { parameterProblem } from "./parameter_problem.ts";

/** How many steps an answer has at most. */
export const MAX_POINTS = 10_000;

/** The first and the last time whose year has four digits, which a timestamp has. */
const FIRST_MS = Date.parse("0000-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

const calendars = new Map<string, Calendar>();

/** A zone's calendar remembers what it has worked out, so it is kept. */
export function calendarOf(timeZone: string): Calendar {
  let calendar = calendars.get(timeZone);
  if (calendar === undefined) {
    calendar = createCalendar(timeZone);
    // Names differ by case alone, too, so that there are more of them than zones.
    if (calendars.size >= 100) calendars.clear();
    calendars.set(timeZone, calendar);
  }
  return calendar;
}

/**
 * Whether there is such a time zone.
 *
 * @param timeZone Its name.
 * @returns Whether there is.
 */
export function isTimeZone(timeZone: string): boolean {
  try {
    calendarOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a time of a request.
 *
 * @param parameter The parameter's name.
 * @param text What came: a date and time with an offset, or a date, which begins where its day does in the zone.
 * @param timeZone The zone, if one was given.
 * @returns Milliseconds since 1970.
 * @throws {Problem} 422 that names the parameter.
 */
export function rangeTime(
  parameter: string,
  text: string,
  timeZone?: string,
): number {
  const fault = (detail: string) => parameterProblem([{ parameter, detail }]);
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (date === null) {
    // In a query a plus that was not escaped has become a space.
    const parsed = parseTimestamp(text.replace(" ", "+"), Infinity);
    if (typeof parsed !== "string") return parsed.epochMs;
    throw fault(
      parsed.startsWith("must be an ISO")
        ? "must be an ISO 8601 date and time with an offset, such as 2024-01-15T10:30:00Z, or a date together with tz"
        : parsed,
    );
  }
  if (timeZone === undefined) {
    throw fault("is a date, which needs tz, such as tz=Europe/Berlin");
  }
  if (typeof parseTimestamp(`${text}T00:00:00Z`, Infinity) === "string") {
    throw fault("must be a date that exists");
  }
  return calendarOf(timeZone).dayStart(+date[1], +date[2] - 1, +date[3]);
}

/** The parameters of a range, as they came. */
interface RangeParameters {
  from?: string;
  to?: string;
  tz?: string;
}

/**
 * Reads the range of a request.
 *
 * @param parameters What came.
 * @returns Its start, inclusive, and its end, exclusive, in milliseconds since 1970, as far as they were given.
 * @throws {Problem} 422 that names the parameter.
 */
export function readRange(
  { from, to, tz }: RangeParameters,
): { from?: number; to?: number } {
  const range = {
    from: from === undefined ? undefined : rangeTime("from", from, tz),
    to: to === undefined ? undefined : rangeTime("to", to, tz),
  };
  if (
    range.from !== undefined && range.to !== undefined && range.from > range.to
  ) {
    throw parameterProblem([{
      parameter: "from",
      detail: "must not be after to",
    }]);
  }
  return range;
}

/**
 * Divides a range into whole steps.
 *
 * @param step The length of a step.
 * @param timeZone The zone of its calendar.
 * @param from The range's start, in milliseconds since 1970.
 * @param to Its end.
 * @returns The start of each step and, last, the end.
 * @throws {Problem} 422 that names `step` and the smallest that is allowed, when there would be too many.
 */
export function readSteps(
  step: StepName,
  timeZone: string,
  from: number,
  to: number,
): number[] {
  const calendar = calendarOf(timeZone);
  const bounds = stepBounds(calendar, step, from, to, MAX_POINTS);
  if (bounds !== undefined) return bounds;
  const names = Object.keys(STEP_MS) as StepName[];
  const smallest = names.slice(names.indexOf(step) + 1).find((longer) =>
    stepBounds(calendar, longer, from, to, MAX_POINTS) !== undefined
  );
  throw parameterProblem([{
    parameter: "step",
    detail: `would give more than ${MAX_POINTS} points; ` +
      (smallest === undefined
        ? "no step is long enough for this range"
        : `the smallest allowed for this range is ${smallest}`),
  }]);
}

/**
 * Checks that a range that was widened to whole steps can still be written.
 *
 * @param bounds The start of each step and, last, the end.
 * @throws {Problem} 422 that names the end that it leaves the years 0 to 9999 at.
 */
export function checkYears(bounds: number[]): void {
  const fault = (parameter: string) =>
    parameterProblem([{
      parameter,
      detail: "must lie in a step within the years 0000 to 9999 in UTC",
    }]);
  if (bounds[0] < FIRST_MS) throw fault("from");
  if (bounds.at(-1)! > LAST_MS) throw fault("to");
}
