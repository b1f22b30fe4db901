/**
 * The connection on which a consumer reads the stream and stores what it has read, and which does nothing else.
 *
 * What is stored and the read that is to follow go to Redis in one piece. It runs them one after the other and flushes
 * its append-only file once for both.
 *
 * @module
 */

import { GROUP, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { openWire, type Wire } from "../core/wire.ts";
import type { RawEntry } from "./entry.ts";

/** What one consumer says to Redis. Calls are answered in their order. */
export interface GroupConnection extends Wire {
  /**
   * Reads entries.
   *
   * @param from `>` for new ones; an id for what this consumer holds behind it.
   * @param waitMs How long it waits for new ones, in milliseconds; all calls that follow wait as well.
   * @returns The entries; none when there are none.
   * @throws What Redis answers; an error when the connection breaks.
   */
  read(from: string, waitMs?: number): Promise<RawEntry[]>;
}

/** Who reads how much. */
export interface GroupConnectionOptions {
  /** The name of the consumer. */
  consumer: string;
  /** Most entries of a read. */
  count: number;
}

/**
 * Takes the present connection of a client over.
 *
 * @param client The client, ready and with nothing under way; no other command may go through it.
 * @param options What is read.
 * @returns The connection; of no use any more once it is broken.
 */
export async function openGroupConnection(
  client: Redis,
  { consumer, count }: GroupConnectionOptions,
): Promise<GroupConnection> {
  const wire = await openWire(client);
  return {
    ...wire,
    async read(from, waitMs) {
      const streams = await wire.call("xreadgroup", [
        ...["GROUP", GROUP, consumer, "COUNT", count],
        ...(waitMs === undefined ? [] : ["BLOCK", waitMs]),
        ...["STREAMS", STREAM, from],
      ]) as [name: string, entries: RawEntry[]][] | null;
      return streams?.[0][1] ?? [];
    },
  };
}
