/**
 * What is done for the stream beside processing it: trimming it, and recording how the pipeline does.
 *
 * @module
 */

import { GROUP, HISTORY, STATS, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import sampleSource from "./sample.lua" with { type: "text" };
import trimSource from "./trim.lua" with { type: "text" };

const trim = createScript(trimSource);
const sample = createScript(sampleSource);

/** One step of the pipeline's history, in milliseconds. */
export const STEP_MS = 10_000;

/** How many steps are kept: an hour, and one more to take the first difference from. */
const STEPS = 361;

/** The share of Redis's memory from which all that was acknowledged is trimmed at once. */
const SHORT_OF_MEMORY = 0.85;

/**
 * Trims the stream behind what every group has acknowledged.
 *
 * @param redis The connection.
 * @param config How long, in milliseconds, and up to which size entries are kept for replay.
 * @returns How many entries were trimmed.
 */
export async function trimStream(
  redis: Redis,
  config: { STREAM_RETENTION: number; STREAM_MAX_BYTES: number },
): Promise<number> {
  const [memory, [seconds, microseconds]] = await Promise.all([
    redis.info("memory"),
    redis.time(),
  ]);
  const used = infoNumber(memory, "used_memory"),
    most = infoNumber(memory, "maxmemory");
  const short = most > 0 && used > most * SHORT_OF_MEMORY;
  const now = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  const oldest = Math.max(0, now - config.STREAM_RETENTION);
  return await trim(redis, [STREAM], [
    oldest,
    config.STREAM_MAX_BYTES,
    short ? 1 : 0,
    GROUP,
  ]) as number;
}

/**
 * Records the current step of the pipeline's history, unless another replica has.
 *
 * @param redis The connection.
 * @returns Whether this call recorded it.
 */
export async function recordStep(redis: Redis): Promise<boolean> {
  const [seconds] = await redis.time();
  const step = Math.floor(Number(seconds) * 1000 / STEP_MS) * STEP_MS;
  const mark = `${HISTORY}:${step}`;
  return await sample(redis, [STREAM, HISTORY, STATS, mark], [
    GROUP,
    step,
    STEPS,
    3 * STEP_MS,
  ]) === 1;
}

/**
 * Reads a number out of the reply to INFO.
 *
 * @param info The reply.
 * @param name The field.
 * @returns The number, 0 when there is no such field.
 */
export function infoNumber(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
}
