/**
 * The settings of ingestion.
 *
 * @module
 */

import { z } from "zod";
import { bytes, commonSettings, duration, integer } from "../core/config.ts";

/**
 * Every setting of ingestion.
 *
 * `MAX_BACKLOG`: an entry takes 58 bytes of Redis's memory while it waits, and 85 more while it is pending, so a
 * million of them keep the stream below 150 MB, and processing drains them within seconds.
 */
export const ingestionSettings = z.object({
  PORT: integer(0, 65535).prefault("8000").describe("Port to listen on"),
  MAX_BATCH: integer(1, 100_000).prefault("10000").describe(
    "Readings that a batch may have; it is written as a whole or not at all",
  ),
  MAX_BODY_BYTES: bytes().prefault("8MiB").describe(
    "Size that a body may have, after decompression",
  ),
  MAX_UPLOAD_BYTES: bytes().prefault("1GiB").describe(
    "Size that a lenient upload (Prefer: handling=lenient) may have, after decompression",
  ),
  MAX_BACKLOG: integer(1).prefault("1000000").describe(
    "Readings that may wait for processing; beyond it the answer is 503",
  ),
  IDEMPOTENCY_TTL: duration().prefault("24h").describe(
    "How long the answer to an Idempotency-Key is kept",
  ),
  BODY_TIMEOUT: duration().prefault("30s").describe(
    "How long a body may make no progress, or less than 1 KiB a second, before the answer is 408",
  ),
  ...commonSettings,
});

/** The settings, parsed. */
export type IngestionConfig = z.output<typeof ingestionSettings>;
