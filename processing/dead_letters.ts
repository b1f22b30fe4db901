/**
 * Dead letters: entries that could not be processed, kept until someone replays or deletes them.
 *
 * @module
 */

import { ensureGroup } from "../core/ensure_group.ts";
import { DEAD_STREAM, GROUP, STATS, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import type { UnreadableEntry } from "./entry.ts";
import burySource from "./bury.lua" with { type: "text" };
import replaySource from "./replay.lua" with { type: "text" };

const bury = createScript(burySource);
const replay = createScript(replaySource);

/** More names and values than this are kept as one JSON text: Lua hands at most 8,000 values on. */
const MAX_FIELD_ITEMS = 4000;

/** How many dead letters one step of replaying all takes. */
const REPLAY_STEP = 500;

/** A dead letter. */
export interface DeadLetter {
  /** Its id in the dead-letter stream. */
  id: string;
  /** The id that its entry had. */
  source_id: string;
  /** Why it is here. */
  reason: string;
  /** How often it had been delivered. */
  deliveries: number;
  /** The entry, as it was. */
  fields: Record<string, string>;
}

/**
 * Makes entries dead letters.
 *
 * @param redis The connection.
 * @param entries The entries, with the reason and how often each was delivered.
 * @returns How many there were; others had been acknowledged before.
 */
export async function buryEntries(
  redis: Redis,
  entries: (UnreadableEntry & { deliveries: number })[],
): Promise<number> {
  const args: (string | number)[] = [GROUP];
  for (const { id, deliveries, reason, fields } of entries) {
    const kept = fields.length <= MAX_FIELD_ITEMS
      ? fields
      : ["fields", JSON.stringify(fields)];
    args.push(id, deliveries, reason, kept.length, ...kept);
  }
  return await bury(redis, [STREAM, DEAD_STREAM, STATS], args) as number;
}

/**
 * Lists dead letters, the oldest first.
 *
 * @param redis The connection.
 * @param limit How many at most.
 * @param after Only those behind this id.
 * @returns A page, and how many dead letters there are in all.
 */
export async function listDeadLetters(
  redis: Redis,
  limit: number,
  after?: string,
): Promise<{ count: number; page: DeadLetter[] }> {
  const [count, entries] = await Promise.all([
    redis.xlen(DEAD_STREAM),
    redis.xrange(
      DEAD_STREAM,
      after === undefined ? "-" : `(${after}`,
      "+",
      "COUNT",
      limit,
    ),
  ]);
  return { count, page: entries.map(([id, items]) => toDeadLetter(id, items)) };
}

/**
 * Puts one dead letter back on the stream.
 *
 * @param redis The connection.
 * @param id The dead letter.
 * @returns The id of its new entry, `absent` when there is none, `empty` when nothing is left of its entry.
 */
export async function replayDeadLetter(
  redis: Redis,
  id: string,
): Promise<string> {
  const [reply] = await replayIds(redis, [id]);
  return reply === 0 ? "absent" : reply === 1 ? "empty" : String(reply);
}

/**
 * Puts all dead letters back that were there when it began; what dies again meanwhile is left for the next time.
 *
 * @param redis The connection.
 * @returns How many were put back, and how many stay since nothing is left of their entry.
 */
export async function replayAllDeadLetters(
  redis: Redis,
): Promise<{ replayed: number; empty: number }> {
  const [last] = await redis.xrevrange(DEAD_STREAM, "+", "-", "COUNT", 1);
  const total = { replayed: 0, empty: 0 };
  let from = "-";
  while (last !== undefined) {
    const entries = await redis.xrange(
      DEAD_STREAM,
      from,
      last[0],
      "COUNT",
      REPLAY_STEP,
    );
    if (entries.length === 0) break;
    for (const reply of await replayIds(redis, entries.map(([id]) => id))) {
      if (reply === 1) total.empty++;
      else if (reply !== 0) total.replayed++;
    }
    from = `(${entries.at(-1)![0]}`;
  }
  return total;
}

/**
 * Deletes one dead letter.
 *
 * @param redis The connection.
 * @param id The dead letter.
 * @returns Whether there was one.
 */
export async function deleteDeadLetter(
  redis: Redis,
  id: string,
): Promise<boolean> {
  return await redis.xdel(DEAD_STREAM, id) === 1;
}

/**
 * Deletes all dead letters that were there when it began.
 *
 * @param redis The connection.
 * @returns How many there were.
 */
export async function deleteAllDeadLetters(redis: Redis): Promise<number> {
  const [last] = await redis.xrevrange(DEAD_STREAM, "+", "-", "COUNT", 1);
  if (last === undefined) return 0;
  const [ms, sequence] = last[0].split("-");
  return await redis.xtrim(
    DEAD_STREAM,
    "MINID",
    `${ms}-${BigInt(sequence) + 1n}`,
  );
}

async function replayIds(
  redis: Redis,
  ids: string[],
): Promise<(string | number)[]> {
  const call = () =>
    replay(redis, [DEAD_STREAM, STREAM], ids) as Promise<(string | number)[]>;
  try {
    return await call();
  } catch (error) {
    if (!(error as Error).message.includes("NOSTREAM")) throw error;
    await ensureGroup(redis);
    return await call();
  }
}

function toDeadLetter(id: string, items: string[]): DeadLetter {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 6 < items.length; i += 2) fields[items[i]] = items[i + 1];
  const [, reason, , source_id, , deliveries] = items.slice(-6);
  return { id, source_id, reason, deliveries: Number(deliveries), fields };
}
