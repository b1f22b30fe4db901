/**
 * What the tests of lenient uploads send, and what they find on the stream.
 *
 * @module
 */

import { GROUP, STREAM } from "../../core/keys.ts";
import { type Ingestion, LENIENT, NDJSON, READING } from "./harness.ts";

/** A line each for the numbers from `from` on; the power shows which line it is. */
export function lines(from: number, count: number): string {
  return Array.from(
    { length: count },
    (_, i) => JSON.stringify({ ...READING, power_reading: from + i }) + "\n",
  ).join("");
}

/** Takes all that waits off, as processing does. */
export async function processAll(h: Ingestion): Promise<void> {
  const entries = await h.client.xreadgroup(
    "GROUP",
    GROUP,
    "c",
    "COUNT",
    10_000,
    "STREAMS",
    STREAM,
    ">",
  ) as [string, [string, string[]][]][] | null;
  const ids = entries?.[0][1].map(([id]) => id) ?? [];
  if (ids.length > 0) await h.client.xack(STREAM, GROUP, ...ids);
}

/** The powers on the stream, in order. */
export async function powers(h: Ingestion): Promise<number[]> {
  return (await h.entries()).map(({ fields }) => Number(fields[5]));
}

/** So many numbers from one on. */
export function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

/** Sends a body as a lenient upload of NDJSON. */
export const upload = (
  h: Ingestion,
  body: BodyInit,
  headers: Record<string, string> = {},
) => h.post(body, { ...NDJSON, ...LENIENT, ...headers });
