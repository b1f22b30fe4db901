/**
 * What the formats that are read line by line have in common.
 *
 * @module
 */

import { checkReading, type Fault, type Reading } from "../core/reading.ts";
import { MAX_LINE } from "./lines.ts";
import { REPLACEMENT } from "./text.ts";

/** One thing that is wrong in a line. */
export interface LineFault extends Fault {
  /** The line, counted from 1. */
  line: number;
  /** The character in the line, counted from 1, where what is wrong begins. */
  column: number;
}

/** What a line says. */
export type ParsedLine =
  | { value: unknown }
  | { fault: Omit<LineFault, "line"> };

/** Reads one line after the other. */
export interface LineParser {
  /** Whether the header is still to come, without which no line can be read. */
  readonly needsHeader: boolean;
  /**
   * Reads the next line.
   *
   * @param line The line.
   * @param number Its number, counted from 1.
   * @returns What it says; `undefined` when it is blank or a header.
   * @throws {Problem} When nothing that follows can be read.
   */
  parse(line: string, number: number): ParsedLine | undefined;
  /** Where in a line the values begin that pointers name, counted from 1; 1 for what is not there. */
  columnsOf(line: string, pointers: string[]): number[];
}

/** A line that was checked: its reading, or its first faults and how many it has. */
export type CheckedLine = { reading: Reading } | {
  faults: LineFault[];
  total: number;
};

/**
 * Reads and checks a line.
 *
 * @param parser The format.
 * @param line The line.
 * @param number Its number, counted from 1.
 * @returns Its reading or its faults; `undefined` when the line is none that has a reading.
 * @throws {Problem} When nothing that follows can be read.
 */
export function checkLine(
  parser: LineParser,
  line: string,
  number: number,
): CheckedLine | undefined {
  if (line.length > MAX_LINE) {
    return fault(number, {
      column: 1,
      pointer: "",
      detail: `must be at most ${MAX_LINE} characters long`,
      kind: "line",
    });
  }
  const parsed = parser.parse(line, number);
  if (parsed === undefined) return undefined;
  const checked = "fault" in parsed ? parsed : checkReading(parsed.value);
  if ("reading" in checked) return checked;
  const undecoded = line.indexOf(REPLACEMENT);
  if (undecoded !== -1) {
    return fault(number, {
      column: undecoded + 1,
      pointer: "",
      detail: "must be UTF-8, without U+FFFD, which stands for what is not",
      kind: "text",
    });
  }
  if ("fault" in checked) return fault(number, checked.fault);
  const { faults, total } = checked;
  const columns = parser.columnsOf(line, faults.map(({ pointer }) => pointer));
  return {
    faults: faults.map((fault, index) => ({
      line: number,
      column: columns[index],
      ...fault,
    })),
    total,
  };
}

function fault(line: number, fault: Omit<LineFault, "line">): CheckedLine {
  return { faults: [{ line, ...fault }], total: 1 };
}
