/**
 * Times of day in a zone, as `<input type="datetime-local">` writes them: `2026-01-15T10:30`.
 *
 * @module
 */

/** Writes a time, ms, in a zone; to the minute. */
export function toLocal(ms: number, timeZone: string): string {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(ms)) {
    parts[type] = value;
  }
  const { year, month, day, hour, minute } = parts;
  return `${year.padStart(4, "0")}-${month}-${day}T${hour}:${minute}`;
}

/**
 * Reads a time in a zone; one with an offset is taken as it is.
 *
 * @returns Milliseconds, or NaN for what is no time. An hour that summer time leaves out is the one after it; of one
 * that it repeats it is the first.
 */
export function fromLocal(text: string, timeZone: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)) {
    return Date.parse(text);
  }
  const asUtc = Date.parse(text + "Z");
  if (Number.isNaN(asUtc)) return asUtc;
  // The offset is known only of a time: before and after a change of it are both tried.
  const candidates = [-1, 1].map((day) =>
    asUtc - offsetAt(asUtc + day * 86_400_000, timeZone)
  );
  const exact = candidates.find((ms) => ms + offsetAt(ms, timeZone) === asUtc);
  return exact ?? Math.max(...candidates);
}

/** When the day after that of a time begins in a zone, ms: 23, 24 or 25 hours after its own day did. */
export function nextDay(ms: number, timeZone: string): number {
  const midnight = Date.parse(`${toLocal(ms, timeZone).slice(0, 10)}T00:00Z`);
  const next = new Date(midnight + 86_400_000).toISOString().slice(0, 16);
  return fromLocal(next, timeZone);
}

/** The zone of a name, or null for what is none. */
export function knownZone(name: string): string | null {
  if (name === "" || name.length > 64) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions()
      .timeZone;
  } catch {
    return null;
  }
}

/** How far a zone is ahead of UTC, ms. */
function offsetAt(ms: number, timeZone: string): number {
  const minute = Math.floor(ms / 60_000) * 60_000;
  return Date.parse(toLocal(minute, timeZone) + "Z") - minute;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** To make one takes longer than to use it a dozen times, and bars ask for thousands of days. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    if (formats.size >= 100) formats.clear();
    formats.set(timeZone, format);
  }
  return format;
}
