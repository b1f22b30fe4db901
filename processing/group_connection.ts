/**
 * The connection on which a consumer reads the stream and stores what it has read, and which does nothing else.
 *
 * What is stored and the read that is to follow go to Redis in one piece. It runs them one after the other and flushes
 * its append-only file once for both.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { GROUP, STREAM } from "../core/keys.ts";
import type { Redis } from "../core/redis.ts";
import type { ScriptClient } from "../core/script.ts";
import type { RawEntry } from "./entry.ts";
import { createReplyDecoder, type Reply } from "./reply_decoder.ts";

/** How long the connection may be silent before it is given up, in milliseconds. */
const SILENT_MS = 15_000;

/** What one consumer says to Redis. Calls are answered in their order. */
export interface GroupConnection extends ScriptClient {
  /** The connection's id, for CLIENT UNBLOCK. */
  id: number;
  /** Whether the connection is still the client's. */
  current(): boolean;
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
 * Takes the present connection of a client over. The client has made it, with all that this takes (TLS, password,
 * Sentinel); from now on no command may go through the client, until it has made another one.
 *
 * @param client The client, ready and with nothing under way.
 * @param options What is read.
 * @returns The connection; of no use any more once it is broken.
 */
export async function openGroupConnection(
  client: Redis,
  { consumer, count }: GroupConnectionOptions,
): Promise<GroupConnection> {
  const id = await client.client("ID");
  const stream = client.stream;
  const decoder = createReplyDecoder();
  const waiting: {
    resolve(reply: Reply): void;
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

  /** What the calls of one turn have put together; it is sent at the end of the turn. */
  let text = "";
  const send = () => {
    stream.write(text, "latin1");
    text = "";
  };
  function ask(words: Word[]): Promise<Reply> {
    if (broken !== undefined) return Promise.reject(broken);
    if (text === "") queueMicrotask(send);
    text += command(words);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  }

  return {
    id,
    current: () => client.stream === stream && broken === undefined,
    read: (from, waitMs) =>
      ask([
        ...["XREADGROUP", "GROUP", GROUP, consumer, "COUNT", count],
        ...(waitMs === undefined ? [] : ["BLOCK", waitMs]),
        ...["STREAMS", STREAM, from],
      ]) as Promise<RawEntry[]>,
    call: (command, args) => ask([command, ...args]),
  };
}

type Word = string | number | Buffer;

/** A command as Redis takes it, one character a byte. */
function command(words: Word[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) {
    const bytes = bytesOf(word);
    text += `$${bytes.length}\r\n${bytes}\r\n`;
  }
  return text;
}

function bytesOf(word: Word): string {
  if (Buffer.isBuffer(word)) return word.toString("latin1");
  const text = `${word}`;
  return Buffer.byteLength(text) === text.length
    ? text
    : Buffer.from(text).toString("latin1");
}
