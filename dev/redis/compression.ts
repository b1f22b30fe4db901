/**
 * Whether our own Redis keeps readings compressed.
 *
 * @module
 */

/**
 * Reads `REDIS_LIST_COMPRESS_DEPTH`. Readings take a fifth of the memory when lists are compressed; reading them back
 * takes Redis longer.
 *
 * @returns Arguments of redis-server.
 * @throws {Error} When it is not a number.
 */
export function compressionArgs(): string[] {
  const depth = Deno.env.get("REDIS_LIST_COMPRESS_DEPTH") || "1";
  if (!/^\d{1,9}$/.test(depth)) {
    throw new Error(
      `REDIS_LIST_COMPRESS_DEPTH is "${depth}"; expected 1 to keep readings compressed, or 0 not to`,
    );
  }
  return ["--list-compress-depth", depth];
}
