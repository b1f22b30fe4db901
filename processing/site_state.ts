/**
 * What is known of a site's list: how far it is rolled up, and whether it still is the list that this is known of.
 *
 * A list may be deleted or replaced by hand, and its index and rollups be left behind. So the first reading and the
 * last one that was rolled up are kept (readings have ids, so they are alone in being what they are), and what is
 * known counts only while both are where they were.
 *
 * @module
 */

import { metaKey, readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import source from "./site_state.lua" with { type: "text" };

const script = createScript(source);

/** How many sites are asked for in one go; a site costs Redis 2 to 4 µs. */
const PAGE = 250;

/** What is known of a site's list; positions are absolute. */
export interface SiteState {
  siteId: string;
  /** How long the list is; -1 when a key of the site holds something else. */
  length: number;
  /** Whether the list is the one that is known, another one, or not known yet. */
  list: "same" | "another" | "new";
  /** The position of the list's first reading. */
  base: number;
  /** The position up to which it is rolled up, at least `base`. */
  rolled: number;
  /** How long readings held when it was rolled up, in milliseconds; `undefined` before. */
  gap?: number;
  /** The latest time that retention has removed, in milliseconds since 1970; `-Infinity` when it has removed none. */
  trimmedMax: number;
  /** Why rollups are being removed, when they are. */
  clearing?: string;
}

/**
 * Asks what is known of sites' lists.
 *
 * @param redis The connection.
 * @param siteIds The sites.
 * @returns What is known, in their order.
 */
export async function readStates(
  redis: Redis,
  siteIds: string[],
): Promise<SiteState[]> {
  const pages: Promise<unknown>[] = [];
  for (let at = 0; at < siteIds.length; at += PAGE) {
    const keys = siteIds.slice(at, at + PAGE).flatMap((siteId) => [
      metaKey(siteId),
      readingsKey(siteId),
    ]);
    pages.push(script(redis, keys, []));
  }
  const replies = (await Promise.all(pages)).flat() as StateReply[];
  return siteIds.map((siteId, index) => toState(siteId, replies[index]));
}

/**
 * Asks what is known of a site's list.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @returns What is known.
 */
export async function readState(
  redis: Redis,
  siteId: string,
): Promise<SiteState> {
  return (await readStates(redis, [siteId]))[0];
}

/** A site's part of the script's reply. */
export type StateReply = [
  length: number,
  same: number,
  ...fields: (string | null | undefined)[],
];

/**
 * Reads a site's part of the script's reply.
 *
 * @param siteId The site.
 * @param reply The part.
 * @returns What is known.
 */
function toState(
  siteId: string,
  [length, same, base, rolled, gap, trimmed, clearing]: StateReply,
): SiteState {
  return {
    siteId,
    length,
    list: same === 1 ? "same" : same === 0 ? "another" : "new",
    base: Number(base ?? 0),
    rolled: Math.max(Number(base ?? 0), Number(rolled ?? 0)),
    gap: gap ? Number(gap) : undefined,
    trimmedMax: trimmed ? Number(trimmed) : -Infinity,
    clearing: clearing ?? undefined,
  };
}

/**
 * How many readings of a site's list are not rolled up.
 *
 * @param state What is known of it.
 * @param maxGapMs How long a reading holds at most; with another than it was rolled up with, all of it counts.
 * @returns How many.
 */
export function behind(state: SiteState, maxGapMs: number): number {
  if (!usable(state, maxGapMs)) return Math.max(0, state.length);
  return state.base + state.length - state.rolled;
}

/**
 * Whether a site's rollups can be used, and rolling can go on from where it is.
 *
 * @param state What is known of its list.
 * @param maxGapMs How long a reading holds at most.
 * @returns Whether they can.
 */
export function usable(state: SiteState, maxGapMs: number): boolean {
  return state.list !== "another" && state.clearing === undefined &&
    (state.gap === undefined || state.gap === maxGapMs);
}
