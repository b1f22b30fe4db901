/**
 * Removing rollups that are of no use any more.
 *
 * @module
 */

import { blocksKey, daysKey, metaKey, seriesPrefix } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import source from "./clear.lua" with { type: "text" };
import type { SiteState } from "./site_state.ts";

const script = createScript(source);

/** How many days of devices are removed at a time. */
const AT_A_TIME = 500;

/**
 * Removes a site's rollups. Whoever is stopped in the middle leaves it to the next.
 *
 * @param redis The connection.
 * @param state What is known of the site.
 * @param kind `list` when its list is another one; `gap` when only the gap is: what cannot be computed anew stays then.
 */
export async function clear(
  redis: Redis,
  { siteId, base, rolled }: SiteState,
  kind: "list" | "gap",
): Promise<void> {
  const keys = [metaKey(siteId), daysKey(siteId), blocksKey(siteId)];
  const prefix = seriesPrefix(siteId);
  const step = async (begun: boolean) =>
    await script(redis, keys, [
      kind,
      begun ? "" : base,
      begun ? "" : rolled,
      prefix,
      AT_A_TIME,
    ]) as number;
  let more = await step(false);
  while (more === 1) more = await step(true);
}
