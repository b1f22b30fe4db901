/**
 * Reading a request's body: within its limits of size and time, decompressed.
 *
 * @module
 */

import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Problem } from "../core/problem.ts";
import { within } from "../core/deadline.ts";
import type { Form } from "./form.ts";
import type { HeldBody } from "./held_bodies.ts";

/** The least speed of a body once `timeoutMs` has passed, in bytes a second. */
export const MIN_RATE = 1024;

/** Bytes that are read of a body at a time. */
const READ = 65_536;

/**
 * Bytes that are read at a time of a body in HTTP chunks. Deno 2.9's server reads as much from the socket again for every
 * chunk, however small that is, and keeps it: with 64 KiB a client that is faster than Redis would soon have sent its whole
 * body into memory, and every read would move all of that.
 */
const CHUNKED_READ = 1024;

/** What counts as a small body, in bytes. */
const SMALL = 65_536;

/**
 * Says whether a body is small for certain: it says its size, and is not compressed.
 *
 * @param form What its headers say.
 * @returns Whether it is.
 */
export function isSmall({ gzip, length }: Pick<Form, "gzip" | "length">) {
  return !gzip && length <= SMALL;
}

/** What a body is held to. */
export interface BodyLimits {
  /** How large it may be, after decompression. */
  maxBytes: number;
  /** How long it may make no progress, in milliseconds; and how much it may lag behind 1 KiB a second. */
  timeoutMs: number;
  /** What a client may do with a larger one, besides sending it in parts: the rest of the sentence. */
  orElse?: string;
}

/**
 * Reads a whole body.
 *
 * @param request The request.
 * @param gzip Whether it is compressed.
 * @param limits What it is held to.
 * @param held Told what of it is in memory, and waited for; whoever has opened it disposes of it.
 * @returns Its bytes, decompressed.
 * @throws {Problem} 400 when it breaks off or is not gzip, 408 when it is too slow, 413 when it is too large, 503 when
 * there is no memory for it.
 */
export async function readBody(
  request: Request,
  gzip: boolean,
  limits: BodyLimits,
  held?: HeldBody,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  await held?.grow(0);
  for await (const piece of streamBody(request, gzip, limits)) {
    pieces.push(piece);
    length += piece.length;
    await held?.grow(piece.length);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Reads a body piece by piece. The next piece is not read before the consumer asks for it, so a client that
 * sends faster than its readings are taken is slowed down by TCP.
 *
 * @param request The request.
 * @param gzip Whether it is compressed.
 * @param limits What it is held to.
 * @returns The pieces, decompressed.
 * @throws {Problem} As {@linkcode readBody}.
 */
export async function* streamBody(
  request: Request,
  gzip: boolean,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const declared = Number(request.headers.get("content-length") ?? NaN);
  if (declared > limits.maxBytes) throw tooLarge(limits);
  if (request.body === null) return;
  const size = Number.isNaN(declared) ? CHUNKED_READ : READ;
  const sent = timed(request.body, size, limits);
  if (!gzip) return yield* sent;
  // Unlike DecompressionStream it takes a file of several members, as `cat a.gz b.gz` makes one. It gives 16 KiB at a time
  // and unpacks no further before these are taken.
  const inflated = pipeline(
    Readable.from(sent),
    createGunzip(),
    // What fails is met where the pieces are read.
    () => {},
  ) as AsyncIterable<Uint8Array<ArrayBuffer>>;
  let length = 0;
  try {
    for await (const piece of inflated) {
      length += piece.length;
      if (length > limits.maxBytes) throw tooLarge(limits);
      yield piece;
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      "not-json",
      "The body is not gzip, or breaks off, although Content-Encoding says that it is.",
    );
  }
}

async function* timed(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { maxBytes, timeoutMs } = limits;
  const reader = readerOf(body);
  let buffer = new Uint8Array(size);
  let length = 0;
  // Only the time that the client takes is counted, not that for which it is made to wait.
  let waited = 0;
  try {
    while (true) {
      const start = performance.now();
      const allowance = timeoutMs + length / MIN_RATE * 1000 - waited;
      const { done, value } = await within(
        Math.max(0, Math.min(timeoutMs, allowance)),
        reader.read(buffer),
        tooSlow,
        brokenOff,
      );
      if (done) return;
      waited += performance.now() - start;
      length += value.length;
      if (length > maxBytes) throw tooLarge(limits);
      if (2 * value.length > size) {
        yield value;
        buffer = new Uint8Array(size);
      } else {
        // What little came does not keep a whole buffer.
        yield value.slice();
        buffer = new Uint8Array(value.buffer);
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** A reader that reads into buffers of ours; of a body that a test makes up it may be one that brings its own. */
function readerOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): Pick<ReadableStreamBYOBReader, "cancel"> & {
  read(
    buffer: Uint8Array<ArrayBuffer>,
  ): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>;
} {
  try {
    return body.getReader({ mode: "byob" }) as ReturnType<typeof readerOf>;
  } catch {
    return body.getReader();
  }
}

/**
 * A client that takes too long.
 *
 * @returns The 408.
 */
export function tooSlow(): Problem {
  return new Problem("timeout", "The body came too slowly.", {}, {
    connection: "close",
  });
}

/**
 * A client that has gone, or a proxy that gave it up.
 *
 * @returns The 400.
 */
export function brokenOff(): Problem {
  return new Problem(
    "bad-request",
    "The body broke off before it was complete.",
  );
}

function tooLarge({ maxBytes, orElse = "" }: BodyLimits): Problem {
  return new Problem(
    "too-large",
    `The body may have ${maxBytes} bytes, after decompression. Send it in parts${orElse}.`,
    { max_bytes: maxBytes },
    { connection: "close" },
  );
}
