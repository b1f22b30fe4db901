/**
 * Entries for tests, and what a test asks about them.
 *
 * @module
 */

import { STREAM } from "../../core/keys.ts";
import type { Redis } from "../../core/redis.ts";
import { assertRejects } from "../../dev/testing/assert.ts";
import { type Entry, readEntry } from "../entry.ts";
import { prepareBatch, storeBatch, type Stored } from "../store.ts";
import type { Harness } from "./harness.ts";

/** So many readings, the power of each its number from `from` on. */
export function range(n: number, from = 0): { power: number }[] {
  return Array.from({ length: n }, (_, i) => ({ power: from + i }));
}

/** Reads everything on the stream as a consumer that then holds it. */
export async function held(h: Harness): Promise<Entry[]> {
  await h.deliver("a", 10_000);
  const entries = await h.redis.xrange(STREAM, "-", "+");
  return entries.map((raw) => readEntry(raw) as Entry);
}

/** The lag of the only group. */
export async function lag({ redis }: { redis: Redis }): Promise<unknown> {
  const [group] = await redis.xinfo("GROUPS", STREAM) as unknown[][];
  return group[group.indexOf("lag") + 1];
}

/** Leaves Redis no memory to give: it takes nothing any more, but what may go beyond. Only for a Redis of the test's own. */
export async function fillUp({ redis }: { redis: Redis }): Promise<void> {
  await redis.config("SET", "maxmemory", "1");
  await assertRejects(() => redis.set("more", "x"), /OOM/);
}

/** Stores entries as a consumer does. */
export function storeEntries(redis: Redis, entries: Entry[]): Promise<Stored> {
  return storeBatch(redis, prepareBatch(entries));
}
