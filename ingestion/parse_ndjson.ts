/**
 * Bodies of type `application/x-ndjson`: a reading a line. Blank lines are passed over.
 *
 * @module
 */

import { faultOffset, memberOffsets } from "./json_position.ts";
import type { LineParser } from "./line_parser.ts";

/** The parser of NDJSON; it remembers nothing between lines. */
export const ndjsonParser: LineParser = {
  needsHeader: false,
  parse(line) {
    // Before it is parsed: to throw for each of a million blank lines would take seconds.
    if (line[0] !== "{" && line.trim() === "") return undefined;
    try {
      return { value: JSON.parse(line) };
    } catch {
      return {
        fault: {
          column: faultOffset(line) + 1,
          pointer: "",
          detail: "must be JSON on one line",
          kind: "text",
        },
      };
    }
  },
  columnsOf(line, pointers) {
    const offsets = memberOffsets(line);
    return pointers.map((pointer) => {
      if (pointer === "") return line.length - line.trimStart().length + 1;
      const name = pointer.slice(1).replaceAll("~1", "/").replaceAll("~0", "~");
      return (offsets.get(name) ?? 0) + 1;
    });
  },
};
