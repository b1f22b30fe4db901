/**
 * `deno task simulator`: sends believable readings to the ingestion API, a few a second.
 *
 * @module
 */

import { backfill, isEmpty } from "./backfill.ts";
import { METERS, readMeter } from "./meters.ts";
import { untilReady } from "./ready.ts";
import { createOutbox, createSend, KeyError } from "./send.ts";

const HELP = `Usage: deno task simulator

Sends readings of a handful of sites to the ingestion API, a few a second, until Ctrl-C. When processing has no
readings yet, the last 24 hours are sent first.

Environment [default]:
  INGESTION_URL   the ingestion API [http://localhost:8000]
  PROCESSING_URL  the processing API [http://localhost:8001]
  API_KEY         the API key, if one is needed, of scope write; with one of scope admin, the last 24 hours are sent, too`;

/** Each second this part of the meters is read, so each meter every so many seconds. */
const TURNS = 4;

if (import.meta.main) {
  if (Deno.args.length > 0) {
    const help = ["--help", "-h"].includes(Deno.args[0]);
    if (help) console.log(HELP);
    else {console.error(
        `simulator: "${Deno.args[0]}" is not understood. It takes --help.`,
      );}
    Deno.exit(help ? 0 : 2);
  }
  await main().catch((error) => {
    console.error(error.message);
    // As for each setting that cannot be used.
    Deno.exit(error instanceof KeyError ? 2 : 1);
  });
}

async function main(): Promise<void> {
  const ingestion = address("INGESTION_URL", "http://localhost:8000");
  const processing = address("PROCESSING_URL", "http://localhost:8001");
  const apiKey = Deno.env.get("API_KEY") || undefined;
  const say = (line: string) => console.log(line);
  const send = createSend({ url: ingestion, apiKey, say });

  await Promise.all([ingestion, processing].map((url) => untilReady(url, say)));
  if (await isEmpty(processing, apiKey)) {
    const count = await backfill(METERS, send, Date.now());
    say(`Sent ${count} readings of the last 24 hours.`);
  }
  const outbox = createOutbox(send, say);
  say(`Sends the readings of ${METERS.length} meters.`);
  let turn = 0;
  setInterval(() => {
    const now = Date.now();
    const due = METERS.filter((_, index) => index % TURNS === turn);
    turn = (turn + 1) % TURNS;
    outbox.add(due.map((meter) => readMeter(meter, now)));
  }, 1000);
  await outbox.failed;
}

function address(variable: string, fallback: string): string {
  return (Deno.env.get(variable) || fallback).replace(/\/$/, "");
}
