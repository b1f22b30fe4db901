/**
 * Decoding what Redis answers.
 *
 * A client library makes a buffer and then a string of each value, which for a batch of entries, nine values each, takes
 * longer than all else that is done with them. Here what arrives is made a string once, and the values are slices of it.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/ for the protocol (RESP2)
 * @module
 */

import { Buffer, isAscii } from "node:buffer";

/** A reply; an error is what Redis had to object. */
export type Reply = string | number | null | Error | Reply[];

/** Puts replies together out of the pieces in which they arrive. */
export interface ReplyDecoder {
  /**
   * Takes what arrived.
   *
   * @param piece The bytes.
   * @returns The replies that are complete now.
   * @throws {Error} When it is not Redis's protocol.
   */
  push(piece: Uint8Array): Reply[];
}

/** An array of which not all members are there. */
interface Open {
  members: Reply[];
  missing: number;
}

/** What begins a value, and ends its first line. */
const SIMPLE = "+".charCodeAt(0);
const ERROR = "-".charCodeAt(0);
const INTEGER = ":".charCodeAt(0);
const BULK = "$".charCodeAt(0);
const ARRAY = "*".charCodeAt(0);
const MINUS = "-".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

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
  /** The arrays that have begun, the outermost first. */
  const open: Open[] = [];

  const decoded = (from: number, to: number) => {
    const value = text.slice(from, to);
    return ascii ? value : Buffer.from(value, "latin1").toString();
  };

  function integer(from: number, to: number): number {
    const negative = text.charCodeAt(from) === MINUS;
    let value = 0;
    for (let i = negative ? from + 1 : from; i < to; i++) {
      value = value * 10 + (text.charCodeAt(i) - ZERO);
    }
    return negative ? -value : value;
  }

  /**
   * The value that comes next, and `at` behind it; of an array that has members only its beginning, which is put to the
   * open ones. `undefined` when it is not all there, or has only begun.
   */
  function next(end: number): Reply | undefined {
    const from = at + 1, behind = end + 2;
    switch (text.charCodeAt(at)) {
      case BULK: {
        const length = integer(from, end);
        const to = behind + length;
        if (length < 0) break;
        if (to + 2 > text.length) return undefined;
        at = to + 2;
        return decoded(behind, to);
      }
      case INTEGER:
        at = behind;
        return integer(from, end);
      case ARRAY: {
        const missing = integer(from, end);
        if (missing < 0) break;
        at = behind;
        if (missing === 0) return [];
        open.push({ members: [], missing });
        return undefined;
      }
      case SIMPLE:
        at = behind;
        return decoded(from, end);
      case ERROR:
        at = behind;
        return new Error(decoded(from, end));
      default:
        throw new Error("Redis sent what is not its protocol.");
    }
    at = behind;
    return null;
  }

  /** Puts a value where it belongs; gives the reply that is complete with it. */
  function place(value: Reply): Reply | undefined {
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      last.members.push(value);
      if (--last.missing > 0) return undefined;
      value = last.members;
      open.pop();
    }
    return value;
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
      for (
        let end = text.indexOf("\r\n");
        end !== -1;
        end = text.indexOf("\r\n", at)
      ) {
        const before = at;
        const value = next(end);
        if (at === before) break;
        const reply = value === undefined ? undefined : place(value);
        if (reply !== undefined) replies.push(reply);
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
