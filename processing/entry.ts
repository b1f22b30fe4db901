/**
 * Entries of the stream, and what they say.
 *
 * @module
 */

import { createReadingCheck, type Reading } from "../core/reading.ts";
import { parseTraceparent } from "../core/traceparent.ts";

/** An entry as Redis gives it; its fields are `null` when it was trimmed while pending. */
export type RawEntry = [id: string, fields: string[] | null];

/** An entry that was read. */
export interface Entry {
  /** Its id in the stream. */
  id: string;
  /** When it was accepted: the milliseconds of its id. */
  acceptedMs: number;
  reading: Reading;
  /** The time of the reading, in milliseconds since 1970. */
  epochMs: number;
  /** The reading and its id as they are stored. */
  json: string;
  /** The trace that it belongs to. */
  traceparent?: string;
}

/** An entry that cannot be read, and never will be. */
export interface UnreadableEntry {
  id: string;
  fields: string[];
  /** Why, for a person. */
  reason: string;
}

/** Clocks of two machines differ; what ingestion has let through must not fail here for that. */
const SKEW_MS = 10 * 60_000;

const check = createReadingCheck(() => Date.now() + SKEW_MS);
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Reads an entry. Its writer may have been another program, so it is checked like a request.
 *
 * @param raw The entry.
 * @returns What it says, or why it cannot be read.
 */
export function readEntry(raw: RawEntry): Entry | UnreadableEntry {
  const [id, fields] = raw;
  if (fields === null) return { id, fields: [], reason: "trimmed" };
  const found = valueOf(fields);
  if (typeof found === "string") return { id, fields, reason: found };
  const { value, traceparent } = found;
  const power = value.power_reading;
  if (typeof power === "string" && NUMBER.test(power)) {
    value.power_reading = Number(power);
  }
  const checked = check(value);
  if ("faults" in checked) {
    const [{ pointer, detail }] = checked.faults;
    return {
      id,
      fields,
      reason: `${pointer.slice(1) || "the entry"} ${detail}`,
    };
  }
  const { reading, epochMs } = checked;
  return {
    id,
    acceptedMs: parseInt(id),
    reading,
    epochMs,
    json: storedJson(reading, id),
    traceparent,
  };
}

/** The fields as an object, or why they are none. */
function valueOf(fields: string[]):
  | { value: Record<string, unknown>; traceparent?: string }
  | string {
  // As ingestion writes them, which makes an object of a shape that the engine knows.
  if (
    fields.length === 8 && fields[0] === "site_id" &&
    fields[2] === "device_id" && fields[4] === "power_reading" &&
    fields[6] === "timestamp"
  ) {
    const [, site_id, , device_id, , power_reading, , timestamp] = fields;
    return { value: { site_id, device_id, power_reading, timestamp } };
  }
  const value: Record<string, unknown> = Object.create(null);
  let traceparent: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === "traceparent") {
      traceparent = parseTraceparent(fields[i + 1]);
    } else if (fields[i] in value) {
      return `${fields[i].slice(0, 64)} comes twice`;
    } else value[fields[i]] = fields[i + 1];
  }
  return { value, traceparent };
}

/** Names and timestamp hold nothing that JSON would have to escape: their schema sees to that. */
function storedJson(
  { site_id, device_id, power_reading, timestamp }: Reading,
  id: string,
): string {
  return `{"site_id":"${site_id}","device_id":"${device_id}","power_reading":${power_reading},"timestamp":"${timestamp}","id":"${id}"}`;
}
