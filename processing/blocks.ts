/**
 * The index of a site's list: which times each block of readings spans.
 *
 * The storing script keeps it (`store.lua`). A block may say more than there is, never less, and the list may go on
 * behind what the index knows: a range reads the blocks that can hold something of it, and what is not indexed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { blocksKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import type { Wanted } from "./stored.ts";

/** How many readings a block has. */
export const BLOCK = 1000;

/** Bytes of a block: smallest and largest time (ms since 1970) and its count, each a double, little-endian. */
const BYTES = 24;

/** Positions of the list, `start` inclusive, `end` exclusive. */
export interface Part {
  start: number;
  end: number;
}

/** A block of the index. */
export interface Block {
  /** The smallest and the largest time, in milliseconds since 1970. */
  low: number;
  high: number;
  count: number;
}

/**
 * Takes apart what a site's index holds.
 *
 * @param items The items of its list.
 * @returns The blocks.
 */
export function decodeBlocks(items: Uint8Array[]): Block[] {
  return items.filter((item) => item.length === BYTES).map((item) => {
    const view = new DataView(item.buffer, item.byteOffset, BYTES);
    return {
      low: view.getFloat64(0, true),
      high: view.getFloat64(8, true),
      count: view.getFloat64(16, true),
    };
  });
}

/**
 * Reads a site's index.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param first The first block to read.
 * @param last The last one; -1 for all.
 * @returns Its blocks, none when it has no index.
 */
export async function readBlocks(
  redis: Redis,
  siteId: string,
  first = 0,
  last = -1,
): Promise<Block[]> {
  return decodeBlocks(await redis.lrangeBuffer(blocksKey(siteId), first, last));
}

/**
 * Packs a block as the storing script does.
 *
 * @param block The block.
 * @returns Its bytes.
 */
export function packBlock({ low, high, count }: Block): Buffer {
  const bytes = Buffer.alloc(BYTES);
  [low, high, count].forEach((value, i) => bytes.writeDoubleLE(value, 8 * i));
  return bytes;
}

/**
 * Chooses what has to be read of a list.
 *
 * @param blocks Its index, read before its length was; `undefined` to read all.
 * @param wanted Which times are wanted.
 * @param length The length of the list.
 * @returns The parts, in their order, those that touch made one.
 */
export function partsWithin(
  blocks: Block[] | undefined,
  { from = -Infinity, to = Infinity }: Wanted,
  length: number,
): Part[] {
  const parts: Part[] = [];
  const add = (start: number, end: number) => {
    const last = parts.at(-1);
    if (last?.end === start) last.end = end;
    else if (start < end) parts.push({ start, end });
  };
  const known = blocks ?? [];
  const covered = known.length === 0
    ? 0
    : (known.length - 1) * BLOCK + known.at(-1)!.count;
  // An index that knows more than there is belongs to another list.
  if (covered > length) return partsWithin(undefined, {}, length);
  known.forEach(({ low, high, count }, index) => {
    if (high >= from && low < to) {
      add(index * BLOCK, index * BLOCK + count);
    }
  });
  add(covered, length);
  return parts;
}
