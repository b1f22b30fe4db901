/**
 * Cutting a text that arrives in pieces into its lines.
 *
 * @module
 */

/** The longest line that is looked at, in characters; a reading needs about 250 at most. */
export const MAX_LINE = 65_536;

/** Cuts pieces of text into lines, at LF or CRLF. */
export interface LineSplitter {
  /** The lines that a piece of text completes, without their ends. */
  push(text: string): string[];
  /** The last line, if it has no end and is not empty. */
  end(): string[];
}

/**
 * Makes a splitter. Wherever the text is cut into pieces, the lines are the same. Of a line that is too long
 * only {@linkcode MAX_LINE} + 1 characters are kept: it is known to be too long, and does not fill the memory.
 *
 * @returns The splitter.
 */
export function createLineSplitter(): LineSplitter {
  let rest = "";
  const keep = (text: string) => {
    // A long line is cut at every piece, so that what is kept never depends on where the pieces end.
    if (rest.length <= MAX_LINE) rest = (rest + text).slice(0, MAX_LINE + 1);
  };
  return {
    push(text) {
      const lines: string[] = [];
      let start = 0;
      for (
        let end = text.indexOf("\n");
        end !== -1;
        end = text.indexOf("\n", start)
      ) {
        if (rest === "") rest = text.slice(start, end).slice(0, MAX_LINE + 1);
        else keep(text.slice(start, end));
        lines.push(withoutReturn(rest));
        rest = "";
        start = end + 1;
      }
      if (start < text.length) keep(text.slice(start));
      return lines;
    },
    end() {
      const last = withoutReturn(rest);
      rest = "";
      return last === "" ? [] : [last];
    },
  };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") && line.length <= MAX_LINE
    ? line.slice(0, -1)
    : line;
}
