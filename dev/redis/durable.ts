/**
 * The settings of a Redis that keeps what it has acknowledged.
 *
 * @module
 */

/**
 * With `appendfsync everysec` Redis may answer before it has written, while an fsync is under way, and a kill then
 * loses what was answered. With `always` it does not.
 */
export const DURABLE = { appendonly: "yes", appendfsync: "always" } as const;
