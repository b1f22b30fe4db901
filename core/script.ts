/**
 * Lua scripts, called by their hash.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Redis } from "./redis.ts";

/** Calls a script on a connection with its KEYS and ARGV, and gives its reply. */
export type Script = (
  redis: Redis,
  keys: string[],
  args: (string | number | Buffer)[],
) => Promise<unknown>;

/**
 * Prepares a script. Only its hash is sent; a Redis that does not know it (it was restarted, or another became
 * master) says so without having run anything, and is sent the source.
 *
 * @param source The script.
 * @returns How to call it.
 */
export function createScript(source: string): Script {
  const hash = createHash("sha1").update(source).digest("hex");
  return async (redis, keys, args) => {
    try {
      return await redis.evalsha(hash, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
      return await redis.eval(source, keys.length, ...keys, ...args);
    }
  };
}
