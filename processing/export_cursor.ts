/**
 * The cursor of an export: the last line that the client has received, as it is.
 *
 * @module
 */

import {
  createReadingCheck,
  type Reading,
  READING_FIELDS,
} from "../core/reading.ts";
import type { Redis } from "../core/redis.ts";
import { epochMsOf, parseTimestamp } from "../core/timestamp.ts";
import { valuesOf } from "./export_lines.ts";
import { parameterProblem } from "./parameter_problem.ts";
import { readWindow } from "./positions.ts";
import { readPositions } from "./readings.ts";

/** What was stored once may be exported, whatever its time. */
const check = createReadingCheck(() => Infinity);

/**
 * Reads a cursor.
 *
 * @param cursor A line of the export, CSV or NDJSON.
 * @param siteIds The sites that are exported, if not all are.
 * @returns The reading that it is; none for the line of the columns' names, behind which everything comes.
 * @throws {Problem} 422 when it is no such line, or of another site.
 */
export function readExportCursor(
  cursor: string,
  siteIds: string[] | undefined,
): Reading | undefined {
  const line = cursor.trim();
  if (line === READING_FIELDS.join(",")) return undefined;
  const checked = check(parseLine(line));
  if ("faults" in checked) {
    throw parameterProblem([{
      parameter: "cursor",
      detail: "must be the last complete line of the export, as it is",
    }]);
  }
  const { reading } = checked;
  if (siteIds !== undefined && !siteIds.includes(reading.site_id)) {
    throw parameterProblem([{
      parameter: "cursor",
      detail: "is of a site that site_id does not name",
    }]);
  }
  return reading;
}

function parseLine(line: string): unknown {
  try {
    if (line.startsWith("{")) return JSON.parse(line);
  } catch {
    return undefined;
  }
  const values = line.split(",");
  if (values.length !== READING_FIELDS.length || values[2].trim() === "") {
    return undefined;
  }
  const [site_id, device_id, power, timestamp] = values;
  return { site_id, device_id, power_reading: Number(power), timestamp };
}

/**
 * Finds a reading in its site's list; of several that are the same, the first.
 *
 * @param redis The connection.
 * @param reading The reading.
 * @returns Its absolute position; the one before the oldest that is left when it may have been removed.
 * @throws {Problem} 422 when there is none, and none was removed.
 */
export async function findReading(
  redis: Redis,
  reading: Reading,
): Promise<number> {
  const { site_id: siteId, device_id: deviceId, timestamp } = reading;
  const time = epochMsOf(timestamp);
  const wanted = { siteId, deviceId, from: time, to: time + 1 };
  for await (const { json, position } of readPositions(redis, wanted)) {
    const [, , power, at] = valuesOf(json);
    if (utcOf(at) === timestamp && Number(power) === reading.power_reading) {
      return position;
    }
  }
  const { base } = await readWindow(redis, siteId);
  if (base > 0) return base - 1;
  throw parameterProblem([{
    parameter: "cursor",
    detail: "is a line that this export does not have",
  }]);
}

/** Another program may have written zeros at its end, which a checked cursor does not have. */
function utcOf(timestamp: string): string {
  const parsed = parseTimestamp(timestamp, Infinity);
  return typeof parsed === "string" ? timestamp : parsed.utc;
}
