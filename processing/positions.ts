/**
 * Absolute positions of a site's list: they count from the first reading that it ever had, and stay what they are
 * when retention takes readings away from its front.
 *
 * A trim between reading `base`, the position of the list's first item, and reading the list would move every index,
 * and readings would be left out or come twice. So `base` is read before and behind, and all of it again when it has
 * changed meanwhile. A transaction would do as well, but a Redis whose memory is full refuses even one that only reads.
 *
 * @module
 */

import { blocksKey, metaKey, readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { type Block, decodeBlocks } from "./blocks.ts";

type Pipeline = ReturnType<Redis["pipeline"]>;

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
  const { base, replies: [length] } = await readAt(
    redis,
    siteId,
    (pipeline) => pipeline.llen(readingsKey(siteId)),
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
  // The blocks first: the list may go on behind what they know, but not end before.
  const { base, replies: [blocks, length] } = await readAt(
    redis,
    siteId,
    (pipeline) =>
      pipeline.lrangeBuffer(blocksKey(siteId), 0, -1).llen(readingsKey(siteId)),
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
    const { base: found, replies: [length, jsons] } = await readAt(
      redis,
      siteId,
      // A negative index would count from the list's end.
      (pipeline) =>
        pipeline.llen(readingsKey(siteId))
          .lrange(readingsKey(siteId), first, Math.max(last, first - 1, 0)),
    );
    const window = windowOf(found, length);
    if (found === base) {
      return {
        ...window,
        position: base + first,
        jsons: last < first ? [] : jsons as string[],
      };
    }
    base = found;
  }
}

function windowOf(base: number, length: unknown): Window {
  return { base, end: base + Number(length) };
}

/** Reads something of a site that goes by `base`, with the `base` that it goes by. */
async function readAt(
  redis: Redis,
  siteId: string,
  commands: (pipeline: Pipeline) => Pipeline,
): Promise<{ base: number; replies: unknown[] }> {
  for (;;) {
    const pipeline = commands(redis.pipeline().hget(metaKey(siteId), "base"))
      .hget(metaKey(siteId), "base");
    const replies = (await pipeline.exec() ?? []).map(([error, reply]) => {
      if (error !== null) throw error;
      return reply;
    });
    const before = replies.shift(), behind = replies.pop();
    if (before === behind) return { base: Number(before ?? 0), replies };
  }
}
