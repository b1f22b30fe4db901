/**
 * The text of a request's body.
 *
 * @module
 */

import { within } from "../core/deadline.ts";
import { Problem } from "../core/problem.ts";
import { arrivedText } from "../core/served.ts";
import { type BodyLimits, brokenOff, readBody, tooSlow } from "./body.ts";
import type { Form } from "./form.ts";

/** The byte order mark. */
const MARK = "\uFEFF";

const wholeText = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a whole body as text.
 *
 * @param request The request.
 * @param form Whether it is compressed, and how long it is said to be.
 * @param limits What it is held to.
 * @returns The text, at once when all of it has arrived, without a byte order mark; {@linkcode checkUtf8} is to be asked whether it was UTF-8.
 * @throws {Problem} As {@linkcode readBody}; 400 when it is not UTF-8.
 */
export function readText(
  request: Request,
  { gzip, length }: Pick<Form, "gzip" | "length">,
  limits: BodyLimits,
): string | Promise<string> {
  // A body of a known size that is small needs no stream, and its bytes need not be seen: both cost as much as all
  // the rest of a request.
  if (gzip || !(length <= Math.min(limits.maxBytes, 65_536))) {
    return readBody(request, gzip, limits).then(decodeUtf8);
  }
  const text = arrivedText(request);
  return text === undefined
    ? within(limits.timeoutMs, request.text(), tooSlow, brokenOff)
    : text.startsWith(MARK)
    ? text.slice(1)
    : text;
}

/**
 * Looks for U+FFFD in a text. It stands for what is not UTF-8, and in no reading for itself.
 *
 * @param text The text.
 * @throws {Problem} 400 when there is one.
 */
export function checkUtf8(text: string): void {
  if (text.includes("\uFFFD")) throw notUtf8();
}

/**
 * Makes text of bytes.
 *
 * @param bytes The bytes.
 * @returns The text, without a byte order mark.
 * @throws {Problem} 400 when they are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return wholeText.decode(bytes);
  } catch {
    throw notUtf8();
  }
}

/**
 * Makes text of pieces of bytes, which may be cut in the middle of a character.
 *
 * @param pieces The bytes.
 * @returns The text, without a byte order mark.
 * @throws {Problem} 400 when they are not UTF-8.
 */
export async function* decodeUtf8Stream(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (piece?: Uint8Array<ArrayBuffer>) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch {
      throw notUtf8();
    }
  };
  for await (const piece of pieces) yield decode(piece);
  decode();
}

function notUtf8(): Problem {
  return new Problem(
    "not-json",
    "The body is not valid UTF-8, or has the character U+FFFD, which stands for what was not.",
  );
}
