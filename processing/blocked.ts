/**
 * What waits because a key holds something else: entries of sites, and entries that should become dead letters. They stay
 * pending, and all else goes on.
 *
 * @module
 */

import {
  blocksKey,
  DEAD_STREAM,
  devicesKey,
  readingsKey,
} from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import type { Redis } from "../core/redis.ts";

/** What is known to wait. */
export interface Blocked {
  /** The sites whose entries wait. */
  readonly sites: ReadonlySet<string>;
  /** Whether entries that cannot be read wait. */
  readonly letters: boolean;
  /** Whether there is anything that waits. */
  readonly any: boolean;
  /** Takes note of a site whose key holds something else; says so once. */
  addSite(siteId: string): void;
  /** Takes note that there can be no dead letters; says so once. */
  addLetters(): void;
  /**
   * Whether a site's entries are tried again. How often these were delivered says nothing about them.
   */
  isRetried(siteId: string): boolean;
  /**
   * Asks whether something that was in the way is gone.
   *
   * @returns Whether it is worth while to try again.
   */
  mended(): Promise<boolean>;
  /**
   * Forgets what waits, to find out what still does.
   *
   * @param pass Tries all that this consumer holds.
   */
  retry(pass: () => Promise<void>): Promise<void>;
}

/** What a site's entries need, or nothing at all in its place. */
const TYPES: [key: (siteId: string) => string, type: string][] = [
  [readingsKey, "list"],
  [devicesKey, "hash"],
  [blocksKey, "list"],
];

/**
 * Makes what keeps account of what waits.
 *
 * @param redis The connection.
 * @param log Where to say it.
 * @returns The account, empty.
 */
export function createBlocked(redis: Redis, log: Logger): Blocked {
  let sites = new Set<string>(), retried = new Set<string>();
  let letters = false, lettersRetried = false;

  return {
    get sites() {
      return sites;
    },
    get letters() {
      return letters;
    },
    get any() {
      return letters || sites.size > 0;
    },
    addSite(site) {
      if (!sites.has(site) && !retried.has(site)) {
        log.error(
          "The readings of site {site} wait: site_readings:{site}, site_devices:{site} or site_blocks:{site} is not of the type it should be. " +
            "Rename or delete that key; they are stored as soon as it is gone.",
          { site },
        );
      }
      sites.add(site);
    },
    addLetters() {
      if (!letters && !lettersRetried) {
        log.error(
          "Entries that cannot be read wait: {key} is not a stream, so they cannot become dead letters. " +
            "Rename or delete that key.",
          { key: DEAD_STREAM },
        );
      }
      letters = true;
    },
    isRetried: (site) => retried.has(site),
    async mended() {
      const names = [...sites];
      const pipeline = redis.pipeline();
      for (const site of names) {
        for (const [key] of TYPES) pipeline.type(key(site));
      }
      if (letters) pipeline.type(DEAD_STREAM);
      const types = (await pipeline.exec() ?? []).map(([error, type]) => {
        if (error) throw error;
        return type;
      });
      const holds = (index: number, type: string) =>
        [type, "none"].includes(types[index] as string);
      const { length } = TYPES;
      return letters && holds(names.length * length, "stream") ||
        names.some((_, at) =>
          TYPES.every(([, type], index) => holds(at * length + index, type))
        );
    },
    async retry(pass) {
      [retried, lettersRetried] = [sites, letters];
      [sites, letters] = [new Set(), false];
      try {
        await pass();
        for (const site of retried) {
          if (sites.has(site)) continue;
          log.info("The readings of site {site} are stored.", { site });
        }
      } catch (error) {
        for (const site of retried) sites.add(site);
        letters ||= lettersRetried;
        throw error;
      } finally {
        [retried, lettersRetried] = [new Set(), false];
      }
    },
  };
}
