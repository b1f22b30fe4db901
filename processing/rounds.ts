/**
 * Rounds over all sites, by one replica at a time and spread over time, so that neither thousands of sites nor many
 * replicas make Redis wait.
 *
 * @module
 */

import { roundKey, SITES } from "../core/keys.ts";
import type { Logger } from "../core/log.ts";
import type { Redis } from "../core/redis.ts";
import { outcomeOf } from "../core/redis_error.ts";
import { writeSmall } from "./small_write.ts";

/** How many sites are visited at a time; then others have their turn at Redis. */
const AT_A_TIME = 20;

/** What is done in rounds. */
export interface Rounds {
  /** What the rounds are called in Redis. */
  name: string;
  /** How often a round begins, in milliseconds; later when one takes longer. */
  everyMs: number;
  /** What is done for a site. It may be done twice, and while another replica does the same. */
  visit: (siteId: string, stopping?: AbortSignal) => Promise<unknown>;
  /** What is done behind a whole round. */
  done?: () => Promise<unknown>;
}

/**
 * Goes round once, unless another replica has begun this round.
 *
 * @param redis The connection.
 * @param rounds What is done.
 * @param stopping Aborted when it is to end before.
 * @returns Whether this call went round.
 * @throws What the first visit that failed did; the others were made all the same.
 */
export async function goRound(
  redis: Redis,
  { name, everyMs, visit, done }: Rounds,
  stopping?: AbortSignal,
): Promise<boolean> {
  const mark = roundKey(name), life = Math.ceil(everyMs * 0.9);
  const begun = await writeSmall(redis, "SET", mark, 1, "PX", life, "NX");
  if (begun === null) return false;
  const batches = Math.ceil(await redis.zcard(SITES) / AT_A_TIME);
  const pause = Math.min(50, everyMs / 2 / Math.max(1, batches));
  let cursor = "0", failed: PromiseRejectedResult | undefined;
  do {
    const [next, items] = await redis.zscan(SITES, cursor, "COUNT", AT_A_TIME);
    cursor = next;
    const siteIds = items.filter((_, index) => index % 2 === 0);
    for (let at = 0; at < siteIds.length; at += AT_A_TIME) {
      if (stopping?.aborted) return true;
      // However long it takes, nobody else begins meanwhile.
      await writeSmall(redis, "SET", mark, 1, "PX", life);
      const visits = await Promise.allSettled(
        siteIds.slice(at, at + AT_A_TIME).map((siteId) =>
          visit(siteId, stopping)
        ),
      );
      failed ??= visits.find(({ status }) => status === "rejected") as
        | PromiseRejectedResult
        | undefined;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } while (cursor !== "0");
  await done?.();
  if (failed !== undefined) throw failed.reason;
  return true;
}

/**
 * Goes round again and again.
 *
 * @param redis The connection.
 * @param rounds What is done.
 * @param log Told of what fails, once, other than that Redis is away.
 * @returns How to stop; resolves when the round under way has ended.
 */
export function startRounds(
  redis: Redis,
  rounds: Rounds,
  log: Logger,
): () => Promise<void> {
  const stopping = new AbortController();
  let running = Promise.resolve();
  let busy = false, told = "";
  /** Tells of a failure once, not with each round. */
  const tell = (error: unknown) => {
    const { outcome, why } = outcomeOf(error);
    // Redis being away is told by the consumer.
    if (outcome === "unknown" || why === told) return;
    told = why;
    log.error("What is done for every site ({round}) failed: {why}.", {
      round: rounds.name,
      why,
      error: String(error),
    });
  };
  const begin = () => {
    if (busy || redis.status !== "ready") return;
    busy = true;
    running = goRound(redis, rounds, stopping.signal).then(
      (went) => {
        if (went) told = "";
      },
      tell,
    ).then(() => void (busy = false));
  };
  const timer = setInterval(begin, rounds.everyMs / 2);
  redis.once("ready", begin);
  return () => {
    redis.off("ready", begin);
    clearInterval(timer);
    stopping.abort();
    return running;
  };
}
