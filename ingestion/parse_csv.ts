/**
 * Bodies of type `text/csv` (RFC 4180): a header line that names the columns in any order, then a reading a line.
 *
 * A quoted field may not contain a line break here. No field of a reading can, so such a field is wrong either
 * way; and a quote that was forgotten spoils its own line only, not the rest of the file.
 *
 * @module
 */

import { Problem } from "../core/problem.ts";
import { READING_FIELDS } from "../core/reading.ts";
import type { LineFault, LineParser } from "./line_parser.ts";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Makes a parser. The first line that is not blank is the header.
 *
 * @returns The parser of one body. Its `parse` throws a 422 when the header lacks a column, or has one that is
 * unknown or comes twice: then no line can be read.
 */
export function createCsvParser(): LineParser {
  let header: string[] | undefined;
  return {
    get needsHeader() {
      return header === undefined;
    },
    parse(line, number) {
      if (line.trim() === "") return undefined;
      const fields = splitFields(line);
      if (header === undefined) {
        header = readHeader(fields, number);
        return undefined;
      }
      if (!Array.isArray(fields)) return { fault: fields };
      if (fields.length !== header.length) {
        return {
          fault: {
            column: 1,
            pointer: "",
            detail:
              `must have ${header.length} fields like the header, and has ${fields.length}`,
            kind: "text",
          },
        };
      }
      const value: Record<string, unknown> = {};
      for (let i = 0; i < header.length; i++) {
        const text = fields[i];
        const name = header[i];
        // An empty field is a missing one.
        value[name] = text === ""
          ? undefined
          : name === "power_reading" && NUMBER.test(text)
          ? Number(text)
          : text;
      }
      return { value };
    },
    columnsOf(line, pointers) {
      return pointers.map((pointer) => {
        const index = header?.indexOf(pointer.slice(1)) ?? -1;
        let column = 1;
        for (let i = 0; i < index; i++) {
          column += FIELD.exec(line.slice(column - 1))?.[0].length ?? 0;
        }
        return column;
      });
    },
  };
}

/** A field with the comma behind it. */
const FIELD = /^(?:"(?:[^"]|"")*"|[^,]*),/;

function splitFields(line: string): string[] | Omit<LineFault, "line"> {
  if (!line.includes('"')) return line.split(",");
  const fields: string[] = [];
  let at = 0;
  while (true) {
    if (line[at] === '"') {
      const match = /"((?:[^"]|"")*)"/y;
      match.lastIndex = at;
      const found = match.exec(line);
      if (found === null) {
        return quoteFault(
          at,
          "must end its quotes on the same line: no field of a reading contains a line break",
        );
      }
      fields.push(found[1].replaceAll('""', '"'));
      at = match.lastIndex;
      if (at < line.length && line[at] !== ",") {
        return quoteFault(at, "must be a comma or the end, behind the quotes");
      }
    } else {
      const comma = line.indexOf(",", at);
      const end = comma === -1 ? line.length : comma;
      const field = line.slice(at, end);
      const quote = field.indexOf('"');
      if (quote !== -1) {
        return quoteFault(
          at + quote,
          "must not be a quote in a field that does not begin with one",
        );
      }
      fields.push(field);
      at = end;
    }
    if (at >= line.length) return fields;
    at++;
  }
}

function quoteFault(offset: number, detail: string): Omit<LineFault, "line"> {
  return { column: offset + 1, pointer: "", detail, kind: "text" };
}

function readHeader(
  fields: ReturnType<typeof splitFields>,
  line: number,
): string[] {
  const known: readonly string[] = READING_FIELDS;
  const errors: LineFault[] = [];
  const wrong = (column: number, pointer: string, detail: string) =>
    errors.push({ line, column, pointer, detail, kind: "header" });
  if (!Array.isArray(fields)) {
    errors.push({ line, ...fields });
  } else {
    let column = 1;
    fields.forEach((name, index) => {
      const shown = /^[\w .-]{1,64}$/.test(name) ? ` "${name}"` : "";
      if (!known.includes(name)) {
        wrong(column, "", `the column${shown} is not a field of a reading`);
      } else if (fields.indexOf(name) < index) {
        wrong(column, `/${name}`, `the column${shown} comes twice`);
      }
      column += name.length + 1;
    });
    for (const name of known) {
      if (!fields.includes(name)) {
        wrong(1, `/${name}`, `the column "${name}" is missing`);
      }
    }
  }
  if (errors.length > 0) {
    throw new Problem(
      "invalid",
      `The first line must name the columns ${
        known.join(",")
      }, each once, in any order.`,
      { errors: errors.slice(0, 100), total: errors.length },
    );
  }
  return fields as string[];
}
