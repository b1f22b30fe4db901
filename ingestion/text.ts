/**
 * The text of a request's body.
 *
 * @module
 */

import { within } from "../core/deadline.ts";
import { Problem } from "../core/problem.ts";
import { arrivedText } from "../core/served.ts";
import {
  type BodyLimits,
  brokenOff,
  isSmall,
  MIN_RATE,
  readBody,
  tooSlow,
} from "./body.ts";
import type { Form } from "./form.ts";
import type { HeldBodies } from "./held_bodies.ts";
import { placeOf } from "./place.ts";

/** The byte order mark. */
const MARK = "\uFEFF";

/** What decoding gives for bytes that are not UTF-8. It stands in no reading for itself. */
export const REPLACEMENT = "\uFFFD";

const wholeText = new TextDecoder();

/**
 * Reads a whole body as text.
 *
 * @param request The request.
 * @param form Whether it is compressed, and how long it is said to be.
 * @param limits What it is held to.
 * @param bodies What one that is large shares memory with.
 * @returns The text, at once when all of it has arrived, without a byte order mark; {@linkcode checkUtf8} is to be asked whether it was UTF-8.
 * @throws {Problem} As {@linkcode readBody}.
 */
export function readText(
  request: Request,
  form: Pick<Form, "gzip" | "length">,
  limits: BodyLimits,
  bodies?: HeldBodies,
): string | Promise<string> {
  const { gzip, length } = form;
  const { maxBytes, timeoutMs } = limits;
  const small = isSmall(form);
  // A body of a known size that is small needs no stream, and its bytes need not be seen: both cost as much as all
  // the rest of a request.
  if (small && length <= maxBytes) {
    const text = arrivedText(request);
    if (text !== undefined) {
      return text.startsWith(MARK) ? text.slice(1) : text;
    }
    // Whether there is progress a stream alone shows. Of what takes a second at the least speed it need not be seen.
    if (length <= MIN_RATE) {
      const longest = timeoutMs + length / MIN_RATE * 1000;
      return within(longest, request.text(), tooSlow, brokenOff);
    }
  }
  return readStreamed(request, gzip, limits, small ? undefined : bodies);
}

async function readStreamed(
  request: Request,
  gzip: boolean,
  limits: BodyLimits,
  bodies?: HeldBodies,
): Promise<string> {
  // What it holds is given back as its text is handed on, which is checked before anything else is read.
  using held = bodies?.open();
  return decodeUtf8(await readBody(request, gzip, limits, held));
}

/**
 * Looks for what stands for bytes that were not UTF-8.
 *
 * @param text The text.
 * @throws {Problem} 400 when there is some, with the line and column of the first.
 */
export function checkUtf8(text: string): void {
  if (!text.includes(REPLACEMENT)) return;
  const { line, column } = placeOf(text, text.indexOf(REPLACEMENT));
  throw new Problem(
    "not-json",
    `At line ${line}, column ${column} the body is not valid UTF-8, or has the character U+FFFD, which stands for ` +
      "what was not.",
    { line, column },
  );
}

/**
 * Makes text of bytes.
 *
 * @param bytes The bytes.
 * @returns The text, without a byte order mark, for {@linkcode checkUtf8}.
 */
export function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): string {
  return wholeText.decode(bytes);
}

/**
 * Makes text of pieces of bytes, which may be cut in the middle of a character.
 *
 * @param pieces The bytes.
 * @returns The text, without a byte order mark, and with {@linkcode REPLACEMENT} where the bytes are not UTF-8.
 */
export async function* decodeUtf8Stream(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  // Deno 2.9's decoder, unless it is fatal, takes away the mark at the start of every piece; so it is told to leave it.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let first = true;
  const withoutMark = (text: string) => {
    if (!first || text === "") return text;
    first = false;
    return text.startsWith(MARK) ? text.slice(1) : text;
  };
  for await (const piece of pieces) {
    yield withoutMark(decoder.decode(piece, { stream: true }));
  }
  yield withoutMark(decoder.decode());
}
