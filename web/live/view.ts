/**
 * The range that the chart of the page shows, shared by the islands that say it, and how another one is had.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import type { Range } from "../data/range.ts";
import type { Series } from "../data/series.ts";

/** Null until the chart has another range than the page came with. */
export const shownRange: Signal<Range | null> = signal(null);

/** The page's address with another range. */
export function addressOf({ name, from, to }: Range): URL {
  const url = new URL(location.href);
  for (const key of ["range", "from", "to", "tz", "cursor"]) {
    url.searchParams.delete(key);
  }
  if (name === "own") {
    url.searchParams.set("from", new Date(from).toISOString());
    url.searchParams.set("to", new Date(to).toISOString());
  } else url.searchParams.set("range", name);
  return url;
}

/** Asks for the series of a range; null if it cannot be had. */
export async function fetchSeries(
  siteId: string,
  { from, to }: Range,
): Promise<Series | null> {
  const query = new URLSearchParams({
    from: String(Math.round(from)),
    to: String(Math.round(to)),
  });
  const response = await fetch(
    `/sites/${encodeURIComponent(siteId)}/series.json?${query}`,
  ).catch(() => null);
  return response?.ok ? await response.json().catch(() => null) : null;
}
