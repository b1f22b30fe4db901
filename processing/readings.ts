/**
 * A site's readings out of its list: a page, or all of them as a stream.
 *
 * @module
 */

import { readingsKey } from "../core/keys.ts";
import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
import { type Block, partsWithin, readBlocks } from "./blocks.ts";
import { readState } from "./site_state.ts";
import { matcherOf, type Wanted } from "./stored.ts";

/** How many readings are read from Redis at a time. */
const CHUNK = 1000;

/** Which readings are wanted. */
export interface ReadingsQuery extends Wanted {
  siteId: string;
  /** `asc` is the order processed, `desc` the newest first. */
  order: "asc" | "desc";
  /** Where to begin: a position in the list, counted from its start. */
  position?: number;
}

/** A page of readings as they are stored, and the position behind them. */
export interface Page {
  jsons: string[];
  /** Where to go on, or `undefined` when there are no more. */
  next?: number;
}

/** Readings as they are in the list, in the order asked for. */
interface RawChunk {
  jsons: string[];
  /** The position of the first of them. */
  position: number;
}

/** Reads what may hold something that is wanted, up to the end that the list had when it began. */
async function* readRaw(
  redis: Redis,
  query: ReadingsQuery,
  length?: number,
  size = CHUNK,
): AsyncGenerator<RawChunk> {
  const key = readingsKey(query.siteId);
  // The index first: what it does not know yet is then behind it in the list.
  const blocks = query.from === undefined && query.to === undefined
    ? undefined
    : await trustedBlocks(redis, query.siteId);
  length ??= await redis.llen(key);
  const parts = partsWithin(blocks, query, length);
  if (query.order === "asc") {
    const first = query.position ?? 0;
    for (const { start, end } of parts) {
      for (let at = Math.max(start, first); at < end; at += size) {
        const jsons = await redis.lrange(
          key,
          at,
          Math.min(at + size, end) - 1,
        );
        yield { jsons, position: at };
      }
    }
    return;
  }
  const last = query.position ?? length - 1;
  for (const { start, end } of parts.reverse()) {
    for (let at = Math.min(end - 1, last); at >= start; at -= size) {
      const from = Math.max(start, at - size + 1);
      const jsons = (await redis.lrange(key, from, at)).reverse();
      yield { jsons, position: at };
    }
  }
}

/** The list's index, if it is known to be this list's: another one may have been put in its place by hand. */
async function trustedBlocks(
  redis: Redis,
  siteId: string,
): Promise<Block[] | undefined> {
  const [{ list }, blocks] = await Promise.all([
    readState(redis, siteId),
    readBlocks(redis, siteId),
  ]);
  return list === "same" ? blocks : undefined;
}

/**
 * Reads a site's readings, a chunk at a time, up to the end that the list had when it began.
 *
 * @param redis The connection.
 * @param query Which ones.
 * @param length The length of the list, when it was looked up already.
 * @yields Those of each chunk that are wanted, which may be none.
 */
export async function* readChunks(
  redis: Redis,
  query: ReadingsQuery,
  length?: number,
): AsyncGenerator<string[]> {
  const matches = matcherOf(query);
  for await (const { jsons } of readRaw(redis, query, length)) {
    yield matches === undefined ? jsons : jsons.filter(matches);
  }
}

/**
 * Reads at most so many readings.
 *
 * @param redis The connection.
 * @param query Which ones.
 * @param limit How many at most.
 * @returns The readings, and where the next page begins when there are more.
 */
export async function readPage(
  redis: Redis,
  query: ReadingsQuery,
  limit: number,
): Promise<Page> {
  const filter = matcherOf(query);
  const matches = filter ?? (() => true);
  // One more than the page tells whether there is another.
  const size = filter === undefined ? limit + 1 : CHUNK;
  const step = query.order === "asc" ? 1 : -1;
  const found: string[] = [];
  for await (
    const { jsons, position } of readRaw(redis, query, undefined, size)
  ) {
    for (const [index, json] of jsons.entries()) {
      if (!matches(json)) continue;
      if (found.length === limit) {
        return { jsons: found, next: position + step * index };
      }
      found.push(json);
    }
  }
  return { jsons: found };
}

/**
 * Writes a cursor.
 *
 * @param query What it belongs to.
 * @param position Where to go on.
 * @returns Text for a URL; nobody but {@linkcode readCursor} is to read it.
 */
export function writeCursor(query: ReadingsQuery, position: number): string {
  return btoa(`${position} ${query.order} ${query.siteId}`).replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * Reads a cursor.
 *
 * @param cursor What the client sent.
 * @param query What it must belong to.
 * @returns Where to go on.
 * @throws {Problem} 422 when it is none, or belongs to another site or order.
 */
export function readCursor(cursor: string, query: ReadingsQuery): number {
  let text = "";
  try {
    text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch { /* Not base64: no cursor. */ }
  const match = /^(\d{1,15}) (asc|desc) (.+)$/.exec(text);
  const detail = match === null
    ? "must be a cursor out of a Link header"
    : match[2] !== query.order || match[3] !== query.siteId
    ? "belongs to another site or order"
    : undefined;
  if (detail !== undefined) {
    throw new Problem("invalid", `The parameter cursor ${detail}.`, {
      errors: [{ parameter: "cursor", detail }],
    });
  }
  return Number(match![1]);
}
