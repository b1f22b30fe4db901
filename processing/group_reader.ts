/**
 * Reading the stream as a consumer of the group, over a connection that does nothing else.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { GROUP, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import { createEntriesDecoder } from "./entries_decoder.ts";
import type { RawEntry } from "./entry.ts";

/** How long the connection may be silent before it is given up, in milliseconds. */
const SILENT_MS = 15_000;

/** Reads of one consumer. */
export interface GroupReader {
  /** The connection's id, for CLIENT UNBLOCK. */
  id: number;
  /** Whether the connection is still the client's. */
  current(): boolean;
  /**
   * Reads entries. Calls are answered in their order.
   *
   * @param from `>` for new ones, for which it waits; an id for what this consumer holds behind it.
   * @returns The entries.
   * @throws What Redis answers; an error when the connection breaks.
   */
  read(from: string): Promise<RawEntry[]>;
}

/** What is read and how. */
export interface GroupReaderOptions {
  /** The name of the consumer. */
  consumer: string;
  /** Most entries of a read. */
  count: number;
  /** How long a read waits for new entries, in milliseconds. */
  blockMs: number;
}

/**
 * Takes the present connection of a client over. The client has made it, with all that this takes (TLS, password,
 * Sentinel); from now on no command may go through the client, until it has made another one.
 *
 * @param client The client, ready and with nothing under way.
 * @param options What is read.
 * @returns The reader; of no use any more once the connection is broken.
 */
export async function openGroupReader(
  client: Redis,
  { consumer, count, blockMs }: GroupReaderOptions,
): Promise<GroupReader> {
  const id = await client.client("ID");
  const stream = client.stream;
  const decoder = createEntriesDecoder();
  const waiting: {
    resolve(entries: RawEntry[]): void;
    reject(error: Error): void;
  }[] = [];
  let broken: Error | undefined;
  const breakOff = (error: Error) => {
    broken ??= error;
    for (const { reject } of waiting.splice(0)) reject(broken);
  };

  stream.removeAllListeners("data");
  stream.on("data", (piece: Uint8Array) => {
    try {
      for (const reply of decoder.push(piece)) {
        const first = waiting.shift();
        if (reply instanceof Error) {
          first?.reject(reply);
          // After a failover: the client is to make a connection to the new master.
          if (reply.message.startsWith("READONLY")) stream.destroy();
        } else first?.resolve(reply);
      }
    } catch (error) {
      breakOff(error as Error);
      stream.destroy();
    }
  });
  stream.once("close", () => breakOff(new Error("Connection is closed.")));
  stream.setTimeout(SILENT_MS, () => stream.destroy());

  return {
    id,
    current: () => client.stream === stream && broken === undefined,
    read(from) {
      if (broken !== undefined) return Promise.reject(broken);
      const block = from === ">" ? ["BLOCK", String(blockMs)] : [];
      stream.write(command([
        ...["XREADGROUP", "GROUP", GROUP, consumer, "COUNT", String(count)],
        ...[...block, "STREAMS", STREAM, from],
      ]));
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
      });
    },
  };
}

/** A command as Redis takes it. */
function command(words: string[]): string {
  const bulk = (word: string) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
  return `*${words.length}\r\n${words.map(bulk).join("")}`;
}
