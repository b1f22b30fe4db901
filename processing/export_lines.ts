/**
 * Stored readings as lines of CSV or NDJSON, in the form in which ingestion takes them: without their ids.
 *
 * @module
 */

import { READING_FIELDS } from "../core/reading.ts";

/** A form of lines. */
export type LineFormat = "csv" | "ndjson";

/**
 * Writes readings as lines.
 *
 * @param format The form.
 * @param chunks The readings as they are stored.
 * @param whole Whether it is from the beginning, where CSV names its columns.
 * @yields Whole lines.
 */
export async function* exportLines(
  format: LineFormat,
  chunks: AsyncIterable<string[]>,
  whole: boolean,
): AsyncGenerator<string> {
  if (format === "csv" && whole) yield READING_FIELDS.join(",") + "\r\n";
  const line = format === "csv" ? csvLine : ndjsonLine;
  for await (const jsons of chunks) yield jsons.map(line).join("");
}

/** What the storing script's caller writes (`entry.ts`): there is no need to parse it. */
const STORED =
  /^\{"site_id":"([^"]+)","device_id":"([^"]+)","power_reading":([^,]+),"timestamp":"([^"]+)","id":"[^"]*"\}$/;

/**
 * The values of a stored reading in the order of its fields, as they are written.
 *
 * @param json The reading.
 * @returns The values.
 */
export function valuesOf(json: string): string[] {
  const match = STORED.exec(json);
  if (match !== null) return match.slice(1);
  // Another program wrote it.
  const reading = JSON.parse(json);
  return READING_FIELDS.map((field) => String(reading[field]));
}

/** Names, numbers and timestamps hold nothing that CSV or JSON would have to quote or escape. */
function csvLine(json: string): string {
  const [site, device, power, time] = valuesOf(json);
  return `${site},${device},${power},${time}\r\n`;
}

function ndjsonLine(json: string): string {
  const [site, device, power, time] = valuesOf(json);
  return `{"site_id":"${site}","device_id":"${device}","power_reading":${power},"timestamp":"${time}"}\n`;
}
