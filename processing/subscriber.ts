/**
 * Who is told when readings are stored: one connection to Redis for all followers of a replica.
 *
 * @module
 */

import { LIVE_PREFIX, liveChannel } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";

/** Tells of sites that have new readings. */
export interface Subscriber {
  /**
   * Follows one site.
   *
   * @param siteId The site.
   * @param changed Called when it has new readings, and when some may have been missed.
   * @returns How to stop.
   */
  follow(siteId: string, changed: () => void): () => void;
  /**
   * Follows all sites.
   *
   * @param changed Called with a site that has new readings, or without one when some of any may have been missed.
   * @returns How to stop.
   */
  followAll(changed: (siteId?: string) => void): () => void;
}

/**
 * Makes a subscriber.
 *
 * @param redis A connection for this alone: one that subscribes takes no other commands.
 * @returns The subscriber.
 */
export function createSubscriber(redis: Redis): Subscriber {
  const pattern = `${LIVE_PREFIX}*`;
  const bySite = new Map<string, Set<() => void>>();
  const ofAll = new Set<(siteId?: string) => void>();
  // While Redis is away, ioredis remembers what to subscribe to only if it had been subscribed: say it again.
  const quietly = (result: Promise<unknown>) => void result.catch(() => {});
  redis.on("ready", () => {
    if (bySite.size > 0) {
      quietly(
        redis.subscribe(...[...bySite.keys()].map(liveChannel)).then(missed),
      );
    }
    if (ofAll.size > 0) quietly(redis.psubscribe(pattern).then(missed));
  });
  redis.on("message", (channel: string) => {
    for (const changed of bySite.get(channel.slice(LIVE_PREFIX.length)) ?? []) {
      changed();
    }
  });
  redis.on("pmessage", (_: string, channel: string) => {
    for (const changed of ofAll) changed(channel.slice(LIVE_PREFIX.length));
  });
  function missed() {
    for (const followers of bySite.values()) {
      for (const changed of followers) changed();
    }
    for (const changed of ofAll) changed();
  }
  return {
    follow(siteId, changed) {
      const followers = bySite.get(siteId) ?? new Set();
      bySite.set(siteId, followers);
      followers.add(changed);
      // What was stored while the subscription was under way is found by looking once it stands.
      quietly(redis.subscribe(liveChannel(siteId)).then(changed));
      return () => {
        followers.delete(changed);
        if (followers.size > 0 || bySite.get(siteId) !== followers) return;
        bySite.delete(siteId);
        quietly(redis.unsubscribe(liveChannel(siteId)));
      };
    },
    followAll(changed) {
      ofAll.add(changed);
      quietly(redis.psubscribe(pattern).then(() => changed()));
      return () => {
        ofAll.delete(changed);
        if (ofAll.size === 0) quietly(redis.punsubscribe(pattern));
      };
    },
  };
}
