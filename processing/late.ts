/**
 * The readings of quarters that have to be computed anew, wherever they are in the list.
 *
 * @module
 */

import { readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { BLOCK, type Block } from "./blocks.ts";
import { createGathered, type Gathered } from "./gather.ts";
import type { Late } from "./merge.ts";
import { QUARTER_MS, quarterOf } from "./rollup.ts";
import { eachReading } from "./stored.ts";

/** The blocks of the list that may have readings of late quarters. */
export interface LateParts {
  parts: { start: number; end: number }[];
  /** How many readings they have. */
  count: number;
}

/**
 * Finds where in the list the readings of late quarters may be.
 *
 * @param blocks The list's index; `undefined` when it cannot be relied on.
 * @param late The quarters.
 * @param end The position up to which to look.
 * @returns The parts.
 */
export function lateParts(
  blocks: Block[] | undefined,
  late: Late,
  end: number,
): LateParts {
  const starts = Float64Array.from(
    new Set([...late.values()].flatMap((quarters) => [...quarters])),
  ).sort();
  const wanted = ({ low, high }: Block) => {
    // The first quarter that ends behind the block's smallest time.
    let from = 0, to = starts.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (starts[middle] + QUARTER_MS > low) to = middle;
      else from = middle + 1;
    }
    return from < starts.length && starts[from] <= high;
  };
  const parts: LateParts["parts"] = [];
  let at = 0, count = 0;
  const add = (start: number, stop: number) => {
    if (start >= stop) return;
    count += stop - start;
    if (parts.at(-1)?.end === start) parts.at(-1)!.end = stop;
    else parts.push({ start, end: stop });
  };
  for (const block of blocks ?? []) {
    const stop = Math.min(at + block.count, end);
    if (wanted(block)) add(at, stop);
    at = Math.min(at + BLOCK, stop);
    if (at >= end) break;
  }
  add(at, end);
  return { parts, count };
}

/**
 * Reads all the readings of late quarters.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param late The quarters.
 * @param parts Where they may be.
 * @param chunk How many readings are read at a time.
 * @returns The readings.
 */
export async function readLate(
  redis: Redis,
  siteId: string,
  late: Late,
  { parts }: LateParts,
  chunk: number,
): Promise<Gathered> {
  const gathered = createGathered();
  for (const { start, end } of parts) {
    for (let at = start; at < end; at += chunk) {
      const to = Math.min(at + chunk, end);
      eachReading(
        await redis.lrange(readingsKey(siteId), at, to - 1),
        (deviceId, time, power) => {
          if (late.get(deviceId)?.has(quarterOf(time))) {
            gathered.add(deviceId, time, power);
          }
        },
      );
    }
  }
  return gathered;
}
