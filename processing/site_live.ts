/**
 * The live events of one site: each reading as it is stored.
 *
 * Events go by position in the site's list, not by entry id: replicas store out of order. So a client that says
 * which event it had last (`Last-Event-ID`) misses none and gets none twice.
 *
 * @module
 */

import { readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import type { EventSource } from "./events.ts";
import type { Subscriber } from "./subscriber.ts";

/** How many readings are read at a time. */
const CHUNK = 500;

/**
 * Follows a site.
 *
 * @param redis The connection that readings are read by.
 * @param subscriber Tells when there are new ones.
 * @param siteId The site.
 * @param lastEventId The last event that the client had; without one, what is stored from now on is sent.
 * @returns The events.
 */
export async function followSite(
  redis: Redis,
  subscriber: Subscriber,
  siteId: string,
  lastEventId: number | undefined,
): Promise<EventSource> {
  const key = readingsKey(siteId);
  let position = lastEventId === undefined
    ? await redis.llen(key)
    : lastEventId + 1;
  let unfollow = () => {};
  return {
    async take() {
      const jsons = await redis.lrange(key, position, position + CHUNK - 1);
      return jsons.map((json) =>
        `event: reading\nid: ${position++}\ndata: ${json}\n\n`
      ).join("");
    },
    subscribe(changed) {
      unfollow = subscriber.follow(siteId, changed);
    },
    close: () => unfollow(),
  };
}
