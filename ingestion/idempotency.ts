/**
 * `Idempotency-Key`: what is kept so that a request that is sent twice is carried out once.
 *
 * Only what was written is kept, by the script that writes it. An answer that says that nothing was taken is
 * not: the same request may be sent again, and the key used for its corrected form.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { IDEMPOTENCY_PREFIX } from "../core/keys.ts";
import { Problem } from "../core/problem.ts";
import type { Fault } from "../core/reading.ts";
import type { Form } from "./form.ts";
import type { LineFault } from "./line_parser.ts";
import type { Written } from "./publish.ts";

/** What was rejected, as the answer lists it. */
export interface Rejected {
  total: number;
  lines: (Fault | LineFault)[];
}

/** What is kept of a request that was carried out, but for the ids of its entries. */
export interface Answer {
  /** Whether it was a single JSON object. */
  single: boolean;
  /** How many readings were taken. */
  accepted: number;
  /** What was not; on a lenient request only. */
  rejected?: Rejected;
}

/** An {@linkcode Answer} and what it was for. */
export interface Kept extends Answer {
  /** Hash of the body, with the media type and how it was to be treated. */
  fingerprint: string;
}

/**
 * The key under which an answer is kept.
 *
 * @param apiKey The name of the API key; each has its own idempotency keys.
 * @param idempotencyKey What the client sent.
 * @returns The key in Redis.
 */
export function idempotencyKeyOf(
  apiKey: string | undefined,
  idempotencyKey: string,
): string {
  return IDEMPOTENCY_PREFIX +
    createHash("sha256").update(`${apiKey ?? ""}\0${idempotencyKey}`)
      .digest("hex");
}

/**
 * Identifies a request, so that another with the same key can be told from the same one sent again.
 *
 * @param body The body, decompressed.
 * @param form Its media type and how it is to be treated.
 * @returns The fingerprint.
 */
export function fingerprintOf(body: Uint8Array, form: Form): string {
  return createHash("sha256").update(body).digest("hex") + treatmentOf(form);
}

/**
 * What, besides the body, makes two requests different.
 *
 * @param form The request's form.
 * @returns Its media type and whether it is lenient.
 */
export function treatmentOf(form: Form): string {
  return ` ${form.type}${form.lenient ? " lenient" : ""}`;
}

/**
 * Reads what the script keeps: JSON, then a line with the ids of the first and the last entry.
 *
 * @param kept The value in Redis.
 * @returns The JSON's value and the ids.
 */
export function parseKept<T>(kept: string): { value: T; ids: Written } {
  const end = kept.lastIndexOf("\n");
  const [first, last] = kept.slice(end + 1).split(" ");
  return { value: JSON.parse(kept.slice(0, end)), ids: { first, last } };
}

/** The answer when a key comes with something else than before. */
export function mismatch(): Problem {
  return new Problem(
    "idempotency-mismatch",
    "This Idempotency-Key was used with another body, media type or Prefer. Use a new key for a new request.",
  );
}
