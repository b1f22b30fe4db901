/**
 * Trimming a site: the oldest of its readings go when there are too many, or when they are too old.
 *
 * Whole blocks go, from the front of the list, and never what is not summed up yet (`rolled`). A block is too old
 * when its newest reading is, by the readings' own time.
 *
 * @module
 */

import { blocksKey, metaKey, readingsKey } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import { BLOCK, decodeBlocks } from "./blocks.ts";
import { timeOf } from "./stored.ts";
import source from "./trim_site.lua" with { type: "text" };

const script = createScript(source);

/** How many blocks go at a time: Redis does nothing else meanwhile, some 0.3 ms where its lists are compressed. */
const BLOCKS_A_CALL = 5;

/** What is kept of a site; all of it as far as nothing is said. */
export interface Keep {
  /** The newest so many readings; what is more goes by whole blocks. */
  most?: number;
  /** Readings of this time and later, in milliseconds since 1970. */
  since?: number;
}

/** The newest time of a block that was read in vain, by site: it need not be read again while nothing has changed. */
export type Seen = Map<string, { position: number; newest: number }>;

/**
 * Takes away what a site has too much of, at most five blocks of 1000.
 *
 * @param redis The connection.
 * @param siteId The site.
 * @param keep What is kept.
 * @param seen What earlier calls have found out.
 * @returns How many readings were taken away; with 5000 there may be more.
 */
export async function trimSite(
  redis: Redis,
  siteId: string,
  { most = Infinity, since = -Infinity }: Keep,
  seen: Seen = new Map(),
): Promise<number> {
  const list = readingsKey(siteId);
  // No transaction, which a full Redis refuses; the script takes nothing of a list that is not as it was seen here.
  const replies = await redis.pipeline()
    .hmget(metaKey(siteId), "base", "rolled")
    .llen(list)
    .lrangeBuffer(blocksKey(siteId), 0, BLOCKS_A_CALL - 1)
    .exec() ?? [];
  // A key of the wrong type: that site has nothing that could be trimmed.
  if (replies.some(([error]) => error !== null)) return 0;
  const [base, rolled] = (replies[0][1] as (string | null)[]).map(Number);
  const length = replies[1][1] as number;
  const blocks = decodeBlocks(replies[2][1] as Uint8Array[]);
  const allowed = Math.min(
    BLOCKS_A_CALL,
    Math.floor(Math.min(rolled - base, length) / BLOCK),
  );

  let count = 0, highest = -Infinity, last = "";
  for (; count < allowed; count++) {
    const tooMany = length - count * BLOCK >= most + BLOCK;
    const position = base + count * BLOCK;
    if (!tooMany) {
      const high = blocks[count]?.high ?? Infinity;
      const known = seen.get(siteId);
      // What the index says of any time may still be old.
      if (high !== Infinity ? high >= since : since === -Infinity) break;
      if (known?.position === position && known.newest >= since) break;
    }
    const jsons = await redis.lrange(
      list,
      count * BLOCK,
      (count + 1) * BLOCK - 1,
    );
    if (jsons.length < BLOCK) break;
    const { newest, readable } = newestOf(jsons);
    if (!tooMany && newest >= since) {
      seen.set(siteId, { position, newest });
      break;
    }
    highest = Math.max(highest, readable);
    last = jsons[BLOCK - 1];
  }
  if (count === 0) return 0;
  return await script(
    redis,
    [list, blocksKey(siteId), metaKey(siteId)],
    [
      base,
      count * BLOCK,
      count,
      last,
      highest === -Infinity ? "-inf" : highest,
    ],
  ) as number;
}

/** The newest time of readings; what has no time that can be read is never too old. */
function newestOf(jsons: string[]): { newest: number; readable: number } {
  let newest = -Infinity, readable = -Infinity;
  for (const json of jsons) {
    const time = timeOf(json);
    if (Number.isNaN(time)) newest = Infinity;
    else readable = Math.max(readable, time);
  }
  return { newest: Math.max(newest, readable), readable };
}
