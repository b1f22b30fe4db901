/**
 * The roller: keeps the rollups of all sites up to date in the background, those of a store that was filled before
 * there were any, too. Of several replicas one does it, the one that has the lock.
 *
 * It does little at a time and rests in between, for it shares its process with the consumer, which goes first: a
 * tail that is not rolled up yet costs a query some time, and nothing else.
 *
 * @module
 */

import { ROLLED, ROLLER, SITES } from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import type { Redis } from "../core/redis.ts";
import { outcomeOf } from "../core/redis_error.ts";
import { createScript } from "../core/script.ts";
import lockSource from "./lock.lua" with { type: "text" };
import { badBlocks, mendBlocks } from "./mend_blocks.ts";
import type { ProcessingMetrics } from "./metrics.ts";
import { roll } from "./roll.ts";
import { writeSmall } from "./small_write.ts";
import { behind, readStates, type SiteState, usable } from "./site_state.ts";

const lock = createScript(lockSource);

/** How often sites are looked at, in milliseconds; for 500 sites a look takes Redis 1 to 2 ms. */
const TICK_MS = 1000;

/** How long the lock lasts unless it is renewed, in milliseconds. */
const LOCK_MS = 10_000;

/** A tail that is shorter waits until so much time has gone by since the last one, in milliseconds. */
const WORTHWHILE = 500;
const PATIENCE_MS = 5000;

/** How much longer than it has worked the roller rests; and how much while the consumer has all it can do. */
const REST = 4;
const REST_BUSY = 30;

/** From how many readings on progress is logged, and how often, in milliseconds. */
const MANY = 50_000;
const LOG_MS = 10_000;

/** How often a site's index is looked through, in milliseconds, and how much of it is mended at a time. */
const INDEX_MS = 600_000;
const BLOCKS = 20;

/** What the roller is made of. */
export interface RollerDeps {
  redis: Redis;
  /** How long a reading holds at most, in milliseconds. */
  maxGapMs: number;
  /** The replica's name; no other may have it. */
  name: string;
  /** Whether the consumer has all it can do. */
  busy?: () => boolean;
  log: Logger;
  metrics: Pick<ProcessingMetrics, "rolled" | "behind">;
}

/** A running roller. */
export interface Roller {
  /** Gives the lock up and ends. */
  stop(): Promise<void>;
}

/**
 * Starts the roller. It works until it is stopped, whatever becomes of Redis.
 *
 * @param deps What it is made of.
 * @returns The running roller.
 */
export function startRoller(
  { redis, maxGapMs, name, busy = () => false, log, metrics }: RollerDeps,
): Roller {
  let stopping = false, wake = () => {};
  let lockedAt = -Infinity, loggedAt = -Infinity, told = false;
  const rolledAt = new Map<string, number>(),
    lookedAt = new Map<string, number>();
  const failed = new Map<string, string>();

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, stopping ? 0 : ms);
      wake = () => (clearTimeout(timer), resolve());
    });

  async function locked(): Promise<boolean> {
    if (Date.now() - lockedAt < LOCK_MS / 3) return true;
    const asked = Date.now();
    if (await lock(redis, [ROLLER], [name, LOCK_MS]) !== 1) {
      lockedAt = -Infinity;
      rolledAt.clear();
      lookedAt.clear();
      metrics.behind.set(0);
      return false;
    }
    lockedAt = asked;
    return true;
  }

  /** Does a piece of work, then rests. */
  async function gently(work: () => Promise<unknown>): Promise<void> {
    const begun = performance.now();
    await work();
    const rest = busy() ? REST_BUSY : REST;
    // The lock is to be renewed in time.
    await pause(Math.min(LOCK_MS / 3, rest * (performance.now() - begun)));
  }

  /** Rolls the next part of a site's list up; `undefined` when there is nothing to go on with for now. */
  async function rollSite(siteId: string): Promise<SiteState | undefined> {
    try {
      const { readings, state } = await roll(redis, siteId, {
        maxGapMs,
        rebuild: true,
      });
      metrics.rolled.inc(readings);
      failed.delete(siteId);
      return readings > 0 ? state : undefined;
    } catch (error) {
      const { outcome, why } = outcomeOf(error);
      const wrong = (error as Error).message.startsWith("WRONGTYPE");
      if (outcome !== "other" && !wrong) throw error;
      if (failed.get(siteId) !== why) {
        log.error("The readings of site {site} cannot be rolled up: {why}.", {
          site: siteId,
          why: wrong ? (error as Error).message : why,
        });
      }
      failed.set(siteId, why);
      return undefined;
    }
  }

  async function mendIndex({ siteId, base, rolled }: SiteState): Promise<void> {
    const bad = await badBlocks(redis, siteId, rolled - base);
    for (let at = 0; at < bad.length && !stopping; at += BLOCKS) {
      if (at > 0 && !await locked()) return;
      await gently(() =>
        mendBlocks(redis, siteId, base, bad.slice(at, at + BLOCKS))
      );
    }
    if (bad.length > 0) {
      log.info("The index of site {site} was made for {count} blocks.", {
        site: siteId,
        count: bad.length,
      });
    }
  }

  async function tell(states: SiteState[]): Promise<void> {
    const late = states.filter((state) => behind(state, maxGapMs) > 0);
    const left = late.reduce((sum, state) => sum + behind(state, maxGapMs), 0);
    const readings = states.reduce(
      (sum, it) => sum + Math.max(0, it.length),
      0,
    );
    metrics.behind.set(left);
    const counts = {
      sites: states.length,
      sites_behind: late.length,
      readings,
      readings_behind: left,
      t: Date.now(),
    };
    await writeSmall(redis, "HSET", ROLLED, ...Object.entries(counts).flat());
    if (left >= MANY && Date.now() - loggedAt >= LOG_MS) {
      loggedAt = Date.now();
      told = true;
      log.info("Rolling up: {left} of {readings} readings are left.", {
        left,
        readings,
        sites: late.length,
      });
    } else if (told && left < MANY) {
      told = false;
      log.info("The readings of {sites} sites are rolled up.", {
        sites: states.length,
      });
    }
  }

  /** Rolls what there is, a part of each site at a time, and looks at all sites anew once a tick. */
  async function work(): Promise<void> {
    while (!stopping && await locked()) {
      const begun = Date.now();
      const states = await readStates(
        redis,
        await redis.zrange(SITES, 0, -1),
      );
      await tell(states);
      let due = states.filter((state) => {
        const left = behind(state, maxGapMs);
        if (usable(state, maxGapMs) && left < WORTHWHILE) {
          const waited = begun - (rolledAt.get(state.siteId) ?? -Infinity);
          return left > 0 && waited >= PATIENCE_MS;
        }
        return true;
      });
      while (due.length > 0 && !stopping && Date.now() - begun < TICK_MS) {
        const again: SiteState[] = [];
        for (const { siteId } of due) {
          if (stopping || !await locked()) return;
          await gently(async () => {
            const state = await rollSite(siteId);
            rolledAt.set(siteId, Date.now());
            if (state !== undefined && behind(state, maxGapMs) > 0) {
              again.push(state);
            }
          });
        }
        due = again;
      }
      for (const state of states) {
        if (stopping || Date.now() - begun > TICK_MS) break;
        const looked = lookedAt.get(state.siteId) ?? -Infinity;
        if (begun - looked < INDEX_MS || behind(state, maxGapMs) > 0) continue;
        lookedAt.set(state.siteId, begun);
        await gently(() => mendIndex(state));
      }
      await pause(Math.max(0, begun + TICK_MS - Date.now()));
    }
  }

  async function run(): Promise<void> {
    while (!stopping) {
      if (redis.status === "ready") {
        // Redis being away is told by the consumer.
        await work().catch((error) =>
          log.debug("{error}", { error: String(error) })
        );
      }
      if (!stopping) await pause(TICK_MS);
    }
    if (redis.status === "ready") {
      await lock(redis, [ROLLER], [name, 0]).catch(() => {});
    }
  }

  const running = run();
  return {
    async stop() {
      stopping = true;
      wake();
      await running;
    },
  };
}
