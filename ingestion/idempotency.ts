/**
 * `Idempotency-Key`: what is kept so that a request that is sent twice is carried out once.
 *
 * What was written is kept by the script that writes it. A refusal is kept when the body itself is the reason and
 * was read whole: then it is known what the key was used for, and the corrected body is another request, which
 * needs another key. What was refused before that (401, 403, 408, 415, too many bytes, a body that breaks off) or
 * for the state of the service (429, 5xx) is not kept: the same key serves for the next attempt. An upload keeps how far
 * it came instead, in `upload_key.ts`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { IDEMPOTENCY_PREFIX } from "../core/keys.ts";
import { Problem, type ProblemName } from "../core/problem.ts";
import type { Fault } from "../core/reading.ts";
import type { Redis } from "../core/redis.ts";
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

/** What is kept of a request whose body was refused. */
export interface KeptRefusal {
  /** As in {@linkcode Kept}. */
  fingerprint: string;
  /** What the answer was made of. */
  refusal: {
    problem: ProblemName;
    detail: string;
    members: Record<string, unknown>;
  };
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

/**
 * Keeps a refusal, unless another request with the key was quicker: one command decides which of them was the first.
 *
 * @param redis The connection.
 * @param claim Where it is kept, for how many milliseconds, and what it is for.
 * @param problem The refusal.
 * @returns What is kept now: this refusal, or what the other one was answered.
 */
export async function keepRefusal(
  redis: Redis,
  { key, ttlMs, fingerprint }: {
    key: string;
    ttlMs: number;
    fingerprint: string;
  },
  { problem, message, members }: Problem,
): Promise<string> {
  const detail =
    `${message} The corrected request needs a new Idempotency-Key.`;
  const kept: KeptRefusal = {
    fingerprint,
    refusal: { problem, detail, members },
  };
  // No ids: nothing was written.
  const value = `${JSON.stringify(kept)}\n `;
  return await redis.set(key, value, "PX", ttlMs, "NX", "GET") ?? value;
}

/** The answer when a key comes with something else than before. */
export function mismatch(): Problem {
  return new Problem(
    "idempotency-mismatch",
    "This Idempotency-Key was used with another body, media type or Prefer. Use a new key for a new request, " +
      "and for a corrected one.",
  );
}
