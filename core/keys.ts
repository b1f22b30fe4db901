/**
 * The names of everything that is kept in Redis.
 *
 * @module
 */

/** The stream that ingestion writes and processing reads: one entry a reading. */
export const STREAM = "energy_readings";

/** The consumer group of processing. */
export const GROUP = "processing_group";

/** The stream of what could not be processed: the entry's fields, `reason`, `source_id`, `deliveries`. */
export const DEAD_STREAM = "energy_readings:dead";

/** The id up to which everything was processed; from there the group is made anew when it was destroyed. */
export const WATERMARK = "energy_readings:watermark";

/** The sites (sorted set), scored by when each was last heard, in milliseconds since 1970. */
export const SITES = "sites";

/** What each site takes in memory (sorted set), scored by bytes. */
export const SITE_SIZES = "site_sizes";

/** Counters of the pipeline (hash), kept by the storing script: `stored`, `dead`, `latency_ms`, `latency_max_ms`. */
export const STATS = "pipeline_stats";

/** The last hour of the pipeline in steps of ten seconds (list of JSON). */
export const HISTORY = "pipeline_history";

/** Which replica rolls readings up in the background (string); it expires unless that replica renews it. */
export const ROLLER = "rollups:roller";

/** How far rolling up has come (hash): `sites`, `sites_behind`, `readings`, `readings_behind`, `t`. */
export const ROLLED = "rollups:progress";

/** Prefix of the keys by which consumers show that they live; such a key expires. */
export const CONSUMER_PREFIX = "energy_readings:consumer:";

/** Prefix of the channels on which readings are announced once they are stored: a JSON array each time. */
export const LIVE_PREFIX = "site_live:";

/** Prefix of the replies kept for `Idempotency-Key`. */
export const IDEMPOTENCY_PREFIX = "idempotency:";

/**
 * The key that marks a round over all sites as begun; it expires.
 *
 * @param name What is done in the rounds.
 * @returns The key.
 */
export function roundKey(name: string): string {
  return `site_round:${name}`;
}

/**
 * The list of a site's readings, JSON, in the order processed.
 *
 * @param siteId The site.
 * @returns The key.
 */
export function readingsKey(siteId: string): string {
  return `site_readings:${siteId}`;
}

/**
 * The hash of each device's newest reading.
 *
 * @param siteId The site.
 * @returns The key.
 */
export function devicesKey(siteId: string): string {
  return `site_devices:${siteId}`;
}

/**
 * The list of the times that the blocks of a site's readings span.
 *
 * @param siteId The site.
 * @returns The key.
 */
export function blocksKey(siteId: string): string {
  return `site_blocks:${siteId}`;
}

/**
 * The hash of what is known of a site's list: `base` (how many readings were removed from its front), `rolled` (the
 * absolute position up to which it is rolled up), `trimmed_max_ts` (the latest time, in ms, that was ever removed),
 * and what the roller knows the list by.
 *
 * @param siteId The site.
 * @returns The key.
 */
export function metaKey(siteId: string): string {
  return `site_meta:${siteId}`;
}

/**
 * A device's rollups of a day (string of packed records, one for each quarter of an hour that has readings).
 *
 * @param siteId The site.
 * @param day Days since 1970, in UTC.
 * @param deviceId The device.
 * @returns The key.
 */
export function seriesKey(
  siteId: string,
  day: number,
  deviceId: string,
): string {
  return `${seriesPrefix(siteId)}${day}:${deviceId}`;
}

/**
 * What the keys of a site's sums begin with; what follows is a member of {@linkcode daysKey}.
 *
 * @param siteId The site.
 * @returns The prefix.
 */
export function seriesPrefix(siteId: string): string {
  // The key of site `a` and device `1:15m:2:b` must not be that of site `a:15m:1` and device `b`.
  const site = /:15m:-?\d+(?::|$)/.test(siteId)
    ? siteId.replaceAll(":", "%3A")
    : siteId;
  return `site_series:${site}:15m:`;
}

/**
 * The sorted set of which rollups a site has: `day:device`, scored by the day.
 *
 * @param siteId The site.
 * @returns The key.
 */
export function daysKey(siteId: string): string {
  return `site_days:${siteId}`;
}

/**
 * The channel on which a site's readings are announced.
 *
 * @param siteId The site.
 * @returns The channel.
 */
export function liveChannel(siteId: string): string {
  return LIVE_PREFIX + siteId;
}
