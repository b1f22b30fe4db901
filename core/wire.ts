/**
 * Connections to Redis whose commands are written, and whose replies are decoded, here and not by the client library:
 * for what is sent so often that this tells.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { within } from "./deadline.ts";
import type { Logger } from "./log.ts";
import { backoff, type Redis } from "./redis.ts";
import { outcomeOf } from "./redis_error.ts";
import { createReplyDecoder, type Reply } from "./reply_decoder.ts";
import type { ScriptClient } from "./script.ts";

/** A peer that vanished without a word is given up after that, in milliseconds; the kernel would wait for minutes. */
const SILENT_MS = 15_000;

/** A word of a command. */
export type Word = string | number | Buffer;

/** One connection. Calls are answered in their order; those of one turn of the event loop are sent in one piece. */
export interface Wire extends ScriptClient {
  /** Its id, as in CLIENT LIST. */
  id: number;
  /** Whether it is still the client's. */
  current(): boolean;
  /**
   * Sends a command.
   *
   * @param command The command.
   * @param args What follows it.
   * @returns What Redis answers.
   * @throws What Redis objects; an error when the connection breaks.
   */
  call(command: string, args: Word[]): Promise<Reply>;
}

/**
 * Takes the present connection of a client over. The client has made it, with all that this takes (TLS, password,
 * Sentinel); from now on no command may go through the client, until it has made another one.
 *
 * @param client The client, ready and with nothing under way.
 * @param silentMs How long Redis may owe an answer and be silent before the connection is given up, in milliseconds.
 * @returns The connection; of no use any more once it is broken.
 */
export async function openWire(
  client: Redis,
  silentMs: number = SILENT_MS,
): Promise<Wire> {
  const id = await client.client("ID");
  const stream = client.stream;
  const decoder = createReplyDecoder();
  const waiting: {
    resolve(reply: Reply): void;
    reject(error: Error): void;
  }[] = [];
  let broken: Error | undefined;
  /** When Redis was last heard, or owed nothing. */
  let heard = performance.now();
  const look = setInterval(() => {
    if (waiting.length === 0) heard = performance.now();
    else if (performance.now() - heard > silentMs) stream.destroy();
  }, silentMs / 10);
  const breakOff = (error: Error) => {
    clearInterval(look);
    broken ??= error;
    for (const { reject } of waiting.splice(0)) reject(broken);
  };

  stream.removeAllListeners("data");
  stream.on("data", (piece: Uint8Array) => {
    heard = performance.now();
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

  /** What the calls of one turn have put together; it is sent at the end of the turn. */
  let text = "";
  const send = () => {
    stream.write(text, "latin1");
    text = "";
  };

  return {
    id,
    current: () => client.stream === stream && broken === undefined,
    call(command, args) {
      if (broken !== undefined) return Promise.reject(broken);
      if (text === "") queueMicrotask(send);
      text += encode([command, ...args]);
      return new Promise((resolve, reject) =>
        waiting.push({ resolve, reject })
      );
    },
  };
}

/** Connections one after the other, always the client's present one. */
export interface KeptWire extends ScriptClient {
  /** Whether there is one. */
  open(): boolean;
  /** Tells a listener each time that one has been opened. */
  onOpen(listener: () => void): void;
}

/**
 * Takes over each connection that a client makes.
 *
 * @param client The client; no command may go through it.
 * @param timeoutMs How long a command may take, in milliseconds.
 * @param log Told why a connection cannot be taken over, as for a user who may not ask for its id; it is tried again.
 * @returns What goes through the present one. While there is none, calls fail at once.
 */
export function keepWire(
  client: Redis,
  timeoutMs: number,
  log?: Logger,
): KeptWire {
  const listeners: (() => void)[] = [];
  let wire: Wire | undefined;
  let complaint = "", failures = 0;
  const open = async () => {
    const { stream } = client;
    try {
      wire = await openWire(client);
    } catch (error) {
      const { outcome, why } = outcomeOf(error);
      if (outcome !== "unknown" && why !== complaint) {
        complaint = why;
        log?.warning("The connection to Redis cannot be used: {why}.", { why });
      }
      setTimeout(() => {
        if (client.stream === stream) client.disconnect(true);
      }, backoff(failures++));
      return;
    }
    complaint = "";
    failures = 0;
    for (const listener of listeners) listener();
  };
  client.on("ready", open);
  return {
    open: () => wire?.current() ?? false,
    onOpen: (listener) => listeners.push(listener),
    call: (command, args) =>
      wire?.current()
        ? within(
          timeoutMs,
          wire.call(command, args),
          () => new Error("Command timed out"),
          (error) => error,
        )
        : Promise.reject(new Error("Stream isn't writeable")),
  };
}

/** A command as Redis takes it, one character a byte. */
function encode(words: Word[]): string {
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
