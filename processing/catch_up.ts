/**
 * Rolling up what a query needs before it is answered.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import { roll } from "./roll.ts";
import { behind, readState, type SiteState, usable } from "./site_state.ts";

/**
 * How many readings are looked at for a query; a longer tail is left to the background, and one whose readings are so late
 * that nearly all of the list has to be looked at for each part of it.
 */
const MOST = 100_000;

/** How often a query tries again when another replica was faster. */
const TRIES = 20;

/**
 * Rolls a site's tail up, unless that is much.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param maxGapMs How long a reading holds at most, in milliseconds.
 * @returns What is known of the site; see {@linkcode behind} for whether it is rolled up to the end that its list had.
 */
export async function catchUp(
  redis: Redis,
  siteId: string,
  maxGapMs: number,
): Promise<SiteState> {
  let state = await readState(redis, siteId);
  const end = state.base + state.length;
  let read = 0;
  for (let tries = 0; tries < TRIES && state.length >= 0;) {
    if (usable(state, maxGapMs)) {
      const left = end - state.rolled;
      // What came in meanwhile is not waited for.
      if (left <= 0 || behind(state, maxGapMs) === 0) {
        return { ...state, length: state.rolled - state.base };
      }
      if (read + left > MOST) return state;
    } else if (state.list !== "another") return state;
    const rolled = await roll(redis, siteId, { maxGapMs });
    read += rolled.read;
    state = rolled.readings > 0 ? rolled.state : await readState(redis, siteId);
    if (rolled.readings === 0) tries++;
  }
  return state;
}
