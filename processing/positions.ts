/**
 * Absolute positions of a site's list: they count from the first reading that it ever had, and stay what they are
 * when retention takes readings away from its front.
 *
 * `base`, the position of the list's first item, and the list are read in one transaction: a trim between two reads
 * moves every index of Redis, and readings would be left out or come twice.
 *
 * @module
 */

import { blocksKey, metaKey, readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { type Block, decodeBlocks } from "./blocks.ts";

/** The part of a site's readings that is kept, by absolute position. */
export interface Window {
  /** The position of the oldest that is left. */
  base: number;
  /** The position behind the last. */
  end: number;
}

/** Some readings of a list, and where the list stood when they were read. */
export interface Slice extends Window {
  /** The position of the first of them. */
  position: number;
  jsons: string[];
}

/**
 * Reads which positions a site has.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @returns The window; a site that nobody has heard of has an empty one.
 */
export async function readWindow(
  redis: Redis,
  siteId: string,
): Promise<Window> {
  const [base, length] = await exec(
    redis.multi().hget(metaKey(siteId), "base").llen(readingsKey(siteId)),
  );
  return windowOf(base, length);
}

/**
 * Reads which positions a site has, and the index of its blocks, which begins at `base`.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @returns The window and the blocks.
 */
export async function readIndex(
  redis: Redis,
  siteId: string,
): Promise<Window & { blocks: Block[] }> {
  const [base, length, blocks] = await exec(
    redis.multi().hget(metaKey(siteId), "base").llen(readingsKey(siteId))
      .lrangeBuffer(blocksKey(siteId), 0, -1),
  );
  return {
    ...windowOf(base, length),
    blocks: decodeBlocks(blocks as Uint8Array[]),
  };
}

/**
 * Reads the readings from one position up to another, as far as they are there: what was removed is passed over.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param start The first position.
 * @param end The position behind the last.
 * @param base What `base` was when it was last looked at; read again when it has changed.
 * @returns The readings.
 */
export async function readSlice(
  redis: Redis,
  siteId: string,
  start: number,
  end: number,
  base: number,
): Promise<Slice> {
  for (;;) {
    const first = Math.max(start, base) - base, last = end - base - 1;
    // A negative index would count from the list's end.
    const [found, length, jsons] = await exec(
      redis.multi().hget(metaKey(siteId), "base").llen(readingsKey(siteId))
        .lrange(readingsKey(siteId), first, Math.max(last, first - 1, 0)),
    );
    const window = windowOf(found, length);
    if (window.base === base) {
      return {
        ...window,
        position: base + first,
        jsons: last < first ? [] : jsons as string[],
      };
    }
    base = window.base;
  }
}

function windowOf(base: unknown, length: unknown): Window {
  const first = Number(base ?? 0);
  return { base: first, end: first + Number(length) };
}

/** Runs a transaction; what any of its commands failed with is thrown. */
async function exec(
  transaction: ReturnType<Redis["multi"]>,
): Promise<unknown[]> {
  return (await transaction.exec() ?? []).map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}
