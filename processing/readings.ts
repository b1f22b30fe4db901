/**
 * A site's readings out of its list: a page, or all of them as a stream.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";
import type { Redis } from "../core/redis.ts";
import { type Block, partsWithin } from "./blocks.ts";
import { readIndex, readSlice, readWindow, type Window } from "./positions.ts";
import { readState } from "./site_state.ts";
import { matcherOf, type Wanted } from "./stored.ts";

/** How many readings are read from Redis at a time. */
export const CHUNK = 1000;

/** Which readings are wanted. */
export interface ReadingsQuery extends Wanted {
  siteId: string;
  /** `asc` is the order processed, `desc` the newest first. */
  order: "asc" | "desc";
  /** Where to begin: an absolute position. One that was removed is as good as the oldest that is left. */
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
  upTo?: number,
  size = CHUNK,
): AsyncGenerator<RawChunk> {
  const { siteId, order } = query;
  const { base, end, blocks } =
    query.from === undefined && query.to === undefined
      ? { ...await readWindow(redis, siteId), blocks: undefined }
      : await readTrusted(redis, siteId);
  const parts = partsWithin(blocks, query, end - base)
    .map((part) => ({ start: base + part.start, end: base + part.end }));
  const stop = Math.min(end, upTo ?? end);
  let known = base;
  const read = async (start: number, end: number) => {
    const slice = await readSlice(redis, siteId, start, end, known);
    // A base that went back: the site was deleted, and its list is another one.
    if (slice.base < known) return undefined;
    known = slice.base;
    return slice;
  };
  if (order === "asc") {
    for (const part of parts) {
      const behind = Math.min(part.end, stop);
      let at = Math.max(part.start, query.position ?? 0);
      while (at < behind) {
        const next = Math.min(at + size, behind);
        const slice = await read(at, next);
        if (slice === undefined) return;
        yield slice;
        at = Math.max(next, known);
      }
    }
    return;
  }
  for (const part of parts.reverse()) {
    let behind = Math.min(part.end, stop, (query.position ?? Infinity) + 1);
    while (behind > Math.max(part.start, known)) {
      const start = Math.max(part.start, behind - size);
      const slice = await read(start, behind);
      if (slice === undefined) return;
      yield { jsons: slice.jsons.reverse(), position: behind - 1 };
      behind = start;
    }
  }
}

/** The window and its index, if that is known to be this list's: another may have been put in its place by hand. */
async function readTrusted(
  redis: Redis,
  siteId: string,
): Promise<Window & { blocks?: Block[] }> {
  const [{ list }, index] = await Promise.all([
    readState(redis, siteId),
    readIndex(redis, siteId),
  ]);
  return list === "same" ? index : { ...index, blocks: undefined };
}

/**
 * Reads a site's readings, a chunk at a time, up to the end that the list had when it began. What retention removes
 * meanwhile is left out; nothing else is, and nothing comes twice.
 *
 * @param redis The connection.
 * @param query Which ones.
 * @param end The position behind the last that is wanted, when not all are.
 * @yields Those of each chunk that are wanted, which may be none.
 */
export async function* readChunks(
  redis: Redis,
  query: ReadingsQuery,
  end?: number,
): AsyncGenerator<string[]> {
  const matches = matcherOf(query);
  for await (const { jsons } of readRaw(redis, query, end)) {
    yield matches === undefined ? jsons : jsons.filter(matches);
  }
}

/**
 * Reads a site's readings one by one, each with its position.
 *
 * @param redis The connection.
 * @param query Which ones.
 * @yields The readings that are wanted, in the order processed.
 */
export async function* readPositions(
  redis: Redis,
  query: Omit<ReadingsQuery, "order">,
): AsyncGenerator<{ json: string; position: number }> {
  const matches = matcherOf(query) ?? (() => true);
  for await (
    const { jsons, position } of readRaw(redis, { ...query, order: "asc" })
  ) {
    for (const [index, json] of jsons.entries()) {
      if (matches(json)) yield { json, position: position + index };
    }
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
