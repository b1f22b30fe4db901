/**
 * Where in a text something is, for an error message.
 *
 * @module
 */

/** A character of a text. */
export interface Place {
  /** Its line, counted from 1. */
  line: number;
  /** The character in the line, counted from 1. */
  column: number;
}

/**
 * Finds the line that an offset is in.
 *
 * @param text The text.
 * @param offset The offset; the text's length for its end.
 * @returns The place.
 */
export function placeOf(text: string, offset: number): Place {
  let line = 1, start = 0;
  for (
    let end = text.indexOf("\n");
    end !== -1 && end < offset;
    end = text.indexOf("\n", start)
  ) {
    line++;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
