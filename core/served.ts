/**
 * What Deno's server knows of a request, read where it keeps it.
 *
 * `request.headers` and `request.text()` go by the letter of their standard: a header's name is checked and put in lower
 * case each time that it is asked for, and a text is made bytes first. Both tell in a request with one reading.
 * What is used here is no API of Deno's; where it is missing, the standard's way gives the same.
 *
 * @module
 */

/** Gives a request's header by its name, which is in lower case: its values joined by `, `, or `null` without any. */
export type HeaderOf = (name: string) => string | null;

/** Where a request has what the server knows of it. */
const [SERVED] = Object.getOwnPropertySymbols(new Request("http://localhost"))
  .filter(({ description }) => description === "request");

interface Served {
  /** Names, as they were sent, and values. Each time that it is asked for, the list is made. */
  readonly headerList?: [name: string, value: string][];
  /** Takes the body as text, U+FFFD for what is not UTF-8; gives `null` unless all of it has arrived. */
  consumeTextBody?(): string | null;
}

function served(request: Request): Served {
  return (request as unknown as Record<symbol, Served>)[SERVED] ?? {};
}

/**
 * Reads the headers of a request.
 *
 * @param request The request.
 * @returns Its headers, as `request.headers.get` gives them.
 */
export function headersOf(request: Request): HeaderOf {
  const list = served(request).headerList;
  if (!Array.isArray(list)) return (name) => request.headers.get(name);
  return (name) => {
    let values: string | null = null;
    for (const header of list) {
      const sent = header[0];
      if (sent.length !== name.length || sent.toLowerCase() !== name) continue;
      values = values === null ? header[1] : `${values}, ${header[1]}`;
    }
    return values;
  };
}

/**
 * Takes the whole body of a request as text.
 *
 * @param request The request.
 * @returns The text, U+FFFD for what is not UTF-8; `undefined`, with nothing taken, unless all of it has arrived.
 */
export function arrivedText(request: Request): string | undefined {
  return served(request).consumeTextBody?.() ?? undefined;
}
