/**
 * What consumers do about each other: show that they live, take over from the dead, leave in order.
 *
 * @module
 */

import {
  CONSUMER_PREFIX,
  DEAD_STREAM,
  GROUP,
  STATS,
  STREAM,
} from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createScript } from "../core/script.ts";
import type { RawEntry } from "./entry.ts";
import leaveSource from "./leave.lua" with { type: "text" };
import takeoverSource from "./takeover.lua" with { type: "text" };

const takeover = createScript(takeoverSource);
const leaveGroup = createScript(leaveSource);

/** How long a consumer counts as alive after its last sign of life, in milliseconds. */
const ALIVE_MS = 10_000;

/** How often a consumer shows that it lives, in milliseconds. */
export const HEARTBEAT_MS = 2000;

/**
 * Shows that a consumer lives. Its idle time in the group would not do: it grows while there is nothing to read.
 *
 * @param redis The connection.
 * @param consumer Its name.
 */
export async function showLife(redis: Redis, consumer: string): Promise<void> {
  await redis.set(CONSUMER_PREFIX + consumer, "1", "PX", ALIVE_MS);
}

/**
 * Takes over what others do not finish, and deletes consumers that are gone and hold nothing.
 *
 * @param redis The connection.
 * @param consumer Who takes it.
 * @param idleMs How long any consumer may hold an entry before it is taken from it.
 * @param most How many entries to take at most.
 * @returns The entries, each with how often it has been delivered.
 */
export async function takeOver(
  redis: Redis,
  consumer: string,
  idleMs: number,
  most: number,
): Promise<{ raw: RawEntry; deliveries: number }[]> {
  const taken = await takeover(redis, [STREAM, DEAD_STREAM, STATS], [
    GROUP,
    consumer,
    CONSUMER_PREFIX,
    idleMs,
    most,
  ]);
  return (taken as [string, number, string[]][]).map((
    [id, deliveries, fields],
  ) => ({
    raw: [id, fields],
    deliveries: deliveries + 1,
  }));
}

/**
 * Gives a consumer's name up, if it holds nothing any more.
 *
 * @param redis The connection.
 * @param consumer Its name.
 * @returns Whether it could be given up.
 */
export async function leave(redis: Redis, consumer: string): Promise<boolean> {
  return await leaveGroup(redis, [STREAM, CONSUMER_PREFIX + consumer], [
    GROUP,
    consumer,
  ]) === 1;
}
