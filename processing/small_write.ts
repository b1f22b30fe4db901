/**
 * Writes that a Redis takes even when its memory is full.
 *
 * Rolling up and retention make room in it, so they must be able to note what they go by; it is a few bytes for each
 * site at most.
 *
 * @module
 */

import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import source from "./small_write.lua" with { type: "text" };

const script = createScript(source);

/**
 * Writes something small.
 *
 * @param redis The connection.
 * @param command The command, such as `HSET`.
 * @param key Its key.
 * @param args Its other arguments.
 * @returns Its reply.
 */
export function writeSmall(
  redis: Redis,
  command: string,
  key: string,
  ...args: (string | number)[]
): Promise<unknown> {
  return script(redis, [key], [command, ...args]);
}
