/**
 * The order of a page's readings.
 *
 * The service pages through readings by time alone. By device or power just the rows of one page are put in order,
 * and the page says so.
 *
 * @module
 */
import type { StoredReading } from "../api_types.ts";

/** What the rows of a page can be sorted by; `time` is the order in which they come. */
export type Column = "time" | "device" | "power";

/** A column, and whether the greatest is first. */
export interface Sort {
  by: Column;
  descending: boolean;
}

/** Reads `sort` (`device`, `-device`, `power`, `-power`) and, without it, `order` (`asc`, `desc`). */
export function sortOf(params: URLSearchParams): Sort {
  const [, minus, by] = (params.get("sort") ?? "").match(
    /^(-?)(device|power)$/,
  ) ?? [];
  return by === undefined
    ? { by: "time", descending: params.get("order") !== "asc" }
    : { by: by as Column, descending: minus === "-" };
}

/** The rows of a page in order; what is equal stays by time. */
export function sorted(
  readings: StoredReading[],
  { by, descending }: Sort,
): StoredReading[] {
  if (by === "time") return readings;
  const compare = by === "power"
    ? (a: StoredReading, b: StoredReading) => a.power_reading - b.power_reading
    : (a: StoredReading, b: StoredReading) =>
      a.device_id < b.device_id ? -1 : a.device_id > b.device_id ? 1 : 0;
  const sign = descending ? -1 : 1;
  return [...readings].sort((a, b) => sign * compare(a, b));
}

/** The parameters of the address that a click on a column's head leads to: the other way round if it is sorted by. */
export function changesFor(
  column: Column,
  sort: Sort,
  order: "asc" | "desc",
): Record<string, string | null> {
  if (column === "time") {
    // From another column back to time, as it was; the pages stay.
    if (sort.by !== "time") return { sort: null };
    return {
      sort: null,
      order: order === "desc" ? "asc" : null,
      cursor: null,
    };
  }
  // Names begin with A, and powers with the greatest.
  const descending = sort.by === column ? !sort.descending : column === "power";
  return { sort: (descending ? "-" : "") + column };
}
