/**
 * Decoding what Redis answers to a consumer: replies to XREADGROUP, and to scripts that give numbers.
 *
 * A client library makes a buffer and then a string of each of an entry's nine values, which takes longer than all
 * else that is done with it. Here the reply is made a string once, and its values are slices of that.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/ for the protocol (RESP2)
 * @module
 */

import { Buffer, isAscii } from "node:buffer";
import type { RawEntry } from "./entry.ts";

/** A reply: entries, none when there are no new ones; numbers; or what Redis had to object. */
export type Reply = RawEntry[] | number[] | Error;

/** Puts replies together out of the pieces in which they arrive. */
export interface ReplyDecoder {
  /**
   * Takes what arrived.
   *
   * @param piece The bytes.
   * @returns The replies that are complete now.
   * @throws {Error} When it is neither a reply to XREADGROUP of one stream nor numbers.
   */
  push(piece: Uint8Array): Reply[];
}

/**
 * Makes a decoder, for one connection.
 *
 * @returns The decoder.
 */
export function createReplyDecoder(): ReplyDecoder {
  // One character a byte, so that the lengths in the protocol are those of the string.
  let text = "";
  let at = 0;
  let ascii = true;
  /** The entries of the reply that has begun, and how many it will have. */
  let begun: RawEntry[] | undefined;
  let expected = 0;

  /** The number of a line such as `*3` or `$-1`; `NaN` when it is not there yet. */
  function number(): number {
    const end = text.indexOf("\r\n", at);
    if (end === -1) return NaN;
    let i = at + 1, value = 0;
    const negative = text[i] === "-";
    if (negative) i++;
    for (; i < end; i++) value = value * 10 + (text.charCodeAt(i) - 48);
    at = end + 2;
    return negative ? -value : value;
  }

  function bulk(): string | undefined {
    const length = number();
    if (!(at + length + 2 <= text.length)) return undefined;
    const value = text.slice(at, at + length);
    at += length + 2;
    return ascii ? value : Buffer.from(value, "latin1").toString();
  }

  function entry(): RawEntry | undefined {
    number();
    const id = bulk();
    if (id === undefined) return undefined;
    const count = number();
    if (Number.isNaN(count)) return undefined;
    if (count < 0) return [id, null];
    const fields: string[] = [];
    for (let i = 0; i < count; i++) {
      const value = bulk();
      if (value === undefined) return undefined;
      fields.push(value);
    }
    return [id, fields];
  }

  function numbers(count: number): number[] | undefined {
    const values = Array.from({ length: count }, number);
    return values.some(Number.isNaN) ? undefined : values;
  }

  /** The head of a reply: a reply if that is all of it, whether it is there otherwise. */
  function head(): Reply | boolean {
    const type = text[at];
    if (type === "-") {
      const end = text.indexOf("\r\n", at);
      if (end === -1) return false;
      const message = text.slice(at + 1, end);
      at = end + 2;
      return new Error(message);
    }
    const count = number();
    if (Number.isNaN(count)) return false;
    if (type !== "*") throw unexpected();
    if (count < 0) return [];
    if (at === text.length) return false;
    if (text[at] === ":") return numbers(count) ?? false;
    if (count > 1) throw unexpected();
    number();
    if (bulk() === undefined) return false;
    expected = number();
    return !Number.isNaN(expected);
  }

  function next(): Reply | undefined {
    let start = at;
    if (begun === undefined) {
      const found = head();
      if (typeof found !== "boolean") return found;
      if (!found) {
        at = start;
        return undefined;
      }
      begun = [];
    }
    while (begun.length < expected) {
      start = at;
      const found = entry();
      if (found === undefined) {
        at = start;
        return undefined;
      }
      begun.push(found);
    }
    const reply = begun;
    begun = undefined;
    return reply;
  }

  return {
    push(piece) {
      const buffer = Buffer.from(
        piece.buffer,
        piece.byteOffset,
        piece.byteLength,
      );
      text = text.slice(at) + buffer.toString("latin1");
      ascii &&= isAscii(buffer);
      at = 0;
      const replies: Reply[] = [];
      while (at < text.length) {
        const reply = next();
        if (reply === undefined) break;
        replies.push(reply);
      }
      if (at === text.length) {
        text = "";
        at = 0;
        ascii = true;
      }
      return replies;
    },
  };
}

function unexpected(): Error {
  return new Error("Redis sent what is no reply to what it was asked.");
}
