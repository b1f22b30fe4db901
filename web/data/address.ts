/**
 * Addresses that hold the state of a page.
 *
 * @module
 */
import { type Range, RANGES } from "./range.ts";

/** The same address with some parameters changed. */
export function withParams(
  url: URL,
  changes: Record<string, string | null>,
): string {
  const params = new URLSearchParams(url.searchParams);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  return query === "" ? url.pathname : `?${query}`;
}

/** The query of the CSV that has what the page shows. */
export function csvQuery(range: Range, device: string | null): string {
  const params = new URLSearchParams();
  if (range.name === "own") {
    params.set("from", new Date(range.from).toISOString());
    params.set("to", new Date(range.to).toISOString());
  }
  if (device !== null) params.set("device_id", device);
  return params.size === 0 ? "" : `?${params}`;
}

/** Where each of the ranges that end now is. */
export function rangeLinks(url: URL): Record<string, string> {
  const others = { from: null, to: null, tz: null, cursor: null, bars: null };
  return Object.fromEntries(
    Object.keys(RANGES).map((range) => [
      range,
      withParams(url, { ...others, range }),
    ]),
  );
}
