/**
 * Mending a list's index: a list that was filled before there was one, or by another program, has blocks that are
 * missing, or that say any time.
 *
 * @module
 */

import { blocksKey, metaKey, readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import { BLOCK, packBlock, readBlocks } from "./blocks.ts";
import source from "./mend_blocks.lua" with { type: "text" };
import type { Span } from "./span.ts";
import { eachReading } from "./stored.ts";

const script = createScript(source);

/**
 * Finds the blocks whose index does not say what the list has there, or says any time.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param span A part of the list.
 * @returns Their numbers.
 */
export async function wrongBlocks(
  redis: Redis,
  siteId: string,
  span: Span,
): Promise<number[]> {
  const first = Math.floor(span.start / BLOCK);
  const final = Math.floor((span.end - 1) / BLOCK);
  const known = await redis.llen(blocksKey(siteId));
  const blocks = await readBlocks(redis, siteId, first, final);
  const wrong: number[] = [];
  for (let number = first; number <= final; number++) {
    const block = blocks[number - first];
    // What lies behind a hole in the index is read all the same.
    if (block === undefined && number > known + wrong.length) break;
    const inside = Math.min(BLOCK, span.end - number * BLOCK);
    const seen = span.seen.get(number) ?? { low: Infinity, high: -Infinity };
    if (
      block === undefined || block.low === -Infinity || block.count < inside ||
      block.low > seen.low || block.high < seen.high
    ) wrong.push(number);
  }
  return wrong;
}

/**
 * Makes blocks say what the list has there. One that the storing script changes meanwhile is left as it is.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param base How many readings had been removed from the front of the list.
 * @param numbers The blocks, ascending.
 */
export async function mendBlocks(
  redis: Redis,
  siteId: string,
  base: number,
  numbers: number[],
): Promise<void> {
  for (const number of numbers) {
    const [before] = await redis.lrangeBuffer(
      blocksKey(siteId),
      number,
      number,
    );
    const jsons = await redis.lrange(
      readingsKey(siteId),
      number * BLOCK,
      (number + 1) * BLOCK - 1,
    );
    let low = Infinity, high = -Infinity;
    eachReading(jsons, (_, time) => {
      if (time < low) low = time;
      if (time > high) high = time;
    });
    await script(redis, [metaKey(siteId), blocksKey(siteId)], [
      base,
      number,
      before ?? "",
      packBlock({ low, high, count: jsons.length }),
    ]);
  }
}

/**
 * Finds the blocks of a list that are missing or say any time.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param length How much of the list is rolled up; behind that the roller sees to it.
 * @returns Their numbers, ascending.
 */
export async function badBlocks(
  redis: Redis,
  siteId: string,
  length: number,
): Promise<number[]> {
  const blocks = await readBlocks(redis, siteId);
  return Array.from(
    { length: Math.floor(length / BLOCK) },
    (_, number) => number,
  )
    .filter((number) =>
      blocks[number] === undefined || blocks[number].low === -Infinity
    );
}
