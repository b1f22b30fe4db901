/**
 * Lua scripts, called by their hash.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Buffer } from "node:buffer";
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
  return prepare(source, "call");
}

/**
 * Prepares a script whose reply has bytes: they come as a `Buffer` where {@linkcode createScript} gives text.
 *
 * @param source The script.
 * @returns How to call it.
 */
export function createBufferScript(source: string): Script {
  return prepare(source, "callBuffer");
}

function prepare(source: string, call: "call" | "callBuffer"): Script {
  const hash = createHash("sha1").update(source).digest("hex");
  return async (redis, keys, args) => {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await redis[call]("evalsha", [hash, ...rest]);
    } catch (error) {
      if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
      return await redis[call]("eval", [source, ...rest]);
    }
  };
}
