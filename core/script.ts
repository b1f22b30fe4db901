/**
 * Lua scripts, called by their hash.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Buffer } from "node:buffer";
import type { Redis } from "./redis.ts";

/** What ARGV is made of. */
type Arg = string | number | Buffer;

/** What a script can be called through: a client, or a connection that speaks for itself. */
export interface ScriptClient {
  call(command: string, args: Arg[]): Promise<unknown>;
}

/** Calls a script on a connection with its KEYS and ARGV, and gives its reply. */
export type Script<Client = ScriptClient> = (
  client: Client,
  keys: string[],
  args: Arg[],
) => Promise<unknown>;

/**
 * Prepares a script. Only its hash is sent; a Redis that does not know it (it was restarted, or another became
 * master) says so without having run anything, and is sent the source.
 *
 * @param source The script.
 * @returns How to call it.
 */
export function createScript(source: string): Script {
  return prepare(source, (client, command, args) => client.call(command, args));
}

/**
 * Prepares a script whose reply has bytes: they come as a `Buffer` where {@linkcode createScript} gives text.
 *
 * @param source The script.
 * @returns How to call it.
 */
export function createBufferScript(source: string): Script<Redis> {
  return prepare(
    source,
    (client, command, args) => client.callBuffer(command, args),
  );
}

function prepare<Client>(
  source: string,
  call: (client: Client, command: string, args: Arg[]) => Promise<unknown>,
): Script<Client> {
  const hash = createHash("sha1").update(source).digest("hex");
  return async (client, keys, args) => {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await call(client, "evalsha", [hash, ...rest]);
    } catch (error) {
      if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
      return await call(client, "eval", [source, ...rest]);
    }
  };
}
