/**
 * A site's readings out of its list: a page, or all of them as a stream.
 *
 * @module
 */

import { readingsKey } from "../core/keys.ts";
import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
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

/** Some readings as they are stored, and the position behind them. */
export interface Chunk {
  jsons: string[];
  /** Where to go on, or `undefined` when there are no more. */
  next?: number;
}

/**
 * Reads a site's readings, a chunk at a time, up to the end that the list had when it began.
 *
 * @param redis The connection.
 * @param query Which ones.
 * @param length The length of the list, when it was looked up already.
 * @yields Chunks; one may be empty when what is wanted is far apart.
 */
export async function* readChunks(
  redis: Redis,
  query: ReadingsQuery,
  length?: number,
): AsyncGenerator<Chunk> {
  const key = readingsKey(query.siteId);
  length ??= await redis.llen(key);
  const matches = matcherOf(query);
  const keep = (jsons: string[]) =>
    matches === undefined ? jsons : jsons.filter(matches);
  if (query.order === "asc") {
    for (let at = query.position ?? 0; at < length; at += CHUNK) {
      const jsons = await redis.lrange(
        key,
        at,
        Math.min(at + CHUNK, length) - 1,
      );
      yield {
        jsons: keep(jsons),
        next: at + CHUNK < length ? at + CHUNK : undefined,
      };
    }
    return;
  }
  let end = Math.min(query.position ?? length - 1, length - 1);
  while (end >= 0) {
    const start = Math.max(0, end - CHUNK + 1);
    const jsons = (await redis.lrange(key, start, end)).reverse();
    yield { jsons: keep(jsons), next: start > 0 ? start - 1 : undefined };
    end = start - 1;
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
): Promise<Chunk> {
  const key = readingsKey(query.siteId);
  const matches = matcherOf(query);
  if (matches === undefined) {
    const length = await redis.llen(key);
    if (query.order === "asc") {
      const start = query.position ?? 0;
      const jsons = await redis.lrange(key, start, start + limit - 1);
      return {
        jsons,
        next: start + limit < length ? start + limit : undefined,
      };
    }
    const end = Math.min(query.position ?? length - 1, length - 1);
    if (end < 0) return { jsons: [] };
    const start = Math.max(0, end - limit + 1);
    const jsons = (await redis.lrange(key, start, end)).reverse();
    return { jsons, next: start > 0 ? start - 1 : undefined };
  }
  return await readFiltered(redis, query, matches, limit);
}

/** Positions are needed one by one here, so chunks are read unfiltered and looked through. */
async function readFiltered(
  redis: Redis,
  query: ReadingsQuery,
  matches: (json: string) => boolean,
  limit: number,
): Promise<Chunk> {
  const step = query.order === "asc" ? 1 : -1;
  const found: string[] = [];
  let position = query.position ??
    (step === 1 ? 0 : await redis.llen(readingsKey(query.siteId)) - 1);
  for await (
    const { jsons } of readChunks(redis, {
      siteId: query.siteId,
      order: query.order,
      position: query.position,
    })
  ) {
    for (const json of jsons) {
      if (matches(json)) {
        if (found.length === limit) return { jsons: found, next: position };
        found.push(json);
      }
      position += step;
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
