/**
 * What a request's headers say about its body and how to treat it.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";
import type { HeaderOf } from "../core/served.ts";
import { parseTraceparent } from "../core/traceparent.ts";

/** The media types that are read. */
export const MEDIA_TYPES = [
  "application/json",
  "application/x-ndjson",
  "text/csv",
] as const;

/** How a body is to be read and treated. */
export interface Form {
  type: typeof MEDIA_TYPES[number];
  gzip: boolean;
  /** How many bytes the body has, as it is sent; `NaN` when that is not said. */
  length: number;
  /** `Prefer: handling=lenient`: take what is valid and list the rest. */
  lenient: boolean;
  /** The `Idempotency-Key`. */
  idempotencyKey?: string;
  traceparent?: string;
}

/**
 * Reads the headers.
 *
 * @param header The request's headers.
 * @returns What they say.
 * @throws {Problem} 415 for a media type, charset or encoding that is not read, 400 for an `Idempotency-Key` that
 * is none.
 */
export function readForm(header: HeaderOf): Form {
  const idempotencyKey = header("idempotency-key") ?? undefined;
  if (
    idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)
  ) {
    throw new Problem(
      "bad-request",
      "An Idempotency-Key is 1 to 255 visible ASCII characters.",
    );
  }
  return {
    type: mediaType(header("content-type")),
    gzip: isGzip(header("content-encoding")),
    length: Number(header("content-length") ?? NaN),
    lenient: isLenient(header("prefer")),
    idempotencyKey,
    traceparent: parseTraceparent(header("traceparent")),
  };
}

function mediaType(header: string | null): Form["type"] {
  // What most clients send, word for word.
  if (header === "application/json") return header;
  const [type, ...parameters] = (header ?? "").toLowerCase().split(";")
    .map((part) => part.trim());
  const found = MEDIA_TYPES.find((known) => known === type);
  const charset = parameters.find((one) => one.startsWith("charset="));
  if (
    found !== undefined &&
    (charset === undefined || /^charset="?utf-?8"?$/.test(charset))
  ) return found;
  const accepted = MEDIA_TYPES.join(", ");
  throw new Problem(
    "unsupported-media-type",
    header === null
      ? `Content-Type is missing. It must be one of ${accepted}.`
      : `Content-Type must be one of ${accepted}, in UTF-8.`,
    {},
    { "accept-post": accepted },
  );
}

function isGzip(header: string | null): boolean {
  const encoding = header?.trim().toLowerCase() ?? "";
  if (encoding === "gzip" || encoding === "x-gzip") return true;
  if (encoding === "" || encoding === "identity") return false;
  throw new Problem(
    "unsupported-media-type",
    "Content-Encoding must be gzip, or not be there.",
    {},
    { "accept-encoding": "gzip" },
  );
}

function isLenient(header: string | null): boolean {
  if (header === null) return false;
  // RFC 7240: of a preference that comes twice the first counts.
  const handling = header.toLowerCase().split(",")
    .map((preference) =>
      preference.split(";")[0].trim().replace(/\s*=\s*/, "=")
    )
    .find((preference) => preference.startsWith("handling="));
  return handling !== undefined && /^handling="?lenient"?$/.test(handling);
}
