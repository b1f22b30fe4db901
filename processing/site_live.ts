/**
 * The live events of one site: each reading as it is stored.
 *
 * Events go by absolute position in the site's list, not by entry id: replicas store out of order. So a client that says
 * which event it had last (`Last-Event-ID`) misses none and gets none twice, but for those that retention has removed.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import type { EventSource } from "./events.ts";
import { readSlice, readWindow } from "./positions.ts";
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
  let { base, end: position } = await readWindow(redis, siteId);
  if (lastEventId !== undefined) position = lastEventId + 1;
  let unfollow = () => {};
  return {
    async take() {
      let slice = await readSlice(
        redis,
        siteId,
        position,
        position + CHUNK,
        base,
      );
      if (slice.end < position) {
        // Shorter than it was: the site was deleted, and what there is now is new to the client.
        slice = await readSlice(
          redis,
          siteId,
          0,
          slice.base + CHUNK,
          slice.base,
        );
      }
      ({ base, position } = slice);
      return slice.jsons.map((json) =>
        `event: reading\nid: ${position++}\ndata: ${json}\n\n`
      ).join("");
    },
    subscribe(changed) {
      unfollow = subscriber.follow(siteId, changed);
    },
    close: () => unfollow(),
  };
}
