/**
 * The sites of the overview in the least room: a page of a hundred is written twice, as HTML and as props.
 *
 * @module
 */

/** What a card shows. */
export interface Card {
  id: string;
  /** The sum over its devices, W. */
  watts: number;
  /** When it was last heard, ms. */
  heard: number;
  /** kWh since midnight; null without history. */
  imported: number | null;
  exported: number | null;
  /** One character a half hour: `0` the lowest mean to `o` the highest, a space where there is none. */
  trend: string;
  /** The means that `0` and `o` stand for, W. */
  low: number;
  high: number;
}

/** The character of the lowest level; 63 levels follow. */
const ZERO = 48;
const LEVELS = 63;

/** Packs means into a trend; the scale always holds zero, so that height is power. */
export function trendOf(
  means: (number | null)[],
): Pick<Card, "trend" | "low" | "high"> {
  const known = means.filter((mean) => mean !== null);
  if (known.length === 0) return { trend: "", low: 0, high: 0 };
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const scale = high === low ? 0 : LEVELS / (high - low);
  const trend = means.map((mean) =>
    mean === null
      ? " "
      : String.fromCharCode(ZERO + Math.round((mean - low) * scale))
  ).join("");
  return { trend, low: Math.round(low), high: Math.round(high) };
}

/** The levels of a trend, 0 to 1; null where there is none. */
export function levelsOf(trend: string): (number | null)[] {
  return Array.from(
    trend,
    (c) => c === " " ? null : (c.charCodeAt(0) - ZERO) / LEVELS,
  );
}

/** Writes cards, a line each; no field can hold the separator. */
export function packCards(cards: Card[]): string {
  const round = (value: number | null) =>
    value === null ? "" : String(Math.round(value * 100) / 100);
  return cards.map((c) =>
    [
      c.id,
      round(c.watts),
      c.heard,
      round(c.imported),
      round(c.exported),
      c.low,
      c.high,
      c.trend,
    ]
      .join("|")
  ).join("\n");
}

/** Reads what `packCards()` wrote. */
export function unpackCards(text: string): Card[] {
  if (text === "") return [];
  return text.split("\n").map((line) => {
    const [id, watts, heard, imported, exported, low, high, trend] = line.split(
      "|",
    );
    const number = (field: string) => field === "" ? null : Number(field);
    return {
      id,
      watts: Number(watts),
      heard: Number(heard),
      imported: number(imported),
      exported: number(exported),
      low: Number(low),
      high: Number(high),
      trend,
    };
  });
}

/** What cards can be ordered by. */
export type Order = "name" | "power" | "heard";

/** Filters by name and orders: the same on the server and in the browser. */
export function arrange<T extends Pick<Card, "id" | "watts" | "heard">>(
  cards: T[],
  query: string,
  order: Order,
): T[] {
  const wanted = query.trim().toLowerCase();
  const found = wanted === ""
    ? [...cards]
    : cards.filter((c) => c.id.toLowerCase().includes(wanted));
  const byName = (a: T, b: T) => a.id < b.id ? -1 : 1;
  if (order === "power") {
    return found.sort((a, b) => b.watts - a.watts || byName(a, b));
  }
  if (order === "heard") {
    return found.sort((a, b) => b.heard - a.heard || byName(a, b));
  }
  return found.sort(byName);
}

/** After this long without a reading a site is shown as silent. */
export const SILENT_MS = 15 * 60_000;

/** What the head of the overview sums up. */
export interface Sums {
  watts: number;
  imported: number;
  exported: number;
  /** How many sites were heard lately. */
  reporting: number;
  sites: number;
}

/** Sums over cards. */
export function sumsOf(
  cards: Pick<Card, "watts" | "heard" | "imported" | "exported">[],
  now: number,
): Sums {
  const sums = {
    watts: 0,
    imported: 0,
    exported: 0,
    reporting: 0,
    sites: cards.length,
  };
  for (const { watts, heard, imported, exported } of cards) {
    sums.watts += watts;
    sums.imported += imported ?? 0;
    sums.exported += exported ?? 0;
    if (now - heard <= SILENT_MS) sums.reporting++;
  }
  return sums;
}
