/**
 * The settings of processing.
 *
 * @module
 */

import { z } from "zod";
import { bytes, commonSettings, duration, integer } from "../core/config.ts";

/** Every setting of processing. */
export const processingSettings = z.object({
  PORT: integer(0, 65535).prefault("8001").describe("Port to listen on"),
  BATCH_SIZE: integer(1, 10_000).prefault("1000").describe(
    "Entries that are read and stored at a time",
  ),
  MAX_DELIVERIES: integer(1, 1000).prefault("5").describe(
    "Deliveries after which an entry is stored alone, and becomes a dead letter when that fails",
  ),
  CLAIM_IDLE_MS: integer(100, 3_600_000).prefault("30000").describe(
    "How long a consumer that lives may hold an entry before another takes it over",
  ),
  STREAM_RETENTION: duration().prefault("1h").describe(
    "How long processed entries stay on the stream for replay",
  ),
  STREAM_MAX_BYTES: bytes().prefault("256MiB").describe(
    "Memory of the stream above which processed entries go earlier; 0 for no limit",
  ),
  MAX_GAP: duration().prefault("15m").describe(
    "How long a reading holds, for means and energy, when no other of its device follows",
  ),
  SITE_READINGS_MAX: integer(1).optional().describe(
    "Readings that are kept of a site, the newest; what is more goes by blocks of 1000; none unless set",
  ),
  READINGS_RETENTION: duration().optional().describe(
    "How long readings are kept, by their own time, such as 90d; for ever unless set",
  ),
  SERIES_RETENTION: duration().optional().describe(
    "How long the sums of readings (steps of 15 minutes) are kept, such as 3650d; for ever unless set",
  ),
  ...commonSettings,
});

/** The settings, parsed. */
export type ProcessingConfig = z.output<typeof processingSettings>;
