/**
 * `deno task load`: a steady load on the ingestion API, to watch the system scale.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { load } from "./load.ts";

const HELP = `Sends readings at a steady rate until the time is up or Ctrl-C.

Usage: deno task load [--url=http://localhost:8000] [--rate=200] [--batch=100] [--seconds=60] [--site=load]

  --rate   requests a second     --batch  readings in each
  API_KEY, when the service asks for one, comes from the environment.`;

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://localhost:8000" },
    rate: { type: "string", default: "200" },
    batch: { type: "string", default: "100" },
    seconds: { type: "string", default: "60" },
    site: { type: "string", default: "load" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  Deno.exit(0);
}
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());
setTimeout(() => stop.abort(), Number(values.seconds) * 1000);
const started = performance.now();
const { accepted, failed, p99 } = await load({
  url: values.url,
  site: values.site,
  rate: Number(values.rate),
  batch: Number(values.batch),
  apiKey: Deno.env.get("API_KEY"),
  signal: stop.signal,
});
const seconds = (performance.now() - started) / 1000;
console.log(
  `${accepted.length} readings accepted, ${
    Math.round(accepted.length / seconds)
  } a second; p99 ${p99} ms; failed requests: ${JSON.stringify(failed)}`,
);
Deno.exit(0);
