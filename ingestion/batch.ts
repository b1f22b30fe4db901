/**
 * From a whole body to its readings, or to the list of its faults.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";
import {
  checkReading,
  type Fault,
  kindOf,
  MAX_LISTED,
  type Reading,
} from "../core/reading.ts";
import type { Form } from "./form.ts";
import { checkLine, type LineFault, type LineParser } from "./line_parser.ts";
import { createLineSplitter } from "./lines.ts";
import { createCsvParser } from "./parse_csv.ts";
import { parseJson } from "./parse_json.ts";
import { ndjsonParser } from "./parse_ndjson.ts";

/** A body that was read and checked. */
export interface Batch {
  /** Whether it was a single JSON object. */
  single: boolean;
  /** What is valid. */
  readings: Reading[];
  /** How many readings have faults. */
  rejected: number;
  /** How many faults there are. */
  faults: number;
  /** The first faults. */
  errors: (Fault | LineFault)[];
  /** The first fault of each of the first readings that have any. */
  rejections: (Fault | LineFault)[];
}

/**
 * Reads and checks a body.
 *
 * @param text The body.
 * @param type Its media type.
 * @param maxReadings How many readings it may have.
 * @returns Its readings and its faults.
 * @throws {Problem} 400 when it is not JSON, 413 when it has too many readings, 422 when it has none, or none of
 * them can be read.
 */
export function readBatch(
  text: string,
  type: Form["type"],
  maxReadings: number,
): Batch {
  const batch: Batch = {
    single: false,
    readings: [],
    rejected: 0,
    faults: 0,
    errors: [],
    rejections: [],
  };
  if (type === "application/json") {
    addJson(batch, parseJson(text), maxReadings);
  } else {
    const parser = createLineParser(type);
    const splitter = createLineSplitter();
    let number = 0;
    for (const lines of [splitter.push(text), splitter.end()]) {
      for (const line of lines) {
        const checked = checkLine(parser, line, ++number);
        if (checked !== undefined) {
          add(batch, checked);
          if (batch.readings.length + batch.rejected > maxReadings) {
            throw tooMany(maxReadings);
          }
        }
      }
    }
  }
  if (batch.readings.length + batch.rejected === 0) {
    throw new Problem(
      "invalid",
      "The body has no readings. One that is empty by mistake would otherwise look as if it had been taken.",
      {
        errors: [{
          pointer: "",
          detail: "must have at least one reading",
          kind: type === "application/json" ? "array" : "text",
        }],
        total: 1,
      },
    );
  }
  return batch;
}

/**
 * The parser of a format that is read line by line.
 *
 * @param type The media type.
 * @returns The parser of one body.
 */
export function createLineParser(type: Form["type"]): LineParser {
  return type === "text/csv" ? createCsvParser() : ndjsonParser;
}

function addJson(batch: Batch, value: unknown, maxReadings: number): void {
  if (!Array.isArray(value)) {
    if (kindOf(value) !== "object") {
      const kind = kindOf(value);
      const detail = "must be a reading or an array of readings";
      add(batch, { faults: [{ pointer: "", detail, kind }], total: 1 });
    } else {
      batch.single = true;
      add(batch, checkReading(value));
    }
    return;
  }
  if (value.length > maxReadings) throw tooMany(maxReadings);
  for (let index = 0; index < value.length; index++) {
    const checked = checkReading(value[index]);
    if ("faults" in checked) {
      for (const fault of checked.faults) {
        fault.pointer = `/${index}${fault.pointer}`;
      }
    }
    add(batch, checked);
  }
}

function add(
  batch: Batch,
  checked: { reading: Reading } | {
    faults: (Fault | LineFault)[];
    total: number;
  },
): void {
  if ("reading" in checked) {
    batch.readings.push(checked.reading);
    return;
  }
  batch.rejected++;
  batch.faults += checked.total;
  for (const fault of checked.faults) {
    if (batch.errors.length < MAX_LISTED) batch.errors.push(fault);
  }
  if (batch.rejections.length < MAX_LISTED) {
    batch.rejections.push(checked.faults[0]);
  }
}

function tooMany(maxReadings: number): Problem {
  return new Problem(
    "too-large",
    `A batch may have ${maxReadings} readings. Send several, or NDJSON or CSV with Prefer: handling=lenient.`,
    { max_readings: maxReadings },
  );
}
