/**
 * Timestamps of readings: ISO 8601 with an offset in, UTC out.
 *
 * A normalised timestamp is `YYYY-MM-DDTHH:MM:SSZ`, or with a fraction of up to nine digits and no trailing
 * zeros. Without their final `Z` two of them compare as text the way they compare as times; with it they do not
 * (`…00.5Z` sorts before `…00Z`).
 *
 * @module
 */

/** How far ahead of the clock a timestamp may be, in milliseconds. */
export const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

/** What a timestamp must look like, in the words of an error message. */
export const TIMESTAMP_RULE =
  "must be an ISO 8601 date and time with an offset, such as 2024-01-15T10:30:00Z or 2024-01-15T11:30:00.25+01:00";

const PATTERN =
  /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/;

/** What follows the seconds. */
const REST = /^(?:[.,](\d+))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)$/;

const AHEAD = "must be at most 24 hours ahead of the clock";

/** The first instant that can be written with a year of four digits: 0000-01-01T00:00:00Z. */
const FIRST_MS = -62_167_219_200_000;

/** A timestamp in both of the forms that the system works with. */
export interface Timestamp {
  /** In UTC, as it is stored. */
  utc: string;
  /** Milliseconds since 1970, the fraction cut to whole milliseconds. */
  epochMs: number;
}

/**
 * Reads a timestamp and brings it to UTC.
 *
 * @param text What was sent.
 * @param now The clock, in milliseconds since 1970.
 * @returns The timestamp, or a sentence that says which rule it breaks.
 */
export function parseTimestamp(text: string, now: number): Timestamp | string {
  // Each reading's comes here, so no more is made of it than what is needed.
  if (!PATTERN.test(text)) return TIMESTAMP_RULE;
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2);
  const month = twoDigits(text, 5), day = twoDigits(text, 8);
  const hour = twoDigits(text, 11), minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (
    month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
    hour > 23 || minute > 59 || second > 59
  ) {
    return "must be a date and time that exists";
  }
  let epochMs = epochOf(year, month, day) + hour * 3_600_000 + minute * 60_000 +
    second * 1000;
  if (text.length === 20 && text[10] === "T" && text[19] === "Z") {
    return epochMs > now + MAX_AHEAD_MS ? AHEAD : { utc: text, epochMs };
  }
  const [, digits = "", sign, hours, minutes = "0"] = REST.exec(
    text.slice(19),
  )!;
  const fraction = digits.replace(/0+$/, "");
  let base: string;
  if (sign === undefined) {
    base = text.slice(0, 10) + "T" + text.slice(11, 19);
  } else {
    const offsetHour = +hours, offsetMinute = +minutes;
    if (offsetHour > 23 || offsetMinute > 59) {
      return "must have an offset between -23:59 and +23:59";
    }
    const offsetMs = (offsetHour * 60 + offsetMinute) * 60_000;
    epochMs -= sign === "-" ? -offsetMs : offsetMs;
    if (epochMs < FIRST_MS) return "must not be before the year 0";
    if (epochMs <= now + MAX_AHEAD_MS) {
      base = new Date(epochMs).toISOString().slice(0, 19);
    } else base = "";
  }
  if (fraction !== "") epochMs += Math.floor(+("0." + fraction) * 1000);
  if (epochMs > now + MAX_AHEAD_MS) return AHEAD;
  return { utc: base + (fraction === "" ? "Z" : `.${fraction}Z`), epochMs };
}

/**
 * The time of a timestamp that is already normalised.
 *
 * @param utc A timestamp that {@linkcode parseTimestamp} gave.
 * @returns Milliseconds since 1970.
 */
export function epochMsOf(utc: string): number {
  return Date.parse(utc.length > 24 ? utc.slice(0, 23) + "Z" : utc);
}

/**
 * Compares two normalised timestamps, exact to the nanosecond.
 *
 * @param a A normalised timestamp.
 * @param b Another.
 * @returns Negative when `a` is earlier, 0 when both are the same instant, positive when `a` is later.
 */
export function compareTimestamps(a: string, b: string): number {
  const x = a.slice(0, -1), y = b.slice(0, -1);
  return x < y ? -1 : x > y ? 1 : 0;
}

function twoDigits(text: string, at: number): number {
  return 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * 48;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  if (
    month === 2 && (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))
  ) return 29;
  return DAYS[month - 1];
}

/** `Date.UTC` takes a year below 100 to mean 19xx. */
function epochOf(year: number, month: number, day: number): number {
  if (year >= 100) return Date.UTC(year, month - 1, day);
  return new Date(0).setUTCFullYear(year, month - 1, day);
}
