/**
 * The consumer group, made by whoever needs it first.
 *
 * @module
 */

import { GROUP, STREAM, WATERMARK } from "./keys.ts";
import { createScript, type ScriptClient } from "./script.ts";
import source from "./ensure_group.lua" with { type: "text" };

const script = createScript(source);

/**
 * Makes stream and group where they are missing.
 *
 * @param redis The connection.
 * @returns Whether the group had to be made.
 * @throws When Redis cannot be used, or the stream's key holds something else.
 */
export async function ensureGroup(redis: ScriptClient): Promise<boolean> {
  return await script(redis, [STREAM, WATERMARK], [GROUP]) === 1;
}
