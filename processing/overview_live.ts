/**
 * The live events of all sites: the newest reading of every device, first all, then what changed.
 *
 * When a site was deleted, all is sent again.
 *
 * However many readings arrive, a client gets at most four events a second, and one that is slow gets fewer: what
 * changed meanwhile is put together into the next. One look at Redis serves all clients of a replica.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import type { EventSource } from "./events.ts";
import { type Device, listSites } from "./sites.ts";
import type { Subscriber } from "./subscriber.ts";

/** Least time between two events, in milliseconds. */
const TICK_MS = 250;

/** The newest of one site, as it is sent. */
interface SiteNews {
  last_heard: string;
  devices: Device[];
}

/** A client, and the devices of which it has not had the newest: all of a site's when the set is empty. */
interface Client {
  changed: () => void;
  fresh: boolean;
  waiting: Map<string, Set<string>>;
}

/**
 * Prepares the events of all sites. Redis is only followed while someone follows.
 *
 * @param redis The connection that sites are read by.
 * @param subscriber Tells which sites have new readings.
 * @returns How to make a client's events.
 */
export function createOverview(
  redis: Redis,
  subscriber: Subscriber,
): () => EventSource {
  const newest = new Map<
    string,
    { last_heard: string; devices: Map<string, Device> }
  >();
  const clients = new Set<Client>();
  let dirty = new Set<string>(), everything = true, known = false;
  let unfollow = () => {};
  let tickedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function tick(): Promise<void> {
    tickedAt = Date.now();
    const sites = everything ? undefined : [...dirty];
    everything = false;
    dirty = new Set();
    let failed = false;
    try {
      const found = await listSites(redis, sites);
      const there = new Set(found.map(({ site_id }) => site_id));
      for (const siteId of sites ?? [...newest.keys()]) {
        // An update cannot say that a site was deleted; all that there is can.
        if (there.has(siteId) || !newest.delete(siteId)) continue;
        for (const client of clients) client.fresh = true;
      }
      for (const { site_id, last_heard, devices } of found) {
        const before = newest.get(site_id);
        const changes = devices.filter((device) =>
          !same(before?.devices.get(device.device_id), device)
        );
        newest.set(site_id, {
          last_heard,
          devices: new Map(devices.map((device) => [device.device_id, device])),
        });
        if (changes.length === 0 && before?.last_heard === last_heard) continue;
        for (const { waiting } of clients) {
          const ids = waiting.get(site_id) ?? new Set();
          for (const { device_id } of changes) ids.add(device_id);
          waiting.set(site_id, ids);
        }
      }
      known = true;
    } catch {
      // Redis is away: all is looked at anew until it is back, and the subscriber tells then too.
      everything = true;
      failed = true;
    }
    timer = undefined;
    if (everything || dirty.size > 0) {
      schedule(failed ? 4 * TICK_MS : undefined);
    }
    for (const client of clients) client.changed();
  }

  /** What is new after a quiet while is sent at once; what follows waits its turn. */
  function schedule(
    delay = Math.max(0, tickedAt + TICK_MS - Date.now()),
  ): void {
    if (clients.size > 0) timer ??= setTimeout(tick, delay);
  }

  function all(): Record<string, SiteNews> {
    const sites: Record<string, SiteNews> = {};
    for (const [siteId, { last_heard, devices }] of newest) {
      sites[siteId] = { last_heard, devices: [...devices.values()] };
    }
    return sites;
  }

  function changesFor({ waiting }: Client): Record<string, SiteNews> {
    const sites: Record<string, SiteNews> = {};
    for (const [siteId, ids] of waiting) {
      const { last_heard, devices } = newest.get(siteId)!;
      sites[siteId] = {
        last_heard,
        devices: [...devices.values()].filter(({ device_id }) =>
          ids.has(device_id)
        ),
      };
    }
    return sites;
  }

  return () => {
    const client: Client = {
      changed: () => {},
      fresh: true,
      waiting: new Map(),
    };
    return {
      take() {
        if (client.fresh) {
          if (!known) return "";
          client.fresh = false;
          client.waiting.clear();
          return event("snapshot", all());
        }
        if (client.waiting.size === 0) return "";
        const text = event("update", changesFor(client));
        client.waiting.clear();
        return text;
      },
      subscribe(changed) {
        client.changed = changed;
        clients.add(client);
        if (clients.size > 1) return;
        everything = true;
        schedule(0);
        unfollow = subscriber.followAll((siteId) => {
          if (siteId === undefined) everything = true;
          else dirty.add(siteId);
          schedule();
        });
      },
      close() {
        if (!clients.delete(client) || clients.size > 0) return;
        unfollow();
        clearTimeout(timer);
        timer = undefined;
        known = false;
        newest.clear();
      },
    };
  };
}

function same(a: Device | undefined, b: Device): boolean {
  return a !== undefined && a.timestamp === b.timestamp &&
    a.power_reading === b.power_reading;
}

function event(name: string, sites: Record<string, SiteNews>): string {
  return `event: ${name}\ndata: ${JSON.stringify({ sites })}\n\n`;
}
