/**
 * Readings as an answer: JSON, NDJSON or CSV, streamed.
 *
 * @module
 */

import { accepts } from "hono/accepts";
import type { AppContext } from "../core/app.ts";
import { READING_FIELDS } from "../core/reading.ts";

/** A form that readings are sent in. */
export type Format = "application/json" | "application/x-ndjson" | "text/csv";

const FORMATS: Format[] = [
  "application/json",
  "application/x-ndjson",
  "text/csv",
];

/**
 * Chooses the form by the `Accept` header.
 *
 * @param context The request.
 * @returns The form; JSON when nothing is asked for that there is.
 */
export function formatOf(context: AppContext): Format {
  return accepts(context, {
    header: "Accept",
    supports: FORMATS,
    default: FORMATS[0],
  }) as Format;
}

/**
 * Sends readings as they come. The client's pace is Redis's: the next chunk is read when there is room for it.
 *
 * @param siteId The site they belong to.
 * @param format The form.
 * @param chunks The readings.
 * @param count How many there are, when that is known before; else it is written behind them.
 * @param headers Further headers.
 * @returns The answer.
 */
export function readingsAnswer(
  siteId: string,
  format: Format,
  chunks: AsyncIterable<string[]>,
  count?: number,
  headers: Record<string, string> = {},
): Response {
  const text = format === "application/json"
    ? jsonText(siteId, chunks, count)
    : format === "text/csv"
    ? csvText(chunks)
    : ndjsonText(chunks);
  return new Response(
    ReadableStream.from(text).pipeThrough(new TextEncoderStream()),
    {
      headers: {
        "content-type": format === "text/csv"
          ? "text/csv; charset=utf-8; header=present"
          : format,
        vary: "accept",
        ...headers,
      },
    },
  );
}

async function* jsonText(
  siteId: string,
  chunks: AsyncIterable<string[]>,
  count?: number,
): AsyncGenerator<string> {
  const head = `{"site_id":"${siteId}",`;
  yield count === undefined
    ? `${head}"readings":[`
    : `${head}"count":${count},"readings":[`;
  let sent = 0;
  for await (const jsons of chunks) {
    if (jsons.length === 0) continue;
    yield (sent === 0 ? "" : ",") + jsons.join(",");
    sent += jsons.length;
  }
  yield count === undefined ? `],"count":${sent}}` : "]}";
}

async function* ndjsonText(
  chunks: AsyncIterable<string[]>,
): AsyncGenerator<string> {
  for await (const jsons of chunks) {
    if (jsons.length > 0) yield jsons.join("\n") + "\n";
  }
}

/** Names and timestamps hold nothing that CSV would have to quote: their schema sees to that. */
async function* csvText(
  chunks: AsyncIterable<string[]>,
): AsyncGenerator<string> {
  yield READING_FIELDS.join(",") + "\r\n";
  for await (const jsons of chunks) {
    if (jsons.length === 0) continue;
    yield jsons.map((json) => {
      const reading = JSON.parse(json);
      return READING_FIELDS.map((field) => reading[field]).join(",") + "\r\n";
    }).join("");
  }
}
