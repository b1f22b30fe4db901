/**
 * Exporting: the readings of some sites or of all, as lines that can be posted to ingestion as they are.
 *
 * Sites come by name, a site's readings in the order processed, so that what comes behind a line is known from that
 * line alone: it is the cursor.
 *
 * @module
 */

import { metaKey, readingsKey, SITES } from "../core/keys.ts";
import type { Reading } from "../core/reading.ts";
import type { Redis } from "../core/redis.ts";
import { findReading } from "./export_cursor.ts";
import { readChunks } from "./readings.ts";
import { readStates } from "./site_state.ts";
import type { Wanted } from "./stored.ts";

/** What is exported. */
export interface ExportQuery extends Pick<Wanted, "from" | "to"> {
  /** Only these sites; all when not given. */
  siteIds?: string[];
  /** The last reading that the client has. */
  after?: Reading;
}

/** A site and where to begin in it. */
interface Part {
  siteId: string;
  position?: number;
}

/**
 * Finds out what is to be exported. What can fail does so here, before the first byte.
 *
 * @param redis The connection.
 * @param query What is wanted.
 * @returns The sites, each with where to begin.
 * @throws {Problem} 422 when there is nothing like the cursor.
 * @throws {Error} `WRONGTYPE` when a key that it takes holds something else.
 */
export async function planExport(
  redis: Redis,
  { siteIds, after }: ExportQuery,
): Promise<Part[]> {
  const asked = [...new Set(siteIds ?? await redis.zrange(SITES, 0, -1))];
  const names = await withoutBroken(redis, asked, siteIds !== undefined);
  names.sort();
  if (after === undefined) return names.map((siteId) => ({ siteId }));
  const position = await findReading(redis, after) + 1;
  return names.filter((siteId) => siteId >= after.site_id).map((siteId) =>
    siteId === after.site_id ? { siteId, position } : { siteId }
  );
}

/**
 * The sites that can be read. One in the place of whose list something else is has no readings: among all it is left out,
 * by name it is an error.
 */
async function withoutBroken(
  redis: Redis,
  siteIds: string[],
  named: boolean,
): Promise<string[]> {
  const left: string[] = [];
  for (const { siteId, length } of await readStates(redis, siteIds)) {
    if (length < 0) {
      const kind = await redis.type(readingsKey(siteId));
      const wrong = ["list", "none"].includes(kind)
        ? metaKey(siteId)
        : readingsKey(siteId);
      if (named || kind === "list") {
        throw new Error(
          `WRONGTYPE the key ${wrong} does not hold what it should`,
        );
      }
      continue;
    }
    left.push(siteId);
  }
  return left;
}

/**
 * Reads what is exported, a chunk at a time, each site up to the end that it has when its turn comes.
 *
 * @param redis The connection.
 * @param parts The sites.
 * @param query Which of their readings.
 * @yields Readings as they are stored.
 */
export async function* readExport(
  redis: Redis,
  parts: Part[],
  { from, to }: ExportQuery,
): AsyncGenerator<string[]> {
  for (const part of parts) {
    const chunks = readChunks(redis, { ...part, order: "asc", from, to });
    for await (const jsons of chunks) {
      if (jsons.length > 0) yield jsons;
    }
  }
}
